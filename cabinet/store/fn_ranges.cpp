#include "cabinet/store/fn_ranges.hpp"

namespace kb::cabinet::store {

using cabinet_api::FdRange;

FnRanges::FnRanges(const std::vector<FdRange>& ranges)
{
    for (const FdRange& range : ranges)
        ranges_.emplace(range.from, range.to);
}

bool FnRanges::holds(std::uint32_t fd_number) const
{
    auto after = ranges_.upper_bound(fd_number);
    return after != ranges_.begin() && std::prev(after)->second >= fd_number;
}

bool FnRanges::add(std::uint32_t fd_number)
{
    if (holds(fd_number))
        return false;
    auto after = ranges_.upper_bound(fd_number);
    const bool joins_after = after != ranges_.end() && after->first - 1 == fd_number;
    const bool joins_before = after != ranges_.begin() && std::prev(after)->second + 1 == fd_number;
    const std::uint32_t to = joins_after ? after->second : fd_number;
    if (joins_after)
        after = ranges_.erase(after);
    if (joins_before)
        std::prev(after)->second = to;
    else
        ranges_.emplace(fd_number, to);
    return true;
}

std::vector<FdRange> FnRanges::held() const
{
    std::vector<FdRange> all;
    all.reserve(ranges_.size());
    for (const auto& [from, to] : ranges_)
        all.push_back({from, to});
    return all;
}

std::vector<FdRange> FnRanges::missing(std::uint32_t expected, std::size_t limit) const
{
    std::vector<FdRange> gaps;
    std::uint64_t next = 1;
    for (const auto& [from, to] : ranges_) {
        if (gaps.size() == limit)
            return gaps;
        if (from > next)
            gaps.push_back({static_cast<std::uint32_t>(next), from - 1});
        next = std::uint64_t{to} + 1;
    }
    if (next <= expected && gaps.size() < limit)
        gaps.push_back({static_cast<std::uint32_t>(next), expected});
    return gaps;
}

std::uint32_t FnRanges::highest() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }

} // namespace kb::cabinet::store
