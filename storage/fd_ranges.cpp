// Runs are searched by bisection: a set with many gaps stays quick, too.
#include "storage/fd_ranges.hpp"

#include <algorithm>

namespace kb::storage {

namespace {

/// The first run that ends at or after `number`.
template <class Runs>
auto run_reaching(Runs& runs, std::uint64_t number)
{
    return std::lower_bound(runs.begin(), runs.end(), number,
                            [](const FdRange& run, std::uint64_t n) { return run.last < n; });
}

} // namespace

FdRange FdRanges::add(FdRange range)
{
    const std::uint64_t touching_from = range.first == 0 ? 0 : std::uint64_t{range.first} - 1;
    const auto from = run_reaching(runs_, touching_from);
    auto to = from;
    FdRange joined = range;
    while (to != runs_.end() && std::uint64_t{to->first} <= std::uint64_t{range.last} + 1) {
        joined.first = std::min(joined.first, to->first);
        joined.last = std::max(joined.last, to->last);
        ++to;
    }
    if (from == to) {
        runs_.insert(from, joined);
    } else {
        *from = joined;
        runs_.erase(from + 1, to);
    }
    return joined;
}

void FdRanges::remove(FdRange range)
{
    const auto from = run_reaching(runs_, range.first);
    auto to = from;
    std::vector<FdRange> kept;
    while (to != runs_.end() && to->first <= range.last) {
        if (to->first < range.first)
            kept.push_back({to->first, range.first - 1});
        if (to->last > range.last)
            kept.push_back({range.last + 1, to->last});
        ++to;
    }
    const auto at = runs_.erase(from, to);
    runs_.insert(at, kept.begin(), kept.end());
}

bool FdRanges::contains(std::uint32_t number) const { return run_of(number).has_value(); }

std::optional<FdRange> FdRanges::run_of(std::uint32_t number) const
{
    const auto run = run_reaching(runs_, number);
    return run != runs_.end() && run->contains(number) ? std::optional(*run) : std::nullopt;
}

std::uint32_t FdRanges::contiguous_through(std::uint32_t from) const
{
    const auto run = run_of(from);
    return run ? run->last : from - 1;
}

std::vector<FdRange> FdRanges::missing(FdRange within) const
{
    std::vector<FdRange> gaps;
    std::uint64_t next = within.first;
    for (auto run = run_reaching(runs_, within.first); run != runs_.end() && run->first <= within.last;
         ++run) {
        if (next < run->first)
            gaps.push_back({static_cast<std::uint32_t>(next), run->first - 1});
        next = std::uint64_t{run->last} + 1;
    }
    if (next <= within.last)
        gaps.push_back({static_cast<std::uint32_t>(next), within.last});
    return gaps;
}

std::vector<FdRange> FdRanges::present(FdRange within) const
{
    std::vector<FdRange> parts;
    for (auto run = run_reaching(runs_, within.first); run != runs_.end() && run->first <= within.last; ++run)
        parts.push_back({std::max(run->first, within.first), std::min(run->last, within.last)});
    return parts;
}

std::uint64_t FdRanges::count() const
{
    std::uint64_t total = 0;
    for (const FdRange& run : runs_)
        total += run.size();
    return total;
}

} // namespace kb::storage
