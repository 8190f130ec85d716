#include "cabinet/store/fn_ranges.hpp"

namespace kb::cabinet::store {

using cabinet_api::FdRange;

FnRanges::FnRanges(const std::vector<HeldRange>& ranges)
{
    for (const HeldRange& range : ranges)
        ranges_.emplace(range.numbers.from, End{range.numbers.to, range.first_at, range.last_at});
}

bool FnRanges::holds(std::uint32_t fd_number) const
{
    auto after = ranges_.upper_bound(fd_number);
    return after != ranges_.begin() && std::prev(after)->second.to >= fd_number;
}

bool FnRanges::add(std::uint32_t fd_number, LocalSeconds at)
{
    if (holds(fd_number))
        return false;
    auto after = ranges_.upper_bound(fd_number);
    const bool joins_after = after != ranges_.end() && after->first - 1 == fd_number;
    const bool joins_before = after != ranges_.begin() && std::prev(after)->second.to + 1 == fd_number;
    End end{fd_number, at, at};
    if (joins_after) {
        end.to = after->second.to;
        end.last_at = after->second.last_at;
        after = ranges_.erase(after);
    }
    if (joins_before) {
        End& before = std::prev(after)->second;
        before.to = end.to;
        before.last_at = end.last_at;
    } else {
        ranges_.emplace(fd_number, end);
    }
    return true;
}

std::vector<HeldRange> FnRanges::held() const
{
    std::vector<HeldRange> all;
    all.reserve(ranges_.size());
    for (const auto& [from, end] : ranges_)
        all.push_back({{from, end.to}, end.first_at, end.last_at});
    return all;
}

std::vector<FdRange> FnRanges::missing(std::uint32_t expected, std::size_t limit) const
{
    std::vector<FdRange> gaps;
    std::uint64_t next = 1;
    for (const auto& [from, end] : ranges_) {
        if (gaps.size() == limit)
            return gaps;
        if (from > next)
            gaps.push_back({static_cast<std::uint32_t>(next), from - 1});
        next = std::uint64_t{end.to} + 1;
    }
    if (next <= expected && gaps.size() < limit)
        gaps.push_back({static_cast<std::uint32_t>(next), expected});
    return gaps;
}

std::uint32_t FnRanges::highest() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second.to; }

} // namespace kb::cabinet::store
