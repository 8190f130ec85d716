// Marking codes of FFD 1.2, checked before a receipt's task is begun, one by one: what is refused leaves no
// trace, and a state system that is silent is waited for no longer than the owner wants.
// Source: docs/sources.md#atol-fptr, section 7.
#include "drivers/atol_fptr/mark_tasks.hpp"
#include "drivers/atol_fptr/printing.hpp"

#include <utility>

namespace kb::atol_fptr {
namespace {

using std::chrono::milliseconds;

// A check goes on between the tasks: it is asked for this often.
constexpr milliseconds kBetweenPolls{200};
// For what the FN alone finds.
constexpr milliseconds kLocalCheck{5'000};

std::string place_of(std::size_t position) { return "items[" + std::to_string(position) + "].marking"; }

// A receipt could have been opened a moment ago: such a mode is something against this code, and to wait for
// another one would hold up all that comes behind. No check makes a document.
Error of_mark(Error error)
{
    if (error.device_code == code::kInvalidMode || error.device_code == code::kModeBlocked) {
        error.code = Errc::device_refused;
    }
    const bool answered = error.outcome == Outcome::refused && !is_doubtful(error);
    return answered ? certainly_not_done(std::move(error)) : not_done(std::move(error));
}

} // namespace

Task<void> FptrDriver::check_marks(const fiscal::ReceiptRequest& asked)
{
    // What an agent that died has left there.
    if (const auto cleared = co_await clear_marks(); !cleared) {
        co_return tl::unexpected<Error>(not_done(cleared.error()));
    }
    marks_left_ = true;
    // Who returns goods gets his money whatever their mark is worth; a correction tells of what has happened.
    const bool refuse = options_.marking_refused == DriverOptions::MarkingRefused::refuse &&
                        asked.operation == fiscal::Operation::sell && !asked.correction;
    for (std::size_t i = 0; i < asked.positions.size(); ++i) {
        if (!asked.positions[i].marking) {
            continue;
        }
        const std::string place = place_of(i);
        auto check = co_await check_mark(asked.positions[i], place, refuse);
        if (!check) {
            Error error = of_mark(check.error());
            error.context = place + ": " + error.context;
            co_return tl::unexpected<Error>(std::move(error));
        }
        check->position = i;
        mark_checks_.push_back(*check);
        if (refuse && check->state == fiscal::MarkCheck::State::refused) {
            co_return fail(Errc::bad_value,
                           place + ": " + std::string(fiscal::refusal_text_ru(*check)) +
                               "; уберите товар из чека: продавать его нельзя",
                           Outcome::refused);
        }
    }
    co_return Result<void>{};
}

// begin -> status, until it is ready -> accept, or decline
Task<fiscal::MarkCheck> FptrDriver::check_mark(const fiscal::Position& position, std::string place,
                                               bool refuse)
{
    auto found = co_await find_mark(position, place, true, options_.marking_wait);
    if (found && !*found) {
        // Nobody has answered in time. The register is not known to take a code whose check still runs, so it
        // is ended and made anew without the state system.
        const auto ended = co_await run_mark_task("cancelMarkingCodeValidation");
        if (!ended && ended.error().outcome != Outcome::refused) {
            co_return pass(ended);
        }
        found = co_await find_mark(position, place, false, kLocalCheck);
    }
    if (!found) {
        co_return pass(found);
    }
    if (!*found) {
        co_return fail(Errc::no_answer, name_ + ": the check of the marking code does not end");
    }
    fiscal::MarkCheck check = **found;
    if (refuse && check.state == fiscal::MarkCheck::State::refused) {
        // Best effort: what stays is cleared with the rest.
        static_cast<void>(co_await run_mark_task("declineMarkingCode"));
        co_return check;
    }
    const auto accepted = co_await run_mark_task("acceptMarkingCode");
    if (!accepted) {
        co_return pass(accepted);
    }
    check.result = accepted_result_of(*accepted).value_or(check.result);
    check.state = fiscal::state_of(check);
    co_return check;
}

// nullopt: not ready by then.
Task<std::optional<fiscal::MarkCheck>> FptrDriver::find_mark(const fiscal::Position& position,
                                                             std::string place, bool ask_system,
                                                             milliseconds at_most)
{
    const auto end = Steady::now() + at_most;
    auto task = check_task(position, ask_system, place);
    if (!task) {
        co_return pass(task);
    }
    const auto begun = co_await run_json(*std::move(task));
    if (!begun) {
        co_return pass(begun);
    }
    Timer timer(co_await asio::this_coro::executor);
    while (true) {
        const auto told = co_await run_mark_task("getMarkingCodeValidationStatus");
        if (!told) {
            co_return pass(told);
        }
        const auto status = check_status_of(*told, "getMarkingCodeValidationStatus, " + name_);
        if (!status) {
            co_return pass(status);
        }
        if (status->ready) {
            fiscal::MarkCheck check;
            check.result = local_result_of(*begun);
            check.state = fiscal::state_of(check);
            co_return std::optional(status->online.value_or(check));
        }
        if (Steady::now() >= end) {
            co_return std::optional<fiscal::MarkCheck>();
        }
        timer.expires_after(kBetweenPolls);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

Task<std::string> FptrDriver::run_mark_task(const char* type)
{
    LibraryTask task = mark_task(type);
    co_return co_await run_json(std::move(task));
}

Task<void> FptrDriver::clear_marks()
{
    static constexpr const char* kTasks[] = {"cancelMarkingCodeValidation",
                                             "clearMarkingCodeValidationResult"};
    for (const char* type : kTasks) {
        const auto done = co_await run_mark_task(type);
        // Refused: there is nothing to end or to clear, or the check that comes next tells what is wrong.
        if (!done && (done.error().outcome != Outcome::refused || is_doubtful(done.error()))) {
            co_return pass(done);
        }
    }
    marks_left_ = false;
    co_return Result<void>{};
}

Task<Performed> FptrDriver::give_up_marks(Error error)
{
    // Best effort: what stays is cleared before the next document.
    static_cast<void>(co_await clear_marks());
    co_return tl::unexpected<Error>(std::move(error));
}

} // namespace kb::atol_fptr
