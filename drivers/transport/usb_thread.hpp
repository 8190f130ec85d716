// The one thread of this process that talks to libusb, and the way from it back to a strand.
#pragma once

#include "drivers/asio.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

struct libusb_context;

namespace kb {

/// Lets other threads post to an executor for as long as its owner lives, and not a moment longer: a device
/// may be unplugged, and a call may end, after everything that waited for it has gone.
class Mailbox {
public:
    explicit Mailbox(asio::any_io_executor executor) : state_(std::make_shared<State>())
    {
        state_->executor.emplace(std::move(executor));
    }
    ~Mailbox() { close(); }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    void close()
    {
        const std::lock_guard lock(state_->guard);
        state_->executor.reset();
    }

    /// What the other thread keeps. Copies may outlive the mailbox; they then post nothing.
    class Address;
    [[nodiscard]] Address address() const;

private:
    struct State {
        std::mutex guard;
        std::optional<asio::any_io_executor> executor; ///< empty: closed
    };
    std::shared_ptr<State> state_;
};

class Mailbox::Address {
public:
    explicit Address(std::shared_ptr<State> state) : state_(std::move(state)) {}

    template <class F>
    void post(F action) const
    {
        const std::lock_guard lock(state_->guard);
        if (state_->executor) {
            asio::post(*state_->executor, std::move(action));
        }
    }

private:
    std::shared_ptr<State> state_;
};

inline Mailbox::Address Mailbox::address() const { return Address(state_); }

/// Begun with the first USB line, ended with the last one. libusb's synchronous calls may take a second or
/// more, so none of them is made on a strand.
class UsbThread {
public:
    using Job = std::function<void(libusb_context*)>;

    /// The process's only one; made when there is none.
    static Result<std::shared_ptr<UsbThread>> shared();

    /// Ends the thread after the jobs that are queued already.
    ~UsbThread();
    UsbThread(const UsbThread&) = delete;
    UsbThread& operator=(const UsbThread&) = delete;

    /// In the order of posting, between libusb's events. A job must not keep a UsbThread alive.
    void post(Job job);

private:
    explicit UsbThread(libusb_context* context);
    void run();
    bool take(std::deque<Job>& jobs);

    libusb_context* context_;
    std::mutex guard_;
    std::deque<Job> jobs_;
    bool ending_ = false;
    std::thread thread_;
};

/// Runs `work(libusb_context*)` on the USB thread and resumes here with its Result; Errc::timed_out when that
/// takes longer than `at_most` (a value that comes later is dropped there).
/// Name `work` before the co_await expression (g++ 12.2).
template <class T, class Work>
Task<T> on_usb_thread(asio::any_io_executor executor, std::shared_ptr<UsbThread> thread, Work work,
                      std::chrono::milliseconds at_most)
{
    struct Answer {
        explicit Answer(const asio::any_io_executor& executor) : arrived(executor) {}
        asio::steady_timer arrived;
        std::optional<Result<T>> value;
    };
    const auto answer = std::make_shared<Answer>(executor);
    const Mailbox mailbox(executor);
    answer->arrived.expires_after(at_most);
    UsbThread::Job job = [work = std::move(work), to = mailbox.address(),
                          weak = std::weak_ptr<Answer>(answer)](libusb_context* context) mutable {
        auto value = std::make_shared<Result<T>>(work(context));
        to.post([weak, value = std::move(value)] {
            if (const auto waiting = weak.lock()) {
                waiting->value.emplace(std::move(*value));
                waiting->arrived.cancel();
            }
        });
    };
    thread->post(std::move(job));
    boost::system::error_code ignored;
    co_await answer->arrived.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!answer->value) {
        co_return fail(Errc::timed_out, "usb: the system did not answer in time", Outcome::unknown);
    }
    co_return *std::move(answer->value);
}

} // namespace kb
