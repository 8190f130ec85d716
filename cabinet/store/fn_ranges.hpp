// Which numbers of one FN are held: a few gapless ranges instead of hundreds of thousands of rows.
#pragma once

#include "cabinet/store/types.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace kb::cabinet::store {

class FnRanges {
public:
    FnRanges() = default;
    explicit FnRanges(const std::vector<HeldRange>& ranges);

    [[nodiscard]] bool holds(std::uint32_t fd_number) const;
    /// False when it was held already. `at`: the document's own time.
    bool add(std::uint32_t fd_number, LocalSeconds at);
    /// Ascending, with at least one missing number between neighbours.
    [[nodiscard]] std::vector<HeldRange> held() const;
    /// What is missing between 1 and `expected`, oldest first, at most `limit` ranges.
    [[nodiscard]] std::vector<cabinet_api::FdRange> missing(std::uint32_t expected, std::size_t limit) const;
    [[nodiscard]] std::uint32_t highest() const;

private:
    struct End {
        std::uint32_t to = 0;
        LocalSeconds first_at{};
        LocalSeconds last_at{};
    };
    std::map<std::uint32_t, End> ranges_; // by its first number
};

} // namespace kb::cabinet::store
