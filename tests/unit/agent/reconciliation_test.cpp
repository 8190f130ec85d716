// The order of reading: everything once, new documents first, nobody starved.
#include "agent/reconciliation.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

using namespace kb::agent;
using What = ReadItem::What;
using Ranges = std::vector<kb::storage::FdRange>;

namespace {

std::vector<std::uint32_t> read_all(ReadingPlan& plan)
{
    std::vector<std::uint32_t> numbers;
    while (const auto item = plan.next()) {
        numbers.push_back(item->fd_number);
    }
    return numbers;
}

ReadingPlan::Rules without_tail()
{
    ReadingPlan::Rules rules;
    rules.fresh_tail = 0;
    return rules;
}

} // namespace

TEST_CASE("a short backlog is read whole, oldest first", "[reconciliation]")
{
    ReadingPlan plan(without_tail());
    plan.begin(50, {{3, 5}, {9, 9}});
    CHECK(plan.behind() == 4);
    const auto first = plan.next();
    REQUIRE(first);
    CHECK(first->fd_number == 3);
    CHECK(first->what == What::document);
    CHECK(read_all(plan) == std::vector<std::uint32_t>{4, 5, 9});
    CHECK(plan.behind() == 0);
    CHECK(plan.idle());
}

TEST_CASE("a long backlog gives short records first, its bodies after", "[reconciliation]")
{
    ReadingPlan plan(without_tail());
    plan.begin(150, {{1, 150}});
    for (std::uint32_t number = 1; number <= 150; ++number) {
        const auto item = plan.next();
        REQUIRE(item);
        CHECK(item->fd_number == number);
        CHECK(item->what == What::short_record);
    }
    CHECK_FALSE(plan.next());
    plan.want_bodies({150, 149});
    CHECK(plan.behind() == 0);
    const auto body = plan.next();
    REQUIRE(body);
    CHECK(body->fd_number == 150);
    CHECK(body->what == What::body);
}

TEST_CASE("the newest of a backlog are read whole and at once", "[reconciliation]")
{
    ReadingPlan plan(ReadingPlan::Rules{});
    plan.begin(1000, {{1, 1000}});
    const auto item = plan.next();
    REQUIRE(item);
    CHECK(item->fd_number == 981);
    CHECK(item->what == What::document);
    CHECK(item->fresh);
}

TEST_CASE("a new document overtakes the backlog, and the backlog goes on", "[reconciliation]")
{
    ReadingPlan plan(without_tail());
    plan.begin(1000, {{1, 1000}});
    REQUIRE(plan.next()->fd_number == 1);
    plan.on_last_number(1001);
    CHECK(plan.next()->fd_number == 1001);
    // Sales without end: the backlog still gets one place in five.
    std::uint32_t last = 1001;
    unsigned old = 0;
    for (int i = 0; i < 100; ++i) {
        plan.on_last_number(++last);
        old += plan.next()->fd_number <= 1000 ? 1U : 0U;
    }
    CHECK(old == 20);
}

TEST_CASE("a number never goes back", "[reconciliation]")
{
    ReadingPlan plan(without_tail());
    plan.begin(10, {});
    plan.on_last_number(9);
    plan.on_last_number(10);
    CHECK(plan.idle());
    CHECK(plan.last_fd() == 10);
}

TEST_CASE("a jump of the last number is a backlog, not today's sales", "[reconciliation]")
{
    ReadingPlan plan(ReadingPlan::Rules{});
    plan.begin(10, {});
    plan.on_last_number(10'010);
    CHECK(plan.behind() == 10'000);
    CHECK(plan.next()->fd_number == 9'991);
    std::map<What, int> kinds;
    while (const auto item = plan.next()) {
        ++kinds[item->what];
    }
    CHECK(kinds[What::short_record] == 9'980);
    CHECK(kinds[What::document] == 19);
}

TEST_CASE("a device without bodies is never asked for them", "[reconciliation]")
{
    ReadingPlan::Rules rules;
    rules.bodies = false;
    ReadingPlan plan(rules);
    plan.begin(5, {{1, 5}});
    while (const auto item = plan.next()) {
        CHECK(item->what == What::short_record);
    }
}

TEST_CASE("passing trouble brings a number back first, a failure brings it back last", "[reconciliation]")
{
    ReadingPlan plan(without_tail());
    plan.begin(5, {{1, 5}});
    const auto first = plan.next();
    plan.put_back(*first, false);
    CHECK(plan.next()->fd_number == 1);
    plan.put_back(*first, true);
    CHECK(plan.behind() == 5);
    CHECK(read_all(plan) == std::vector<std::uint32_t>{2, 3, 4, 5, 1});
}

TEST_CASE("whatever happens, every number is read exactly once", "[reconciliation][property]")
{
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        const auto chance = [&](std::uint32_t of) { return static_cast<std::uint32_t>(random() % of); };
        ReadingPlan::Rules rules;
        rules.long_backlog = 1 + chance(50);
        rules.fresh_tail = chance(30);
        rules.fresh_per_old = 1 + chance(5);
        ReadingPlan plan(rules);
        std::set<std::uint32_t> wanted;
        Ranges missing;
        std::uint32_t last = chance(200);
        for (std::uint32_t number = 1; number <= last; ++number) {
            if (chance(3) == 0) {
                missing.push_back({number, number});
                wanted.insert(number);
            }
        }
        plan.begin(last, missing);
        std::map<std::uint32_t, int> read;
        std::map<std::uint32_t, unsigned> attempts;
        for (int step = 0; step < 5000; ++step) {
            if (step < 1000 && chance(4) == 0) {
                const std::uint32_t more = chance(20) == 0 ? chance(100) : chance(3);
                for (std::uint32_t i = 0; i < more; ++i) {
                    wanted.insert(++last);
                }
                plan.on_last_number(last);
            }
            const auto item = plan.next();
            if (!item) {
                if (step > 1000) {
                    break;
                }
                continue;
            }
            if (!wanted.contains(item->fd_number) || item->attempts != attempts[item->fd_number]) {
                FAIL("number " << item->fd_number << ", attempt " << item->attempts);
            }
            if (chance(10) == 0) {
                plan.put_back(*item, false);
            } else if (chance(10) == 0 && item->attempts < 2) {
                ++attempts[item->fd_number];
                plan.put_back(*item, true);
            } else {
                ++read[item->fd_number];
            }
            if (step % 50 != 0) {
                continue;
            }
            std::uint64_t unread = 0;
            for (const std::uint32_t number : wanted) {
                unread += read.contains(number) ? 0U : 1U;
            }
            REQUIRE(plan.behind() == unread);
        }
        CHECK(plan.idle());
        CHECK(read.size() == wanted.size());
        for (const auto& [number, times] : read) {
            CHECK(times == 1);
        }
    }
}
