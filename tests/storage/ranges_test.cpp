// Runs of numbers against a plain set of numbers.
#include "storage/fd_ranges.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace kb::storage;

TEST_CASE("runs join when they touch and split where something is taken out", "[ranges]")
{
    FdRanges ranges;
    CHECK(ranges.add({5, 7}) == FdRange{5, 7});
    CHECK(ranges.add({9, 9}) == FdRange{9, 9});
    CHECK(ranges.add({8, 8}) == FdRange{5, 9});
    CHECK(ranges.contiguous_through() == 0);
    CHECK(ranges.add({1, 4}) == FdRange{1, 9});
    CHECK(ranges.contiguous_through() == 9);
    ranges.remove({3, 5});
    CHECK(ranges.runs() == std::vector<FdRange>{{1, 2}, {6, 9}});
    CHECK(ranges.missing({1, 12}) == std::vector<FdRange>{{3, 5}, {10, 12}});
    CHECK(ranges.present({2, 7}) == std::vector<FdRange>{{2, 2}, {6, 7}});
    CHECK(ranges.count() == 6);
}

TEST_CASE("the largest number is no special case", "[ranges]")
{
    FdRanges ranges;
    ranges.add({0xFFFFFFFF, 0xFFFFFFFF});
    ranges.add({0xFFFFFFFD, 0xFFFFFFFE});
    CHECK(ranges.runs() == std::vector<FdRange>{{0xFFFFFFFD, 0xFFFFFFFF}});
    CHECK(ranges.missing({0xFFFFFFFC, 0xFFFFFFFF}) == std::vector<FdRange>{{0xFFFFFFFC, 0xFFFFFFFC}});
    ranges.remove({1, 0xFFFFFFFF});
    CHECK(ranges.empty());
}

TEST_CASE("runs agree with a set of numbers after any additions and removals", "[ranges]")
{
    std::mt19937 engine(7);
    const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
    FdRanges ranges;
    std::set<std::uint32_t> numbers;
    for (int step = 0; step < 2000; ++step) {
        const std::uint32_t first = 1 + random() % 100;
        const std::uint32_t last = first + random() % 12;
        const bool add = random() % 2 == 0;
        for (std::uint32_t number = first; number <= last; ++number)
            if (add)
                numbers.insert(number);
            else
                numbers.erase(number);
        if (add)
            ranges.add({first, last});
        else
            ranges.remove({first, last});
        REQUIRE(ranges.count() == numbers.size());
        for (std::uint32_t number = 1; number <= 115; ++number)
            REQUIRE(ranges.contains(number) == numbers.contains(number));
        for (std::size_t i = 1; i < ranges.runs().size(); ++i)
            REQUIRE(ranges.runs()[i - 1].last + 1 < ranges.runs()[i].first);
    }
}
