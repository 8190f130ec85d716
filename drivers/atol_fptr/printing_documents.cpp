// Requests that the FN makes a document of, and what became of one whose task failed.
// Source: docs/sources.md#atol-fptr, sections 5 and 6.
#include "drivers/atol_fptr/printing.hpp"

#include <algorithm>
#include <utility>

namespace kb::atol_fptr {
namespace {

// Of the documents that were made meanwhile; more than a keypad makes in the time a task takes.
constexpr std::uint32_t kMostNew = 16;
constexpr int kLooks = 2;

// check_document_closed -> DOCUMENT_CLOSED, DOCUMENT_PRINTED
// a receipt that is open                 -> cancel_receipt
// closed, but not printed                -> continue_print, once
// fn_query_data: the last document       -> the records of those that are new
Result<Aftermath> look_after(Handle& handle, std::uint32_t last_before, fiscal::FfdVersion ffd)
{
    Aftermath after;
    after.last_before = last_before;
    const auto checked = handle.call(handle.api().check_document_closed, "check_document_closed");
    if (!checked) {
        return pass(checked);
    }
    after.told_closed = handle.flag(Param::document_closed);
    after.told_printed = handle.flag(Param::document_printed);
    const auto open = ask_receipt_open(handle);
    if (!open) {
        return pass(open);
    }
    if (*open) {
        // Nobody had one open before this task, and one that was closed meanwhile does not let itself be
        // cancelled. Whether it is open now decides, not what the library says to it.
        static_cast<void>(handle.call(handle.api().cancel_receipt, "cancel_receipt"));
        const auto still_open = ask_receipt_open(handle);
        if (!still_open) {
            return pass(still_open);
        }
        after.receipt_open = *still_open;
    }
    const auto last = ask_last_number(handle);
    if (!last) {
        return pass(last);
    }
    after.last_now = *last;
    const std::uint32_t most = last_before + kMostNew;
    for (std::uint32_t number = last_before + 1; number <= std::min(after.last_now, most); ++number) {
        auto record = ask_record(handle, number, ffd);
        if (!record) {
            return pass(record);
        }
        after.new_records.push_back(*std::move(record));
    }
    return after;
}

} // namespace

bool FptrDriver::has_marks_to_check(const fiscal::Request& request) const
{
    return ffd_ == fiscal::FfdVersion::v1_2 && request.receipt &&
           std::any_of(request.receipt->positions.begin(), request.receipt->positions.end(),
                       [](const fiscal::Position& position) { return position.marking.has_value(); });
}

Task<Performed> FptrDriver::make_document(const fiscal::Request& request)
{
    const bool marked = has_marks_to_check(request);
    const bool left = marks_left_ && ffd_ == fiscal::FfdVersion::v1_2;
    if (!marked && !left) {
        co_return co_await run_document(request);
    }
    // What cannot be said or begun is refused before a code is checked. The checks may take their time, so
    // run_document() looks once more.
    if (const auto task = task_of(request, task_facts()); !task) {
        co_return pass(task);
    }
    if (const auto before = co_await may_begin(request); !before) {
        co_return pass(before);
    }
    if (!marked) {
        // A check that still runs may stand in the way of any document.
        if (const auto cleared = co_await clear_marks(); !cleared) {
            co_return tl::unexpected<Error>(not_done(cleared.error()));
        }
        co_return co_await run_document(request);
    }
    if (const auto checked = co_await check_marks(*request.receipt); !checked) {
        Error error = checked.error();
        co_return co_await give_up_marks(std::move(error));
    }
    auto done = co_await run_document(request);
    if (done) {
        marks_left_ = false; // the document has taken them
    } else if (done.error().outcome != Outcome::unknown) {
        Error error = done.error();
        co_return co_await give_up_marks(std::move(error));
    }
    co_return done;
}

Task<Performed> FptrDriver::run_document(const fiscal::Request& request)
{
    auto task = task_of(request, task_facts());
    if (!task) {
        co_return pass(task);
    }
    auto before = co_await may_begin(request);
    if (!before) {
        co_return pass(before);
    }
    const auto answer = co_await run_task(*std::move(task));
    if (answer && answer->fd_number > before->last_fd_number) {
        Performed done;
        done.printed = answer->printed;
        done.fd_number = answer->fd_number;
        done.fiscal_sign = answer->fiscal_sign;
        co_return co_await made(request, done);
    }
    if (!answer && !was_sent(answer.error())) {
        co_return pass(answer);
    }
    // A task that names no new document may have made none.
    Error error{Errc::device_refused, Outcome::refused,
                std::string(fiscal::to_string(request.kind)) + ", " + name_ +
                    ": the library ended the task without a document",
                std::nullopt};
    if (!answer) {
        error = answer.error();
    }
    co_return co_await settle(request, *std::move(before), std::move(error));
}

Task<Performed> FptrDriver::made(const fiscal::Request& request, Performed done)
{
    const bool on_paper = !(request.receipt && request.receipt->electronic_only);
    if (request.receipt && on_paper) {
        cliche_may_be_off_ = !request.receipt->after.empty();
    }
    if (done.printed || !on_paper) {
        done.printed = true;
        half_printed_ = false; // of the document that was made last, nothing is missing
        broken_off_ = false;
        co_return done;
    }
    half_printed_ = true;
    const auto printed = co_await go_on_printing(); // without paper it stays so
    done.printed = printed.has_value();
    co_return done;
}

Task<Performed> FptrDriver::settle(const fiscal::Request& request, Before before, Error error)
{
    if (error.outcome == Outcome::unknown) {
        co_return tl::unexpected<Error>(
            std::move(error)); // the library has not come back: it cannot be asked
    }
    const bool doubtful = is_doubtful(error);
    const WantedDocument wanted = wanted_document(request);
    Timer timer(co_await asio::this_coro::executor);
    for (int look = 1;; ++look) {
        std::function<Result<Aftermath>(Handle&)> work = [last = before.last_fd_number,
                                                          ffd = ffd_](Handle& handle) {
            return look_after(handle, last, ffd);
        };
        const auto after = co_await ask_until_answered(std::move(work));
        if (!after) {
            error.context += "; then " + after.error().message();
            co_return tl::unexpected<Error>(unknown_outcome(std::move(error)));
        }
        const Became became = what_became(*after, wanted, doubtful);
        if (became == Became::made) {
            Performed done; // without a number: whether it is this receipt is told by its body
            done.printed = after->told_printed;
            co_return co_await made(request, done);
        }
        if (became == Became::unclear) {
            co_return tl::unexpected<Error>(unknown_outcome(std::move(error)));
        }
        if (!doubtful || look == kLooks) {
            break;
        }
        // The register may still be at what it was told before the line broke: it is looked at once more.
        timer.expires_after(kBetweenLooks);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (is_broken_off(error)) {
        error.code = Errc::waits_for_continue;
    }
    co_return tl::unexpected<Error>(doubtful ? not_done(std::move(error))
                                             : certainly_not_done(std::move(error)));
}

} // namespace kb::atol_fptr
