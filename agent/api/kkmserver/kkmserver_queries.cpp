// Commands that are answered from what the agent knows: no register is asked.
// Source: docs/sources.md#kkmserver, section 6.
#include "kb_version.hpp"

#include "agent/api/kkmserver/answers.hpp"
#include "agent/api/kkmserver/call.hpp"
#include "agent/api/kkmserver/documents.hpp"
#include "agent/api/kkmserver/kkmserver_api.hpp"
#include "agent/api/kkmserver/registers.hpp"
#include "agent/api/kkmserver/translation.hpp"
#include "agent/explanations.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace kb::agent {

namespace kkmserver {

namespace {

using namespace std::chrono_literals;

constexpr auto kLongestReading = 10s; // of a document that the register has just made
constexpr auto kBetweenLooks = 200ms;
constexpr std::size_t kNewestJobs = 10;         // reports and texts, which make no document, among them
constexpr std::uint32_t kShiftIsWithin = 5'000; // documents; more in one shift nobody makes

/// Since when the journal has known each register.
using FirstSeen = std::map<std::string, UtcMs>;
Result<FirstSeen> first_seen(storage::Journal& journal)
{
    const auto rows = journal.documents().devices();
    if (!rows)
        return pass(rows);
    FirstSeen seen;
    for (const storage::DeviceRow& row : *rows)
        seen[row.kkt_serial] = row.first_seen;
    return seen;
}

/// The last document that is known of: of when the register was asked, or made by a command since.
Result<std::uint32_t> last_number(storage::Journal& journal, const std::string& kkt_serial,
                                  const fiscal::FnStatus& fn)
{
    storage::JobFilter filter;
    filter.kkt_serial = kkt_serial;
    filter.state = storage::JobState::done;
    filter.at_most = kNewestJobs;
    const auto jobs = journal.jobs().list(filter);
    if (!jobs)
        return pass(jobs);
    std::uint32_t last = fn.last_fd_number;
    for (const storage::Job& job : *jobs)
        if (job.outcome.fn_serial == fn.fn_serial)
            last = std::max(last, job.outcome.fd_number.value_or(0));
    return last;
}

/// `fd_number` 0: the last one.
Result<fiscal::FiscalDocument> stored_document(storage::Journal& journal, const std::string& kkt_serial,
                                               const fiscal::FnStatus& fn, std::uint32_t fd_number)
{
    if (fd_number == 0) {
        const auto last = last_number(journal, kkt_serial, fn);
        if (!last)
            return pass(last);
        fd_number = *last;
    }
    auto found = journal.documents().find(fn.fn_serial, fd_number);
    if (!found)
        return pass(found);
    return std::move(found->document);
}

/// The newest report on a shift's end of this FN; Errc::not_found: none among its last documents.
Result<fiscal::FiscalDocument> last_shift_close(storage::Journal& journal, const std::string& fn_serial,
                                                std::uint32_t last_fd_number)
{
    storage::DocumentFilter filter;
    filter.fn_serial = fn_serial;
    filter.type = fiscal::DocumentType::shift_close;
    filter.numbers.first = last_fd_number > kShiftIsWithin ? last_fd_number - kShiftIsWithin : 1;
    filter.at_most = 1;
    std::optional<fiscal::FiscalDocument> found;
    const auto searched =
        journal.documents().for_each(filter, [&found](const storage::JournalDocument& document) {
            if (!document.damaged)
                found = document.document;
            return false;
        });
    if (!searched)
        return pass(searched);
    if (!found)
        return fail(Errc::not_found, "no report on the end of a shift");
    return *std::move(found);
}

std::string up_time(std::chrono::seconds passed)
{
    const auto days = std::chrono::floor<std::chrono::days>(passed);
    const std::string text = to_text(LocalSeconds{passed - days});
    return std::to_string(days.count()) + "." + text.substr(text.find('T') + 1);
}

} // namespace

} // namespace kkmserver

asio::awaitable<std::set<std::string>> KkmServerApi::switched_off()
{
    std::vector<std::string> serials;
    for (const auto& device : services_.desk.devices())
        serials.push_back(device->sample().info.kkt_serial);
    auto look = [serials](storage::Journal& journal) -> Result<std::set<std::string>> {
        std::set<std::string> off;
        for (const std::string& serial : serials)
            if (const auto paused = journal.jobs().paused(serial); paused && *paused)
                off.insert(serial);
        return off;
    };
    auto looked = co_await in_journal(services_.journal, std::move(look));
    co_return looked ? *std::move(looked) : std::set<std::string>();
}

asio::awaitable<void> KkmServerApi::list(const Call& call, Answer& answer)
{
    const auto off = co_await switched_off();
    auto look = [](storage::Journal& journal) { return kkmserver::first_seen(journal); };
    const auto seen = co_await in_journal(services_.journal, std::move(look));
    auto units = Answer::Json::array();
    std::optional<kkmserver::Fault> fault;
    const auto& all = services_.desk.devices();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string& serial = all[i]->sample().info.kkt_serial;
        LocalSeconds since = started_at_;
        if (seen && seen->contains(serial))
            since = LocalSeconds{
                std::chrono::floor<std::chrono::seconds>(seen->at(serial)).time_since_epoch() + zone()};
        auto unit =
            kkmserver::unit_of(*all[i], static_cast<std::int64_t>(i) + 1, !off.contains(serial), since);
        kkmserver::Fields filter(call.body, "", fault);
        if (kkmserver::fits_filter(unit, filter))
            units.push_back(std::move(unit));
    }
    if (fault) {
        answer.fail(Status::error, Made::nothing, fault->member + ": " + fault->text);
        co_return;
    }
    answer.members()["ListUnit"] = std::move(units);
}

asio::awaitable<void> KkmServerApi::data_kkt(const Call& call, Answer& answer)
{
    const auto device = co_await choose(call, answer);
    if (!device)
        co_return;
    const auto off = co_await switched_off();
    const fiscal::DeviceSample& sample = device->sample();
    auto& members = answer.members();
    if (sample.fn)
        members["CheckNumber"] = sample.fn->last_fd_number;
    if (sample.shift)
        members["SessionNumber"] = sample.shift->shift_number;
    if (const auto limits = device->request_limits())
        members["LineLength"] = limits->line_characters;
    members["URL"] = "";
    members["Info"] = kkmserver::info_of(*device, !off.contains(sample.info.kkt_serial));
    is_there(*device, answer);
}

bool KkmServerApi::is_there(const Device& device, Answer& answer) const
{
    if (device.reached())
        return true;
    const auto code = errc_of(device.sample().state_reason).value_or(Errc::no_answer);
    const Explanation why = explain_of_register(code);
    answer.fail(Status::error, Made::nothing,
                "нет связи с кассой, ничего не сделано: " + why.cause.in(Language::russian) + "; " +
                    why.cure.in(Language::russian));
    return false;
}

Task<fiscal::FiscalDocument> KkmServerApi::document_of(std::shared_ptr<Device> device,
                                                       std::uint32_t fd_number,
                                                       std::chrono::milliseconds at_most)
{
    const auto end = Steady::now() + at_most;
    Timer between(services_.executor);
    for (;;) {
        const fiscal::DeviceSample& sample = device->sample();
        if (!sample.fn)
            co_return fail(Errc::no_data, "the register has not told its FN yet");
        auto look = [serial = sample.info.kkt_serial, fn = *sample.fn, fd_number](storage::Journal& journal) {
            return kkmserver::stored_document(journal, serial, fn, fd_number);
        };
        auto found = co_await in_journal(services_.journal, std::move(look));
        if (found || found.error().code != Errc::not_found || Steady::now() >= end)
            co_return found;
        between.expires_after(kkmserver::kBetweenLooks);
        boost::system::error_code ignored;
        co_await between.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<void> KkmServerApi::data_check(const Call& call, Answer& answer)
{
    std::optional<kkmserver::Fault> fault;
    kkmserver::Fields fields(call.body, "", fault);
    const auto copies = fields.integer("NumberCopies", 0, 100).value_or(0);
    auto copy = kkmserver::translate(kkmserver::Command::get_data_check, call.body, {});
    if (fault || !copy) {
        const kkmserver::Fault wrong = fault ? *fault : copy.error();
        answer.fail(Status::error, Made::nothing, wrong.member + ": " + wrong.text);
        co_return;
    }
    const auto device = co_await choose(call, answer);
    if (!device)
        co_return;
    const auto limits = device->request_limits();
    const std::uint32_t number = copy->request.fd_number;
    const auto wait = std::min<std::chrono::milliseconds>(call.wait, kkmserver::kLongestReading);
    const auto document = co_await document_of(device, number, wait);
    auto told = document ? kkmserver::check_of(*document, limits ? limits->line_characters : 42)
                         : Result<Answer::Json>(pass(document));
    if (!told) {
        answer.fail(
            Status::error, Made::nothing,
            "документа " + (number == 0 ? std::string() : "ФД " + std::to_string(number) + " ") +
                "в журнале агента нет: проверьте номер; документы читаются из ФН сразу после печати (" +
                told.error().details() + ")");
        co_return;
    }
    answer.members() = *std::move(told);
    if (copies == 0)
        co_return;
    if (copies > 1)
        copy->warnings.emplace_back("печатается одна копия за команду");
    copy->request.fd_number = document->fd_number;
    if (co_await known_already(call, answer) || !is_there(*device, answer))
        co_return;
    co_await hand_in(call, device->sample().info.kkt_serial, *std::move(copy), answer);
}

asio::awaitable<void> KkmServerApi::counters(const Call& call, Answer& answer)
{
    const auto device = co_await choose(call, answer);
    if (!device)
        co_return;
    const auto fn = device->sample().fn;
    Result<Answer::Json> told = fail(Errc::no_data, "the register has not told its FN yet");
    if (fn) {
        auto look = [serial = fn->fn_serial, last = fn->last_fd_number](storage::Journal& journal) {
            return kkmserver::last_shift_close(journal, serial, last);
        };
        const auto report = co_await in_journal(services_.journal, std::move(look));
        if (report)
            told = kkmserver::counters_of(*report);
        else
            told = pass(report);
        if (told)
            answer.done(Status::ok, "Счётчики из последнего отчёта, ФД " + std::to_string(report->fd_number));
    }
    if (!told) {
        answer.fail(
            Status::error, Made::nothing,
            "счётчики неизвестны: их берут из отчёта о закрытии смены (ФФД 1.1 и новее), а его в журнале "
            "нет");
        co_return;
    }
    answer.members()["\u0421ounters"] = *told;
    answer.members()["Counters"] = *std::move(told); // clients know it by both names
}

asio::awaitable<void> KkmServerApi::line_length(const Call& call, Answer& answer)
{
    const auto device = co_await choose(call, answer);
    if (!device)
        co_return;
    if (is_there(*device, answer))
        answer.members()["LineLength"] = device->request_limits()->line_characters;
}

asio::awaitable<void> KkmServerApi::on_off(const Call& call, Answer& answer)
{
    std::optional<kkmserver::Fault> fault;
    kkmserver::Fields fields(call.body, "", fault);
    const auto active = fields.flag("Active");
    if (!active)
        fields.complain("Active", "не указано, включить (true) или выключить (false)");
    if (fields.integer("NumDevice", 0, 1'000'000).value_or(0) == 0 && !fields.has("KktNumber") &&
        !fields.has("IdDevice"))
        fields.complain("NumDevice", "не указано, какую кассу");
    if (fault) {
        answer.fail(Status::error, Made::nothing, fault->member + ": " + fault->text);
        co_return;
    }
    const auto device = co_await choose(call, answer);
    if (!device)
        co_return;
    const std::string serial = device->sample().info.kkt_serial;
    const std::string reason = "выключена командой OnOffUnut";
    Result<void> done;
    if (*active)
        done = co_await services_.desk.resume(serial, reason);
    else
        done = co_await services_.desk.pause(serial, reason);
    if (!done)
        answer.fail(
            Status::error, Made::nothing,
            done.error().code == Errc::conflict
                ? "очередь этой кассы остановлена не этой командой; снимите паузу там, где её поставили "
                  "(страница агента): " +
                      done.error().details()
                : "не записано: " + done.error().details());
}

void KkmServerApi::server_data(Answer& answer) const
{
#ifdef _WIN32
    constexpr const char* kSystem = "Windows";
#else
    constexpr const char* kSystem = "Linux";
#endif
    const LocalSeconds now = services_.clock.local_now();
    const std::string up = kkmserver::up_time(std::max(now - started_at_, std::chrono::seconds(0)));
    // Clients want all the members; of the computer the agent tells nothing to whoever asks.
    answer.members()["ServerData"] = {{"ServerName", "KKT Bridge"},
                                      {"ServerVersion", kVersion},
                                      {"ServerDateStart", to_text(started_at_)},
                                      {"ServerUpTime", up},
                                      {"LicenseExpirationDate", "2100-01-01T00:00:00"}, // none is needed
                                      {"LicenseCount", 0},
                                      {"OSVersion", ""},
                                      {"OSPlatform", kSystem},
                                      {"OSVersionString", ""},
                                      {"OSName", kSystem},
                                      {"OSDateStart", to_text(started_at_)},
                                      {"OSUpTime", up},
                                      {"OSCurDateTime", to_text(now)},
                                      {"PCServerName", ""},
                                      {"PCUserName", ""},
                                      {"PCPhysicalMemory", ""},
                                      {"PCFreePhysicalMemory", ""},
                                      {"PCProcessorName", ""},
                                      {"PCNumberOfCores", ""}};
}

} // namespace kb::agent
