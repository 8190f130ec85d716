#include "drivers/blocking_thread.hpp"
#include "tests/support/drivers/run_now.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <deque>
#include <thread>

using namespace kb;
using namespace kb::test;
using std::chrono::milliseconds;

namespace {

// A call that does not return until it is let go.
class Gate {
public:
    void wait()
    {
        std::unique_lock lock(mutex_);
        reached_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void open()
    {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void until_reached()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return reached_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool reached_ = false;
    bool open_ = false;
};

std::unique_ptr<BlockingThread> begin(asio::io_context& io, const std::string& key)
{
    auto thread = run_now(io, BlockingThread::begin(key, milliseconds(10'000)));
    REQUIRE(thread);
    return *std::move(thread);
}

std::function<Result<int>()> answer(int value)
{
    return [value]() -> Result<int> { return value; };
}

std::function<Result<int>()> stay_in(std::shared_ptr<Gate> gate)
{
    return [gate = std::move(gate)]() -> Result<int> {
        gate->wait();
        return 1;
    };
}

constexpr milliseconds kLong{60'000};
constexpr milliseconds kShort{20};

} // namespace

TEST_CASE("work is done on the thread, one after another, and its result comes to the strand", "[drivers]")
{
    asio::io_context io;
    const auto thread = begin(io, "one");
    const auto here = std::this_thread::get_id();
    std::function<Result<bool>()> elsewhere = [here]() -> Result<bool> {
        return std::this_thread::get_id() != here;
    };
    CHECK(*run_now(io, thread->run(elsewhere, kLong)));
    CHECK(*run_now(io, thread->run(answer(7), kLong)) == 7);
    std::function<Result<void>()> refusing = []() -> Result<void> { return fail(Errc::no_data, "nothing"); };
    const auto refused = run_now(io, thread->run(refusing, kLong));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::no_data);
}

TEST_CASE("a call that does not return is given up, and everything after it at once", "[drivers]")
{
    asio::io_context io;
    const auto gate = std::make_shared<Gate>();
    const auto thread = begin(io, "hangs");
    const auto late = run_now(io, thread->run(stay_in(gate), kShort));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::timed_out);
    CHECK(late.error().outcome == Outcome::unknown);
    CHECK(thread->stuck());
    const auto next = run_now(io, thread->run(answer(7), kLong));
    REQUIRE_FALSE(next);
    CHECK(next.error().code == Errc::timed_out);
    CHECK(next.error().outcome == Outcome::not_done);

    gate->open();
    // As soon as the thread comes back, it serves again.
    Result<int> again = fail(Errc::timed_out, "not tried");
    while (!again) {
        again = run_now(io, thread->run(answer(8), kLong));
    }
    CHECK(*again == 8);
    CHECK_FALSE(thread->stuck());
}

TEST_CASE("a thread that hangs outlives the strand it served without touching it", "[drivers]")
{
    const auto gate = std::make_shared<Gate>();
    const auto touched = std::make_shared<int>(0);
    {
        asio::io_context io;
        const auto thread = begin(io, "abandoned");
        std::function<Result<std::shared_ptr<int>>()> work = [gate,
                                                              touched]() -> Result<std::shared_ptr<int>> {
            gate->wait();
            return touched;
        };
        // The waiting coroutine is destroyed with its io_context, in the middle of the call.
        asio::co_spawn(io, thread->run(std::move(work), kLong), asio::detached);
        io.restart(); // begin() has run it to its end
        io.poll();
        gate->until_reached();
    }
    gate->open();
    CHECK(wait_for_blocking_threads(kLong));
    CHECK(touched.use_count() == 1); // what the call held is given back, nowhere kept
}

TEST_CASE("waiting for a call ends soon after it is cancelled", "[drivers]")
{
    asio::io_context io;
    const auto gate = std::make_shared<Gate>();
    const auto thread = begin(io, "cancelled");
    while_waiting(io, [&] { thread->cancel(); });
    const auto stopped = run_now(io, thread->run(stay_in(gate), kLong));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::cancelled);
    gate->open();
}

TEST_CASE("a key has one thread at a time: the next begins when the last has ended", "[drivers]")
{
    asio::io_context io;
    const auto gate = std::make_shared<Gate>();
    auto first = begin(io, "port");
    const auto late = run_now(io, first->run(stay_in(gate), kShort));
    REQUIRE_FALSE(late);
    first.reset();
    const auto too_early = run_now(io, BlockingThread::begin("port", kShort));
    REQUIRE_FALSE(too_early);
    CHECK(too_early.error().code == Errc::timed_out);
    CHECK(run_now(io, BlockingThread::begin("another port", kShort)));
    gate->open();
    CHECK(run_now(io, BlockingThread::begin("port", kLong)));
}

TEST_CASE("an object that is kept is destroyed on the thread, whoever lets go of it", "[drivers]")
{
    struct Guest {
        explicit Guest(std::shared_ptr<std::thread::id> told) : died_on(std::move(told)) {}
        ~Guest() { *died_on = std::this_thread::get_id(); }
        std::shared_ptr<std::thread::id> died_on;
    };
    asio::io_context io;
    auto thread = begin(io, "keeps");
    std::function<Result<std::thread::id>()> who = []() -> Result<std::thread::id> {
        return std::this_thread::get_id();
    };
    const auto worker = run_now(io, thread->run(who, kLong));
    REQUIRE(worker);
    const auto died_on = std::make_shared<std::thread::id>();
    auto guest = BlockingThread::keep(std::make_unique<Guest>(died_on), thread->poster());
    guest.reset();
    thread.reset();
    REQUIRE(wait_for_blocking_threads(kLong));
    CHECK(*died_on == *worker);
}

TEST_CASE("a test's worker does the work in place of a thread, when it likes", "[drivers]")
{
    struct Worker final : BlockingWorker {
        void take(std::function<void()> work) override { taken.push_back(std::move(work)); }
        void work_off()
        {
            while (!taken.empty()) {
                const auto work = std::move(taken.front());
                taken.pop_front();
                work();
            }
        }
        std::deque<std::function<void()>> taken;
    };
    asio::io_context io;
    Worker worker;
    auto thread = begin(io, "of a worker");
    const auto here = std::this_thread::get_id();
    std::function<Result<bool>()> is_here = [here]() -> Result<bool> {
        return std::this_thread::get_id() == here;
    };
    while_waiting(io, [&] { worker.work_off(); });
    CHECK(*run_now(io, thread->run(is_here, kLong)));

    // Given up, it is stuck until the worker has done it; and the key is free when the last was done.
    const auto late = run_now(io, thread->run(answer(7), kShort));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::timed_out);
    CHECK(thread->stuck());
    thread.reset();
    CHECK_FALSE(run_now(io, BlockingThread::begin("of a worker", kShort)));
    worker.work_off();
    CHECK(run_now(io, BlockingThread::begin("of a worker", kLong)));
    worker.work_off();
    CHECK(wait_for_blocking_threads(kLong));
}
