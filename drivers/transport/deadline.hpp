// The watchdog of one transport: ends a read or write that waits too long.
#pragma once

#include "drivers/asio.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace kb {

/// Re-arming an Asio timer for each of the thousands of short reads of an archive costs a cancelled handler
/// each time. So the timer is left running and only looks, when it fires, whether the operation of that
/// moment is really late; it is armed again only when a deadline comes before the armed one.
class IoDeadline {
public:
    /// `cancel_io` ends the pending operation; it is called on `executor` and never after this object is
    /// gone.
    IoDeadline(const asio::any_io_executor& executor, std::function<void()> cancel_io);
    ~IoDeadline();
    IoDeadline(const IoDeadline&) = delete;
    IoDeadline& operator=(const IoDeadline&) = delete;

    /// An operation begins that may take `at_most`.
    void start(std::chrono::milliseconds at_most);
    /// The operation has ended; true when this watchdog ended it.
    bool finish();
    /// Drops the running timer, so that nothing keeps the io_context busy.
    void stop();

private:
    struct State;
    static void arm(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

} // namespace kb
