#include "agent/api/kkmserver/registers.hpp"

#include "agent/api/kkmserver/names.hpp"
#include "protocol/fiscal/abilities.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent::kkmserver {

namespace {

using Json = nlohmann::ordered_json;
using Mode = fiscal::DeviceStatus::Mode;

// Bits of the drive's warnings: docs/sources.md#ffd, section 6.3.
constexpr unsigned kArchiveFull = 1U << 2U;
constexpr unsigned kOfdOverdue = 1U << 3U;
constexpr std::uint8_t kPhaseFiscal = 3;
constexpr const char* kNoTime = "0001-01-01T00:00:00"; // what clients read as "none"

std::string_view without_zeros(std::string_view number)
{
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

std::string day_text(const std::optional<std::chrono::year_month_day>& day)
{
    return day && day->ok() ? to_text(LocalSeconds{std::chrono::local_days{*day}}) : kNoTime;
}

/// "0,3": the registered tax systems by their KkmServer numbers.
std::string tax_variants(std::uint8_t systems)
{
    std::string list;
    for (unsigned bit = 0; bit < 6; ++bit)
        if ((unsigned{systems} >> bit & 1U) != 0)
            list += (list.empty() ? "" : ",") + std::to_string(bit);
    return list;
}

std::string firmware_of(const fiscal::DeviceInfo& info)
{
    return info.firmware_build == 0 ? info.firmware_version
                                    : info.firmware_version + "." + std::to_string(info.firmware_build);
}

/// 1 closed, 2 open, 3 open for more than 24 hours.
int session_state(const fiscal::DeviceSample& sample)
{
    const bool expired =
        sample.status.mode == Mode::shift_expired || (sample.shift && sample.shift->over_24h);
    const bool open = sample.status.mode == Mode::shift_open || (sample.shift && sample.shift->open);
    if (sample.status.mode == Mode::shift_closed)
        return 1;
    return expired ? 3 : open ? 2 : 1;
}

/// What Info and ListUnit tell alike.
void add_drive(Json& json, const fiscal::DeviceSample& sample)
{
    const unsigned warnings = sample.fn ? sample.fn->warnings : 0U;
    json["OFD_Error"] =
        (warnings & kOfdOverdue) != 0 ? "ОФД долго не отвечает: проверьте интернет у кассы" : "";
    json["OFD_NumErrorDoc"] = sample.ofd ? sample.ofd->unsent_documents : 0U;
    const bool unsent = sample.ofd && sample.ofd->unsent_documents > 0 && sample.ofd->first_unsent_at;
    json["OFD_DateErrorDoc"] = unsent ? to_text(*sample.ofd->first_unsent_at) : kNoTime;
    json["FN_DateEnd"] = day_text(sample.fn ? sample.fn->expires_on : std::nullopt);
    json["FN_MemOverflowl"] = (warnings & kArchiveFull) != 0;
    json["FN_IsFiscal"] = sample.fn && sample.fn->phase == kPhaseFiscal;
    json["PaperOver"] = sample.status.paper == fiscal::Paper::absent;
    const auto ffd = std::string(fiscal::to_text(sample.info.ffd));
    json["FFDVersion"] = ffd;
    json["FFDVersionFN"] = ""; // registers do not tell it
    json["FFDVersionKKT"] = ffd;
    json["Firmware_Version"] = firmware_of(sample.info);
    json["Firmware_Status"] = 0; // whether there is a newer one, is not known here
}

/// What earlier clients choose a driver by; two families have names that clients were seen to know.
/// Unverified: all but KkmStrihM.
std::string device_type(const std::string& vendor)
{
    return vendor == "shtrih" ? "KkmStrihM" : vendor.starts_with("atol") ? "KkmAtol" : "Kkm";
}

/// Dates are texts of one form: their order is that of time.
bool earlier_than_asked(const Json& unit, const char* member, Fields& list)
{
    const auto limit = list.time(member, std::chrono::seconds(0));
    return !limit || unit.at(member).get<std::string>() < to_text(*limit);
}

bool flag_fits(const Json& unit, const char* member, Fields& list)
{
    const auto wanted = list.flag(member);
    return !wanted || unit.at(member).get<bool>() == *wanted;
}

} // namespace

Wanted read_wanted(Fields& command)
{
    Wanted wanted;
    wanted.number = command.integer("NumDevice", 0, 1'000'000).value_or(0);
    wanted.kkt_serial = command.text("KktNumber");
    if (wanted.kkt_serial.empty())
        wanted.kkt_serial = command.text("IdDevice");
    wanted.inn = command.text("InnKkm");
    // Elsewhere it is a list, or a filter of its own.
    if (wanted.number == 0 && wanted.kkt_serial.empty()) {
        const std::string variant = command.text("TaxVariant");
        if (variant.size() == 1 && variant.front() >= '0' && variant.front() <= '5')
            wanted.tax_system = static_cast<std::uint8_t>(1U << static_cast<unsigned>(variant.front() - '0'));
    }
    return wanted;
}

Devices those_wanted(const Devices& all, const Wanted& wanted)
{
    Devices fit;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const fiscal::DeviceInfo& info = all[i]->sample().info;
        const bool known = !info.kkt_serial.empty();
        const bool by_number = wanted.number == 0 ? known : wanted.number == static_cast<std::int64_t>(i) + 1;
        const bool by_serial = wanted.kkt_serial.empty() ||
                               (known && without_zeros(info.kkt_serial) == without_zeros(wanted.kkt_serial));
        const bool by_inn = wanted.inn.empty() || info.inn == wanted.inn ||
                            (info.inn.empty() && wanted.number != 0); // not registered, or not told
        const bool by_tax =
            wanted.tax_system == 0 || info.tax_systems == 0 || (info.tax_systems & wanted.tax_system) != 0;
        if (by_number && by_serial && by_inn && by_tax)
            fit.push_back(all[i]);
    }
    return fit;
}

std::shared_ptr<Device> first_free(const Devices& candidates, const std::set<std::string>& off)
{
    const auto free = [&off](const std::shared_ptr<Device>& device) {
        const bool waits = device->jobs() != nullptr && device->jobs()->obstacle().has_value();
        return device->reached() && !waits && !off.contains(device->sample().info.kkt_serial);
    };
    const auto found = std::find_if(candidates.begin(), candidates.end(), free);
    return found != candidates.end() ? *found : candidates.front();
}

std::int64_t number_of(const Devices& all, const std::string& kkt_serial)
{
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!kkt_serial.empty() && all[i]->sample().info.kkt_serial == kkt_serial)
            return static_cast<std::int64_t>(i) + 1;
    return 0;
}

std::string unit_name(const Device& device)
{
    return device.config().name.empty() ? device.sample().info.model : device.config().name;
}

Json info_of(const Device& device, bool on)
{
    const fiscal::DeviceSample& sample = device.sample();
    const fiscal::DeviceInfo& info = sample.info;
    const std::string server = sample.ofd ? sample.ofd->server : "";
    const std::size_t colon = server.rfind(':');
    Json json{{"UrlServerOfd", server.substr(0, colon)},
              {"PortServerOfd", colon == std::string::npos ? "" : server.substr(colon + 1)},
              {"NameOFD", ""},
              {"UrlOfd", ""},
              {"InnOfd", ""},
              {"NameOrganization", info.user},
              {"InnOrganization", info.inn},
              {"TaxVariant", tax_variants(info.tax_systems)},
              {"AddressSettle", info.address},
              {"PlaceSettle", ""},
              {"SenderEmail", ""},
              {"KktNumber", info.kkt_serial},
              {"FnNumber", sample.fn ? sample.fn->fn_serial : ""},
              {"RegNumber", info.kkt_reg_number},
              {"Command", ""}};
    add_drive(json, sample);
    json["SessionState"] = session_state(sample);
    if (sample.cash_in_drawer)
        json["BalanceCash"] = static_cast<double>(sample.cash_in_drawer->count()) / 100;
    if (sample.device_clock)
        json["DateTimeKKT"] = to_text(*sample.device_clock);
    json["OnOff"] = on;
    json["Active"] = device.reached();
    json["LicenseExpirationDate"] = "2100-01-01T00:00:00"; // none is needed
    return json;
}

Json unit_of(const Device& device, std::int64_t number, bool on, LocalSeconds since)
{
    const fiscal::DeviceSample& sample = device.sample();
    const fiscal::DeviceInfo& info = sample.info;
    Json json{{"NumDevice", number},
              {"IdDevice", info.kkt_serial},
              {"OnOff", on},
              {"OnOf", on}, // as one client reads it
              {"Active", device.reached()},
              {"TypeDevice", "Фискальный регистратор"},
              {"IdTypeDevice", device_type(device.vendor())},
              {"IP", device.port()},
              {"NameDevice", info.model},
              {"UnitName", unit_name(device)},
              {"KktNumber", info.kkt_serial},
              {"INN", info.inn},
              {"RegNumber", info.kkt_reg_number},
              {"FnNumber", sample.fn ? sample.fn->fn_serial : ""},
              {"InnOfd", ""},
              {"NameOrganization", info.user},
              {"TaxVariant", tax_variants(info.tax_systems)},
              {"AddDate", to_text(since)}};
    add_drive(json, sample);
    return json;
}

bool fits_filter(const Json& unit, Fields& list)
{
    const auto number = list.integer("NumDevice", 0, 1'000'000).value_or(0);
    const std::string inn = list.text("InnKkm");
    if ((number != 0 && unit.at("NumDevice") != number) || (!inn.empty() && unit.at("INN") != inn))
        return false;
    const auto errors = list.flag("OFD_Error");
    if (errors && *errors == unit.at("OFD_Error").get<std::string>().empty())
        return false;
    return flag_fits(unit, "Active", list) && flag_fits(unit, "OnOff", list) &&
           flag_fits(unit, "FN_MemOverflowl", list) && flag_fits(unit, "FN_IsFiscal", list) &&
           earlier_than_asked(unit, "OFD_DateErrorDoc", list) && earlier_than_asked(unit, "FN_DateEnd", list);
}

} // namespace kb::agent::kkmserver
