// Opening a receipt, its items and discounts, its end without a document.
// Source: docs/sources.md#atol, sections 4.5 to 4.7, 7.3 and 7.4.
#include "drivers/atol/emulator_commands.hpp"
#include "protocol/core/money.hpp"

#include <algorithm>

namespace kb::emulator::atol {

namespace {

constexpr unsigned kTest = 1;      // flag: check only
constexpr unsigned kUnchecked = 2; // flag: do not look whether the drawer has so much
constexpr std::uint8_t kSections = 16;
constexpr std::uint8_t kFfd12 = 4;
constexpr std::uint8_t kNoVat = 6;
constexpr std::size_t kNameLimit = 128;
constexpr std::size_t kOldName = 64;

constexpr unsigned kMoreThanOneItem = 0x0101, kBadTax = 0x0104, kBadMethod = 0x0105, kItemNotStarted = 0x0207,
                   kItemStarted = 0x0208;

struct Kind {
    std::uint8_t type; ///< of 92h
    Operation operation;
    bool correction;
};
constexpr std::array<Kind, 8> kKinds = {{{1, 1, false},
                                         {2, 2, false},
                                         {4, 3, false},
                                         {5, 4, false},
                                         {7, 1, true},
                                         {8, 2, true},
                                         {9, 3, true},
                                         {10, 4, true}}};

bool takes_cash_out(Operation operation) { return operation == 2 || operation == 3; }

// Trailing zeros and spaces are padding.
std::string name_of(BytesView text)
{
    while (!text.empty() && (text.back() == 0 || text.back() == ' '))
        text = text.first(text.size() - 1);
    return from_wire_page(text);
}

std::optional<std::uint64_t> product(std::uint64_t price, Quantity quantity)
{
    const auto sum = cost(Kopecks{static_cast<std::int64_t>(price)}, quantity);
    return sum ? std::optional(static_cast<std::uint64_t>(sum->count())) : std::nullopt;
}

// A discount is in the price of the document: 1079 times 1023 is 1043 there (docs/sources.md#ffd, section 3).
void put_into_price(Item& item)
{
    constexpr std::uint64_t kUnit = Quantity::kScale;
    const auto quantity = static_cast<std::uint64_t>(item.quantity.millionths());
    if (product(item.price, item.quantity) != item.sum)
        item.price = (item.sum * kUnit + quantity / 2) / quantity;
}

std::uint64_t percent_of(std::uint64_t sum, std::uint64_t hundredths)
{
    return (sum * hundredths + 5000) / 10000;
}

} // namespace

// The index is a row of table 13; its rate says which of the law's rates it is.
std::optional<std::uint8_t> Commands::vat_of(std::uint8_t index) const
{
    if (index < 1 || index > 6)
        return std::nullopt;
    if (index >= 5)
        return index; // 0 %, without VAT
    const bool inside = index >= 3;
    switch (tables_.number({13, index, 2})) {
    case 2000:
        return inside ? 3 : 1;
    case 1000:
        return inside ? 4 : 2;
    case 500:
        return inside ? 9 : 7;
    case 700:
        return inside ? 10 : 8;
    case 2200:
        return inside ? 12 : 11;
    default:
        return std::nullopt;
    }
}

// 0: the rate of the item's department. Unverified: where a register keeps that; no table known here does,
// so that departments have none.
std::optional<std::uint8_t> Commands::vat_of_item(std::uint8_t index) const
{
    return index == 0 ? std::optional(kNoVat) : vat_of(index);
}

Commands::Done Commands::shift_for_selling()
{
    if (kkt_.shift_expired())
        return error(0x88);
    if (kkt_.shift().open)
        return done();
    if (!options_.opens_shift)
        return error(0x8F);
    return done_or(kkt_.open_shift(cashier(), take_next_document_tags()));
}

// The cashier who was written before stands on the receipt, and on the report of a shift opened with it.
Commands::Done Commands::begin_receipt(Operation operation, bool correction, bool printed)
{
    const Bytes cashier_tags = next_document_;
    if (auto shift = shift_for_selling(); !shift)
        return shift;
    kkt_.stop_reading();
    unchecked_items_ = false;
    item_.reset();
    if (const auto opened = kkt_.open_receipt(operation, correction, user_, printed); !opened)
        return error(code_of(opened.error()));
    next_document_.clear();
    carried_ = cashier_tags;
    if (cashier_tags.empty())
        return done();
    return done_or(kkt_.add_receipt_tags(cashier_tags));
}

// flags | type
Commands::Done Commands::open_receipt(In& in)
{
    const unsigned flags = in.u8();
    const std::uint8_t type = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const auto kind =
        std::find_if(kKinds.begin(), kKinds.end(), [type](const Kind& k) { return k.type == type; });
    if (kind == kKinds.end())
        return error(0x6A);
    if (kkt_.receipt()) {
        if (!options_.open_by_kind)
            return error(0x9B);
        return error(kkt_.receipt()->operation % 2 == 1 ? 0x89 : 0x87);
    }
    const bool printed = (flags & options_.no_print_flag) == 0;
    if (printed && (!kkt_.paper_present() || kkt_.cover_open()))
        return error(0x67);
    if ((flags & kTest) != 0)
        return kkt_.shift_expired() ? Done(error(0x88)) : Done(done());
    return begin_receipt(kind->operation, kind->correction, printed);
}

// 00 01 00
Commands::Done Commands::begin_item(In& in)
{
    in.take(3);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (item_)
        return extended(kItemStarted);
    if (paid() != 0)
        return error(0x66);
    if (kkt_.receipt()->adjusted)
        return error(0x7C);
    item_ = Item{};
    return done();
}

// flags | price 7 | quantity 5, thousandths | cost 7 | tax index | tax sum 7 | section | subject | method |
// sign | discount 7 (the last two tell only) | 2 reserved | name
Commands::Done Commands::finish_item(In& in)
{
    const unsigned flags = in.u8();
    Item item;
    item.price = in.bcd(7);
    item.quantity = Quantity::from_millionths(static_cast<std::int64_t>(in.bcd(5)) * 1000);
    item.sum = in.bcd(7);
    const std::uint8_t tax = in.u8();
    const std::uint64_t tax_sum = in.bcd(7);
    const std::uint64_t section = in.bcd(1);
    const std::uint64_t subject = options_.bcd_item_kind ? in.bcd(1) : in.u8();
    const std::uint64_t method = options_.bcd_item_kind ? in.bcd(1) : in.u8();
    const std::uint8_t sign = in.u8();
    in.bcd(7);
    in.take(2);
    if (const std::uint8_t wrong = in.error(false); wrong != 0)
        return error(wrong);
    if (in.left() > kNameLimit)
        return error(0x14);
    item.name = name_of(in.rest());
    if (!item_)
        return extended(kItemNotStarted);
    if (sign > 1)
        return error(0x13);
    if (item.quantity.millionths() == 0)
        return error(0x0A);
    const auto whole = product(item.price, item.quantity);
    if (!whole)
        return error(0x7F);
    if (section > kSections)
        return error(0x7D);
    const auto vat = vat_of_item(tax);
    if (!vat)
        return extended(kBadTax);
    if (method > 7 || subject > 33)
        return extended(kBadMethod);
    if (tax_sum > item.sum)
        return error(0xDF);
    item.vat = *vat;
    if (tax_sum != 0)
        item.vat_given = tax_sum;
    item.department = static_cast<std::uint8_t>(section);
    // Zero is what hosts of FFD 1.0 send: goods, paid in full.
    item.item_kind = static_cast<std::uint8_t>(subject == 0 ? 1 : subject);
    item.payment_method = static_cast<std::uint8_t>(method == 0 ? 4 : method);
    return add_item(std::move(item), (flags & kTest) != 0, (flags & kUnchecked) != 0);
}

Commands::Done Commands::add_item(Item item, bool test, bool unchecked)
{
    const Receipt& receipt = *kkt_.receipt();
    if (receipt.is_correction && kkt_.identity().ffd < kFfd12 && !receipt.items.empty())
        return extended(kMoreThanOneItem);
    if (kkt_.shift_expired())
        return error(0x88);
    if (takes_cash_out(receipt.operation) && !unchecked &&
        static_cast<std::int64_t>(receipt.total() + item.sum) > kkt_.cash())
        return error(0x98);
    if (test)
        return done();
    if (item_)
        item.extra = item_->extra;
    put_into_price(item);
    if (const auto added = kkt_.add_item(std::move(item)); !added)
        return error(code_of(added.error()));
    item_.reset();
    unchecked_items_ = unchecked_items_ || unchecked;
    return done();
}

// flags | area | type | sign | size 5
Commands::Done Commands::discount(In& in)
{
    const unsigned flags = in.u8();
    const std::uint8_t area = in.u8();
    const std::uint8_t type = in.u8();
    const std::uint8_t sign = in.u8();
    const std::uint64_t size = in.bcd(5);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (area > 1 || type > 1 || sign > 1)
        return error(0x7B);
    Receipt receipt = *kkt_.receipt();
    if (item_ || receipt.items.empty())
        return error(0x10);
    if (paid() != 0)
        return error(0x66);
    if (receipt.adjusted)
        return error(0x0F);
    const std::uint64_t base = area == 1 ? receipt.items.back().sum : receipt.total();
    std::uint64_t change = type == 0 ? percent_of(base, size) : size;
    const bool rounds = area == 0 && type == 1 && size == 0;
    if (sign == 0 && change > base)
        return error(0x7B);
    if (area == 1) {
        receipt.items.back().sum = sign == 0 ? base - change : base + change;
    } else if (rounds) {
        receipt.rounding = static_cast<std::uint8_t>(base % 100);
        receipt.adjusted = true;
    } else {
        // Items carry the discount of the whole, each its share; the last one also what shares leave over.
        receipt.adjusted = true;
        std::uint64_t left = change;
        for (std::size_t i = 0; i < receipt.items.size(); ++i) {
            std::uint64_t& sum = receipt.items[i].sum;
            const std::uint64_t share = i + 1 == receipt.items.size() ? left
                                        : base == 0                   ? 0
                                                                      : change * sum / base;
            left -= share;
            sum = sign == 0 ? sum - std::min(sum, share) : sum + share;
        }
    }
    if ((flags & kTest) != 0)
        return done();
    for (Item& item : receipt.items)
        put_into_price(item);
    return done_or(kkt_.change_receipt(std::move(receipt)));
}

// flags | area | tax index | sum 7 or 5: accepted and checked; the register computes taxes itself.
Commands::Done Commands::receipt_tax(In& in)
{
    in.take(2);
    const std::uint8_t tax = in.u8();
    const std::size_t width = in.left();
    if (width != 5 && width != 7)
        return error(0x14);
    const std::uint64_t sum = in.bcd(width);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (!vat_of(tax))
        return extended(kBadTax);
    return sum > kkt_.receipt()->total() ? Done(error(0xDF)) : Done(done());
}

// flags | name 64 | price 6 | quantity 5 | discount type | sign | discount 6 | tax | section | barcode 16 | 1
Commands::Done Commands::old_item(In& in)
{
    const unsigned flags = in.u8();
    Item item;
    item.name = name_of(in.take(kOldName));
    item.price = in.bcd(6);
    item.quantity = Quantity::from_millionths(static_cast<std::int64_t>(in.bcd(5)) * 1000);
    const std::uint8_t type = in.u8();
    const std::uint8_t sign = in.u8();
    const std::uint64_t size = in.bcd(6);
    const auto vat = vat_of_item(in.u8());
    const std::uint8_t section = in.u8();
    in.take(17);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (tables_.read({2, 1, 109})[0] != 1)
        return error(0x80);
    const auto whole = product(item.price, item.quantity);
    if (!vat)
        return extended(kBadTax);
    if (item.quantity.millionths() == 0)
        return error(0x0A);
    if (!whole)
        return error(0x7F);
    if (section > kSections)
        return error(0x7D);
    const std::uint64_t change = type == 0 ? percent_of(*whole, size) : size;
    if (sign == 0 && change > *whole)
        return error(0x7B);
    item.vat = *vat;
    item.department = section;
    item.sum = sign == 0 ? *whole - change : *whole + change;
    return add_item(std::move(item), (flags & kTest) != 0, (flags & kUnchecked) != 0);
}

// flags | price 5 | quantity 5 | section. Hosts of that time put the tax group into the section.
Commands::Done Commands::old_sale(In& in)
{
    const unsigned flags = in.u8();
    Item item;
    item.price = in.bcd(5);
    item.quantity = Quantity::from_millionths(static_cast<std::int64_t>(in.bcd(5)) * 1000);
    const bool sale = command_ == 0x52;
    const std::uint8_t section = sale ? in.u8() : std::uint8_t{1};
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (tables_.read({2, 1, 109})[0] != 1)
        return error(0x80);
    if (item.quantity.millionths() == 0)
        return error(0x0A);
    if (section > kSections)
        return error(0x7D);
    const auto whole = product(item.price, item.quantity);
    if (!whole)
        return error(0x7F);
    const Operation operation = sale ? 1 : 2;
    if (!kkt_.receipt()) {
        if (auto begun = begin_receipt(operation, false, true); !begun)
            return begun;
    } else if (kkt_.receipt()->operation != operation) {
        return error(sale ? 0x87 : 0x89);
    }
    item.name = tables_.text({7, std::max<std::uint16_t>(section, 1), 1});
    item.sum = *whole;
    item.department = section;
    item.vat = vat_of(section).value_or(kNoVat);
    return add_item(std::move(item), (flags & kTest) != 0, (flags & kUnchecked) != 0);
}

Commands::Done Commands::cancel_receipt(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    item_.reset();
    unchecked_items_ = false;
    return done_or(kkt_.cancel_receipt());
}

} // namespace kb::emulator::atol
