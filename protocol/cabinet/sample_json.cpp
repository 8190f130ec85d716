#include "protocol/cabinet/sample_json.hpp"

#include "protocol/cabinet/messages.hpp"
#include "protocol/core/json_reader.hpp"

#include <array>

namespace kb::cabinet_api {

using nlohmann::json;

namespace {

using namespace std::string_view_literals;
using namespace fiscal;
using Mode = DeviceStatus::Mode;
using CardState = SdCard::State;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxText = 512;

constexpr std::array kModes{
    std::pair{"unknown"sv, Mode::unknown},           std::pair{"shift_closed"sv, Mode::shift_closed},
    std::pair{"shift_open"sv, Mode::shift_open},     std::pair{"shift_expired"sv, Mode::shift_expired},
    std::pair{"receipt_open"sv, Mode::receipt_open}, std::pair{"data_output"sv, Mode::data_output},
    std::pair{"printing"sv, Mode::printing},         std::pair{"blocked"sv, Mode::blocked}};
constexpr std::array kPapers{std::pair{"unknown"sv, Paper::unknown}, std::pair{"present"sv, Paper::present},
                             std::pair{"absent"sv, Paper::absent}};
constexpr std::array kCovers{std::pair{"unknown"sv, Cover::unknown}, std::pair{"closed"sv, Cover::closed},
                             std::pair{"open"sv, Cover::open}};
constexpr std::array kCardStates{
    std::pair{"unknown"sv, CardState::unknown}, std::pair{"present"sv, CardState::present},
    std::pair{"missing"sv, CardState::missing}, std::pair{"failing"sv, CardState::failing}};
constexpr std::array kWarnings{
    std::pair{"ofd_needs_vendor_driver"sv, DeviceWarning::ofd_needs_vendor_driver}};
constexpr std::size_t kMostWarnings = 32;
constexpr std::array kOfdSenders{std::pair{"unknown"sv, OfdSender::unknown},
                                 std::pair{"itself"sv, OfdSender::itself},
                                 std::pair{"host_program"sv, OfdSender::host_program}};
constexpr std::array kConfidences{
    std::pair{"guess"sv, Confidence::guess}, std::pair{"documents"sv, Confidence::documents},
    std::pair{"emulated"sv, Confidence::emulated}, std::pair{"field_tested"sv, Confidence::field_tested}};

template <class Table, class Value>
std::string_view word_of(const Table& table, Value value)
{
    for (const auto& [text, known] : table)
        if (known == value)
            return text;
    return {};
}

std::string date_text(std::chrono::year_month_day date)
{
    return to_text(LocalSeconds{std::chrono::local_days{date}}).substr(0, 10);
}

/// Adds what is known; what the device did not say is not there.
template <class T>
void put(json& into, const char* key, const std::optional<T>& value)
{
    if (!value)
        return;
    if constexpr (std::is_same_v<T, LocalSeconds>)
        into[key] = to_text(*value);
    else if constexpr (std::is_same_v<T, std::chrono::year_month_day>)
        into[key] = date_text(*value);
    else
        into[key] = *value;
}

json to_json(const DeviceInfo& info)
{
    json out{{"family", info.family},
             {"model", info.model},
             {"kkt_serial", info.kkt_serial},
             {"kkt_reg_number", info.kkt_reg_number},
             {"firmware_version", info.firmware_version},
             {"firmware_build", info.firmware_build},
             {"protocol", info.protocol},
             {"inn", info.inn},
             {"user", info.user},
             {"address", info.address},
             {"ffd", static_cast<unsigned>(info.ffd)},
             {"tax_systems", info.tax_systems},
             {"has_cutter", info.has_cutter},
             {"has_cover_sensor", info.has_cover_sensor}};
    put(out, "firmware_date", info.firmware_date);
    if (!info.warnings.empty()) {
        json words = json::array();
        for (const DeviceWarning warning : info.warnings)
            words.push_back(word_of(kWarnings, warning));
        out["warnings"] = std::move(words);
    }
    if (info.ffd_assumed)
        out["ffd_assumed"] = true;
    return out;
}

/// A word that a newer agent has and this program does not know is passed over: the rest of the sample
/// counts.
std::vector<DeviceWarning> read_warnings(JsonReader& from)
{
    std::vector<DeviceWarning> warnings;
    const auto* words = from.array("warnings", kMostWarnings);
    if (words == nullptr)
        return warnings;
    for (const json& word : *words) {
        if (!word.is_string()) {
            from.complain("warnings", "not texts");
            return warnings;
        }
        for (const auto& [text, value] : kWarnings)
            if (word.get_ref<const std::string&>() == text)
                warnings.push_back(value);
    }
    return warnings;
}

/// A kind that a newer agent has is passed over, as above.
std::vector<std::string> read_commands(JsonReader& from)
{
    std::vector<std::string> commands;
    for (const json& word : *from.array("cabinet_commands", kMostWarnings)) {
        if (!word.is_string()) {
            from.complain("cabinet_commands", "not texts");
            return commands;
        }
        if (const auto& text = word.get_ref<const std::string&>(); command_kind_of(text))
            commands.push_back(text);
    }
    return commands;
}

DeviceInfo read_info(JsonReader from)
{
    DeviceInfo info;
    info.family = from.optional_text("family", kMaxName);
    info.model = from.optional_text("model", kMaxText);
    info.kkt_reg_number = from.optional_text("kkt_reg_number", kMaxName);
    info.firmware_version = from.optional_text("firmware_version", kMaxName);
    info.firmware_build = from.u32("firmware_build");
    if (from.has("firmware_date"))
        info.firmware_date = from.date("firmware_date");
    info.protocol = from.optional_text("protocol", kMaxName);
    info.inn = from.optional_text("inn", kMaxName);
    info.user = from.optional_text("user", kMaxText);
    info.address = from.optional_text("address", kMaxText);
    info.ffd = static_cast<FfdVersion>(from.integer("ffd", 0, 4));
    if (from.has("ffd_assumed"))
        info.ffd_assumed = from.boolean("ffd_assumed");
    info.tax_systems = static_cast<std::uint8_t>(from.integer("tax_systems", 0, 255));
    info.has_cutter = from.boolean("has_cutter");
    info.has_cover_sensor = from.boolean("has_cover_sensor");
    if (from.has("warnings"))
        info.warnings = read_warnings(from);
    return info;
}

json to_json(const DeviceStatus& status)
{
    return {{"mode", to_string(status.mode)},
            {"vendor_mode", status.vendor_mode},
            {"paper", to_string(status.paper)},
            {"cover", to_string(status.cover)},
            {"waits_for_continue", status.waits_for_continue},
            {"may_read_archive", status.may_read_archive},
            {"may_read_records", status.may_read_records}};
}

DeviceStatus read_status(JsonReader from)
{
    DeviceStatus status;
    status.mode = from.word("mode", kModes);
    status.vendor_mode = static_cast<std::uint16_t>(from.integer("vendor_mode", 0, UINT16_MAX));
    status.paper = from.word("paper", kPapers);
    status.cover = from.word("cover", kCovers);
    status.waits_for_continue = from.boolean("waits_for_continue");
    status.may_read_archive = from.boolean("may_read_archive");
    if (from.has("may_read_records"))
        status.may_read_records = from.boolean("may_read_records");
    return status;
}

json to_json(const ShiftState& shift)
{
    return {{"open", shift.open},
            {"shift_number", shift.shift_number},
            {"receipt_number", shift.receipt_number},
            {"over_24h", shift.over_24h}};
}

ShiftState read_shift(JsonReader from)
{
    ShiftState shift;
    shift.open = from.boolean("open");
    shift.shift_number = from.u32("shift_number");
    shift.receipt_number = from.u32("receipt_number");
    shift.over_24h = from.boolean("over_24h");
    return shift;
}

json to_json(const FnStatus& fn)
{
    json out{{"fn_serial", fn.fn_serial},   {"phase", fn.phase},
             {"shift_open", fn.shift_open}, {"current_document", fn.current_document},
             {"warnings", fn.warnings},     {"last_fd_number", fn.last_fd_number},
             {"version", fn.version},       {"serial_production", fn.serial_production}};
    put(out, "last_document_at", fn.last_document_at);
    put(out, "expires_on", fn.expires_on);
    put(out, "registrations_left", fn.registrations_left);
    put(out, "documents_left", fn.documents_left);
    put(out, "kilobytes_left", fn.kilobytes_left);
    return out;
}

FnStatus read_fn(JsonReader from)
{
    FnStatus fn;
    fn.fn_serial = from.optional_name("fn_serial", 16);
    fn.phase = static_cast<std::uint8_t>(from.integer("phase", 0, 255));
    fn.shift_open = from.boolean("shift_open");
    fn.current_document = static_cast<std::uint8_t>(from.integer("current_document", 0, 255));
    fn.warnings = static_cast<std::uint8_t>(from.integer("warnings", 0, 255));
    fn.last_fd_number = from.u32("last_fd_number");
    fn.version = from.optional_text("version", kMaxName);
    fn.serial_production = from.boolean("serial_production");
    if (from.has("last_document_at"))
        fn.last_document_at = from.local_time("last_document_at");
    if (from.has("expires_on"))
        fn.expires_on = from.date("expires_on");
    if (from.has("registrations_left"))
        fn.registrations_left = from.u32("registrations_left");
    if (from.has("documents_left"))
        fn.documents_left = from.u32("documents_left");
    if (from.has("kilobytes_left"))
        fn.kilobytes_left = from.u32("kilobytes_left");
    return fn;
}

json to_json(const OfdStatus& ofd)
{
    json out{{"unsent_documents", ofd.unsent_documents},
             {"connected", ofd.connected},
             {"waiting_for_ticket", ofd.waiting_for_ticket},
             {"server", ofd.server}};
    put(out, "first_unsent_fd", ofd.first_unsent_fd);
    put(out, "first_unsent_at", ofd.first_unsent_at);
    put(out, "last_ofd_code", ofd.last_ofd_code);
    if (ofd.sender != OfdSender::unknown)
        out["sender"] = word_of(kOfdSenders, ofd.sender);
    return out;
}

OfdStatus read_ofd(JsonReader from)
{
    OfdStatus ofd;
    ofd.unsent_documents = from.u32("unsent_documents");
    ofd.connected = from.boolean("connected");
    ofd.waiting_for_ticket = from.boolean("waiting_for_ticket");
    ofd.server = from.optional_text("server", kMaxText);
    if (from.has("first_unsent_fd"))
        ofd.first_unsent_fd = from.u32("first_unsent_fd");
    if (from.has("first_unsent_at"))
        ofd.first_unsent_at = from.local_time("first_unsent_at");
    if (from.has("last_ofd_code"))
        ofd.last_ofd_code = from.u32("last_ofd_code");
    if (from.has("sender"))
        ofd.sender = from.word("sender", kOfdSenders);
    return ofd;
}

json to_json(const SdCard& card)
{
    return {{"state", to_string(card.state)},
            {"vendor_status", card.vendor_status},
            {"sector_size", card.sector_size},
            {"total_sectors", card.total_sectors},
            {"free_sectors", card.free_sectors},
            {"io_errors", card.io_errors},
            {"retries", card.retries}};
}

SdCard read_card(JsonReader from)
{
    SdCard card;
    card.state = from.word("state", kCardStates);
    card.vendor_status = from.u32("vendor_status");
    card.sector_size = from.u32("sector_size");
    card.total_sectors = from.u32("total_sectors");
    card.free_sectors = from.u32("free_sectors");
    card.io_errors = from.u32("io_errors");
    card.retries = from.u32("retries");
    return card;
}

} // namespace

std::string_view to_string(Mode mode) { return word_of(kModes, mode); }
std::string_view to_string(Paper paper) { return word_of(kPapers, paper); }
std::string_view to_string(Cover cover) { return word_of(kCovers, cover); }
std::string_view to_string(CardState state) { return word_of(kCardStates, state); }
std::string_view to_string(DeviceWarning warning) { return word_of(kWarnings, warning); }
std::string_view to_string(OfdSender sender) { return word_of(kOfdSenders, sender); }
std::string_view to_string(Confidence confidence) { return word_of(kConfidences, confidence); }

json sample_to_json(const DeviceSample& sample)
{
    json out{{"device", {{"kkt_serial", sample.info.kkt_serial}}},
             {"taken_at", to_text(sample.taken_at)},
             {"state", sample.state},
             {"state_reason", sample.state_reason},
             {"info", to_json(sample.info)},
             {"status", to_json(sample.status)}};
    if (sample.shift)
        out["shift"] = to_json(*sample.shift);
    put(out, "shift_opened_at", sample.shift_opened_at);
    if (sample.fn)
        out["fn"] = to_json(*sample.fn);
    if (sample.ofd)
        out["ofd"] = to_json(*sample.ofd);
    if (sample.sd_card)
        out["sd_card"] = to_json(*sample.sd_card);
    put(out, "device_clock", sample.device_clock);
    put(out, "clock_drift_s", sample.clock_drift_s);
    if (sample.cash_in_drawer)
        out["cash_in_drawer"] = sample.cash_in_drawer->count();
    put(out, "unread_documents", sample.unread_documents);
    if (!sample.cabinet_commands.empty())
        out["cabinet_commands"] = sample.cabinet_commands;
    return out;
}

DeviceSample read_sample(const json& object, const std::string& path, KktSerial kkt_serial,
                         std::optional<Error>& failure)
{
    JsonReader from(object, path, failure);
    const auto part = [&](const char* key) {
        auto [value, value_path] = from.object(key);
        return JsonReader(*value, std::move(value_path), failure);
    };
    DeviceSample sample;
    sample.taken_at = from.instant("taken_at");
    sample.state = from.name("state", kMaxName);
    sample.state_reason = from.optional_text("state_reason", kMaxText);
    sample.info = read_info(part("info"));
    JsonReader device = part("device");
    sample.info.kkt_serial = kkt_serial == KktSerial::needed ? device.name("kkt_serial", kMaxName)
                                                             : device.optional_name("kkt_serial", kMaxName);
    sample.status = read_status(part("status"));
    if (from.has("shift"))
        sample.shift = read_shift(part("shift"));
    if (from.has("shift_opened_at"))
        sample.shift_opened_at = from.local_time("shift_opened_at");
    if (from.has("fn"))
        sample.fn = read_fn(part("fn"));
    if (from.has("ofd"))
        sample.ofd = read_ofd(part("ofd"));
    if (from.has("sd_card"))
        sample.sd_card = read_card(part("sd_card"));
    if (from.has("device_clock"))
        sample.device_clock = from.local_time("device_clock");
    if (from.has("clock_drift_s"))
        sample.clock_drift_s = from.integer("clock_drift_s", INT32_MIN, INT32_MAX);
    if (from.has("cash_in_drawer"))
        sample.cash_in_drawer =
            Kopecks(from.integer("cash_in_drawer", -1'000'000'000'000'000, 1'000'000'000'000'000));
    if (from.has("unread_documents"))
        sample.unread_documents = static_cast<std::uint64_t>(from.integer("unread_documents", 0, UINT32_MAX));
    if (from.has("cabinet_commands"))
        sample.cabinet_commands = read_commands(from);
    return sample;
}

} // namespace kb::cabinet_api
