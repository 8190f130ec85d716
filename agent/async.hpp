// What the agent's coroutines wait for: each other, a while, or the journal's thread.
#pragma once

#include "drivers/asio.hpp"
#include "storage/worker.hpp"

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

namespace kb::agent {

/// A flag that coroutines wait for. Used on the io_context's thread only.
class Signal {
public:
    explicit Signal(const asio::any_io_executor& executor) : timer_(executor) {}

    void raise()
    {
        raised_ = true;
        timer_.cancel();
    }

    /// Until raised, or `at_most` has passed; takes the flag down. True when it was raised.
    asio::awaitable<bool> wait(std::chrono::milliseconds at_most)
    {
        if (!raised_) {
            timer_.expires_after(at_most);
            boost::system::error_code ignored;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        co_return std::exchange(raised_, false);
    }

private:
    Timer timer_;
    bool raised_ = false;
};

/// On the journal's thread: a damaged file is set aside and a new one begun, with an event that says so, at
/// once or as soon as it can be; any other error is left to its owner.
void take_care(storage::Journal& journal, const Error& error);
/// How often that has happened: whoever compared the FN with the former journal has to compare again.
unsigned journals_replaced();

/// Runs `work(Journal&)` on the journal's thread and resumes the caller on its own executor with the result;
/// errors of the file are taken care of.
/// Name `work` before the co_await expression (g++ 12.2).
template <class Work>
auto in_journal(storage::Worker& worker, Work work)
    -> asio::awaitable<std::invoke_result_t<Work&, storage::Journal&>>
{
    using Value = std::invoke_result_t<Work&, storage::Journal&>;
    auto start = [&worker, work = std::move(work)](auto handler) mutable {
        auto executor = asio::get_associated_executor(handler);
        auto done = [handler = std::move(handler), executor](Value value) mutable {
            asio::post(executor, [handler = std::move(handler), value = std::move(value)]() mutable {
                handler(std::move(value));
            });
        };
        auto cared = [work = std::move(work)](storage::Journal& journal) mutable {
            Value value = work(journal);
            if (!value) {
                take_care(journal, value.error());
            }
            return value;
        };
        worker.submit(std::move(cared), std::move(done));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Value)>(std::move(start),
                                                                                        asio::use_awaitable);
}

} // namespace kb::agent
