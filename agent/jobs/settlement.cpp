// What became of a job whose answer was lost: asked of the FN, never guessed.
// Source: docs/sources.md#shtrih, section 8; docs/sources.md#atol, section 12.
#include "agent/jobs/runner.hpp"
#include "agent/log.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <utility>

namespace kb::agent {

namespace {

using namespace std::chrono_literals;
using Kind = fiscal::RequestKind;
using Mode = fiscal::DeviceStatus::Mode;
using storage::JobState;

// docs/sources.md#atol, section 12.2: the drive may still be finishing what it was told.
constexpr auto kBetweenLooks = 1s;

bool repeatable(Kind kind)
{
    return kind == Kind::set_time || kind == Kind::known_state || kind == Kind::continue_printing ||
           kind == Kind::beep;
}

bool counted(Kind kind) { return kind == Kind::cash_in || kind == Kind::cash_out || kind == Kind::x_report; }

/// Whether the drawer gained what the request put in or took out, and nothing else; nullopt: the register
/// does not tell, or this kind moves no money.
std::optional<bool> drawer_agrees(const fiscal::Request& request, const WorkCounters& before,
                                  const WorkCounters& after)
{
    if (request.kind == Kind::x_report || !before.cash_in_drawer || !after.cash_in_drawer) {
        return std::nullopt;
    }
    const auto& less = request.kind == Kind::cash_in ? *before.cash_in_drawer : *after.cash_in_drawer;
    const auto& more = request.kind == Kind::cash_in ? *after.cash_in_drawer : *before.cash_in_drawer;
    const auto moved = more.minus(less);
    return moved && *moved == request.sum;
}

/// The counter that moves with this kind.
std::optional<std::uint32_t> counter_of(const WorkCounters& counters, Kind kind)
{
    return kind == Kind::cash_in    ? counters.cash_ins
           : kind == Kind::cash_out ? counters.cash_outs
                                    : counters.x_reports;
}

std::string picture(const fiscal::DeviceStatus& status, const fiscal::FnStatus& fn)
{
    return "FN " + fn.fn_serial + ", last document " + std::to_string(fn.last_fd_number) + ", mode " +
           std::to_string(status.vendor_mode) +
           (status.mode == Mode::receipt_open ? ", a receipt is open" : "");
}

bool at_rest(Mode mode)
{
    return mode == Mode::shift_closed || mode == Mode::shift_open || mode == Mode::shift_expired;
}

} // namespace

Task<bool> JobRunner::settle(Driver& driver, const fiscal::DeviceStatus& status, storage::Job job)
{
    auto request = fiscal::request_from_json(job.asked.request);
    auto intent = job.intent ? from_journal(*job.intent) : Result<Intent>(fail(Errc::no_data, "no intent"));
    if (!request || !intent) {
        wait_for(job, request ? intent.error() : request.error(), true); // not ours to decide
        co_return false;
    }
    if (job.state == JobState::printing) {
        auto change = [id = job.id, text = evidence("it was under way when the agent stopped", "unknown"),
                       now = services_.clock.now()](storage::Jobs& jobs) {
            return jobs.doubt(id, text, now);
        };
        if (!co_await store(job, std::move(change), "doubt")) {
            co_return false;
        }
        job.state = JobState::unknown;
    }
    if (intent->step != JobStep::request || fiscal::makes_document(request->kind)) {
        co_return co_await settle_by_fn(driver, status, std::move(job), *std::move(request),
                                        *std::move(intent));
    }
    if (counted(request->kind)) {
        co_return co_await settle_by_counters(driver, std::move(job), *std::move(request),
                                              *std::move(intent));
    }
    if (repeatable(request->kind)) {
        co_return co_await put_back(job, evidence("", "may be done twice without harm"));
    }
    storage::JobOutcome outcome;
    outcome.fn_serial = intent->fn_serial;
    outcome.error_code = "unknown";
    outcome.error_text = "the answer was lost, and this leaves no trace in the FN: look at the paper";
    co_return co_await finish(job, JobState::undecided, std::move(outcome),
                              evidence("", "nobody can be asked; not repeated"));
}

Task<std::optional<JobRunner::Found>> JobRunner::find(Driver& driver, fiscal::Request request, Intent intent,
                                                      std::uint32_t last_fd_number)
{
    // All of them, however many a register has made meanwhile without the agent: ours is among the first.
    for (std::uint32_t number = intent.last_fd_number + 1; number <= last_fd_number; ++number) {
        // The record tells at once whether a body is worth reading; it can be had in every mode.
        const auto record = co_await driver.read_short_record(number);
        if (!record) {
            co_return pass(record);
        }
        auto seen = seen_of(*record);
        if (!seen) {
            Found unreadable{Seen{}, "document " + std::to_string(number) + ": " + seen.error().message(),
                             false};
            co_return std::optional(std::move(unreadable));
        }
        Judgement judgement = judge(request, intent, *seen);
        if (!judgement.ours) {
            continue;
        }
        if (request.receipt && intent.step == JobStep::request && driver.capabilities().full_documents) {
            const auto body = co_await driver.read_document(number);
            if (!body && !has_to_wait(body.error().code) && body.error().code != Errc::no_data) {
                co_return pass(body);
            }
            if (body) {
                // One that makes no sense is as one that the FN no longer keeps.
                if (auto whole = seen_of(*body)) {
                    judgement = judge(request, intent, *whole);
                    seen = std::move(whole);
                }
            } else if (body.error().code != Errc::no_data) {
                co_return pass(
                    body); // it cannot be read yet, and the keypad's may be like it: ask again later
            }
        }
        if (judgement.ours) {
            Found found{*std::move(seen), std::move(judgement.why)};
            co_return std::optional(std::move(found));
        }
    }
    co_return std::optional<Found>();
}

bool JobRunner::seen_twice(const storage::Job& job, std::uint32_t last_fd_number)
{
    const auto now = Steady::now();
    const bool same = look_ && look_->job_id == job.asked.job_id && look_->last_fd_number == last_fd_number;
    if (!same) {
        look_ = Look{job.asked.job_id, last_fd_number, now};
        return false;
    }
    return now - look_->at >= kBetweenLooks;
}

Task<bool> JobRunner::settle_by_fn(Driver& driver, const fiscal::DeviceStatus& status, storage::Job job,
                                   fiscal::Request request, Intent intent)
{
    const auto fn = co_await driver.fn_status(false);
    if (!fn) {
        wait_for(job, fn.error());
        co_return pass(fn);
    }
    if (fn->fn_serial != intent.fn_serial) {
        wait_for(job,
                 Error{Errc::wrong_device, Outcome::unknown,
                       "the FN was replaced: " + intent.fn_serial + " can no longer be asked", std::nullopt});
        co_return false; // only a person can decide
    }
    auto found = co_await find(driver, request, intent, fn->last_fd_number);
    if (!found) {
        wait_for(job, found.error());
        if (found.error().code == Errc::waits_for_continue) {
            co_return co_await go_on_printing(driver); // until then no document can be read
        }
        if (status.mode == Mode::receipt_open) {
            co_return co_await end_what_is_open(driver, job); // nor until then
        }
        if (has_to_wait(found.error().code)) {
            co_return false;
        }
        co_return pass(found);
    }
    if (*found && !(*found)->readable) {
        const Error why{Errc::bad_tlv, Outcome::unknown, (*found)->why, std::nullopt};
        wait_for(job, why, true);
        co_return false;
    }
    if (*found) {
        co_return co_await settled(std::move(job), request, std::move(intent), *found);
    }
    // It is not in the FN. It will not come there any more once nothing is open and nothing is at work.
    if (status.mode == Mode::receipt_open) {
        co_return co_await end_what_is_open(driver, job);
    }
    if (!at_rest(status.mode)) {
        wait_for(job,
                 Error{Errc::device_busy, Outcome::unknown, "the register is still at work", std::nullopt});
        co_return false;
    }
    if (!seen_twice(job, fn->last_fd_number)) {
        co_return false;
    }
    co_return co_await not_made(job, intent, picture(status, *fn));
}

asio::awaitable<bool> JobRunner::not_made(const storage::Job& job, const Intent& intent, std::string saw)
{
    if (job.attempts < policy_.most_attempts) {
        rest(job);
        co_return co_await put_back(job, evidence(saw, "not made; nothing is open: safe to repeat"));
    }
    storage::JobOutcome outcome;
    outcome.fn_serial = intent.fn_serial;
    outcome.error_code = to_string(Errc::device_refused);
    outcome.error_text = "nothing was made in " + std::to_string(job.attempts) + " attempts";
    co_return co_await finish(
        job, JobState::refused, std::move(outcome),
        evidence(saw, "not made; given up after " + std::to_string(job.attempts) + " attempts"));
}

Task<bool> JobRunner::end_what_is_open(Driver& driver, const storage::Job& job)
{
    const auto cancelled = co_await driver.cancel_receipt();
    if (!cancelled) {
        wait_for(job, cancelled.error());
        if (has_to_wait(cancelled.error().code)) {
            co_return false; // somebody else's receipt: it ends some time
        }
        co_return pass(cancelled);
    }
    look_.reset();
    co_return true; // look again
}

Task<bool> JobRunner::settled(storage::Job job, const fiscal::Request& request, Intent intent,
                              const std::optional<Found>& found)
{
    half_printed_ = true; // how far its paper came, nobody saw
    const std::string text =
        evidence("document " + std::to_string(found->seen.fd_number) + ": " + found->why, "it was made");
    if (intent.step != JobStep::request) {
        co_return co_await put_back(job, text);
    }
    storage::JobOutcome outcome;
    outcome.fn_serial = intent.fn_serial;
    outcome.fd_number = found->seen.fd_number;
    outcome.fiscal_sign = found->seen.fiscal_sign;
    outcome.document_at = found->seen.datetime;
    log::info("jobs: settled by the FN", {{"device", label_},
                                          {"job", job.asked.job_id},
                                          {"kind", std::string(fiscal::to_string(request.kind))},
                                          {"fd_number", std::uint64_t{found->seen.fd_number}}});
    co_return co_await finish(job, JobState::done, std::move(outcome), text);
}

Task<bool> JobRunner::settle_by_counters(Driver& driver, storage::Job job, fiscal::Request request,
                                         Intent intent)
{
    const auto now = co_await driver.work_counters();
    if (!now) {
        wait_for(job, now.error());
        co_return pass(now);
    }
    const auto before = counter_of(intent.counters, request.kind);
    const auto after = counter_of(*now, request.kind);
    storage::JobOutcome outcome;
    outcome.fn_serial = intent.fn_serial;
    if (!before || !after) {
        outcome.error_code = "unknown";
        outcome.error_text = "the answer was lost, and this register counts no such operations";
        co_return co_await finish(job, JobState::undecided, std::move(outcome),
                                  evidence("no counters", "nobody can be asked; not repeated"));
    }
    const std::string saw = "counter " + std::to_string(*before) + " -> " + std::to_string(*after);
    if (*after < *before) { // a shift was closed meanwhile, and the counter began anew
        outcome.error_code = "unknown";
        outcome.error_text = "the answer was lost, and the shift was closed since";
        co_return co_await finish(job, JobState::undecided, std::move(outcome),
                                  evidence(saw, "nobody can be asked; not repeated"));
    }
    if (*after > *before) {
        // Somebody may have used the keypad meanwhile: the money has to agree, too.
        const bool alone = *after == *before + 1;
        if (request.kind == Kind::x_report ||
            (alone && drawer_agrees(request, intent.counters, *now).value_or(true))) {
            co_return co_await finish(job, JobState::done, std::move(outcome), evidence(saw, "it was done"));
        }
        outcome.error_code = "unknown";
        outcome.error_text =
            "the answer was lost, and the drawer was used on the register meanwhile: count it";
        co_return co_await finish(
            job, JobState::undecided, std::move(outcome),
            evidence(saw + ", and another sum in the drawer", "not certainly ours; not repeated"));
    }
    if (!seen_twice(job, *after)) {
        co_return false;
    }
    rest(job);
    co_return co_await put_back(job, evidence(saw, "not done: safe to repeat"));
}

} // namespace kb::agent
