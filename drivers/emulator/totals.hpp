// The counters of a register and of its FN, and the one place where a receipt is added to them.
#pragma once

#include "drivers/emulator/sale.hpp"

#include <array>
#include <cstdint>

namespace kb::emulator {

/// One line of 1129..1132 or 1145..1233.
struct OperationTotals {
    std::uint32_t count = 0;
    std::uint64_t cash = 0, electronic = 0, advance = 0, credit = 0, counter = 0, total = 0;
    std::array<std::uint64_t, 13> vat{}; ///< by code of tag 1199; 5 and 6 are turnovers

    void add(const Receipt& receipt, const Closing& closing, std::uint64_t change);
};

/// Tags 1194, 1157 and 1158.
struct FnTotals {
    std::array<OperationTotals, 4> receipts{};    ///< by operation - 1
    std::array<OperationTotals, 4> corrections{}; ///< by operation - 1

    void add(const Receipt& receipt, const Closing& closing, std::uint64_t change);
    [[nodiscard]] std::uint32_t receipt_count() const;
    [[nodiscard]] std::uint32_t correction_count() const;
};

/// What the register itself sums up in a shift; operations are in the order of tag 1054.
struct ShiftRegisters {
    std::array<std::array<std::uint64_t, 4>, 17> departments{};
    std::array<std::array<std::uint32_t, 4>, 17> department_counts{};
    std::array<std::array<std::uint64_t, 4>, 16> payments{};
    std::array<std::array<std::uint64_t, 4>, 13> vat_turnover{}; ///< by code of tag 1199
    std::array<std::array<std::uint64_t, 4>, 13> vat{};
    std::array<std::uint32_t, 4> receipts{};
    std::array<std::uint32_t, 4> annulled{};
    std::array<std::uint64_t, 4> annulled_sum{};
    std::uint64_t cash_in = 0, cash_out = 0;
    std::uint32_t cash_in_count = 0, cash_out_count = 0;

    void add(const Receipt& receipt, const Closing& closing, std::uint64_t change);
};

} // namespace kb::emulator
