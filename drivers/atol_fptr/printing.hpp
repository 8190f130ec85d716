// What the printing files of the driver share: the outcome of a task's error, and patience with a register
// that is silent for a moment.
#pragma once

#include "drivers/atol_fptr/driver.hpp"

namespace kb::atol_fptr {

/// Between two looks at what became of a task, and how long looking may take in all.
inline constexpr std::chrono::milliseconds kBetweenLooks{1'000};
inline constexpr std::chrono::milliseconds kLooking{10'000};

/// What the register refuses for now may be sent again; the rest is refused.
Error certainly_not_done(Error error);
Error not_done(Error error);
Error unknown_outcome(Error error);
/// The library was called, or may have been: not stopped on this side of it.
bool was_sent(const Error& error);

/// While the register is silent it is asked again; what is lost for good is lost at once.
template <class T>
Task<T> FptrDriver::ask_until_answered(std::function<Result<T>(Handle&)> work)
{
    const auto end = Steady::now() + kLooking;
    Timer timer(co_await asio::this_coro::executor);
    while (true) {
        std::function<Result<T>(Handle&)> once = work;
        auto told = co_await ask(std::move(once));
        const bool silent = !told && told.error().device_code == code::kNoConnection;
        if (!silent || Steady::now() + kBetweenLooks >= end) {
            co_return told;
        }
        timer.expires_after(kBetweenLooks);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

} // namespace kb::atol_fptr
