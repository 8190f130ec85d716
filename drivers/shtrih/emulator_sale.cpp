// The selling commands of the emulator: shift, receipt, cash, correction.
// Source: docs/sources.md#shtrih, sections 3.5, 3.6, 4.2 and 4.3.
#include "drivers/emulator/tags.hpp"
#include "drivers/emulator/tlv_out.hpp"
#include "drivers/shtrih/emulator_commands.hpp"
#include "protocol/core/cp1251.hpp"
#include "protocol/core/money.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::uint64_t kNotGiven = 0xFF'FFFF'FFFFULL; // five bytes of FF: the register computes
constexpr std::uint8_t kBadParameter = 0x33;

tl::unexpected<std::uint8_t> error(unsigned code) { return tl::unexpected(static_cast<std::uint8_t>(code)); }

// Texts are padded with zeros; "//" in front means "send, do not print".
std::string name_of(BytesView text)
{
    const auto end = std::find(text.begin(), text.end(), 0);
    std::string name = from_cp1251(text.first(static_cast<std::size_t>(end - text.begin())));
    if (name.starts_with("//") || name.starts_with("\\\\"))
        name.erase(0, 2);
    return name;
}

// T6 row to tag 1199; row 0 of the old commands means "no tax".
constexpr std::array<std::uint8_t, 13> kVatOfRow = {6, 1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 11, 12};

std::uint64_t product(std::uint64_t price, Quantity quantity)
{
    const auto sum = cost(Kopecks{static_cast<std::int64_t>(price)}, quantity);
    return sum ? static_cast<std::uint64_t>(sum->count()) : kNotGiven;
}

} // namespace

EmulatorCommands::Reply EmulatorCommands::open_shift(ByteReader&)
{
    const Bytes extra = std::exchange(begun_tlv_, {});
    begun_document_ = 0;
    const auto done = kkt_.open_shift(cashier(), extra);
    if (!done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u8(operator_);
    if (extended_answers()) {
        out.u32(done->fd_number).u32(done->fiscal_sign);
        put_extended(out, *done);
    }
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::close_shift(ByteReader&)
{
    const Bytes extra = std::exchange(begun_tlv_, {});
    begun_document_ = 0;
    const auto done = kkt_.close_shift(cashier(), extra);
    if (!done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u8(operator_);
    if (extended_answers()) {
        out.u32(done->fd_number).u32(done->fiscal_sign);
        put_extended(out, *done);
    }
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::fn_open_shift(ByteReader&)
{
    const auto done = kkt_.open_shift(cashier(), std::exchange(begun_tlv_, {}));
    begun_document_ = 0;
    if (!done)
        return error(refusal_code(done.error()));
    return ByteWriter().u16(done->number).u32(done->fd_number).u32(done->fiscal_sign).take();
}

EmulatorCommands::Reply EmulatorCommands::fn_close_shift(ByteReader&)
{
    const auto done = kkt_.close_shift(cashier(), std::exchange(begun_tlv_, {}));
    begun_document_ = 0;
    if (!done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u16(done->number).u32(done->fd_number).u32(done->fiscal_sign);
    if (extended_answers())
        put_extended(out, *done);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::x_report(ByteReader&) { return op_or_refusal(kkt_.x_report()); }

EmulatorCommands::Reply EmulatorCommands::cash_in(ByteReader& in)
{
    const std::uint64_t sum = in.uint(5);
    if (in.overrun())
        return error(kBadParameter);
    if (!model_.firmware->cash_commands_with_ffd_1_2 && kkt_.identity().ffd == 4)
        return error(0x37);
    if (const auto done = kkt_.cash_in(sum); !done)
        return error(refusal_code(done.error()));
    return ByteWriter()
        .u8(operator_)
        .u16(static_cast<std::uint16_t>(kkt_.shift().registers.cash_in_count))
        .take();
}

EmulatorCommands::Reply EmulatorCommands::cash_out(ByteReader& in)
{
    const std::uint64_t sum = in.uint(5);
    if (in.overrun())
        return error(kBadParameter);
    if (!model_.firmware->cash_commands_with_ffd_1_2 && kkt_.identity().ffd == 4)
        return error(0x37);
    if (const auto done = kkt_.cash_out(sum); !done)
        return error(refusal_code(done.error()));
    return ByteWriter()
        .u8(operator_)
        .u16(static_cast<std::uint16_t>(kkt_.shift().registers.cash_out_count))
        .take();
}

// 0 sale, 1 purchase, 2 sale return, 3 purchase return; +80h: correction.
EmulatorCommands::Reply EmulatorCommands::open_receipt(ByteReader& in)
{
    const std::uint8_t type = in.u8();
    if (in.overrun() || (type & 0x7FU) > 3)
        return error(kBadParameter);
    if (!kkt_.shift().open) { // mode 4: the shift opens by itself
        if (const auto opened = kkt_.open_shift(cashier(), {}); !opened)
            return error(refusal_code(opened.error()));
    }
    if (kkt_.shift_expired())
        return error(0x4E);
    constexpr std::array<std::uint8_t, 4> kOperation = {1, 3, 2, 4};
    return op_or_refusal(kkt_.open_receipt(kOperation[type & 0x7FU], type >= 0x80, operator_, prints()));
}

// T17F7: 1 no paper for the next document, 2 for none. Not the value of the dump the tables come from, a
// register that stood so, but only one that its host has set.
bool EmulatorCommands::prints() const
{
    const auto setting = kkt_.settings().find(kDoNotPrint);
    return setting == kkt_.settings().end() || setting->second == "00";
}

void EmulatorCommands::document_made()
{
    const auto setting = kkt_.settings().find(kDoNotPrint);
    if (setting != kkt_.settings().end() && setting->second == "01")
        kkt_.set_setting(kDoNotPrint, "00");
}

EmulatorCommands::Reply EmulatorCommands::add_item(emulator::Item item)
{
    if (kkt_.receipt()->owner != operator_)
        return error(0x59);
    item.extra = std::exchange(waiting_item_tlv_, {});
    if (const auto done = kkt_.add_item(std::move(item)); !done)
        return error(refusal_code(done.error()));
    return Bytes{};
}

// q5 | price m5 | department | tax1..tax4 | text 40
EmulatorCommands::Reply EmulatorCommands::old_sale(ByteReader& in)
{
    emulator::Item item;
    item.quantity = Quantity::from_millionths(static_cast<std::int64_t>(in.uint(5)) * 1000);
    item.price = in.uint(5);
    item.department = in.u8();
    const BytesView taxes = in.take(4);
    if (in.overrun())
        return error(kBadParameter);
    const std::uint8_t tax = taxes[0];
    if (tax >= kVatOfRow.size() || item.department > 16 || item.quantity.millionths() == 0)
        return error(kBadParameter);
    item.vat = kVatOfRow[tax];
    item.name = name_of(in.rest());
    item.sum = product(item.price, item.quantity);
    if (item.sum >= kNotGiven)
        return error(0x60);
    constexpr std::array<std::uint8_t, 4> kOperation = {1, 3, 2, 4};
    const std::uint8_t operation = kOperation[code_ & 3U];
    if (!kkt_.receipt()) {
        if (const auto opened = kkt_.open_receipt(operation, false, operator_); !opened)
            return error(refusal_code(opened.error()));
    } else if (kkt_.receipt()->operation != operation) {
        return error(0x49);
    }
    if (auto added = add_item(std::move(item)); !added)
        return added;
    return op_only();
}

EmulatorCommands::Reply EmulatorCommands::old_close(ByteReader& in)
{
    emulator::Closing closing;
    for (std::size_t i = 0; i < 4; ++i)
        closing.payments[i] = in.uint(5);
    in.u16(); // discount: informational on FN firmware
    if (in.overrun())
        return error(kBadParameter);
    closing.cashier = cashier();
    closing.tax_system = static_cast<std::uint8_t>(kkt_.identity().tax_systems &
                                                   static_cast<std::uint8_t>(-kkt_.identity().tax_systems));
    const auto done = kkt_.close_receipt(closing);
    if (!done)
        return error(refusal_code(done.error()));
    return ByteWriter().u8(operator_).uint(done->change, 5).take();
}

EmulatorCommands::Reply EmulatorCommands::subtotal(ByteReader&)
{
    return ByteWriter().u8(operator_).uint(kkt_.receipt()->total(), 5).take();
}

// 86h, 87h: printed, the total stays.
EmulatorCommands::Reply EmulatorCommands::informative(ByteReader& in)
{
    in.take(5);
    return in.overrun() ? Reply(error(kBadParameter)) : op_only();
}

EmulatorCommands::Reply EmulatorCommands::cancel_receipt(ByteReader&)
{
    waiting_item_tlv_.clear();
    return op_or_refusal(kkt_.cancel_receipt());
}

EmulatorCommands::Reply EmulatorCommands::copy(ByteReader&) { return op_or_refusal(kkt_.print_copy()); }

std::optional<std::uint8_t> EmulatorCommands::vat_of_code(std::uint8_t code) const
{
    switch (code) {
    case 0x01:
        return 1;
    case 0x02:
        return 2;
    case 0x04:
        return 5;
    case 0x08:
        return 6;
    case 0x10:
        return 3;
    case 0x20:
        return 4;
    case 0x81:
        return 7;
    case 0x82:
        return 8;
    case 0x84:
        return 9;
    case 0x88:
        return 10;
    default:
        break;
    }
    const bool nano = model_.firmware->nano_vat_codes;
    if (code == (nano ? 0x90 : 0xCB))
        return 11;
    if (code == (nano ? 0xA0 : 0xCC))
        return 12;
    return std::nullopt;
}

// operation | q6 | price m5 | amount m5 | tax m5 | VAT code | department | method | subject | name
EmulatorCommands::Reply EmulatorCommands::operation_v2(ByteReader& in)
{
    const std::uint8_t operation = in.u8();
    emulator::Item item;
    item.quantity = Quantity::from_millionths(static_cast<std::int64_t>(in.uint(6)));
    item.price = in.uint(5);
    const std::uint64_t amount = in.uint(5);
    const std::uint64_t tax = in.uint(5);
    const auto vat = vat_of_code(in.u8());
    item.department = in.u8();
    item.payment_method = in.u8();
    item.item_kind = in.u8();
    if (in.overrun() || in.left() > 128)
        return error(kBadParameter);
    item.name = name_of(in.rest());
    if (operation < 1 || operation > 4 || !vat || item.payment_method < 1 || item.payment_method > 7 ||
        item.item_kind < 1 || item.item_kind > 33)
        return error(kBadParameter);
    if (item.quantity.millionths() == 0)
        return error(0x62);
    if (item.department > 16)
        return error(0x63);
    item.vat = *vat;
    item.sum = amount == kNotGiven ? product(item.price, item.quantity) : amount;
    if (item.sum >= kNotGiven)
        return error(0x60);
    if (tax != kNotGiven && tax != 0)
        item.vat_given = tax;
    if (!kkt_.receipt()) {
        if (const auto opened = kkt_.open_receipt(operation, false, operator_); !opened)
            return error(refusal_code(opened.error()));
    } else if (kkt_.receipt()->operation != operation) {
        return error(0x49);
    }
    return add_item(std::move(item));
}

// 16 x m5 | rounding u8 | 6 x m5 | tax system u8 | text
EmulatorCommands::Reply EmulatorCommands::close_v2(ByteReader& in)
{
    emulator::Closing closing;
    for (auto& payment : closing.payments)
        payment = in.uint(5);
    closing.rounding = in.u8();
    in.take(30); // VAT sums: this register computes them itself (T1F14 = 0)
    closing.tax_system = in.u8();
    if (in.overrun() || in.left() > 64)
        return error(kBadParameter);
    const unsigned taxes = kkt_.identity().tax_systems;
    if (closing.tax_system == 0)
        closing.tax_system = static_cast<std::uint8_t>(taxes & (~taxes + 1U));
    if ((closing.tax_system & (closing.tax_system - 1U)) != 0 || (closing.tax_system & taxes) == 0)
        return error(kBadParameter);
    if (kkt_.receipt()->owner != operator_)
        return error(0x59);
    const auto& extra = kkt_.receipt()->extra;
    if (kkt_.receipt()->is_correction &&
        (emulator::find_tag(extra, emulator::tag::correction_type).data() == nullptr ||
         emulator::find_tag(extra, emulator::tag::correction_basis).data() == nullptr))
        return error(kBadParameter);
    closing.cashier = cashier();
    const auto done = kkt_.close_receipt(closing);
    if (!done)
        return error(refusal_code(done.error()));
    document_made();
    ByteWriter out;
    out.uint(done->change, 5).u32(done->fd_number).u32(done->fiscal_sign);
    if (extended_answers())
        put_extended(out, *done);
    return out.take();
}

EmulatorCommands::Reply EmulatorCommands::item_tlv(ByteReader& in)
{
    const BytesView tlv = in.rest();
    if (model_.firmware->item_tlv_first) {
        if (!emulator::well_formed(tlv))
            return error(kBadParameter);
        waiting_item_tlv_.insert(waiting_item_tlv_.end(), tlv.begin(), tlv.end());
        return Bytes{};
    }
    if (const auto done = kkt_.add_item_tags(tlv); !done)
        return error(refusal_code(done.error()));
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::document_tlv(ByteReader& in)
{
    const BytesView tlv = in.rest();
    if (tlv.size() > 250 && model_.firmware->longest_command <= 255)
        return error(0x10);
    if (begun_document_ != 0 && !kkt_.receipt()) {
        if (!emulator::well_formed(tlv))
            return error(kBadParameter);
        begun_tlv_.insert(begun_tlv_.end(), tlv.begin(), tlv.end());
        return Bytes{};
    }
    if (!kkt_.receipt())
        return error(0x02);
    if (const auto done = kkt_.add_receipt_tags(tlv); !done)
        return error(refusal_code(done.error()));
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::begin_document(ByteReader&)
{
    begun_document_ = code_;
    begun_tlv_.clear();
    return Bytes{};
}

EmulatorCommands::Reply EmulatorCommands::cancel_document(ByteReader&)
{
    begun_document_ = 0;
    begun_tlv_.clear();
    if (kkt_.receipt()) {
        if (const auto done = kkt_.cancel_receipt(); !done)
            return error(refusal_code(done.error()));
    }
    return Bytes{};
}

// type | sign | total cash electronic advance credit other | VAT20 VAT10 | turnover 0 % | without VAT |
// 20/120 10/110 | tax system; every sum m5. The old correction has no items: one is made for each VAT row
// that is given.
EmulatorCommands::Reply EmulatorCommands::correction_v2(ByteReader& in)
{
    emulator::Correction correction;
    correction.type = in.u8();
    const std::uint8_t operation = in.u8();
    const std::uint64_t total = in.uint(5);
    emulator::Closing closing;
    closing.payments[0] = in.uint(5);
    closing.payments[1] = in.uint(5);
    closing.payments[13] = in.uint(5);
    closing.payments[14] = in.uint(5);
    closing.payments[15] = in.uint(5);
    std::array<std::uint64_t, 6> taxes{};
    for (auto& tax : taxes)
        tax = in.uint(5);
    closing.tax_system = in.u8();
    if (in.overrun() || correction.type > 1 || operation < 1 || operation > 4 || total == 0)
        return error(kBadParameter);
    constexpr std::array<std::uint8_t, 6> kVat = {1, 2, 5, 6, 3, 4};
    constexpr std::array<std::uint64_t, 6> kTurnover = {6, 11, 1, 1, 6, 11};
    emulator::Receipt receipt;
    receipt.operation = operation;
    std::uint64_t left = total;
    for (std::size_t i = 0; i < taxes.size(); ++i) {
        if (taxes[i] == 0)
            continue;
        emulator::Item item;
        item.name = "Коррекция";
        item.vat = kVat[i];
        item.sum = std::min(left, taxes[i] * kTurnover[i]);
        if (kTurnover[i] != 1)
            item.vat_given = taxes[i];
        left -= item.sum;
        receipt.items.push_back(std::move(item));
    }
    if (receipt.items.empty()) {
        emulator::Item item;
        item.name = "Коррекция";
        receipt.items.push_back(std::move(item));
    }
    receipt.items.back().sum += left;
    for (auto& item : receipt.items)
        item.price = item.sum;
    if (emulator::find_tag(begun_tlv_, emulator::tag::correction_basis).data() == nullptr)
        correction.date = std::chrono::floor<std::chrono::days>(kkt_.now());
    receipt.is_correction = true;
    receipt.owner = operator_;
    receipt.extra = emulator::without_tag(std::exchange(begun_tlv_, {}), emulator::tag::correction_type);
    if (correction.date)
        receipt.correction = correction;
    else
        receipt.extra = emulator::TlvOut()
                            .append(receipt.extra)
                            .byte(emulator::tag::correction_type, correction.type)
                            .bytes();
    begun_document_ = 0;
    closing.cashier = cashier();
    const auto done = kkt_.ring(std::move(receipt), closing);
    if (!done)
        return error(refusal_code(done.error()));
    ByteWriter out;
    out.u16(done->number).u32(done->fd_number).u32(done->fiscal_sign);
    if (extended_answers())
        put_extended(out, *done);
    return out.take();
}

} // namespace kb::shtrih
