// The table of vendors and the search for the one that answers.
#include "drivers/registry.hpp"

#include "drivers/transport/open.hpp"
#include "drivers/transport/recording.hpp"

#include <algorithm>
#include <fstream>

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

Result<std::unique_ptr<Transport>> traced(std::unique_ptr<Transport> line,
                                          const std::optional<std::filesystem::path>& trace)
{
    if (!trace) {
        return line;
    }
    auto file = std::make_unique<std::ofstream>(*trace, std::ios::app);
    if (!*file) {
        return fail(Errc::storage_failed, "trace " + trace->string() + ": cannot write the file");
    }
    const std::string head = "# device: " + line->name() + "\n# origin: captured by kkt-agent\n";
    return record(std::move(line), std::move(file), head);
}

// Whichever vendor's device answers on the line, into `found`; Errc::no_answer when none does.
Task<void> ask(std::unique_ptr<Transport>& line, const Vendor* wanted, const DriverOptions& options,
               Connection& found)
{
    for (const Vendor& vendor : vendors()) {
        if ((wanted != nullptr && wanted != &vendor) || vendor.find == nullptr) {
            continue;
        }
        auto driver = co_await vendor.find(line, options);
        if (driver) {
            found.driver = *std::move(driver);
            found.vendor = std::string(vendor.name);
            co_return Result<void>{};
        }
        if (driver.error().code != Errc::no_answer) {
            co_return pass(driver);
        }
    }
    co_return fail(Errc::no_answer, line->name());
}

// A vendor that owns its port: no line of ours, so neither speeds to try nor bytes to write down.
Task<Connection> open_by_itself(const Vendor* vendor, asio::any_io_executor executor, ConnectRequest request)
{
    if (request.trace) {
        co_return fail(Errc::unsupported, "trace of " + request.url.text() + ": family \"" + request.family +
                                              "\" talks through its maker's library, which shows no bytes; "
                                              "the library keeps a log of its own");
    }
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

tl::unexpected<Error> nobody(const PortUrl& url)
{
    const std::string where = url.text();
    if (url.kind == PortUrl::Kind::tcp) {
        return fail(Errc::no_answer,
                    where + ": connected, but no register answers; another program may be talking "
                            "to it: stop that program, or restart the register");
    }
    return fail(Errc::no_answer, where + ": no register answers at " +
                                     (url.baud ? "this speed" : "any usual speed") +
                                     "; check that it is switched on and that the cable leads to it");
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
    const bool serial = request.url.kind == PortUrl::Kind::serial;
    for (const unsigned speed : speeds_to_try(request.url)) {
        Connection found;
        found.url = request.url;
        if (serial) {
            found.url.baud = speed;
        }
        PortUrl target = found.url;
        auto opened = co_await open_transport(executor, std::move(target));
        if (!opened) {
            co_return pass(opened);
        }
        auto line = traced(*std::move(opened), request.trace);
        if (!line) {
            co_return pass(line);
        }
        const auto answered = co_await ask(*line, wanted, request.options, found);
        if (answered) {
            co_return found;
        }
        if (answered.error().code != Errc::no_answer) {
            co_return pass(answered);
        }
        (*line)->close();
    }
    co_return nobody(request.url);
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
