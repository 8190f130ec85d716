// One attempt at one job.
#include "agent/jobs/runner.hpp"

#include "agent/log.hpp"
#include "protocol/fiscal/request_checks.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace kb::agent {

namespace {

using Kind = fiscal::RequestKind;
using Mode = fiscal::DeviceStatus::Mode;
using storage::JobState;

// A register that says no for a reason of the moment (the OFD, the printer, a mode that its status did not
// tell) is not asked again at once.
constexpr auto kFirstRest = std::chrono::milliseconds(300);
constexpr auto kLongestRest = std::chrono::milliseconds(30'000);

/// Puts the register right, whatever it is doing.
bool mends(Kind kind) { return kind == Kind::known_state || kind == Kind::continue_printing; }

/// Comes out on paper, or as a document that is printed.
bool prints(Kind kind)
{
    return fiscal::makes_document(kind) || kind == Kind::x_report || kind == Kind::cash_in ||
           kind == Kind::cash_out || kind == Kind::copy || kind == Kind::text || kind == Kind::cut;
}

/// What went wrong when the FN was to confirm what the register had said.
Error after_its_word(const Error& error)
{
    return Error{error.code, Outcome::unknown, "the register said it is done; then " + error.context,
                 error.device_code};
}

bool wants_open_shift(Kind kind) { return kind == Kind::receipt; }

/// What the register does not hold against the request itself: the same later may work.
bool passes_by_itself(Errc code) { return has_to_wait(code) || code == Errc::cancelled; }

} // namespace

JobRunner::JobRunner(Services services, JobPolicy policy, std::string label)
    : services_(std::move(services)),
      policy_(policy),
      label_(std::move(label))
{}

void JobRunner::serve(const std::string& kkt_serial)
{
    kkt_serial_ = kkt_serial;
    may_have_work_ = true;
    half_printed_ = true;
    look_.reset();
}

std::string JobRunner::evidence(std::string_view saw, std::string_view concluded) const
{
    nlohmann::ordered_json entry{
        {"at", to_text(services_.clock.now())}, {"saw", saw}, {"concluded", concluded}};
    for (const fiscal::MarkCheck& mark : marks_) {
        nlohmann::ordered_json told{
            {"position", mark.position}, {"state", to_string(mark.state)}, {"result", mark.result}};
        if (mark.request_result) {
            told["request_result"] = *mark.request_result;
        }
        if (mark.status_answer) {
            told["status_answer"] = *mark.status_answer;
        }
        entry["marks"].push_back(std::move(told));
    }
    return entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void JobRunner::wait_for(const storage::Job& job, const Error& why, bool needs_person)
{
    obstacle_ = JobObstacle{why.code, job.asked.job_id, why.details(), needs_person};
}

asio::awaitable<bool> JobRunner::store(const storage::Job& job,
                                       std::function<Result<void>(storage::Jobs&)> change,
                                       std::string_view what)
{
    const std::string named(what);
    auto work = [change = std::move(change)](storage::Journal& journal) { return change(journal.jobs()); };
    const auto stored = co_await in_journal(services_.journal, std::move(work));
    if (!stored) {
        // Once for a job and a cause: it is tried again at every poll, and the log may be on the same full
        // disk.
        if (!obstacle_ || obstacle_->job_id != job.asked.job_id || obstacle_->code != stored.error().code) {
            log::error("jobs: a step was not stored", {{"device", label_},
                                                       {"job", job.asked.job_id},
                                                       {"step", named},
                                                       {"error", stored.error().message()}});
        }
        wait_for(job, stored.error());
        co_return false;
    }
    services_.on_change(job.asked.job_id);
    co_return true;
}

asio::awaitable<bool> JobRunner::finish(const storage::Job& job, JobState state, storage::JobOutcome outcome,
                                        std::string evidence)
{
    log::info("jobs: ended", {{"device", label_},
                              {"job", job.asked.job_id},
                              {"kind", job.asked.kind},
                              {"state", std::string(to_string(state))},
                              {"fd_number", std::uint64_t{outcome.fd_number.value_or(0)}},
                              {"error", outcome.error_code}});
    half_printed_ = half_printed_ || !outcome.printed;
    look_.reset();
    const bool done = state == JobState::done;
    auto change = [id = job.id, state, outcome = std::move(outcome), evidence = std::move(evidence),
                   now = services_.clock.now()](storage::Jobs& jobs) {
        return jobs.finish(id, state, outcome, evidence, now);
    };
    const bool stored = co_await store(job, std::move(change), "finish");
    if (stored && done && job.attempts == 1) {
        services_.on_done(Steady::now() - woken_at_ - with_register_);
    }
    woken_at_ = Steady::now(); // of the job that may come next in the queue
    with_register_ = {};
    co_return stored;
}

asio::awaitable<bool> JobRunner::put_back(const storage::Job& job, std::string evidence)
{
    look_.reset();
    auto change = [id = job.id, evidence = std::move(evidence), now = services_.clock.now()](
                      storage::Jobs& jobs) { return jobs.put_back(id, evidence, now); };
    co_return co_await store(job, std::move(change), "put back");
}

Task<JobRunner::Next> JobRunner::next()
{
    auto work = [serial = kkt_serial_,
                 now = services_.clock.now()](storage::Journal& journal) -> Result<Next> {
        Next found;
        auto expired = journal.jobs().expire(now);
        if (!expired) {
            return pass(expired);
        }
        found.expired = *std::move(expired);
        auto job = journal.jobs().next(serial, now);
        if (!job) {
            return pass(job);
        }
        found.job = *std::move(job);
        auto paused = journal.jobs().paused(serial);
        if (!paused) {
            return pass(paused);
        }
        found.paused = *std::move(paused);
        return found;
    };
    co_return co_await in_journal(services_.journal, std::move(work));
}

Task<bool> JobRunner::step(Driver& driver, const fiscal::DeviceStatus& status)
{
    woken_ = false;
    if (!may_have_work()) {
        co_return false;
    }
    auto found = co_await next();
    if (!found) {
        co_return false; // the journal's trouble is told by those who write into it; nothing was sent
    }
    for (const std::string& id : found->expired) {
        services_.on_change(id);
    }
    if (!found->job) {
        may_have_work_ = false;
        obstacle_.reset();
        co_return false;
    }
    storage::Job job = *std::move(found->job);
    marks_.clear();
    if (job.state != JobState::queued) {
        co_return co_await settle(driver, status, std::move(job));
    }
    if (!services_.may_begin(job.asked)) {
        storage::JobOutcome none;
        std::string why = evidence("its caller may not have it any more", "not begun");
        co_return co_await finish(job, JobState::cancelled, std::move(none), std::move(why));
    }
    if (found->paused) {
        wait_for(job, Error{Errc::cancelled, Outcome::not_done, "paused: " + *found->paused, std::nullopt});
        co_return false;
    }
    co_return co_await attempt(driver, status, std::move(job));
}

std::optional<Error> JobRunner::why_wait(const fiscal::Request& request,
                                         const fiscal::DeviceStatus& status) const
{
    const auto because = [](Errc code, std::string what) {
        return Error{code, Outcome::not_done, std::move(what), std::nullopt};
    };
    if (mends(request.kind)) {
        return std::nullopt;
    }
    switch (status.mode) {
    case Mode::receipt_open:
        return because(Errc::wrong_mode, "a receipt is open on the register");
    case Mode::printing:
    case Mode::data_output:
    case Mode::unknown:
        return because(Errc::device_busy, "the register is at work");
    case Mode::blocked:
        return because(Errc::wrong_mode, "the register waits for a technician");
    case Mode::shift_closed:
    case Mode::shift_open:
    case Mode::shift_expired:
        break;
    }
    const bool on_paper = prints(request.kind) && !(request.receipt && request.receipt->electronic_only);
    if (on_paper && status.paper == fiscal::Paper::absent) {
        return because(Errc::no_paper, "no paper");
    }
    return std::nullopt;
}

Result<JobStep> JobRunner::first_step(const fiscal::Request& request,
                                      const fiscal::DeviceStatus& status) const
{
    // As it is, it will not become right by waiting: somebody else has done it.
    if (request.kind == Kind::shift_open && status.mode != Mode::shift_closed) {
        return fail(Errc::wrong_mode, "the shift is open already", Outcome::refused);
    }
    if (request.kind == Kind::shift_close && status.mode == Mode::shift_closed) {
        return fail(Errc::wrong_mode, "the shift is closed already", Outcome::refused);
    }
    if (!wants_open_shift(request.kind)) {
        return JobStep::request;
    }
    if (status.mode == Mode::shift_expired) {
        if (!policy_.close_expired_shift) {
            return fail(Errc::wrong_mode, "the shift is open for more than 24 hours: close it",
                        Outcome::refused);
        }
        return JobStep::shift_close;
    }
    if (status.mode == Mode::shift_closed) {
        if (!policy_.open_shift) {
            return fail(Errc::wrong_mode, "the shift is closed: open it", Outcome::refused);
        }
        return JobStep::shift_open;
    }
    return JobStep::request;
}

// The fixed point: what the FN and, for requests without a document, the counters say now.
Task<Intent> JobRunner::look_before(Driver& driver, const fiscal::Request& request, JobStep step)
{
    Intent intent;
    intent.step = step;
    const auto fn = co_await timed(driver.fn_status(false));
    if (!fn) {
        co_return pass(fn);
    }
    intent.fn_serial = fn->fn_serial;
    intent.last_fd_number = fn->last_fd_number;
    // A new document is never older than the FN's last one: a clock of its own is not needed for that.
    intent.device_time = fn->last_document_at.value_or(LocalSeconds{});
    const auto shift = co_await timed(driver.shift_state());
    if (!shift) {
        co_return pass(shift);
    }
    intent.shift = *shift;
    if (!fiscal::makes_document(request.kind)) {
        auto counters = co_await timed(driver.work_counters());
        if (!counters) {
            co_return pass(counters);
        }
        intent.counters = *std::move(counters);
    }
    co_return intent;
}

Task<bool> JobRunner::go_on_printing(Driver& driver)
{
    told_to_go_on_ = false;
    const auto done = co_await driver.continue_printing();
    if (!done) {
        co_return pass(done);
    }
    half_printed_ = false;
    co_return true;
}

Task<bool> JobRunner::attempt(Driver& driver, const fiscal::DeviceStatus& status, storage::Job job)
{
    auto request = fiscal::request_from_json(job.asked.request);
    if (!request) {
        storage::JobOutcome outcome;
        outcome.error_code = to_string(request.error().code);
        outcome.error_text = request.error().context;
        co_return co_await finish(job, JobState::refused, std::move(outcome), evidence("", "not readable"));
    }
    const bool waits = status.waits_for_continue || told_to_go_on_;
    if (waits && half_printed_ && !mends(request->kind)) {
        co_return co_await go_on_printing(driver);
    }
    if (const auto why = why_wait(*request, status)) {
        wait_for(job, *why);
        co_return false;
    }
    if (rest_ && rest_->job_id == job.asked.job_id && Steady::now() < rest_->until) {
        co_return false; // why, is told since it was put back
    }
    // The register may not be the one it was when the request was accepted.
    Result<JobStep> step = first_step(*request, status);
    const fiscal::RequestLimits limits = driver.request_limits();
    fiscal::fit_to(*request, limits.ffd);
    if (const auto faults = fiscal::check_request(*request, limits); !faults.empty()) {
        step = fail(Errc::bad_value, fiscal::describe(faults, true), Outcome::refused);
    }
    if (!step) {
        storage::JobOutcome outcome;
        outcome.error_code = to_string(step.error().code);
        outcome.error_text = step.error().context;
        co_return co_await finish(job, JobState::refused, std::move(outcome),
                                  evidence("", "refused before anything was sent"));
    }
    auto intent = co_await look_before(driver, *request, *step);
    if (!intent) {
        wait_for(job, intent.error());
        co_return pass(intent);
    }
    if (request->receipt) {
        std::string& extra = request->receipt->receipt.extra;
        if (extra.empty() && policy_.mark_receipts) {
            extra = marker_of(job.asked.job_id);
        }
        intent->marker = extra;
    }
    auto begin = [id = job.id, stored = to_journal(*intent),
                  now = services_.clock.now()](storage::Jobs& jobs) { return jobs.begin(id, stored, now); };
    if (!co_await store(job, std::move(begin), "begin")) {
        co_return false; // nothing was sent
    }
    job.state = JobState::printing;
    ++job.attempts;
    obstacle_.reset();
    fiscal::Request now = *request;
    if (*step != JobStep::request) {
        now = fiscal::Request{};
        now.kind = *step == JobStep::shift_open ? Kind::shift_open : Kind::shift_close;
        now.cashier = request->cashier;
        now.cashier_inn = request->cashier_inn;
    }
    const bool document = fiscal::makes_document(now.kind);
    const auto performed = co_await timed(driver.perform(std::move(now)));
    marks_ = driver.mark_checks();
    if (!performed) {
        co_return co_await failed(std::move(job), *std::move(intent), performed.error());
    }
    if (!document) {
        storage::JobOutcome outcome;
        outcome.fn_serial = intent->fn_serial;
        outcome.printed = performed->printed;
        co_return co_await finish(job, JobState::done, std::move(outcome),
                                  evidence("the register says it is done", "done"));
    }
    co_return co_await verify(driver, std::move(job), *std::move(request), *std::move(intent), *performed);
}

// Done means that the FN's number moved, not that the register said so.
Task<bool> JobRunner::verify(Driver& driver, storage::Job job, fiscal::Request request, Intent intent,
                             Performed performed)
{
    const auto fn = co_await timed(driver.fn_status(false));
    if (!fn) {
        Error error = after_its_word(fn.error());
        co_return co_await failed(std::move(job), std::move(intent), std::move(error));
    }
    if (fn->last_fd_number == intent.last_fd_number && fn->fn_serial == intent.fn_serial) {
        storage::JobOutcome outcome;
        outcome.error_code = to_string(Errc::protocol_violation);
        outcome.error_text = "the register answered that it is done, but its FN holds no new document: is it "
                             "registered, and not in training mode?";
        co_return co_await finish(job, JobState::refused, std::move(outcome),
                                  evidence("last document in the FN: " + std::to_string(fn->last_fd_number),
                                           "no document was made"));
    }
    half_printed_ = half_printed_ || !performed.printed;
    if (performed.fiscal_sign != 0 && performed.fd_number == fn->last_fd_number &&
        *performed.fd_number == intent.last_fd_number + 1 && fn->fn_serial == intent.fn_serial) {
        // One document since, and it is the one the register named: nothing left to compare.
        if (intent.step != JobStep::request) {
            co_return co_await put_back(job, evidence(std::string(to_string(intent.step)) + ": document " +
                                                          std::to_string(*performed.fd_number),
                                                      "the shift is ready"));
        }
        storage::JobOutcome outcome;
        outcome.fn_serial = fn->fn_serial;
        outcome.fd_number = performed.fd_number;
        outcome.fiscal_sign = performed.fiscal_sign;
        outcome.document_at = fn->last_document_at;
        outcome.printed = performed.printed;
        co_return co_await finish(job, JobState::done, std::move(outcome),
                                  evidence("the register named document " +
                                               std::to_string(*performed.fd_number) + ", the FN's last",
                                           "done"));
    }
    const auto found = co_await find(driver, request, intent, fn->last_fd_number);
    if (!found) {
        Error error = after_its_word(found.error());
        co_return co_await failed(std::move(job), std::move(intent), std::move(error));
    }
    if (!*found || !(*found)->readable) {
        Error error{Errc::protocol_violation, Outcome::unknown,
                    "the register said it is done, but none of the FN's new documents is it", std::nullopt};
        co_return co_await failed(std::move(job), std::move(intent), std::move(error));
    }
    co_return co_await settled(std::move(job), request, std::move(intent), *found);
}

void JobRunner::rest(const storage::Job& job)
{
    const int times = rest_ && rest_->job_id == job.asked.job_id ? rest_->times + 1 : 0;
    rest_ = Rest{job.asked.job_id, times,
                 Steady::now() + std::min(kFirstRest * (1 << std::min(times, 8)), kLongestRest)};
}

Task<bool> JobRunner::failed(storage::Job job, Intent intent, Error error)
{
    log::warning("jobs: an attempt failed", {{"device", label_},
                                             {"job", job.asked.job_id},
                                             {"step", std::string(to_string(intent.step))},
                                             {"error", error.message()}});
    half_printed_ =
        true; // its paper may have ended before it was taken back: that, too, waits for "continue"
    // Not every register's status tells that it does: of a report broken off ATOL's tells nothing.
    told_to_go_on_ = error.code == Errc::waits_for_continue;
    if (error.outcome == Outcome::unknown) {
        auto change = [id = job.id, text = evidence(error.message(), "unknown: the FN will be asked"),
                       now = services_.clock.now()](storage::Jobs& jobs) {
            return jobs.doubt(id, text, now);
        };
        [[maybe_unused]] const bool stored = co_await store(job, std::move(change), "doubt");
    } else if (error.outcome == Outcome::refused && !passes_by_itself(error.code)) {
        storage::JobOutcome outcome;
        outcome.fn_serial = intent.fn_serial;
        outcome.error_code = to_string(error.code);
        outcome.error_text = error.context;
        [[maybe_unused]] const bool stored =
            co_await finish(job, JobState::refused, std::move(outcome), evidence(error.message(), "refused"));
    } else if (job.attempts >= policy_.most_attempts && !passes_by_itself(error.code)) {
        storage::JobOutcome outcome;
        outcome.fn_serial = intent.fn_serial;
        outcome.error_code = to_string(error.code);
        outcome.error_text = error.context;
        [[maybe_unused]] const bool stored =
            co_await finish(job, JobState::refused, std::move(outcome),
                            evidence(error.message(), "given up after " + std::to_string(job.attempts) +
                                                          " attempts, none of which had an effect"));
    } else {
        [[maybe_unused]] const bool stored =
            co_await put_back(job, evidence(error.message(), "certainly not done"));
        rest(job);
        wait_for(job, error);
        co_return false;
    }
    // The poll that comes next finds out whether the line is still there.
    co_return error.outcome == Outcome::refused;
}

} // namespace kb::agent
