// The table of vendors and the search for the one that answers.
#include "drivers/registry.hpp"

#include "drivers/search.hpp"
#include "drivers/transport/open.hpp"

#include <algorithm>

#define KB_VENDOR(name)                                                                                      \
    namespace kb::name {                                                                                     \
    Vendor vendor();                                                                                         \
    }
#include "drivers/vendors.def"
#undef KB_VENDOR

namespace kb {
namespace {

constexpr std::string_view kAuto = "auto";

const Vendor* vendor_of(std::string_view family)
{
    for (const Vendor& vendor : vendors()) {
        if (std::find(vendor.families.begin(), vendor.families.end(), family) != vendor.families.end()) {
            return &vendor;
        }
    }
    return nullptr;
}

tl::unexpected<Error> unknown_family(std::string_view family)
{
    std::string known;
    for (const std::string_view name : driver_families()) {
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    return fail(Errc::bad_config,
                "family \"" + std::string(family) + "\" is unknown; write one of: " + known);
}

Task<std::unique_ptr<Transport>> open_watched(asio::any_io_executor executor, PortUrl url,
                                              std::shared_ptr<LineTap> tap)
{
    auto opened = co_await open_transport(executor, std::move(url));
    if (!opened || !tap) {
        co_return opened;
    }
    co_return tapped(*std::move(opened), std::move(tap));
}

// A vendor that owns its port: no line of ours, so neither speeds to try nor bytes to write down.
Task<Connection> open_by_itself(const Vendor* vendor, asio::any_io_executor executor, ConnectRequest request)
{
    Connection found;
    found.url = request.url;
    found.vendor = std::string(vendor->name);
    auto driver = co_await vendor->open(executor, std::move(request.url), std::move(request.options));
    if (!driver) {
        co_return pass(driver);
    }
    found.driver = *std::move(driver);
    co_return found;
}

} // namespace

const std::vector<Vendor>& vendors()
{
    static const std::vector<Vendor> table = {
#define KB_VENDOR(name) name::vendor(),
#include "drivers/vendors.def"
#undef KB_VENDOR
    };
    return table;
}

std::vector<std::string_view> driver_families()
{
    std::vector<std::string_view> names{kAuto};
    for (const Vendor& vendor : vendors()) {
        names.insert(names.end(), vendor.families.begin(), vendor.families.end());
    }
    return names;
}

Result<void> check_family(std::string_view family)
{
    if (family != kAuto && vendor_of(family) == nullptr) {
        return unknown_family(family);
    }
    return {};
}

Result<std::unique_ptr<Driver>> make_driver(std::string_view family, std::unique_ptr<Transport> line,
                                            const DriverOptions& options)
{
    const Vendor* vendor = vendor_of(family);
    if (vendor == nullptr) {
        return unknown_family(family);
    }
    if (vendor->make == nullptr) {
        return fail(Errc::bad_config, "family \"" + std::string(family) +
                                          "\" opens its port itself; it cannot use a line that is open");
    }
    return vendor->make(std::move(line), options);
}

const Vendor* find_vendor(std::string_view name_or_family)
{
    const Vendor* by_family = vendor_of(name_or_family);
    if (by_family != nullptr) {
        return by_family;
    }
    const auto& all = vendors();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Vendor& vendor) { return vendor.name == name_or_family; });
    return found == all.end() ? nullptr : &*found;
}

std::optional<fiscal::Abilities> abilities_of(const fiscal::DeviceInfo& info)
{
    for (const Vendor& vendor : vendors()) {
        auto abilities = vendor.abilities != nullptr ? vendor.abilities(info) : std::nullopt;
        if (abilities) {
            abilities->set(fiscal::Ability::recording, vendor.traffic != nullptr);
            return abilities;
        }
    }
    return std::nullopt;
}

Result<std::optional<MakersLibrary>> find_library(std::string_view family, const std::string& configured)
{
    const Vendor* vendor = vendor_of(family);
    if (vendor == nullptr || vendor->library == nullptr) {
        return std::optional<MakersLibrary>();
    }
    auto found = vendor->library(configured);
    if (!found) {
        return pass(found);
    }
    return std::optional<MakersLibrary>(*std::move(found));
}

Task<Connection> connect_device(asio::any_io_executor executor, ConnectRequest request)
{
    if (const auto known = check_family(request.family); !known) {
        co_return pass(known);
    }
    const Vendor* wanted = vendor_of(request.family);
    if (wanted != nullptr && wanted->open != nullptr) {
        co_return co_await open_by_itself(wanted, executor, std::move(request));
    }
    SearchTools tools;
    tools.vendors = vendors();
    tools.wanted = wanted;
    tools.open = [executor, tap = request.tap](PortUrl url) {
        return open_watched(executor, std::move(url), tap);
    };
    co_return co_await search(std::move(tools), std::move(request));
}

const KnownPlaces& known_places()
{
    static const KnownPlaces all = [] {
        KnownPlaces places;
        for (const Vendor& vendor : vendors()) {
            places.registers.insert(places.registers.end(), vendor.usb_ids.begin(), vendor.usb_ids.end());
            places.boot_loaders.insert(places.boot_loaders.end(), vendor.boot_loaders.begin(),
                                       vendor.boot_loaders.end());
            places.usual_addresses.insert(places.usual_addresses.end(), vendor.usual_addresses.begin(),
                                          vendor.usual_addresses.end());
        }
        return places;
    }();
    return all;
}

} // namespace kb
