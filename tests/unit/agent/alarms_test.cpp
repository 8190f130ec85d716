// Warnings about a register: each level once, also over a restart.
#include "agent/alarms.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace std::chrono_literals;

namespace {

const LocalSeconds kToday = *local_from_text("2024-03-31T12:00:00");

fiscal::DeviceSample waiting_for_ofd(std::chrono::hours age)
{
    fiscal::DeviceSample sample;
    sample.ofd.emplace();
    sample.ofd->unsent_documents = 5;
    sample.ofd->first_unsent_at = kToday - age;
    return sample;
}

fiscal::DeviceSample expiring(std::chrono::days left)
{
    fiscal::DeviceSample sample;
    sample.fn.emplace();
    sample.fn->expires_on = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(kToday) + left);
    return sample;
}

std::vector<std::string> kinds(const std::vector<Alarm>& alarms)
{
    std::vector<std::string> names;
    for (const Alarm& alarm : alarms) {
        names.push_back(alarm.kind + (alarm.error ? "!" : ""));
    }
    return names;
}

using Kinds = std::vector<std::string>;

} // namespace

TEST_CASE("documents waiting for the OFD are told at 1, 3, 10 and 25 days", "[alarms]")
{
    Alarms alarms;
    CHECK(alarms.check(waiting_for_ofd(23h), kToday).empty());
    CHECK(kinds(alarms.check(waiting_for_ofd(24h), kToday)) == Kinds{"ofd_unsent"});
    CHECK(alarms.check(waiting_for_ofd(48h), kToday).empty());
    CHECK(kinds(alarms.check(waiting_for_ofd(72h), kToday)) == Kinds{"ofd_unsent"});
    CHECK(kinds(alarms.check(waiting_for_ofd(240h), kToday)) == Kinds{"ofd_unsent!"});
    CHECK(kinds(alarms.check(waiting_for_ofd(24h * 26), kToday)) == Kinds{"ofd_unsent!"});
    CHECK(alarms.check(waiting_for_ofd(24h * 27), kToday).empty());
    CHECK(kinds(alarms.check(waiting_for_ofd(1h), kToday)) == Kinds{"ofd_recovered"});
    CHECK(kinds(alarms.check(waiting_for_ofd(24h * 11), kToday)) == Kinds{"ofd_unsent!"});
}

TEST_CASE("the end of a fiscal drive is told at 25, 10, 3 and 1 days", "[alarms]")
{
    Alarms alarms;
    CHECK(alarms.check(expiring(std::chrono::days(26)), kToday).empty());
    CHECK(kinds(alarms.check(expiring(std::chrono::days(25)), kToday)) == Kinds{"fn_expires"});
    CHECK(kinds(alarms.check(expiring(std::chrono::days(9)), kToday)) == Kinds{"fn_expires"});
    CHECK(kinds(alarms.check(expiring(std::chrono::days(3)), kToday)) == Kinds{"fn_expires!"});
    CHECK(kinds(alarms.check(expiring(std::chrono::days(-2)), kToday)) == Kinds{"fn_expires!"});
    CHECK(alarms.check(expiring(std::chrono::days(400)), kToday).empty()); // replaced
    CHECK(kinds(alarms.check(expiring(std::chrono::days(20)), kToday)) == Kinds{"fn_expires"});
}

TEST_CASE("a wrong clock is told once, with room at the edge", "[alarms]")
{
    Alarms alarms;
    fiscal::DeviceSample sample;
    const auto at = [&](std::int64_t drift) {
        sample.clock_drift_s = drift;
        return kinds(alarms.check(sample, kToday));
    };
    CHECK(at(299).empty());
    CHECK(at(-300) == Kinds{"clock_drift"});
    CHECK(at(299).empty());
    CHECK(at(301).empty());
    CHECK(at(10) == Kinds{"clock_right"});
}

TEST_CASE("a shift of more than a day is told once", "[alarms]")
{
    Alarms alarms;
    fiscal::DeviceSample sample;
    sample.shift.emplace();
    sample.shift->open = true;
    CHECK(alarms.check(sample, kToday).empty());
    sample.shift->over_24h = true;
    CHECK(kinds(alarms.check(sample, kToday)) == Kinds{"shift_over_24h!"});
    CHECK(alarms.check(sample, kToday).empty());
}

TEST_CASE("what was told is remembered over a restart; nonsense is nothing", "[alarms]")
{
    Alarms before;
    CHECK_FALSE(before.check(waiting_for_ofd(80h), kToday).empty());
    Alarms after;
    after.restore(before.memory());
    CHECK(after.check(waiting_for_ofd(80h), kToday).empty());
    for (const std::string memory : {"", "x", "9 9 9 9", "1 2", "-1 0 0 0"}) {
        Alarms fresh;
        fresh.restore(memory);
        CHECK(fresh.memory() == "0 0 0 0");
    }
}
