#include "protocol/atol/vat_table.hpp"

#include <algorithm>
#include <string_view>

namespace kb::atol {

namespace {

struct RateCodes {
    std::uint16_t rate; ///< hundredths of a percent
    std::uint8_t plain;
    std::uint8_t other; ///< calculated, or "without"
};
// Source: docs/sources.md#ffd, section 4.5.
constexpr RateCodes kRates[] = {{2000, 1, 3}, {1000, 2, 4},   {500, 7, 9},
                                {700, 8, 10}, {2200, 11, 12}, {0, 5, 6}};

const RateCodes* codes_of(const TaxRow& row)
{
    const auto found = std::find_if(std::begin(kRates), std::end(kRates),
                                    [&row](const RateCodes& rate) { return rate.rate == row.rate; });
    return found != std::end(kRates) ? found : nullptr;
}

bool named_other(const TaxRow& row)
{
    if (row.rate != 0)
        return row.name.find('/') != std::string::npos;
    constexpr std::string_view kWithout[] = {"БЕЗ", "Без", "без"};
    return std::any_of(std::begin(kWithout), std::end(kWithout),
                       [&row](std::string_view word) { return row.name.find(word) != std::string::npos; });
}

} // namespace

VatTable::VatTable(std::span<const TaxRow> rows)
{
    const auto take = [this](std::uint8_t code, std::uint8_t row) {
        if (rows_[code] == 0)
            rows_[code] = row;
    };
    for (const TaxRow& row : rows)
        if (const RateCodes* codes = codes_of(row); codes != nullptr && named_other(row))
            take(codes->other, row.row);
    for (const TaxRow& row : rows)
        if (const RateCodes* codes = codes_of(row); codes != nullptr && !named_other(row))
            take(rows_[codes->plain] == 0 ? codes->plain : codes->other, row.row);
}

std::optional<std::uint8_t> VatTable::row_of(std::uint8_t rate_code) const
{
    if (rate_code >= kCodes || rows_[rate_code] == 0)
        return std::nullopt;
    return rows_[rate_code];
}

bool VatTable::has_any(std::span<const std::uint8_t> rate_codes) const
{
    return std::any_of(rate_codes.begin(), rate_codes.end(),
                       [this](std::uint8_t code) { return row_of(code).has_value(); });
}

} // namespace kb::atol
