// Which row of the register's tax table is which rate of the law: items carry the row, and its order differs
// by firmware. Source: docs/sources.md#atol, section 4.6.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace kb::atol {

/// One row of table 13, as the register tells it.
struct TaxRow {
    std::uint8_t row = 0;   ///< from 1
    std::uint16_t rate = 0; ///< hundredths of a percent
    std::string name;       ///< UTF-8; the register's owner may have changed it
};

/// Rows by the code of the rate (tag 1199, 1..12).
class VatTable {
public:
    VatTable() = default;
    /// Two rows have the same rate: the tax on top of a price and the calculated one (20 and 20/120), 0 % and
    /// "without". Their names tell them apart ("20/120", "БЕЗ НДС"); where they do not, the calculated one
    /// and "without" come second, as in both published orders.
    explicit VatTable(std::span<const TaxRow> rows);

    /// nullopt: the register has no row of this rate.
    [[nodiscard]] std::optional<std::uint8_t> row_of(std::uint8_t rate_code) const;
    [[nodiscard]] bool has_any(std::span<const std::uint8_t> rate_codes) const;

private:
    static constexpr std::size_t kCodes = 13;
    std::array<std::uint8_t, kCodes> rows_{}; ///< 0: none
};

} // namespace kb::atol
