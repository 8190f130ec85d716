// A thread for calls that block and may never return: those of a maker's library. The strand waits for them
// without blocking, gives up after a while, and a thread that hangs is left behind without harm.
#pragma once

#include "drivers/asio.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace kb {

namespace detail {

struct BlockingState; // what thread and owner share

/// What waits on the strand for one call.
struct BlockingWait {
    explicit BlockingWait(const asio::any_io_executor& executor) : timer(executor) {}
    Timer timer;
    bool done = false;
};

} // namespace detail

/// Does the work in place of the threads, for tests that step the time (SteppedTime): while one exists no
/// thread is begun, and what each BlockingThread is given is handed to it. One at a time; the program never
/// has one.
class BlockingWorker {
public:
    BlockingWorker();
    virtual ~BlockingWorker();
    BlockingWorker(const BlockingWorker&) = delete;
    BlockingWorker& operator=(const BlockingWorker&) = delete;

    /// It does `work` after what it took before, always on the same thread. May be called from any thread,
    /// and by what it does.
    virtual void take(std::function<void()> work) = 0;
};

class BlockingThread {
public:
    /// One thread per `key` in this process: waits until an earlier one of that key has ended, so that a port
    /// is given back before it is opened anew. Errc::timed_out when that one still hangs after `at_most`.
    static Task<std::unique_ptr<BlockingThread>> begin(std::string key, std::chrono::milliseconds at_most);
    /// What was posted is still done, then the thread ends; nobody waits for it.
    ~BlockingThread();
    BlockingThread(const BlockingThread&) = delete;
    BlockingThread& operator=(const BlockingThread&) = delete;

    /// Does `work` on the thread; one at a time. Errc::timed_out after `at_most`: the thread is stuck then,
    /// and every call is Errc::timed_out at once until the work does return. Errc::cancelled after cancel(),
    /// once the work has returned or kGrace has passed. `work` owns all it touches: it may run on after this
    /// has ended.
    template <class T>
    Task<T> run(std::function<Result<T>()> work, std::chrono::milliseconds at_most);
    /// Gives the thread work that nobody waits for, done after all that was given before. May be called from
    /// any thread, also when this object is gone.
    using Post = std::function<void(std::function<void()>)>;
    [[nodiscard]] Post poster() const;
    /// An object that is destroyed on the thread, whoever lets go of it last.
    template <class T>
    static std::shared_ptr<T> keep(std::unique_ptr<T> object, Post post)
    {
        return std::shared_ptr<T>(object.release(),
                                  [post = std::move(post)](T* gone) { post([gone] { delete gone; }); });
    }

    /// Ends the run() that waits now.
    void cancel();
    /// A call was given up and has not returned yet.
    [[nodiscard]] bool stuck() const;

    static constexpr std::chrono::milliseconds kGrace{1'500};

private:
    explicit BlockingThread(std::shared_ptr<detail::BlockingState> state) : state_(std::move(state)) {}

    /// Waits until `wait` is done, `at_most` has passed or cancel() was called; true when it is done.
    static asio::awaitable<bool> wait_for(std::shared_ptr<detail::BlockingState> state,
                                          std::shared_ptr<detail::BlockingWait> wait,
                                          std::chrono::milliseconds at_most);
    static std::optional<Error> refusal(detail::BlockingState& state);
    static bool cancelled(const detail::BlockingState& state);
    static tl::unexpected<Error> given_up(const detail::BlockingState& state,
                                          std::chrono::milliseconds at_most);
    static void leave_behind(detail::BlockingState& state);
    static void work_ended(detail::BlockingState& state, bool was_given_up);
    static void enqueue(const std::shared_ptr<detail::BlockingState>& state, std::function<void()> job);

    std::shared_ptr<detail::BlockingState> state_;
};

/// Waits on this very thread until every BlockingThread whose owner is gone has ended: for the end of a
/// program, so that a library closes its ports before it is torn away. False when one still runs after
/// `at_most`.
bool wait_for_blocking_threads(std::chrono::milliseconds at_most);

namespace detail {

/// The way of a result from the thread to the strand, cut when the strand no longer waits: nothing of the
/// strand's is touched after that, not even to destroy it.
template <class T>
class BlockingDelivery {
public:
    using Deliver = std::function<void(Result<T>)>;

    explicit BlockingDelivery(Deliver deliver) : deliver_(std::move(deliver)) {}

    /// False: nobody waits any more.
    bool send(Result<T> result)
    {
        const std::lock_guard lock(mutex_);
        if (!deliver_) {
            return false;
        }
        deliver_(std::move(result));
        deliver_ = nullptr;
        return true;
    }
    /// True when nothing had been sent yet.
    bool cut()
    {
        const std::lock_guard lock(mutex_);
        const bool waiting = deliver_ != nullptr;
        deliver_ = nullptr;
        return waiting;
    }

private:
    std::mutex mutex_;
    Deliver deliver_;
};

template <class T>
struct BlockingCall {
    std::shared_ptr<BlockingDelivery<T>> delivery;
    ~BlockingCall() { delivery->cut(); } // also when the coroutine is destroyed with its io_context
};

} // namespace detail

template <class T>
Task<T> BlockingThread::run(std::function<Result<T>()> work, std::chrono::milliseconds at_most)
{
    const std::shared_ptr<detail::BlockingState> state = state_;
    if (auto refused = refusal(*state)) {
        co_return tl::unexpected<Error>(*std::move(refused));
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto wait = std::make_shared<detail::BlockingWait>(executor);
    const auto result = std::make_shared<std::optional<Result<T>>>();
    auto deliver = [executor, wait, result](Result<T> value) {
        asio::post(executor, [wait, result, value = std::move(value)]() mutable {
            result->emplace(std::move(value));
            wait->done = true;
            wait->timer.cancel();
        });
    };
    const detail::BlockingCall<T> call{std::make_shared<detail::BlockingDelivery<T>>(std::move(deliver))};
    enqueue(state, [state, work = std::move(work), delivery = call.delivery] {
        Result<T> value = work();
        work_ended(*state, !delivery->send(std::move(value)));
    });
    const bool done = co_await wait_for(state, wait, at_most);
    if (!done && call.delivery->cut()) {
        leave_behind(*state);
        co_return given_up(*state, at_most);
    }
    while (!wait->done) {
        // It was sent in the very moment of giving up: it comes with the next handlers.
        boost::system::error_code ignored;
        wait->timer.expires_at(Steady::time_point::max());
        co_await wait->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (cancelled(*state)) {
        co_return given_up(*state, at_most);
    }
    co_return std::move(**result);
}

} // namespace kb
