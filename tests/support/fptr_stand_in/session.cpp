#include "tests/support/fptr_stand_in/session.hpp"

#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/register_client.hpp"
#include "tests/support/fptr_stand_in/register_errors.hpp"

#include <codecvt>
#include <cstdio>
#include <cstdlib>
#include <locale>
#include <mutex>
#include <set>

namespace stand_in {
namespace {

using nlohmann::json;

constexpr const char* kModel = "АТОЛ 22 v2 Ф (заглушка)";

// Ports that handles of this process hold. Never destroyed: a thread may outlive main().
struct Ports {
    std::mutex mutex;
    std::set<std::string> held;
};

Ports& ports()
{
    static Ports* const all = new Ports;
    return *all;
}

unsigned ffd_of(unsigned tag_1209)
{
    return tag_1209 == 2 ? 105 : tag_1209 == 3 ? 110 : tag_1209 == 4 ? 120 : 100;
}

unsigned shift_state_of(const std::string& word) { return word == "closed" ? 0 : word == "open" ? 1 : 2; }

std::vector<unsigned char> bytes_of(const std::string& hex)
{
    std::vector<unsigned char> bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes.push_back(static_cast<unsigned char>(std::stoul(hex.substr(at, 2), nullptr, 16)));
    return bytes;
}

double rubles_of(std::int64_t kopecks) { return static_cast<double>(kopecks) / 100; }

} // namespace

std::wstring wide_of(const std::string& utf8)
{
    return std::wstring_convert<std::codecvt_utf8<wchar_t>>().from_bytes(utf8);
}

std::string narrow_of(const std::wstring& wide)
{
    return std::wstring_convert<std::codecvt_utf8<wchar_t>>().to_bytes(wide);
}

DateTime date_time_of(const std::string& text)
{
    DateTime time;
    std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &time.year, &time.month, &time.day, &time.hour,
                &time.minute, &time.second);
    return time;
}

std::string text_of(const DateTime& time)
{
    char text[80];
    std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d", time.year, time.month, time.day,
                  time.hour, time.minute, time.second);
    return text;
}

Session::Session() = default;

Session::~Session() { close(); }

int Session::set_settings(const std::wstring& text)
{
    const json settings = json::parse(narrow_of(text), nullptr, false);
    if (!settings.is_object())
        return kErrorBadSettings;
    for (const auto& [key, value] : settings.items())
        if (!value.is_string() && !value.is_number())
            return kErrorBadSettings;
    const char* told = std::getenv("KB_FPTR_REGISTER"); // where a register on a serial line is really
    const std::string elsewhere = told == nullptr ? "" : told;
    if (settings.value("Port", "") == "2") {
        host_ = settings.value("IPAddress", "");
        port_ = settings.value("IPPort", "");
    } else {
        host_ = elsewhere.substr(0, elsewhere.rfind(':'));
        port_ = elsewhere.empty() ? "" : elsewhere.substr(elsewhere.rfind(':') + 1);
    }
    configured_ = true;
    return kOk;
}

int Session::open()
{
    if (!configured_)
        return kErrorBadSettings;
    if (port_.empty())
        return kErrorPortNotAvailable;
    {
        const std::lock_guard lock(ports().mutex);
        if (!ports().held.insert(port()).second)
            return kErrorPortBusy;
    }
    const json answer = ask_register(host_, port_, {{"op", "open"}});
    if (!answer.contains("link")) {
        const std::lock_guard lock(ports().mutex);
        ports().held.erase(port());
        return answer.empty() ? kErrorPortNotAvailable : kErrorNoConnection;
    }
    link_ = answer["link"].get<std::int64_t>();
    opened_ = true;
    return kOk;
}

void Session::close()
{
    if (!opened_)
        return;
    opened_ = false;
    const std::lock_guard lock(ports().mutex);
    ports().held.erase(port());
}

json Session::ask(const std::string& op, int& failed, json more)
{
    failed = kOk;
    if (!opened_) {
        failed = kErrorNotConnected;
        return {};
    }
    more["op"] = op;
    more["link"] = link_;
    json answer = ask_register(host_, port_, more);
    if (answer.contains("wait_ms"))
        std::this_thread::sleep_for(std::chrono::milliseconds(answer["wait_ms"].get<int>()));
    const std::string refused = answer.empty() ? "link_lost" : answer.value("refused", "");
    failed = error_of(refused);
    if (answer.contains("error")) { // the register did not understand this library
        failed = kErrorInternal;
        error_text = answer.value("error", "") + " " + answer.value("field", "");
    } else if (failed != kOk) {
        error_text = answer.value("reason", "нет связи");
    }
    return answer;
}

json Session::command(const std::string& op, json more)
{
    int failed = kOk;
    json answer = ask(op, failed, std::move(more));
    if (failed != kOk)
        throw TaskFault{failed, error_text};
    return answer;
}

unsigned Session::given(int id, unsigned otherwise) const
{
    const auto at = in.find(id);
    return at != in.end() && std::holds_alternative<unsigned>(at->second) ? std::get<unsigned>(at->second)
                                                                          : otherwise;
}

int Session::query_data()
{
    const int kind = static_cast<int>(given(kDataType, 0xFFFF));
    int failed = kOk;
    const json state = ask("state", failed);
    if (failed != kOk)
        return failed;
    switch (kind) {
    case kDataStatus:
        put(kShiftState, shift_state_of(state["shift"]));
        put(kMode, 1U);
        put(kSubmode, 0U);
        put(kReceiptPaperPresent, state["paper"].get<bool>());
        put(kCoverOpened, state["cover_open"].get<bool>());
        put(kBlocked, false);
        put(kFiscal, true);
        put(kFnPresent, true);
        return kOk;
    case kDataCashSum:
        out[kSum] = rubles_of(state["cash"].get<std::int64_t>());
        return kOk;
    case kDataCashInCount:
        put(kDocumentsCount, state["cash_ins"].get<unsigned>());
        return kOk;
    case kDataCashOutCount:
        put(kDocumentsCount, state["cash_outs"].get<unsigned>());
        return kOk;
    case kDataUnitVersion:
        if (given(kUnitType, 0xFFFF) != 0)
            return kErrorNoRequiredParam;
        put(kUnitVersion, state["identity"]["firmware"].get<std::string>());
        return kOk;
    case kDataDateTime:
        out[kDateTime] = date_time_of(state["clock"]);
        return kOk;
    case kDataShiftState:
        put(kShiftState, shift_state_of(state["shift"]));
        put(kShiftNumber, state["shift_number"].get<unsigned>());
        return kOk;
    case kDataReceiptState:
        put(kReceiptType, state["receipt_operation"].get<unsigned>());
        put(kReceiptNumber, state["receipt_number"].get<unsigned>());
        return kOk;
    case kDataSerialNumber:
        put(kSerialNumber, state["identity"]["kkt_serial"].get<std::string>());
        return kOk;
    case kDataModelInfo:
        put(kModelName, std::string(kModel));
        return kOk;
    default:
        return kErrorNotSupported;
    }
}

void Session::put_fn_info(const json& state)
{
    const json& fn = state["fn"];
    const auto warnings = fn["warnings"].get<unsigned>();
    put(kSerialNumber, fn["serial"].get<std::string>());
    put(kFnVersion, std::string("fn debug v 1.2"));
    put(kFnType, 0U);
    put(kFnState, fn["phase"].get<unsigned>());
    put(kFnFlags, warnings);
    put(kFnNeedReplacement, (warnings & 0x01) != 0);
    put(kFnResourceExhausted, (warnings & 0x02) != 0);
    put(kFnMemoryOverflow, (warnings & 0x04) != 0);
    put(kFnOfdTimeout, (warnings & 0x08) != 0);
    put(kFnCriticalError, (warnings & 0x80) != 0);
}

void Session::put_registration(const json& state)
{
    const json& who = state["identity"];
    std::string inn = who["inn"];
    std::string reg_number = who["reg_number"];
    inn.resize(12, ' '); // fixed lengths come padded, as in the drive
    reg_number.resize(20, ' ');
    put(1018, inn);
    put(1037, reg_number);
    put(1048, who["user"].get<std::string>());
    put(1009, who["address"].get<std::string>());
    put(1187, who["place"].get<std::string>());
    put(1062, who["tax_systems"].get<unsigned>());
    put(1017, who["ofd_inn"].get<std::string>());
    put(1046, who["ofd_name"].get<std::string>());
    put(1209, ffd_of(who["ffd"].get<unsigned>()));
}

void Session::put_record(const json& record)
{
    const auto type = record["type"].get<unsigned>();
    put(kFnDocumentType, type);
    put(kDocumentNumber, record["fd_number"].get<unsigned>());
    put(kFiscalSign, std::to_string(record["sign"].get<unsigned>()));
    put(kHasOfdTicket, record["ticket"].get<bool>());
    out[kDateTime] = date_time_of(record["at"]);
    if (type == 3 || type == 4 || type == 31 || type == 41) {
        put(1054, record["operation"].get<unsigned>());
        out[1020] = rubles_of(record["sum"].get<std::int64_t>());
    } else if (type == 2 || type == 5) {
        put(1038, record["number"].get<unsigned>());
    } else if (type == 21) {
        put(1097, record["sum"].get<unsigned>());
        out[1098] = date_time_of(record["at"]);
    } else {
        put_registration(record);
        put(1205, record["number"].get<unsigned>());
        put(1101, record["number"].get<unsigned>());
    }
}

int Session::fn_query_data()
{
    const int kind = static_cast<int>(given(kFnDataType, 0xFFFF));
    int failed = kOk;
    if (kind == kFnDocumentByNumber) {
        if (in.count(kDocumentNumber) == 0)
            return kErrorNoRequiredParam;
        const json record = ask("record", failed, {{"fd_number", given(kDocumentNumber, 0)}});
        if (failed == kOk)
            put_record(record);
        return failed;
    }
    const json state = ask("state", failed);
    if (failed != kOk)
        return failed;
    const json& fn = state["fn"];
    switch (kind) {
    case kFnOfdExchange:
        put(kOfdExchangeStatus, 0U);
        put(kDocumentsCount, state["ofd"]["unsent"].get<unsigned>());
        put(kDocumentNumber, state["ofd"].value("first_fd", 0U));
        if (state["ofd"].contains("first_at"))
            out[kDateTime] = date_time_of(state["ofd"]["first_at"]);
        return kOk;
    case kFnInfo:
        put_fn_info(state);
        return kOk;
    case kFnLastDocument:
        if (fn["last_fd"] == 0)
            return kErrorFnNoMoreData;
        put(kDocumentNumber, fn["last_fd"].get<unsigned>());
        put(kFiscalSign, std::to_string(fn["last_sign"].get<unsigned>()));
        out[kDateTime] = date_time_of(fn["last_at"]);
        return kOk;
    case kFnShift:
        put(kShiftNumber, state["shift_number"].get<unsigned>());
        put(kReceiptNumber, state["receipt_number"].get<unsigned>());
        return kOk;
    case kFnFfdVersions:
        put(kFfdVersion, ffd_of(state["identity"]["ffd"].get<unsigned>()));
        put(kDeviceFfdVersion, 120U);
        return kOk;
    case kFnValidity:
        out[kDateTime] = date_time_of(fn["expires"]);
        put(kRegistrationsRemain, fn["registrations_left"].get<unsigned>());
        return kOk;
    case kFnRegistration:
        put_registration(state);
        return kOk;
    case kFnErrors:
        put(kOfdError, 0U);
        return kOk;
    default:
        return kErrorNotSupported;
    }
}

int Session::process_json()
{
    const auto text = in.find(kJsonData);
    const json task = text == in.end()
                          ? json()
                          : json::parse(narrow_of(std::get<std::wstring>(text->second)), nullptr, false);
    if (!task.is_object())
        return kErrorReceiptParse;
    try {
        const json answer = run_task(task);
        if (!answer.is_null())
            put(kJsonData, answer.dump());
        return kOk;
    } catch (const TaskFault& fault) {
        error_text = fault.text;
        return fault.error;
    } catch (const json::exception& broken) {
        error_text = broken.what();
        return kErrorReceiptParse;
    }
}

// DOCUMENT_CLOSED is of the last document that was begun, however long ago: also when a task since then did
// not come so far.
int Session::check_document_closed()
{
    int failed = kOk;
    const json state = ask("state", failed);
    if (failed != kOk)
        return failed;
    const bool open = state["receipt_operation"] != 0;
    put(kDocumentClosed, began_ ? state["fn"]["last_fd"].get<unsigned>() > last_before_ : !open);
    put(kDocumentPrinted, !state["half_printed"].get<bool>());
    return kOk;
}

int Session::continue_print()
{
    int failed = kOk;
    ask("continue_print", failed);
    return failed;
}

int Session::cancel_receipt()
{
    int failed = kOk;
    ask("cancel_receipt", failed);
    return failed;
}

int Session::beep()
{
    int failed = kOk;
    ask("device", failed);
    return failed;
}

int Session::cut() { return beep(); }

int Session::begin_read_records()
{
    if (given(kRecordsType, 0xFFFF) != 1 || in.count(kDocumentNumber) == 0)
        return kErrorNoRequiredParam;
    int failed = kOk;
    const json begun = ask("read_begin", failed, {{"fd_number", given(kDocumentNumber, 0)}});
    if (failed != kOk)
        return failed;
    listing_ = "list-" + std::to_string(++listings_);
    put(kRecordsId, listing_);
    put(kFnDocumentType, begun["type"].get<unsigned>());
    put(kCount, begun["size"].get<unsigned>());
    return kOk;
}

int Session::read_next_record()
{
    const auto id = in.find(kRecordsId);
    if (id == in.end() || listing_.empty() || std::get<std::wstring>(id->second) != wide_of(listing_))
        return kErrorNoRequiredParam;
    int failed = kOk;
    const json record = ask("read_next", failed);
    if (failed != kOk)
        return failed;
    if (record.contains("end"))
        return kErrorFnNoMoreData;
    put(kTagNumber, record["tag"].get<unsigned>());
    out[kTagValue] = bytes_of(record["value"]);
    return kOk;
}

int Session::end_read_records()
{
    int failed = kOk;
    ask("read_end", failed);
    listing_.clear();
    return failed;
}

int Session::read_model_flags()
{
    if (!opened_)
        return kErrorNotConnected;
    put(kDevicePlatformVersion, 50U);
    return kOk;
}

int Session::write_date_time()
{
    const auto time = in.find(kDateTime);
    if (time == in.end())
        return kErrorNoRequiredParam;
    int failed = kOk;
    ask("set_clock", failed, {{"time", text_of(std::get<DateTime>(time->second))}});
    return failed;
}

} // namespace stand_in
