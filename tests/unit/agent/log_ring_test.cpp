// What an onlooker of the log is told: in order, from where he was, and honestly about what is gone.
#include "agent/log_ring.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using log::Level;
using log::Ring;

namespace {

constexpr UtcMs kStart{std::chrono::milliseconds(1'711'000'000'000)};

void add(Ring& ring, int count, Level level = Level::info)
{
    for (int i = 0; i < count; ++i)
        ring.add(kStart, level, "line", {{"n", i}});
}

std::vector<std::uint64_t> ids(const Ring::Excerpt& excerpt)
{
    std::vector<std::uint64_t> all;
    for (const auto& line : excerpt.lines)
        all.push_back(line.id);
    return all;
}

} // namespace

TEST_CASE("lines are numbered one by one from the time of the first on", "[log]")
{
    Ring ring;
    CHECK(ring.read(0, Level::debug, 10).lines.empty());
    CHECK(ring.read(0, Level::debug, 10).next == 0);
    add(ring, 3);
    const auto all = ring.read(0, Level::debug, 10);
    CHECK(ids(all) == std::vector<std::uint64_t>{1'711'000'000'000, 1'711'000'000'001, 1'711'000'000'002});
    CHECK(all.next == 1'711'000'000'002);
    CHECK(all.missed == 0);
    CHECK(all.lines.back().fields == std::vector<std::pair<std::string, std::string>>{{"n", "2"}});
    CHECK(ids(ring.read(0, Level::debug, 2)) ==
          std::vector<std::uint64_t>{1'711'000'000'001, 1'711'000'000'002});
}

TEST_CASE("whoever asks on is told each line once, however few he takes at a time", "[log]")
{
    Ring ring;
    add(ring, 1);
    std::uint64_t seen = ring.read(0, Level::debug, 10).next;
    add(ring, 7);
    std::vector<std::uint64_t> told;
    for (int i = 0; i < 10; ++i) {
        const auto some = ring.read(seen, Level::debug, 3);
        for (const auto id : ids(some))
            told.push_back(id);
        CHECK(some.missed == 0);
        seen = some.next;
    }
    REQUIRE(told.size() == 7);
    for (std::size_t i = 1; i < told.size(); ++i)
        CHECK(told[i] == told[i - 1] + 1);
}

TEST_CASE("lines below the level asked for are seen, but not told", "[log]")
{
    Ring ring;
    add(ring, 1);
    const std::uint64_t before = ring.read(0, Level::debug, 10).next;
    add(ring, 2, Level::debug);
    add(ring, 1, Level::error);
    add(ring, 2, Level::info);
    const auto excerpt = ring.read(before, Level::warning, 10);
    CHECK(ids(excerpt) == std::vector<std::uint64_t>{before + 3});
    CHECK(excerpt.next == before + 5);
    CHECK(ring.read(excerpt.next, Level::debug, 10).lines.empty());
}

TEST_CASE("what is kept is bounded in lines and in bytes, and what is gone is counted", "[log]")
{
    Ring::Limits limits;
    limits.lines = 4;
    limits.value_bytes = 100;
    Ring ring(limits);
    add(ring, 1);
    const std::uint64_t first = ring.read(0, Level::debug, 10).next;
    add(ring, 9);
    const auto excerpt = ring.read(first, Level::debug, 10);
    CHECK(excerpt.lines.size() == 4);
    CHECK(excerpt.missed == 5);
    CHECK(excerpt.lines.front().id == first + 6);

    ring.add(kStart, Level::info, std::string(1'000, 'a'), {{"long", std::string(1'000, 'b')}});
    const auto cut = ring.read(0, Level::debug, 1).lines.back();
    CHECK(cut.text.size() == 100);
    CHECK(cut.fields.front().second.size() == 100);

    Ring::Limits few;
    few.bytes = 2'000;
    Ring small(few);
    for (int i = 0; i < 100; ++i)
        small.add(kStart, Level::info, std::string(300, 'a'), {});
    CHECK(small.read(0, Level::debug, 1'000).lines.size() < 7);
    CHECK_FALSE(small.read(0, Level::debug, 1'000).lines.empty());
}

TEST_CASE("a number of another life of the agent leads to what this one has", "[log]")
{
    Ring ring;
    add(ring, 3);
    const auto of_the_life_before = ring.read(1'710'999'000'000, Level::debug, 10);
    CHECK(of_the_life_before.lines.size() == 3);
    CHECK(of_the_life_before.missed == 0);
    CHECK(ring.read(1'799'000'000'000, Level::debug, 10).lines.size() == 3); // the clock was ahead then
}

TEST_CASE("what the agent logs is there with its level and fields", "[log]")
{
    const std::uint64_t before = log::last_lines().read(0, Level::debug, 1).next;
    log::warning("test: a line for the ring", {{"device", "Касса 1"}, {"tries", 3}});
    log::debug("test: below the level that is written");
    const auto excerpt = log::last_lines().read(before, Level::debug, 10);
    REQUIRE(excerpt.lines.size() == 1);
    const log::Line& line = excerpt.lines.back();
    CHECK(line.level == Level::warning);
    CHECK(line.text == "test: a line for the ring");
    CHECK(line.fields ==
          std::vector<std::pair<std::string, std::string>>{{"device", "Касса 1"}, {"tries", "3"}});
}
