#include "agent/jobs/desk.hpp"

#include "agent/log.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace kb::agent {

namespace {

using storage::JobState;

constexpr std::size_t kMostKeyBytes = 128;
constexpr std::size_t kMostAtHand = 256;
constexpr std::size_t kMostBytesAtHand = 4U << 20U; // a receipt may be of a megabyte

tl::unexpected<JobRefusal> refused(Error error, std::vector<fiscal::RequestFault> faults = {},
                                   std::size_t index = 0)
{
    return tl::unexpected<JobRefusal>(JobRefusal{std::move(error), std::move(faults), index});
}

Error error_of(Errc code, std::string context)
{
    return Error{code, Outcome::refused, std::move(context), std::nullopt};
}

std::size_t bytes_of(const storage::Job& job)
{
    return job.asked.request.size() + job.evidence.size() + (job.intent ? job.intent->body.size() : 0);
}

bool is_late(const storage::Job& job, UtcMs now)
{
    return job.state == JobState::queued && job.asked.expires_at && *job.asked.expires_at <= now;
}

} // namespace

bool has_open_jobs(storage::Journal& journal)
{
    storage::JobFilter open;
    open.open_only = true;
    open.at_most = 1;
    const auto found = journal.jobs().list(open);
    return !found || !found->empty();
}

std::string new_job_id()
{
    static std::random_device source;
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(source());
    bytes[6] = static_cast<std::uint8_t>(0x40U | (bytes[6] & 0x0FU));
    bytes[8] = static_cast<std::uint8_t>(0x80U | (bytes[8] & 0x3FU));
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += kHex[bytes[i] >> 4U];
        text += kHex[bytes[i] & 0x0FU];
    }
    return text;
}

JobDesk::JobDesk(Services services, Policy policy) : services_(std::move(services)), policy_(policy) {}

std::shared_ptr<Device> JobDesk::device(const std::string& kkt_serial) const
{
    const auto& all = services_.devices();
    if (kkt_serial.empty())
        return all.size() == 1 ? all.front() : nullptr;
    for (const auto& device : all)
        if (device->sample().info.kkt_serial == kkt_serial)
            return device;
    return nullptr;
}

Result<std::string> JobDesk::register_of(const std::string& kkt_serial) const
{
    const auto found = device(kkt_serial);
    if (found && !found->sample().info.kkt_serial.empty())
        return found->sample().info.kkt_serial;
    std::string known;
    for (const auto& one : services_.devices())
        if (const std::string& serial = one->sample().info.kkt_serial; !serial.empty())
            known += (known.empty() ? "" : ", ") + serial;
    if (kkt_serial.empty())
        return fail(Errc::not_found,
                    known.empty() ? "device: no register has been reached yet"
                                  : "device: several registers, name one of: " + known,
                    Outcome::refused);
    return fail(Errc::not_found,
                "device: no register " + kkt_serial + (known.empty() ? "" : "; there are: " + known),
                Outcome::refused);
}

Task<JobDesk::Before> JobDesk::look_before(std::string caller, std::string key, std::string kkt_serial)
{
    auto look = [caller = std::move(caller), key = std::move(key),
                 wanted = std::move(kkt_serial)](storage::Journal& journal) -> Result<Before> {
        Before before;
        auto known = journal.jobs().find_by_key(caller, key);
        if (!known)
            return pass(known);
        before.first_known = *std::move(known);
        if (!wanted.empty()) {
            const auto devices = journal.documents().devices();
            if (!devices)
                return pass(devices);
            before.register_was_here =
                std::any_of(devices->begin(), devices->end(),
                            [&](const storage::DeviceRow& row) { return row.kkt_serial == wanted; });
        }
        return before;
    };
    co_return co_await in_journal(services_.journal, std::move(look));
}

std::vector<fiscal::RequestFault> JobDesk::faults_of(const fiscal::Request& request,
                                                     const std::string& kkt_serial) const
{
    const auto at = device(kkt_serial);
    const auto limits = (at ? at->request_limits() : std::nullopt).value_or(fiscal::RequestLimits{});
    fiscal::Request fitting = request; // kept as it was said: the register may be another one then
    fiscal::fit_to(fitting, limits.ffd);
    return fiscal::check_request(fitting, limits);
}

asio::awaitable<JobAnswer> JobDesk::accept(AskedJob asked)
{
    std::vector<AskedJob> one;
    one.push_back(std::move(asked));
    auto accepted = co_await accept_all(std::move(one));
    if (!accepted)
        co_return tl::unexpected<JobRefusal>(std::move(accepted.error()));
    co_return std::move(accepted->front());
}

asio::awaitable<tl::expected<std::vector<AcceptedJob>, JobRefusal>>
JobDesk::accept_all(std::vector<AskedJob> asked)
{
    const auto came = asked.front().came.value_or(Steady::now());
    std::vector<storage::NewJob> jobs;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        AskedJob& one = asked[i];
        if (one.key.empty() || one.key.size() > kMostKeyBytes)
            co_return refused(
                error_of(Errc::bad_value, "key: 1 to " + std::to_string(kMostKeyBytes) + " bytes"), {}, i);
        if (const auto filled = fiscal::fill_in(one.request); !filled)
            co_return refused(filled.error(), {}, i);
        storage::NewJob job;
        job.job_id = one.job_id.empty() ? new_job_id() : one.job_id;
        job.caller = one.caller;
        job.key = one.key;
        job.kind = fiscal::to_string(one.request.kind);
        job.request = fiscal::request_to_json(one.request);
        job.priority = one.priority;
        job.created_at = services_.clock.now();
        job.expires_at = job.created_at + one.wait_at_most.value_or(policy_.wait_at_most);
        job.note = one.note;
        if (!jobs.empty())
            job.after_job_id = jobs.back().job_id;
        jobs.push_back(std::move(job));
    }
    // A register that is away now, but was here before, gets its jobs when it is back; and a key that is
    // known leads to its job whatever has become of the register since.
    const std::string wanted = asked.front().kkt_serial;
    const auto serial = register_of(wanted);
    const auto before = co_await look_before(jobs.front().caller, jobs.front().key, wanted);
    if (!before)
        co_return refused(before.error());
    std::string to;
    if (serial)
        to = *serial;
    else if (before->register_was_here)
        to = wanted;
    else if (before->first_known && wanted.empty())
        to = before->first_known->asked.kkt_serial;
    else
        co_return refused(serial.error());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].kkt_serial = to;
        if (before->first_known)
            continue;
        if (auto faults = faults_of(asked[i].request, to); !faults.empty()) {
            Error error = error_of(Errc::bad_value, fiscal::describe(faults, false));
            co_return refused(std::move(error), std::move(faults), i);
        }
    }
    auto add = [jobs](storage::Journal& journal) { return journal.jobs().add_all(jobs); };
    auto added = co_await in_journal(services_.journal, std::move(add));
    if (!added)
        co_return refused(added.error());
    std::vector<AcceptedJob> accepted;
    for (storage::Jobs::Accepted& one : *added)
        accepted.push_back({std::move(one.job), one.is_new});
    for (const AcceptedJob& one : accepted) {
        if (!one.is_new)
            continue;
        log::info("jobs: accepted", {{"job", one.job.asked.job_id},
                                     {"kind", one.job.asked.kind},
                                     {"caller", one.job.asked.caller},
                                     {"kkt_serial", one.job.asked.kkt_serial}});
        on_job(one.job.asked.job_id);
    }
    if (const auto at = device(to); at && accepted.front().is_new)
        at->jobs_arrived(came);
    co_return accepted;
}

Task<JobView> JobDesk::find(std::string job_id)
{
    auto where = [job_id](storage::Journal& journal) { return journal.jobs().find(job_id); };
    std::string missing = "job: no job " + job_id;
    co_return co_await look(std::move(where), std::move(missing));
}

const JobView* JobDesk::at_hand(const std::string& job_id)
{
    const auto found = found_.find(job_id);
    if (found == found_.end() || found->second.changes != services_.journal.changes())
        return nullptr;
    if (is_late(found->second.view.job, services_.clock.now()))
        return nullptr; // whoever looks for it ends it first
    note_present(found->second.view);
    return &found->second.view;
}

Task<JobView> JobDesk::find_by_key(std::string caller, std::string key)
{
    auto where = [caller, key](storage::Journal& journal) { return journal.jobs().find_by_key(caller, key); };
    std::string missing = "key: no job for " + key;
    co_return co_await look(std::move(where), std::move(missing));
}

Task<JobView> JobDesk::look(Finder where, std::string missing)
{
    struct Looked {
        std::optional<storage::Job> job;
        std::uint64_t changes = 0;
    };
    const auto work = [where](storage::Journal& journal) -> Result<Looked> {
        auto job = where(journal);
        if (!job)
            return pass(job);
        return Looked{*std::move(job), journal.changes()};
    };
    auto first = work;
    auto seen = co_await in_journal(services_.journal, std::move(first));
    if (seen && seen->job && is_late(*seen->job, services_.clock.now())) {
        if (const auto ended = co_await expire(); !ended)
            co_return pass(ended);
        auto again = work;
        seen = co_await in_journal(services_.journal, std::move(again));
    }
    if (!seen)
        co_return pass(seen);
    if (!seen->job)
        co_return fail(Errc::not_found, std::move(missing), Outcome::refused);
    if (const auto before = found_.find(seen->job->asked.job_id); before != found_.end()) {
        bytes_at_hand_ -= before->second.bytes;
        found_.erase(before);
    }
    const std::size_t bytes = bytes_of(*seen->job);
    if (found_.size() >= kMostAtHand || bytes_at_hand_ + bytes > kMostBytesAtHand) {
        found_.clear(); // a shop asks for a handful
        bytes_at_hand_ = 0;
    }
    bytes_at_hand_ += bytes;
    Found& found = found_[seen->job->asked.job_id];
    found.changes = seen->changes;
    found.bytes = bytes;
    found.view = view(*std::move(seen->job));
    co_return found.view;
}

Task<JobView> JobDesk::wait(std::string job_id, std::chrono::milliseconds at_most)
{
    const auto end = Steady::now() + at_most;
    const auto signal = std::make_shared<Signal>(services_.executor);
    const auto place = waiting_.emplace(job_id, signal);
    Result<JobView> seen = co_await find(job_id);
    while (seen && !storage::is_final(seen->job.state)) {
        const auto now = Steady::now();
        if (now >= end)
            break;
        co_await signal->wait(std::chrono::ceil<std::chrono::milliseconds>(end - now));
        seen = co_await find(job_id);
    }
    waiting_.erase(place);
    co_return seen;
}

Task<std::vector<JobView>> JobDesk::list(storage::JobFilter filter)
{
    auto work = [filter](storage::Journal& journal) { return journal.jobs().list(filter); };
    auto found = co_await in_journal(services_.journal, std::move(work));
    if (!found)
        co_return pass(found);
    std::vector<JobView> views;
    views.reserve(found->size());
    for (storage::Job& job : *found)
        views.push_back(view(std::move(job)));
    co_return views;
}

Task<JobView> JobDesk::cancel(std::string job_id)
{
    const auto found = co_await find(job_id);
    if (!found)
        co_return found;
    if (found->job.state != JobState::queued)
        co_return fail(Errc::conflict,
                       "job: it is " + std::string(to_string(found->job.state)) +
                           ", only what waits can be cancelled",
                       Outcome::refused);
    auto work = [id = found->job.id, now = services_.clock.now()](storage::Journal& journal) {
        return journal.jobs().finish(id, JobState::cancelled, {}, "", now);
    };
    const auto done = co_await in_journal(services_.journal, std::move(work));
    if (!done)
        co_return pass(done);
    on_job(job_id);
    co_return co_await find(job_id);
}

Task<JobView> JobDesk::decide(std::string job_id, Decision decision)
{
    const auto found = co_await find(job_id);
    if (!found)
        co_return found;
    if (!found->person_may_decide)
        co_return fail(Errc::conflict,
                       found->job.state == JobState::unknown
                           ? "job: its FN will be asked; a person decides only where it can no longer be"
                           : "job: it is " + std::string(to_string(found->job.state)) +
                                 ", there is nothing to decide",
                       Outcome::refused);
    if (decision.name.empty() || decision.reason.empty())
        co_return fail(Errc::bad_value, decision.name.empty() ? "name: who decides?" : "reason: why?",
                       Outcome::refused);
    storage::JobOutcome outcome;
    outcome.fn_serial = found->job.intent ? found->job.intent->fn_serial : "";
    outcome.fd_number = decision.made ? decision.fd_number : std::nullopt;
    if (!outcome.fd_number) {
        outcome.error_code = decision.made ? "decided_made" : "decided_not_made";
        outcome.error_text = decision.name + ": " + decision.reason;
    }
    const nlohmann::ordered_json entry{{"at", to_text(services_.clock.now())},
                                       {"saw", "decided by " + decision.name + ": " + decision.reason},
                                       {"concluded", decision.made ? "it was made" : "it was not made"}};
    auto work = [id = found->job.id, made = decision.made, outcome,
                 text = entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                 now = services_.clock.now()](storage::Journal& journal) {
        return journal.jobs().finish(id, made ? JobState::done : JobState::refused, outcome, text, now);
    };
    const auto done = co_await in_journal(services_.journal, std::move(work));
    if (!done)
        co_return pass(done);
    on_job(job_id);
    if (const auto at = device(found->job.asked.kkt_serial))
        at->jobs_arrived();
    co_return co_await find(job_id);
}

Task<void> JobDesk::expire()
{
    auto work = [now = services_.clock.now()](storage::Journal& journal) {
        return journal.jobs().expire(now);
    };
    const auto expired = co_await in_journal(services_.journal, std::move(work));
    if (!expired)
        co_return pass(expired);
    for (const std::string& job_id : *expired)
        on_job(job_id);
    co_return Result<void>{};
}

Task<void> JobDesk::pause(std::string kkt_serial, std::string reason)
{
    auto work = [kkt_serial, reason, now = services_.clock.now()](storage::Journal& journal) {
        return journal.jobs().pause(kkt_serial, reason, now);
    };
    co_return co_await in_journal(services_.journal, std::move(work));
}

Task<void> JobDesk::resume(std::string kkt_serial, std::optional<std::string> only_if)
{
    auto work = [kkt_serial, only_if = std::move(only_if)](storage::Journal& journal) -> Result<void> {
        if (only_if) {
            const auto paused = journal.jobs().paused(kkt_serial);
            if (!paused)
                return pass(paused);
            if (*paused && **paused != *only_if)
                return fail(Errc::conflict, "queue: paused by somebody else: " + **paused, Outcome::refused);
        }
        return journal.jobs().resume(kkt_serial);
    };
    const auto done = co_await in_journal(services_.journal, std::move(work));
    if (done) {
        if (const auto at = device(kkt_serial))
            at->jobs_arrived();
    }
    co_return done;
}

void JobDesk::on_job(const std::string& job_id)
{
    const auto [first, last] = waiting_.equal_range(job_id);
    for (auto at = first; at != last; ++at)
        at->second->raise();
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    if (!listeners_.empty())
        asio::co_spawn(services_.executor, tell(job_id), asio::detached);
}

asio::awaitable<void> JobDesk::tell(std::string job_id)
{
    auto work = [id = std::move(job_id)](storage::Journal& journal) { return journal.jobs().find(id); };
    auto seen = co_await in_journal(services_.journal, std::move(work));
    if (!seen || !*seen)
        co_return;
    const JobView changed = view(**std::move(seen)); // not kept at hand: nobody has asked for it
    const auto listeners = listeners_;               // one of them may leave, or come, while it is told
    for (const auto& weak : listeners)
        if (const auto listener = weak.lock())
            (*listener)(changed);
}

std::shared_ptr<void> JobDesk::listen(Listener listener)
{
    auto kept = std::make_shared<Listener>(std::move(listener));
    listeners_.push_back(kept);
    return kept;
}

} // namespace kb::agent
