// The thread's loop, and what is remembered of all of them.
#include "drivers/blocking_thread.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <system_error>
#include <thread>

namespace kb {

using std::chrono::milliseconds;

namespace detail {

struct BlockingState {
    explicit BlockingState(std::string its_key) : key(std::move(its_key)) {}

    const std::string key;

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> jobs;
    bool owner_gone = false;
    bool ended = false;
    /// Calls that the strand no longer waits for and that have not returned. One that returns in the moment
    /// of giving up may be counted off before it is counted.
    int given_up = 0;

    // Of the strand alone.
    bool cancelled = false;
    std::weak_ptr<BlockingWait> waiting;
};

} // namespace detail

using detail::BlockingState;

namespace {

/// All threads of this process. Never destroyed: one that was left behind may outlive main().
struct All {
    std::mutex mutex;
    std::condition_variable ended;
    int leaving = 0; ///< without an owner, not ended yet
    std::map<std::string, std::weak_ptr<BlockingState>> by_key;
};

All& all()
{
    static All* const threads = new All;
    return *threads;
}

/// Of a test that steps the time; nullptr: every key has a thread.
BlockingWorker* tests_worker = nullptr;

bool has_ended(BlockingState& state)
{
    const std::lock_guard lock(state.mutex);
    return state.ended;
}

enum class WhenIdle { wait, leave };

/// Does what was given. A thread waits for more until nobody can give any; a worker is called again.
void work_off(const std::shared_ptr<BlockingState>& state, WhenIdle idle)
{
    std::unique_lock lock(state->mutex);
    while (true) {
        if (idle == WhenIdle::wait) {
            state->changed.wait(lock, [&] { return !state->jobs.empty() || state->owner_gone; });
        }
        if (state->jobs.empty()) {
            break;
        }
        std::function<void()> job = std::move(state->jobs.front());
        state->jobs.pop_front();
        lock.unlock();
        job();
        job = nullptr; // what it owns ends on this thread, too
        lock.lock();
    }
    if (!state->owner_gone || state->ended) {
        return;
    }
    state->ended = true;
    lock.unlock();
    const std::lock_guard of_all(all().mutex);
    --all().leaving;
    all().ended.notify_all();
}

void call_worker(const std::shared_ptr<BlockingState>& state)
{
    if (tests_worker != nullptr) {
        tests_worker->take([state] { work_off(state, WhenIdle::leave); });
    }
}

} // namespace

Task<std::unique_ptr<BlockingThread>> BlockingThread::begin(std::string key, milliseconds at_most)
{
    constexpr milliseconds kLook{20};
    const auto end = Steady::now() + at_most;
    Timer timer(co_await asio::this_coro::executor);
    auto state = std::make_shared<BlockingState>(key);
    while (true) {
        {
            const std::lock_guard lock(all().mutex);
            std::weak_ptr<BlockingState>& known = all().by_key[key];
            const auto earlier = known.lock();
            if (!earlier || has_ended(*earlier)) {
                known = state;
                break;
            }
        }
        if (Steady::now() >= end) {
            co_return fail(Errc::timed_out,
                           key + ": an earlier call has not come back, so the port is not free; "
                                 "if this lasts, restart the program");
        }
        timer.expires_after(kLook);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    try {
        if (tests_worker == nullptr) {
            std::thread([state] { work_off(state, WhenIdle::wait); }).detach();
        }
    } catch (const std::system_error& error) {
        co_return fail(Errc::too_many, key + ": no thread to be had: " + error.what());
    }
    co_return std::unique_ptr<BlockingThread>(new BlockingThread(std::move(state)));
}

BlockingThread::~BlockingThread()
{
    {
        const std::lock_guard lock(all().mutex);
        ++all().leaving;
    }
    {
        const std::lock_guard lock(state_->mutex);
        state_->owner_gone = true;
        state_->changed.notify_all();
    }
    call_worker(state_);
}

void BlockingThread::enqueue(const std::shared_ptr<BlockingState>& state, std::function<void()> job)
{
    {
        const std::lock_guard lock(state->mutex);
        state->jobs.push_back(std::move(job));
        state->changed.notify_all();
    }
    call_worker(state);
}

BlockingThread::Post BlockingThread::poster() const
{
    return [state = state_](std::function<void()> work) { enqueue(state, std::move(work)); };
}

void BlockingThread::cancel()
{
    state_->cancelled = true;
    if (const auto wait = state_->waiting.lock()) {
        wait->timer.cancel();
    }
}

bool BlockingThread::stuck() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->given_up > 0;
}

asio::awaitable<bool> BlockingThread::wait_for(std::shared_ptr<BlockingState> state,
                                               std::shared_ptr<detail::BlockingWait> wait,
                                               milliseconds at_most)
{
    state->waiting = wait;
    state->cancelled = false;
    auto end = Steady::now() + at_most;
    bool cancel_seen = false;
    while (!wait->done && Steady::now() < end) {
        wait->timer.expires_at(end);
        boost::system::error_code ignored;
        co_await wait->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (state->cancelled && !cancel_seen) {
            cancel_seen = true;
            end = std::min(end, Steady::now() + kGrace);
        }
    }
    state->waiting.reset();
    co_return wait->done;
}

bool BlockingThread::cancelled(const BlockingState& state) { return state.cancelled; }

tl::unexpected<Error> BlockingThread::given_up(const BlockingState& state, milliseconds at_most)
{
    if (state.cancelled) {
        return fail(Errc::cancelled, state.key + ": stopped on request", Outcome::unknown);
    }
    return fail(Errc::timed_out,
                state.key + ": no answer of the library within " + std::to_string(at_most.count()) + " ms",
                Outcome::unknown);
}

void BlockingThread::leave_behind(BlockingState& state)
{
    const std::lock_guard lock(state.mutex);
    ++state.given_up;
}

std::optional<Error> BlockingThread::refusal(BlockingState& state)
{
    const std::lock_guard lock(state.mutex);
    if (state.given_up <= 0) {
        return std::nullopt;
    }
    return Error{Errc::timed_out, Outcome::not_done,
                 state.key + ": the library has not come back from an earlier call", std::nullopt};
}

void BlockingThread::work_ended(BlockingState& state, bool was_given_up)
{
    if (was_given_up) {
        const std::lock_guard lock(state.mutex);
        --state.given_up;
    }
}

BlockingWorker::BlockingWorker() { tests_worker = this; }
BlockingWorker::~BlockingWorker() { tests_worker = nullptr; }

bool wait_for_blocking_threads(milliseconds at_most)
{
    std::unique_lock lock(all().mutex);
    return all().ended.wait_for(lock, at_most, [] { return all().leaving == 0; });
}

} // namespace kb
