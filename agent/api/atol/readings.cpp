#include "agent/api/atol/readings.hpp"

#include "agent/api/atol/document_json.hpp"
#include "agent/api/atol/words.hpp"
#include "protocol/fiscal/abilities.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/short_record.hpp"

#include <algorithm>
#include <cstdlib>

namespace kb::agent::awr {

namespace {

using namespace std::chrono_literals;
using fiscal::DocumentType;
using Mode = fiscal::DeviceStatus::Mode;

constexpr int kAnyModel = 500; // as the driver calls a model that it has to find out
constexpr int kDotsOfCharacter = 12;
constexpr auto kLongestShift = 24h;
// A shift has fewer; further back, nobody asks for the "last" of anything.
constexpr std::uint32_t kLatest = 5'000;

/// Bits of FnStatus::warnings (docs/sources.md#ffd, section 6.3).
Json fn_warnings(std::uint8_t bits)
{
    const auto is_set = [bits](unsigned bit) { return (static_cast<unsigned>(bits) >> bit & 1U) != 0; };
    return {{"resourceExhausted", is_set(0)},
            {"needReplacement", is_set(1)},
            {"memoryOverflow", is_set(2)},
            {"ofdTimeout", is_set(3)},
            {"criticalError", is_set(7)}};
}

bool shift_is_open(const fiscal::DeviceSample& sample)
{
    switch (sample.status.mode) {
    case Mode::shift_closed:
        return false;
    case Mode::shift_open:
    case Mode::shift_expired:
    case Mode::receipt_open:
        return true;
    case Mode::data_output:
    case Mode::printing:
    case Mode::blocked:
    case Mode::unknown:
        break;
    }
    return sample.fn ? sample.fn->shift_open : sample.shift && sample.shift->open;
}

std::string_view shift_word(const fiscal::DeviceSample& sample)
{
    if (!shift_is_open(sample))
        return "closed";
    const bool expired =
        sample.status.mode == Mode::shift_expired || (sample.shift && sample.shift->over_24h);
    return expired ? "expired" : "opened";
}

/// The open shift, else the one that was closed last. The mode is asked more often than the number: opening
/// makes the next one.
std::optional<std::uint32_t> shift_number(const fiscal::DeviceSample& sample)
{
    if (!sample.shift)
        return std::nullopt;
    return sample.shift->shift_number + (shift_is_open(sample) && !sample.shift->open ? 1 : 0);
}

template <class T>
Json or_null(const std::optional<T>& value)
{
    return value ? Json(*value) : Json(nullptr);
}

std::string firmware(const fiscal::DeviceInfo& info)
{
    return info.firmware_build == 0 ? info.firmware_version
                                    : info.firmware_version + "." + std::to_string(info.firmware_build);
}

// ---- the answers

Json device_status(const Picture& picture)
{
    const fiscal::DeviceSample& sample = picture.sample;
    const LocalSeconds now =
        picture.time.now + std::chrono::seconds(sample.clock_drift_s.value_or(0)); // the register's own clock
    return {{"deviceStatus",
             {{"currentDateTime", picture.time.text(now)},
              {"shift", shift_word(sample)},
              {"blocked", sample.status.mode == Mode::blocked},
              {"coverOpened", sample.status.cover == fiscal::Cover::open},
              {"paperPresent", sample.status.paper != fiscal::Paper::absent},
              {"fiscal", !sample.info.kkt_reg_number.empty()},
              {"fnFiscal", sample.fn && sample.fn->phase == 3},
              {"fnPresent", sample.fn.has_value()},
              {"cashDrawerOpened", false}}}};
}

Json device_info(const Picture& picture)
{
    const fiscal::DeviceInfo& info = picture.sample.info;
    const auto columns = static_cast<int>(picture.limits.value_or(fiscal::RequestLimits{}).line_characters);
    return {{"deviceInfo",
             {{"model", kAnyModel},
              {"modelName", info.model},
              {"serial", info.kkt_serial},
              {"firmwareVersion", firmware(info)},
              {"configurationVersion", firmware(info)},
              {"receiptLineLength", columns},
              {"receiptLineLengthPix", columns * kDotsOfCharacter},
              {"ffdVersion", fiscal::to_text(info.ffd)},
              {"fnFfdVersion", fiscal::to_text(info.ffd)}}}};
}

Json shift_status(const Picture& picture, const JournalFacts& facts)
{
    const fiscal::DeviceSample& sample = picture.sample;
    const bool open = shift_is_open(sample);
    Json expires = nullptr;
    Json documents = open ? Json(nullptr) : Json(0);
    if (facts.shift_opened && sample.fn) {
        const fiscal::FiscalDocument& opened = facts.shift_opened->document;
        expires = picture.time.text(opened.datetime + kLongestShift);
        if (open && sample.fn->last_fd_number >= opened.fd_number)
            documents = sample.fn->last_fd_number - opened.fd_number + 1;
    }
    return {{"shiftStatus",
             {{"number", or_null(shift_number(sample))},
              {"state", shift_word(sample)},
              {"expiredTime", std::move(expires)},
              {"documentsCount", std::move(documents)}}}};
}

std::string_view phase_word(std::uint8_t phase)
{
    switch (phase) {
    case 0:
        return "init";
    case 1:
        return "configured";
    case 3:
        return "fiscalMode";
    case 7:
        return "postFiscalMode";
    case 15:
        return "accessArchive";
    default:
        return "unknown";
    }
}

Json fn_info(const fiscal::FnStatus& fn, const fiscal::DeviceInfo& info)
{
    const Json valid =
        fn.expires_on ? Json(to_text(LocalSeconds(std::chrono::local_days(*fn.expires_on))).substr(0, 10))
                      : Json(nullptr);
    return {{"fnInfo",
             {{"serial", fn.fn_serial},
              {"version", fn.version},
              {"execution", ""},
              {"numberOfRegistrations", nullptr},
              {"registrationsRemaining", or_null(fn.registrations_left)},
              {"validityDate", valid},
              {"ffdVersion", fiscal::to_text(info.ffd)},
              {"fnFfdVersion", fiscal::to_text(info.ffd)},
              {"livePhase", phase_word(fn.phase)},
              {"warnings", fn_warnings(fn.warnings)}}}};
}

Json fn_status(const fiscal::FnStatus& fn, const fiscal::DeviceSample& sample)
{
    return {{"fnStatus",
             {{"fiscalDocumentNumber", fn.last_fd_number},
              {"fiscalReceiptNumber", sample.shift ? Json(sample.shift->receipt_number) : Json(nullptr)},
              {"warnings", fn_warnings(fn.warnings)}}}};
}

Json ofd_status(const fiscal::OfdStatus& ofd, const LocalTime& time)
{
    const auto at = [&](const std::optional<LocalSeconds>& moment) {
        return moment ? Json(time.text(*moment)) : Json(nullptr);
    };
    const Json no_error{{"code", 0}, {"description", ""}};
    return {{"status",
             {{"notSentCount", ofd.unsent_documents},
              {"notSentFirstDocNumber", ofd.first_unsent_fd.value_or(0)},
              {"notSentFirstDocDateTime", at(ofd.first_unsent_at)},
              {"lastSuccessKeysUpdate", nullptr}}},
            {"errors",
             {{"fnCommandCode", 0},
              {"documentNumber", 0},
              {"lastSuccessConnectionDateTime", nullptr},
              {"network", no_error},
              {"ofd", no_error},
              {"fn", no_error}}}};
}

Json words_of_bits(fiscal::Words words, std::uint32_t bits)
{
    Json found = Json::array();
    for (const fiscal::Word& word : words)
        if ((bits & word.code) != 0)
            found.push_back(word.word);
    return found;
}

Json registration_info(const Picture& picture, const JournalFacts& facts)
{
    const fiscal::DeviceInfo& info = picture.sample.info;
    fiscal::Registration told;
    if (facts.document && facts.document->document.form == fiscal::DocumentForm::full)
        if (auto document = fiscal::decode(facts.document->document.raw); document && document->registration)
            told = *std::move(document->registration);
    const auto is_on = [](const std::optional<bool>& flag) { return flag.value_or(false); };
    const std::uint32_t systems = info.tax_systems != 0 ? info.tax_systems : told.tax_systems.value_or(0);
    Json names = words_of_bits(words::kTaxSystems, systems);
    const Json usual = names.size() == 1 ? names.front() : Json(nullptr);
    const std::string server = picture.sample.ofd ? picture.sample.ofd->server : std::string();
    const std::size_t colon = server.rfind(':');
    const std::string port = colon == std::string::npos ? "" : server.substr(colon + 1);
    return {{"organization",
             {{"name", info.user.empty() ? told.user : info.user},
              {"vatin", info.inn},
              {"email", told.sender_email},
              {"address", info.address.empty() ? told.address : info.address},
              {"taxationTypes", std::move(names)},
              {"agents", words_of_bits(words::kAgents, told.agent_flags.value_or(0))}}},
            {"device",
             {{"registrationNumber", info.kkt_reg_number},
              {"fnsUrl", told.fns_site},
              {"paymentsAddress", told.place},
              {"offlineMode", is_on(told.offline_mode)},
              {"machineInstallation", is_on(told.printer_in_machine)},
              {"bso", is_on(told.bso_system)},
              {"encryption", is_on(told.encryption)},
              {"autoMode", is_on(told.automatic_mode)},
              {"machineNumber", told.machine_number},
              {"internet", is_on(told.internet_only)},
              {"service", is_on(told.services_only)},
              {"excise", is_on(told.excise_goods)},
              {"gambling", is_on(told.gambling)},
              {"lottery", is_on(told.lottery)},
              {"defaultTaxationType", usual},
              {"ofdChannel", "auto"},
              {"ffdVersion", fiscal::to_text(info.ffd)}}},
            {"ofd",
             {{"name", told.ofd_name},
              {"vatin", told.ofd_inn},
              {"host", server.substr(0, colon)},
              {"port", std::atoi(port.c_str())},
              {"dns", ""}}}};
}

tl::unexpected<DriverError> unknown(int code, std::string why)
{
    return tl::unexpected<DriverError>(DriverError{code, std::move(why)});
}

} // namespace

LocalTime local_time(const Clock& clock)
{
    LocalTime time;
    time.now = clock.local_now();
    const auto ahead = std::chrono::round<std::chrono::minutes>(
        time.now.time_since_epoch() - clock.now().time_since_epoch()); // the clocks were read one by one
    const auto minutes = std::abs(ahead.count());
    const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    time.zone = (ahead.count() < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
    return time;
}

Json money_json(Kopecks sum) { return Json::parse(sum.to_rubles()); }

Json fiscal_params(const fiscal::FiscalDocument& document, const Picture& picture)
{
    fiscal::Head head;
    std::string site = "www.nalog.gov.ru";
    Json receipts = nullptr;
    if (document.form == fiscal::DocumentForm::full) {
        if (const auto whole = fiscal::decode(document.raw)) {
            head = whole->head;
            if (whole->receipt && !whole->receipt->fns_site.empty())
                site = whole->receipt->fns_site;
            if (whole->report && whole->report->shift_receipts)
                receipts = *whole->report->shift_receipts;
        }
    } else if (const auto record = fiscal::read_short_record(document.raw)) {
        head = head_of(*record, document.fn_serial);
    }
    Json json = Json::object();
    if (head.total)
        json["total"] = money_json(*head.total);
    json["fiscalDocumentNumber"] = document.fd_number;
    if (head.receipt_number && fiscal::is_receipt(document.type))
        json["fiscalReceiptNumber"] = *head.receipt_number;
    json["fiscalDocumentSign"] = fiscal::fiscal_sign_text(document.fiscal_sign);
    json["fiscalDocumentDateTime"] = picture.time.text(document.datetime);
    const auto shift = head.shift_number ? head.shift_number : shift_number(picture.sample);
    if (shift)
        json["shiftNumber"] = *shift;
    json["fnNumber"] = document.fn_serial;
    json["registrationNumber"] =
        head.kkt_reg_number.empty() ? picture.sample.info.kkt_reg_number : head.kkt_reg_number;
    json["fnsUrl"] = std::move(site);
    if (document.type == DocumentType::shift_close && !receipts.is_null())
        json["receiptsCount"] = std::move(receipts);
    return json;
}

Result<std::optional<storage::JournalDocument>> last_receipt(storage::Journal& journal,
                                                             const std::string& fn_serial)
{
    std::optional<storage::JournalDocument> found;
    storage::DocumentFilter filter;
    filter.fn_serial = fn_serial;
    filter.at_most = kLatest;
    const auto looked = journal.documents().for_each(filter, [&](const storage::JournalDocument& row) {
        if (!fiscal::is_receipt(row.document.type))
            return true;
        found = row;
        return false;
    });
    if (!looked)
        return pass(looked);
    return found;
}

Result<JournalFacts> gather_facts(storage::Journal& journal, const TaskPlan& task,
                                  const fiscal::DeviceSample& sample)
{
    JournalFacts facts;
    const std::string fn_serial = sample.fn ? sample.fn->fn_serial : "";
    if (fn_serial.empty())
        return facts;
    const auto keep = [](std::optional<storage::JournalDocument>& place,
                         Result<storage::JournalDocument> found) -> Result<void> {
        if (found)
            place = *std::move(found);
        else if (found.error().code != Errc::not_found && found.error().code != Errc::bad_checksum)
            return pass(found);
        return {};
    };
    const auto newest = [&](DocumentType type, std::uint32_t within) -> Result<storage::JournalDocument> {
        storage::DocumentFilter filter;
        filter.fn_serial = fn_serial;
        filter.type = type;
        filter.at_most = 1;
        const std::uint32_t last = sample.fn->last_fd_number;
        filter.numbers.first = last > within ? last - within : 1;
        std::optional<storage::JournalDocument> found;
        const auto looked = journal.documents().for_each(filter, [&](const storage::JournalDocument& row) {
            found = row;
            return false;
        });
        if (!looked)
            return pass(looked);
        if (!found)
            return fail(Errc::not_found, "no such document");
        return *std::move(found);
    };
    Result<void> read;
    switch (task.reading.value_or(Reading::licenses)) {
    case Reading::fn_document:
        read = keep(facts.document, journal.documents().find(fn_serial, task.fd_number));
        break;
    case Reading::last_fiscal_params: {
        auto last = task.for_receipt ? last_receipt(journal, fn_serial) : journal.documents().last(fn_serial);
        if (!last)
            return pass(last);
        facts.document = *std::move(last);
        break;
    }
    case Reading::registration_info:
        read = keep(facts.document, newest(DocumentType::re_registration, 0xFFFFFFFF));
        if (read && !facts.document)
            read = keep(facts.document, journal.documents().find(fn_serial, 1));
        break;
    case Reading::shift_status:
        read = keep(facts.shift_opened, newest(DocumentType::shift_open, kLatest));
        break;
    default:
        break;
    }
    if (!read)
        return pass(read);
    return facts;
}

tl::expected<Json, DriverError> tell(const TaskPlan& task, const Picture& picture, const JournalFacts& facts)
{
    const fiscal::DeviceSample& sample = picture.sample;
    switch (task.reading.value_or(Reading::licenses)) {
    case Reading::device_status:
        return device_status(picture);
    case Reading::device_info:
        return device_info(picture);
    case Reading::shift_status:
        return shift_status(picture, facts);
    case Reading::fn_info:
        if (!sample.fn)
            return unknown(error::fn_no_data, "ФН ещё не опрошен; повторите через несколько секунд");
        return fn_info(*sample.fn, sample.info);
    case Reading::fn_status:
        if (!sample.fn)
            return unknown(error::fn_no_data, "ФН ещё не опрошен; повторите через несколько секунд");
        return fn_status(*sample.fn, sample);
    case Reading::ofd_exchange_status:
        if (!sample.ofd)
            return unknown(error::fn_no_data, "обмен с ОФД ещё не опрошен; повторите через несколько секунд");
        return ofd_status(*sample.ofd, picture.time);
    case Reading::registration_info:
        return registration_info(picture, facts);
    case Reading::last_fiscal_params:
        if (!facts.document)
            return unknown(error::fn_no_data, "в ФН нет такого документа, или он ещё не прочитан");
        return Json{{"fiscalParams", fiscal_params(facts.document->document, picture)}};
    case Reading::fn_document:
        if (!facts.document)
            return unknown(error::fn_no_data, "документа " + std::to_string(task.fd_number) +
                                                  " нет в ФН, или он ещё не прочитан");
        return document_json(facts.document->document, task.raw, picture.time);
    case Reading::licenses:
        break;
    }
    return Json{{"licenses", Json::array()}};
}

} // namespace kb::agent::awr
