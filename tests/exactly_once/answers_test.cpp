// One small sale in which the register's answer to one command goes astray: each command in turn. The rows
// are those of docs/exactly-once.md.
#include "tests/exactly_once/trials.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using emulator::FaultKind;

namespace {

/// The fault at each command of the sale, so many times in a row.
void at_each_command(const std::string& row, const std::vector<FaultKind>& kinds,
                     std::chrono::milliseconds duration, std::uint32_t count = 1, std::size_t some = 5,
                     Ways ways = Ways::all)
{
    const auto tries = [&](const Make& make, Tally& tally) {
        const std::size_t commands = extent_of(make).commands;
        Trials trials(make, tally);
        for (const FaultKind kind : kinds) {
            for (const std::size_t at : places(make, commands, some)) {
                const std::string what = std::string(to_string(kind)) + " at command " + std::to_string(at);
                trials.sell(what, [&](Shop& shop, Shop::Caller&) {
                    return at_command(shop, kind, at, duration, count);
                });
            }
        }
    };
    over_all_ways(row, Ends::all_made, tries, ways);
}

} // namespace

TEST_CASE("a sale whose answer is lost is in the FN once", "[exactly-once]")
{
    at_each_command("answer lost", {FaultKind::lose_answer}, 0ms);
}

TEST_CASE("a sale whose answer is late is in the FN once", "[exactly-once]")
{
    SECTION("in time all the same") { at_each_command("answer late", {FaultKind::delay_answer}, 300ms); }
    SECTION("when nobody waits any more")
    {
        at_each_command("answer too late", {FaultKind::delay_answer}, 40s);
    }
}

TEST_CASE("a sale that hears the answer to another command is in the FN once", "[exactly-once]")
{
    at_each_command("answer of another command", {FaultKind::stale_answer}, 0ms, 1, 5, Ways::raw_lines);
}

TEST_CASE("a sale whose answer is damaged or comes twice is in the FN once", "[exactly-once]")
{
    at_each_command("answer damaged or doubled", {FaultKind::damage_answer, FaultKind::double_answer}, 0ms, 1,
                    3, Ways::raw_lines);
}

TEST_CASE("a sale that meets a silent register is in the FN once", "[exactly-once]")
{
    at_each_command("register silent", {FaultKind::silence}, 12s);
}

TEST_CASE("a sale that meets a register busy with the OFD or its printer waits, and is in the FN once",
          "[exactly-once]")
{
    at_each_command("register busy with the OFD or its printer", {FaultKind::busy}, 0ms, 3);
}

TEST_CASE("a sale in which the register restarts is in the FN once", "[exactly-once]")
{
    at_each_command("register restarts at a command", {FaultKind::reboot_before, FaultKind::reboot_after}, 3s,
                    1, 3);
}

TEST_CASE("a sale with a byte lost or turned over is in the FN once", "[exactly-once]")
{
    // A zero byte that is lost does not change a check sum of ATOL v2: what the register then misreads it
    // refuses.
    const auto tries = [](const Make& make, Tally& tally) {
        Trials trials(make, tally);
        for (const FaultKind kind : {FaultKind::lost_byte, FaultKind::flipped_bit}) {
            for (const std::size_t at : places(make, 500, 6)) {
                trials.sell(std::string(to_string(kind)) + " " + std::to_string(at),
                            [&](Shop& shop, Shop::Caller&) { return at_command(shop, kind, at); });
            }
        }
    };
    over_all_ways("byte lost or turned over", Ends::either, tries, Ways::raw_lines);
}
