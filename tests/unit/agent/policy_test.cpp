// When to try again and how much to send: arithmetic, with time and chance given.
#include "agent/polling.hpp"
#include "agent/sync/policy.hpp"

#include <catch2/catch.hpp>

using namespace kb::agent;
using namespace std::chrono_literals;

TEST_CASE("waits grow up to the cap and differ from agent to agent", "[policy]")
{
    const Backoff::Limits limits{1s, 60s, 100ms};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Backoff backoff(limits, seed);
        std::chrono::milliseconds ceiling = 1s;
        for (int failure = 0; failure < 100; ++failure) {
            const auto wait = backoff.next();
            REQUIRE(wait >= 100ms);
            REQUIRE(wait <= ceiling);
            ceiling = std::min<std::chrono::milliseconds>(60s, ceiling * 2);
        }
        CHECK(backoff.failures() == 100);
        backoff.reset();
        CHECK(backoff.next() <= 1s);
    }
    Backoff one(limits, 1);
    Backoff other(limits, 2);
    CHECK(one.next() != other.next());
}

TEST_CASE("late waits use the whole range up to the cap", "[policy]")
{
    Backoff backoff({1s, 60s, 100ms}, 7);
    std::chrono::milliseconds least = 1h;
    std::chrono::milliseconds most = 0s;
    for (int i = 0; i < 1000; ++i) {
        const auto wait = backoff.next();
        if (i > 10) {
            least = std::min(least, wait);
            most = std::max(most, wait);
        }
    }
    CHECK(least < 3s);
    CHECK(most > 57s);
}

TEST_CASE("a peer's wish is a lower bound, within reason", "[policy]")
{
    Backoff backoff({1s, 60s, 100ms}, 3);
    CHECK(backoff.next(30s) >= 30s);
    CHECK(backoff.next(30s) <= 30s + 60s);
    CHECK(backoff.next(std::chrono::seconds(1'000'000)) <= Backoff::kLongestWish + 60s);
    CHECK(backoff.next(0s) >= 100ms);
}

TEST_CASE("a batch grows while the cabinet is quick and shrinks to one document at least", "[policy]")
{
    BatchSize size({1000, 50, 1s, 5s});
    CHECK(size.now() == 50);
    size.on_success(50, 100ms);
    CHECK(size.now() == 100);
    size.on_success(30, 100ms); // not full: says nothing
    CHECK(size.now() == 100);
    size.on_success(100, 2s); // neither quick nor slow
    CHECK(size.now() == 100);
    for (int i = 0; i < 10; ++i) {
        size.on_success(size.now(), 10ms);
    }
    CHECK(size.now() == 1000);
    size.on_success(1000, 6s);
    CHECK(size.now() == 500);
    for (int i = 0; i < 20; ++i) {
        size.on_failure();
    }
    CHECK(size.now() == 1);
    size.on_success(1, 10ms);
    CHECK(size.now() == 2);
}

TEST_CASE("a register that prints is asked again soon: its document can be read when the paper is done",
          "[agent]")
{
    const Polling::Time start{};
    Polling polling({1s, 5s, 120s, 250ms}, start);
    polling.on_shift(true);
    polling.on_printing(true);
    CHECK(polling.interval(start) == 250ms);
    polling.on_printing(false);
    CHECK(polling.interval(start) == 1s);
    Polling hasty({100ms, 5s, 120s, 250ms}, start);
    hasty.on_printing(true);
    CHECK(hasty.interval(start) == 100ms);
}

TEST_CASE("a register is asked often while something happens or its shift is open", "[polling]")
{
    const Polling::Time start{};
    Polling polling({800ms, 5s, 120s, 250ms}, start);
    CHECK(polling.interval(start) == 800ms);
    CHECK(polling.interval(start + 119s) == 800ms);
    CHECK(polling.interval(start + 120s) == 5s);
    polling.on_activity(start + 200s);
    CHECK(polling.interval(start + 201s) == 800ms);
    polling.on_shift(true);
    CHECK(polling.interval(start + 10h) == 800ms);
    polling.on_shift(false);
    CHECK(polling.interval(start + 10h) == 5s);
}
