#include "protocol/fiscal/checks_sums.hpp"

#include "protocol/fiscal/tlv_path.hpp"
#include "protocol/fiscal/vat.hpp"

#include <array>
#include <limits>

namespace kb::fiscal {

namespace {

// A sum that ends at the limit instead of leaving it: such a receipt is wrong anyway, and is found to be.
std::int64_t plus(std::int64_t a, std::int64_t b)
{
    return Kopecks(a).plus(Kopecks(b)).value_or(Kopecks(std::numeric_limits<std::int64_t>::max())).count();
}

std::int64_t kopecks(const std::optional<Kopecks>& sum) { return sum.value_or(Kopecks{}).count(); }

std::string rubles(std::int64_t count) { return Kopecks(count).to_rubles(); }

bool within(std::int64_t a, std::int64_t b, std::int64_t tolerance)
{
    return a > b ? a - b <= tolerance : b - a <= tolerance; // both are sums of a receipt, never negative
}

// ---- items

bool item_sum_fits(const Item& item)
{
    const auto whole = cost(*item.price, *item.quantity);
    if (!whole)
        return false;
    if (within(item.sum->count(), whole->count(), 1))
        return true;
    if (!item.fraction || item.fraction->denominator.value_or(0) == 0)
        return false;
    // Unverified: whether a part of a marked pack is in the price or in the sum; both are accepted.
    const std::uint64_t denominator = *item.fraction->denominator;
    const std::uint64_t numerator = item.fraction->numerator.value_or(0);
    constexpr std::uint64_t kSane = 1'000'000; // larger parts are nonsense, and would leave 64 bits below
    if (numerator > denominator || denominator > kSane || whole->count() < 0)
        return false;
    const auto full = static_cast<std::uint64_t>(whole->count());
    const std::uint64_t part = full / denominator * numerator +
                               (full % denominator * numerator * 2 + denominator) / (denominator * 2);
    return within(item.sum->count(), static_cast<std::int64_t>(part), 1);
}

void check_items(Findings& found, const Receipt& receipt)
{
    for (std::size_t i = 0; i < receipt.items.size(); ++i) {
        const Item& item = receipt.items[i];
        const std::string path = path_step(tag::item, i + 1);
        if (item.price && item.quantity && item.sum && !item_sum_fits(item))
            found.add(Severity::warning, "item_sum_mismatch", path + "/1043",
                      "стоимость " + item.sum->to_rubles() + " не равна " + item.price->to_rubles() + " × " +
                          item.quantity->to_text(),
                      "sum " + item.sum->to_rubles() + " is not " + item.price->to_rubles() + " x " +
                          item.quantity->to_text());
        if (item.payment_method == std::uint8_t{7} && receipt.items.size() > 1)
            found.add(Severity::warning, "credit_payment_not_alone", path + "/1214",
                      "оплата кредита должна быть единственной позицией чека",
                      "a credit payment has to be the only item");
    }
}

// ---- total and payments

void check_total(Findings& found, const Document& document)
{
    const Receipt& receipt = *document.receipt;
    if (!document.head.total)
        return;
    const std::int64_t total = document.head.total->count();
    std::int64_t items = 0;
    for (const Item& item : receipt.items)
        items = plus(items, kopecks(item.sum));
    // Kopecks of the total may be dropped, whole rubles may not.
    if (!receipt.items.empty() && items / 100 != total / 100)
        found.add(Severity::error, "total_mismatch", tag::total,
                  "итог " + rubles(total) + " не равен сумме позиций " + rubles(items),
                  "total " + rubles(total) + " is not the sum of the items, " + rubles(items));
    const Payments& paid = receipt.payments;
    std::int64_t sum = 0;
    for (const auto& part : {paid.cash, paid.electronic, paid.advance, paid.credit, paid.counter})
        sum = plus(sum, kopecks(part));
    if (sum != total)
        found.add(Severity::error, "payments_mismatch", tag::total,
                  "оплаты " + rubles(sum) + " не равны итогу " + rubles(total),
                  "payments of " + rubles(sum) + " are not the total, " + rubles(total));
}

// ---- VAT

std::int64_t extracted(std::int64_t sum, std::size_t rate, LocalSeconds at)
{
    using namespace std::chrono;
    std::int64_t part = vat_share(rate).part;
    std::int64_t whole = vat_share(rate).whole;
    if (part == 20 && at < LocalSeconds(local_days{year{2019} / January / 1}))
        part = 18, whole = 118;
    return share_of(sum, part, whole);
}

std::optional<Kopecks> told(const VatSums& vat, std::size_t rate)
{
    switch (rate) {
    case 1:
        return vat.vat_20;
    case 2:
        return vat.vat_10;
    case 3:
        return vat.vat_20_120;
    case 4:
        return vat.vat_10_110;
    case 5:
        return vat.turnover_0;
    case 6:
        return vat.turnover_none;
    default:
        break;
    }
    std::optional<Kopecks> sum;
    if (vat.others)
        for (const VatSum& each : vat.others->sums)
            if (each.rate == rate)
                sum = Kopecks(plus(kopecks(sum), kopecks(each.sum)));
    return sum;
}

void check_vat(Findings& found, const Document& document)
{
    const Receipt& receipt = *document.receipt;
    std::array<std::int64_t, kVatRateCodes> expected{};
    std::array<std::int64_t, kVatRateCodes> items{};
    for (std::size_t i = 0; i < receipt.items.size(); ++i) {
        const Item& item = receipt.items[i];
        if (!item.vat_rate || !item.sum)
            return; // not told for every item: nothing to compare with
        const std::size_t rate = *item.vat_rate;
        if (rate == 0 || rate >= kVatRateCodes) {
            found.add(Severity::error, "vat_rate_unknown", path_step(tag::item, i + 1) + "/1199",
                      "неизвестная ставка НДС " + std::to_string(rate),
                      "unknown VAT rate " + std::to_string(rate));
            return;
        }
        std::int64_t value = item.sum->count();
        if (vat_share(rate).whole != 0)
            value = item.vat_sum ? item.vat_sum->count() : extracted(value, rate, document.head.datetime);
        expected[rate] = plus(expected[rate], value);
        ++items[rate];
    }
    if (receipt.items.empty())
        return;
    for (std::size_t rate = 1; rate < kVatRateCodes; ++rate) {
        const std::int64_t is = kopecks(told(receipt.vat, rate));
        const std::int64_t tolerance = vat_share(rate).whole == 0 ? 0 : items[rate];
        // The turnovers hold what was paid: kopecks dropped from the total may be missing there too.
        const bool fits = vat_share(rate).whole == 0 ? is / 100 == expected[rate] / 100
                                                     : within(is, expected[rate], tolerance);
        if (fits)
            continue;
        const std::string path = vat_share(rate).tag != 0 ? std::to_string(vat_share(rate).tag) : "1115";
        found.add(Severity::warning, "vat_mismatch", path,
                  "НДС по коду ставки " + std::to_string(rate) + ": " + rubles(is) + ", по позициям " +
                      rubles(expected[rate]),
                  "VAT of rate code " + std::to_string(rate) + ": " + rubles(is) + ", by items " +
                      rubles(expected[rate]));
    }
}

} // namespace

void check_sums(Findings& found, const Document& document)
{
    check_items(found, *document.receipt);
    check_total(found, document);
    check_vat(found, document);
    for (const std::uint8_t failed : document.receipt->marking_check_failed)
        if (failed != 0)
            found.add(Severity::warning, "marking_check_failed", tag::marking_check_failed,
                      "в чеке есть товары с отрицательной проверкой кода маркировки",
                      "the receipt holds goods whose marking code was not confirmed");
}

} // namespace kb::fiscal
