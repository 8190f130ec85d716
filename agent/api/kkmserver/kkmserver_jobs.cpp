// Commands that make the register do something. Their key is IdCommand: whatever is sent under it once more,
// leads to what the first one has become. Source: docs/sources.md#kkmserver, section 5.
#include "agent/api/kkmserver/answers.hpp"
#include "agent/api/kkmserver/call.hpp"
#include "agent/api/kkmserver/kkmserver_api.hpp"
#include "agent/api/kkmserver/registers.hpp"
#include "agent/api/kkmserver/translation.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent {

namespace kkmserver {

namespace {

constexpr const char* kCaller = "kkmserver";

// A client that was told nothing for so long has given up, and somebody has sold it anew: what has not begun
// by then is not made any more.
constexpr auto kMostWaiting = std::chrono::minutes(10);

constexpr const char* kJournalFails =
    "журнал агента сейчас недоступен, и была ли команда с этим IdCommand выполнена раньше, узнать нельзя; "
    "повторите её с тем же IdCommand";

constexpr const char* kUsedKey =
    "Этот IdCommand уже был у другой команды; вот её результат. Новая команда не выполнялась: пошлите её с "
    "новым IdCommand.";

/// As much as is known of a register that may be away.
RegisterFacts facts_of(const Device* device, std::chrono::seconds zone)
{
    RegisterFacts facts;
    facts.zone = zone;
    if (device == nullptr)
        return facts;
    const fiscal::FfdVersion told = device->sample().info.ffd;
    facts.ffd = told == fiscal::FfdVersion::unknown ? facts.ffd : told;
    if (const auto limits = device->request_limits()) {
        facts.ffd = limits->ffd == fiscal::FfdVersion::unknown ? facts.ffd : limits->ffd;
        facts.line_characters = limits->line_characters;
        facts.electronic_only = limits->electronic_only;
    }
    return facts;
}

/// Whether the command asks for something else than the job under its key. What cannot be read any more is
/// taken for the same: the key alone decides then.
bool asks_for_something_else(const Call& call, const storage::Job& job, const RegisterFacts& facts)
{
    const auto first = fiscal::request_from_json(job.asked.request);
    auto now = translate(*call.command, call.body, facts);
    if (!first || !now)
        return false;
    if (now->request.kind == fiscal::RequestKind::copy && now->request.fd_number == 0)
        now->request.fd_number = first->fd_number; // "the last document", of that time
    return !same_business(*first, now->request);
}

/// Errors of a journal that may, or may not, have kept what it was given.
bool of_the_journal(Errc code)
{
    return code == Errc::storage_full || code == Errc::storage_busy || code == Errc::storage_damaged ||
           code == Errc::storage_failed;
}

} // namespace

} // namespace kkmserver

std::chrono::seconds KkmServerApi::zone() const
{
    const auto utc = std::chrono::floor<std::chrono::seconds>(services_.clock.now()).time_since_epoch();
    const auto ahead = services_.clock.local_now().time_since_epoch() - utc;
    return std::chrono::round<std::chrono::minutes>(ahead); // the two were not asked at the same instant
}

void KkmServerApi::place(Answer& answer, const std::string& kkt_serial) const
{
    const auto device = kkt_serial.empty() ? nullptr : services_.desk.device(kkt_serial);
    answer.of_register(kkmserver::number_of(services_.desk.devices(), kkt_serial),
                       device ? kkmserver::unit_name(*device) : "");
}

void KkmServerApi::tell(Answer& answer, const JobView& view) const
{
    place(answer, view.job.asked.kkt_serial);
    kkmserver::tell_job(answer, view);
    const auto device = services_.desk.device(view.job.asked.kkt_serial);
    if (answer.status() == Status::run && !view.obstacle && device && !device->reached())
        answer.go_on("Нет связи с кассой: проверьте питание и кабель. Команда не потеряна.");
}

asio::awaitable<std::shared_ptr<Device>> KkmServerApi::choose(const Call& call, Answer& answer)
{
    std::optional<kkmserver::Fault> fault;
    kkmserver::Fields fields(call.body, "", fault);
    const kkmserver::Wanted wanted = kkmserver::read_wanted(fields);
    if (fault) {
        answer.fail(Status::error, Made::nothing, fault->member + ": " + fault->text);
        co_return nullptr;
    }
    const auto fit = kkmserver::those_wanted(services_.desk.devices(), wanted);
    if (fit.empty()) {
        answer.fail(Status::not_found, Made::nothing,
                    "такой кассы здесь нет; какие есть, скажет команда List (NumDevice, InnKkm, KktNumber)");
        co_return nullptr;
    }
    std::set<std::string> off;
    if (fit.size() > 1)
        off = co_await switched_off();
    auto device = kkmserver::first_free(fit, off);
    place(answer, device->sample().info.kkt_serial);
    if (device->sample().info.kkt_serial.empty()) {
        answer.fail(Status::not_found, Made::nothing,
                    "касса ещё не на связи: проверьте питание и кабель (" + device->state_detail() + ")");
        co_return nullptr;
    }
    co_return device;
}

asio::awaitable<void> KkmServerApi::work(const Call& call, Answer& answer)
{
    if (co_await known_already(call, answer))
        co_return;
    const auto device = co_await choose(call, answer);
    // One that is switched off now would print when nobody expects it any more.
    if (!device || !is_there(*device, answer))
        co_return;
    auto translated =
        kkmserver::translate(*call.command, call.body, kkmserver::facts_of(device.get(), zone()));
    if (!translated) {
        const kkmserver::Fault& fault = translated.error();
        answer.fail(Status::error, Made::nothing,
                    fault.member.empty() ? fault.text : fault.member + ": " + fault.text);
        co_return;
    }
    co_await hand_in(call, device->sample().info.kkt_serial, *std::move(translated), answer);
}

// True: the answer is told.
asio::awaitable<bool> KkmServerApi::known_already(const Call& call, Answer& answer)
{
    auto known = co_await services_.desk.find_by_key(kkmserver::kCaller, call.id);
    if (known) {
        co_await again(call, *std::move(known), answer);
        co_return true;
    }
    if (known.error().code == Errc::not_found)
        co_return false;
    answer.fail(Status::error, Made::unknown, kkmserver::kJournalFails);
    co_return true;
}

asio::awaitable<void> KkmServerApi::again(const Call& call, JobView view, Answer& answer)
{
    const auto later = co_await services_.desk.wait(view.job.asked.job_id, call.wait);
    const JobView& now = later ? *later : view;
    tell(answer, now);
    const auto device = services_.desk.device(now.job.asked.kkt_serial);
    if (answer.status() == Status::ok &&
        kkmserver::asks_for_something_else(call, now.job, kkmserver::facts_of(device.get(), zone())))
        answer.done(Status::done_earlier, kkmserver::kUsedKey);
}

asio::awaitable<void> KkmServerApi::hand_in(const Call& call, std::string kkt_serial,
                                            kkmserver::Translated translated, Answer& answer)
{
    AskedJob asked;
    asked.caller = kkmserver::kCaller;
    asked.key = call.id;
    asked.kkt_serial = std::move(kkt_serial);
    asked.request = std::move(translated.request);
    asked.wait_at_most = std::max<std::chrono::milliseconds>(kkmserver::kMostWaiting, call.wait);
    const auto accepted = co_await services_.desk.accept(std::move(asked));
    if (!accepted) {
        const JobRefusal& refusal = accepted.error();
        if (refusal.error.code == Errc::conflict) { // the same key came twice at once
            if (!co_await known_already(call, answer))
                answer.fail(Status::error, Made::unknown, kkmserver::kJournalFails);
        } else if (kkmserver::of_the_journal(refusal.error.code)) {
            answer.fail(Status::error, Made::unknown, kkmserver::kJournalFails);
        } else {
            answer.fail(Status::error, Made::nothing, kkmserver::refusal_text(refusal));
        }
        co_return;
    }
    answer.warn(translated.warnings);
    const auto view = co_await services_.desk.wait(accepted->job.asked.job_id, call.wait);
    if (view)
        tell(answer, *view);
    else
        answer.go_on({}); // it is durable, whatever has become of the journal since
}

asio::awaitable<void> KkmServerApi::rezult(const Call& call, Answer& answer)
{
    const auto known = co_await services_.desk.find_by_key(kkmserver::kCaller, call.id);
    if (known) {
        const auto kind = fiscal::request_kind_of(known->job.asked.kind);
        Answer inner(std::string(kind ? kkmserver::command_name_of(*kind) : ""), call.id);
        tell(inner, *known);
        answer.wrap(inner);
        co_return;
    }
    Answer inner("", call.id);
    if (known.error().code == Errc::not_found || call.id.empty())
        inner.fail(Status::not_found, Made::nothing, "команды с таким IdCommand не было");
    else
        inner.go_on(kkmserver::kJournalFails);
    answer.wrap(inner);
}

} // namespace kb::agent
