#include "drivers/emulator/totals.hpp"

#include <numeric>

namespace kb::emulator {

namespace {

struct Rate {
    std::uint64_t part;
    std::uint64_t whole;
};

// VAT contained in a price, by tag 1199 (docs/sources.md#ffd, section 4.5).
constexpr std::array<Rate, 13> kRates = {{{0, 1},
                                          {20, 120},
                                          {10, 110},
                                          {20, 120},
                                          {10, 110},
                                          {0, 1},
                                          {0, 1},
                                          {5, 105},
                                          {7, 107},
                                          {5, 105},
                                          {7, 107},
                                          {22, 122},
                                          {22, 122}}};

std::uint64_t electronic_of(const Closing& closing)
{
    return std::accumulate(closing.payments.begin() + 1, closing.payments.begin() + 13, std::uint64_t{0});
}

} // namespace

std::uint64_t contained_vat(std::uint64_t sum, std::uint8_t vat)
{
    if (vat >= kRates.size())
        return 0;
    const Rate rate = kRates[vat];
    return (sum * rate.part * 2 + rate.whole) / (rate.whole * 2);
}

std::uint64_t Receipt::total() const
{
    std::uint64_t sum = 0;
    for (const Item& item : items)
        sum += item.sum;
    return sum;
}

void OperationTotals::add(const Receipt& receipt, const Closing& closing, std::uint64_t change)
{
    ++count;
    cash += closing.payments[0] - change;
    electronic += electronic_of(closing);
    advance += closing.payments[13];
    credit += closing.payments[14];
    counter += closing.payments[15];
    total += receipt.total() - closing.rounding;
    for (const Item& item : receipt.items) {
        if (item.vat == 5 || item.vat == 6)
            vat[item.vat] += item.sum;
        else if (item.vat < vat.size())
            vat[item.vat] += item.vat_given.value_or(contained_vat(item.sum, item.vat));
    }
}

void FnTotals::add(const Receipt& receipt, const Closing& closing, std::uint64_t change)
{
    auto& row = (receipt.is_correction ? corrections : receipts)[receipt.operation - 1U];
    row.add(receipt, closing, change);
}

std::uint32_t FnTotals::receipt_count() const
{
    return receipts[0].count + receipts[1].count + receipts[2].count + receipts[3].count;
}

std::uint32_t FnTotals::correction_count() const
{
    return corrections[0].count + corrections[1].count + corrections[2].count + corrections[3].count;
}

void ShiftRegisters::add(const Receipt& receipt, const Closing& closing, std::uint64_t change)
{
    const std::size_t op = receipt.operation - 1U;
    for (const Item& item : receipt.items) {
        const std::size_t department = item.department < departments.size() ? item.department : 0;
        departments[department][op] += item.sum;
        ++department_counts[department][op];
        if (item.vat < vat.size()) {
            vat_turnover[item.vat][op] += item.sum;
            vat[item.vat][op] += item.vat_given.value_or(contained_vat(item.sum, item.vat));
        }
    }
    for (std::size_t slot = 0; slot < payments.size(); ++slot)
        payments[slot][op] += closing.payments[slot] - (slot == 0 ? change : 0);
    ++receipts[op];
}

} // namespace kb::emulator
