// What the printing files of the driver share: commands given again while the register is at work, and what
// an error means once nothing can have been made.
#pragma once

#include "drivers/atol/driver.hpp"
#include "protocol/atol/errors.hpp"

#include <utility>
#include <variant>

namespace kb::atol {

inline constexpr std::chrono::milliseconds kPaperWait{15'000};
inline constexpr std::chrono::milliseconds kPrinterWait{30'000};
inline constexpr std::chrono::milliseconds kPause{333};
inline constexpr std::chrono::milliseconds kSecondLook{1'000}; ///< the drive may still be finishing

/// "The previous operation is not finished": the command was not begun.
inline constexpr int kNotFinished = 0x76;
inline constexpr int kReceiptClosed = 0x9A;

template <class Reply>
Result<void> without_value(const Result<Reply>& reply)
{
    return reply ? Result<void>{} : Result<void>(pass(reply));
}

/// An answer that got lost on the way to something final: nothing can have come of it.
inline tl::unexpected<Error> nothing_made(Error error)
{
    if (error.outcome == Outcome::unknown) {
        error.outcome = Outcome::not_done;
    }
    return tl::unexpected<Error>(std::move(error));
}

/// The register itself has told the error: its answer was not lost.
inline bool answered(const Error& error) { return error.device_code.has_value(); }

inline Task<void> pause(std::chrono::milliseconds time)
{
    Timer timer(co_await asio::this_coro::executor);
    timer.expires_after(time);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return Result<void>{};
}

/// Given again while the register says that it has not begun it, being busy with the command before.
template <class C>
Task<typename C::Reply> AtolDriver::ask_when_free(C command)
{
    constexpr int kMostRounds = 30;
    auto reply = co_await line_.ask(command);
    for (int round = 0; round < kMostRounds && !reply && reply.error().device_code == kNotFinished &&
                        reply.error().outcome == Outcome::not_done;
         ++round) {
        [[maybe_unused]] const auto waited = co_await pause(kPause);
        reply = co_await line_.ask(command);
    }
    co_return reply;
}

template <class C>
Task<void> AtolDriver::give(C command)
{
    const auto reply = co_await ask_when_free(std::move(command));
    co_return without_value(reply);
}

template <class Step>
Task<void> AtolDriver::give_step(const Step& step)
{
    auto task = std::visit([this](const auto& command) { return this->give(command); }, step);
    co_return co_await std::move(task);
}

} // namespace kb::atol
