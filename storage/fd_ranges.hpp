// Sets of document numbers of one FN, kept as runs: a full FN without gaps is one element, not 250,000.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace kb::storage {

/// Document numbers first..last, both included; 1 <= first <= last.
struct FdRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;

    [[nodiscard]] std::uint64_t size() const { return std::uint64_t{last} - first + 1; }
    [[nodiscard]] bool contains(std::uint32_t number) const { return first <= number && number <= last; }
    bool operator==(const FdRange&) const = default;
};

class FdRanges {
public:
    /// Joins what touches; returns the run that now holds `range`.
    FdRange add(FdRange range);
    void remove(FdRange range);

    [[nodiscard]] bool contains(std::uint32_t number) const;
    /// The run that holds `number`.
    [[nodiscard]] std::optional<FdRange> run_of(std::uint32_t number) const;
    /// The last number of the run that begins at `from`; from - 1 when `from` itself is not in the set.
    [[nodiscard]] std::uint32_t contiguous_through(std::uint32_t from = 1) const;
    /// What of first..last is not in the set, ascending.
    [[nodiscard]] std::vector<FdRange> missing(FdRange within) const;
    /// What of first..last is in the set, ascending.
    [[nodiscard]] std::vector<FdRange> present(FdRange within) const;
    [[nodiscard]] std::uint64_t count() const;
    /// Sorted, never touching.
    [[nodiscard]] const std::vector<FdRange>& runs() const { return runs_; }
    [[nodiscard]] bool empty() const { return runs_.empty(); }

private:
    std::vector<FdRange> runs_;
};

} // namespace kb::storage
