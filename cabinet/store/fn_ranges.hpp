// Which numbers of one FN are held: a few gapless ranges instead of hundreds of thousands of rows.
#pragma once

#include "protocol/cabinet/messages.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace kb::cabinet::store {

class FnRanges {
public:
    FnRanges() = default;
    explicit FnRanges(const std::vector<cabinet_api::FdRange>& ranges);

    [[nodiscard]] bool holds(std::uint32_t fd_number) const;
    /// False when it was held already.
    bool add(std::uint32_t fd_number);
    /// Ascending, with at least one missing number between neighbours.
    [[nodiscard]] std::vector<cabinet_api::FdRange> held() const;
    /// What is missing between 1 and `expected`, oldest first, at most `limit` ranges.
    [[nodiscard]] std::vector<cabinet_api::FdRange> missing(std::uint32_t expected, std::size_t limit) const;
    [[nodiscard]] std::uint32_t highest() const;

private:
    std::map<std::uint32_t, std::uint32_t> ranges_; // from -> to
};

} // namespace kb::cabinet::store
