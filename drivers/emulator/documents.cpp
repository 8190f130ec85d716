#include "drivers/emulator/documents.hpp"

#include "drivers/emulator/tags.hpp"
#include "drivers/emulator/tlv_out.hpp"
#include "protocol/core/crc.hpp"

#include <fmt/format.h>

namespace kb::emulator {

namespace {

constexpr std::uint8_t kFfd11 = 3;
constexpr std::uint8_t kFfd12 = 4;

// The real sign needs keys nobody has; any number that depends on every byte serves (FNV-1a, folded).
std::uint32_t sign_over(const DocumentHead& head, BytesView body)
{
    std::uint64_t hash = 1469598103934665603ULL;
    const auto eat = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
    for (const char c : head.fn_serial)
        eat(static_cast<std::uint8_t>(c));
    for (unsigned i = 0; i < 4; ++i)
        eat(static_cast<std::uint8_t>(head.fd_number >> (8 * i)));
    for (const std::uint8_t byte : body)
        eat(byte);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

// Real registers put the FN's own tags first: 1041 1037 1018 1040 1012 1077 (docs/sources.md#ffd, section 1).
Document finish(const Identity& who, const DocumentHead& head, const TlvOut& rest)
{
    Document document;
    document.sign = sign_over(head, rest.bytes());
    TlvOut out;
    out.padded(tag::fn_serial, head.fn_serial, 16)
        .padded(tag::reg_number, who.reg_number, 20)
        .padded(tag::user_inn, who.inn, 12)
        .u32(tag::fd_number, head.fd_number)
        .time(tag::datetime, head.at)
        .raw(tag::fiscal_sign, sign_field(document.sign))
        .append(rest.bytes());
    document.body = out.bytes();
    return document;
}

// The cashier, unless the host has sent its own; then everything the host has sent.
void put_cashier(TlvOut& out, const std::string& cashier, BytesView extra)
{
    if (!cashier.empty() && find_tag(extra, tag::cashier).data() == nullptr)
        out.text(tag::cashier, cashier, 64);
    out.append(extra);
}

void put_place(TlvOut& out, const Identity& who, BytesView extra = {})
{
    if (find_tag(extra, tag::address).data() == nullptr)
        out.text(tag::address, who.address);
    if (find_tag(extra, tag::place).data() == nullptr)
        out.text(tag::place, who.place);
}

void put_warnings(TlvOut& out, const DocumentHead& head)
{
    if ((head.warnings & 8U) != 0)
        out.byte(tag::fn_warn_ofd, 1);
    if ((head.warnings & 1U) != 0)
        out.byte(tag::fn_warn_replace, 1);
    if ((head.warnings & 4U) != 0)
        out.byte(tag::fn_warn_memory, 1);
    if ((head.warnings & 2U) != 0)
        out.byte(tag::fn_warn_resource, 1);
}

TlvOut money_counters(const OperationTotals& sums)
{
    TlvOut out;
    out.u32(tag::sum_count, sums.count)
        .vln(tag::sum_cash, sums.cash)
        .vln(tag::sum_electronic, sums.electronic)
        .vln(tag::sum_advance, sums.advance)
        .vln(tag::sum_credit, sums.credit)
        .vln(tag::sum_counter, sums.counter)
        .vln(tag::sum_total, sums.total);
    return out;
}

// Rates of 5, 7 and 22 % have no counter of their own in the documents known here.
TlvOut receipt_counters(const OperationTotals& sums)
{
    TlvOut out = money_counters(sums);
    out.vln(tag::sum_vat20, sums.vat[1])
        .vln(tag::sum_vat10, sums.vat[2])
        .vln(tag::sum_vat20_120, sums.vat[3])
        .vln(tag::sum_vat10_110, sums.vat[4])
        .vln(tag::sum_vat0, sums.vat[5])
        .vln(tag::sum_no_vat, sums.vat[6]);
    return out;
}

constexpr std::array<std::uint16_t, 4> kReceiptTags = {tag::total_sell, tag::total_sell_return,
                                                       tag::total_buy, tag::total_buy_return};
constexpr std::array<std::uint16_t, 4> kCorrectionTags = {tag::correction_sell, tag::correction_sell_return,
                                                          tag::correction_buy, tag::correction_buy_return};

// Tags 1157 and 1194: the number of all receipts and corrections, then a structure for each sign that occurs.
TlvOut counters(const FnTotals& totals)
{
    TlvOut out;
    out.u32(tag::total_count, totals.receipt_count() + totals.correction_count());
    for (std::size_t op = 0; op < 4; ++op)
        if (totals.receipts[op].count != 0)
            out.structure(kReceiptTags[op], receipt_counters(totals.receipts[op]));
    if (totals.correction_count() != 0) {
        TlvOut corrections;
        corrections.u32(tag::correction_count, totals.correction_count());
        for (std::size_t op = 0; op < 4; ++op)
            if (totals.corrections[op].count != 0)
                corrections.structure(kCorrectionTags[op], money_counters(totals.corrections[op]));
        out.structure(tag::total_corrections, corrections);
    }
    return out;
}

TlvOut item_tlv(const Identity& who, const Item& item)
{
    TlvOut out;
    out.text(tag::item_name, item.name, 128)
        .vln(tag::item_price, item.price)
        .quantity(tag::quantity, item.quantity, who.six_decimals);
    if (who.ffd >= kFfd12 && find_tag(item.extra, tag::unit_code).data() == nullptr)
        out.byte(tag::unit_code, item.unit);
    else if (who.ffd < kFfd12 && item.unit == 11 && find_tag(item.extra, tag::unit_text).data() == nullptr)
        out.text(tag::unit_text, "кг", 16);
    out.vln(tag::item_sum, item.sum)
        .byte(tag::vat_rate, item.vat)
        .byte(tag::payment_method, item.payment_method)
        .byte(tag::item_kind, item.item_kind);
    if (item.vat != 5 && item.vat != 6)
        out.vln(tag::item_vat, item.vat_given.value_or(contained_vat(item.sum, item.vat)));
    out.append(item.extra);
    return out;
}

// Flat tags for the old rates, 1115 for those that came in 2025 and 2026 (docs/sources.md#ffd, section 4.6).
void put_vat_sums(TlvOut& out, const Receipt& receipt, const Closing& closing)
{
    OperationTotals sums;
    sums.add(receipt, closing, 0);
    constexpr std::array<std::uint16_t, 7> kFlat = {
        0, tag::vat20, tag::vat10, tag::vat20_120, tag::vat10_110, tag::vat0_turnover, tag::no_vat_turnover};
    std::array<bool, 13> occurs{};
    for (const Item& item : receipt.items)
        occurs[item.vat] = true;
    for (std::size_t vat = 1; vat < kFlat.size(); ++vat)
        if (occurs[vat])
            out.vln(kFlat[vat], sums.vat[vat]);
    TlvOut list;
    for (std::size_t vat = 7; vat < occurs.size(); ++vat) {
        if (!occurs[vat])
            continue;
        TlvOut entry;
        entry.byte(tag::vat_rate, static_cast<std::uint8_t>(vat)).vln(tag::vat_amount, sums.vat[vat]);
        list.structure(tag::vat_entry, entry);
    }
    if (!list.bytes().empty())
        out.structure(tag::receipt_vat_list, list);
}

} // namespace

Bytes sign_field(std::uint32_t sign)
{
    return {0x31,
            0x04,
            static_cast<std::uint8_t>(sign >> 24U),
            static_cast<std::uint8_t>(sign >> 16U),
            static_cast<std::uint8_t>(sign >> 8U),
            static_cast<std::uint8_t>(sign)};
}

std::string reg_number_for(std::uint64_t number, const std::string& inn, const std::string& kkt_serial)
{
    const std::string input = fmt::format("{:010}{:0>12}{:0>20}", number, inn, kkt_serial);
    return fmt::format("{:010}{:06}", number, crc16_ccitt(as_bytes(input)));
}

Document registration_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                             std::uint32_t change_reason, const FnTotals& totals)
{
    TlvOut out;
    out.byte(tag::ffd, who.ffd)
        .text(tag::user, who.user)
        .byte(tag::tax_systems, who.tax_systems)
        .byte(tag::offline_mode, 0);
    if (who.ffd < kFfd12)
        out.byte(tag::printer_in_machine, 0).byte(tag::bso_system, 0);
    out.byte(tag::encryption, 0).byte(tag::auto_mode, 0);
    if (who.ffd < kFfd12) {
        out.byte(tag::internet, 0);
        out.byte(tag::excise, 0).byte(tag::services, 0).byte(tag::gambling, 0).byte(tag::lottery, 0);
    } else {
        out.u32(tag::usage_flags, 0);
    }
    out.text(tag::kkt_serial, who.kkt_serial, 20);
    put_cashier(out, cashier, {});
    put_place(out, who);
    out.text(tag::fns_site, who.fns_site)
        .text(tag::sender_email, who.sender_email, 64)
        .padded(tag::ofd_inn, who.ofd_inn, 12)
        .text(tag::ofd_name, who.ofd_name)
        .text(tag::kkt_version, who.kkt_version, 8)
        .byte(tag::kkt_ffd, kFfd12);
    if (who.ffd >= kFfd11)
        out.byte(tag::fn_ffd, who.ffd).u16(tag::key_days, head.key_days);
    if (change_reason != 0) {
        if (who.ffd >= kFfd11)
            out.u32(tag::change_reason, change_reason).structure(tag::fn_totals, counters(totals));
        else
            out.byte(tag::change_reason_105, 1);
    }
    return finish(who, head, out);
}

Document shift_open_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                           BytesView extra)
{
    TlvOut out;
    out.u32(tag::shift_number, head.shift).byte(tag::ffd, who.ffd);
    put_cashier(out, cashier, extra);
    put_warnings(out, head);
    out.text(tag::kkt_version, who.kkt_version, 8).byte(tag::kkt_ffd, kFfd12);
    return finish(who, head, out);
}

Document receipt_document(const Identity& who, const DocumentHead& head, const Receipt& receipt,
                          const Closing& closing, std::uint64_t change, std::uint16_t number)
{
    OperationTotals sums;
    sums.add(receipt, closing, change);
    TlvOut out;
    out.u32(tag::shift_number, head.shift)
        .u32(tag::receipt_number, number)
        .byte(tag::operation, receipt.operation)
        .vln(tag::total, sums.total)
        .byte(tag::ffd, who.ffd)
        .byte(tag::tax_system, closing.tax_system);
    put_cashier(out, closing.cashier, receipt.extra);
    if (receipt.is_correction && receipt.correction) {
        TlvOut basis;
        if (receipt.correction->date)
            basis.time(tag::correction_date, *receipt.correction->date);
        if (!receipt.correction->number.empty())
            basis.text(tag::correction_number, receipt.correction->number, 32);
        out.byte(tag::correction_type, receipt.correction->type).structure(tag::correction_basis, basis);
    }
    put_place(out, who, receipt.extra);
    for (const Item& item : receipt.items)
        out.structure(tag::item, item_tlv(who, item));
    out.vln(tag::cash, sums.cash)
        .vln(tag::electronic, sums.electronic)
        .vln(tag::advance, sums.advance)
        .vln(tag::credit, sums.credit)
        .vln(tag::counter_payment, sums.counter);
    put_vat_sums(out, receipt, closing);
    if (find_tag(receipt.extra, tag::fns_site).data() == nullptr)
        out.text(tag::fns_site, who.fns_site);
    const BytesView contact = find_tag(receipt.extra, tag::buyer_contact);
    if (contact.data() != nullptr && find_tag(receipt.extra, tag::sender_email).data() == nullptr)
        out.text(tag::sender_email, who.sender_email, 64);
    return finish(who, head, out);
}

Document shift_close_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                            BytesView extra, const FnTotals& shift, const FnTotals& all,
                            std::uint32_t shift_documents)
{
    TlvOut out;
    out.u32(tag::shift_number, head.shift).byte(tag::ffd, who.ffd);
    put_cashier(out, cashier, extra);
    out.u32(tag::shift_receipts, shift.receipt_count() + shift.correction_count())
        .u32(tag::shift_documents, shift_documents)
        .u32(tag::unsent_count, head.unsent);
    if (who.ffd >= kFfd12)
        out.u32(tag::unsent_notifications, 0);
    out.time(tag::unsent_since, head.unsent_since);
    put_warnings(out, head);
    if (who.ffd >= kFfd11)
        out.u16(tag::key_days, head.key_days)
            .structure(tag::shift_totals, counters(shift))
            .structure(tag::fn_totals, counters(all));
    return finish(who, head, out);
}

Document state_report(const Identity& who, const DocumentHead& head, const FnTotals& all)
{
    TlvOut out;
    if (head.shift != 0)
        out.u32(tag::shift_number, head.shift);
    out.byte(tag::ffd, who.ffd).byte(tag::offline_mode, 0).u32(tag::unsent_count, head.unsent);
    if (who.ffd >= kFfd12)
        out.u32(tag::unsent_notifications, 0);
    out.time(tag::unsent_since, head.unsent_since).u32(tag::unsent_first, head.unsent_first);
    if (who.ffd >= kFfd12)
        out.u16(tag::key_days, head.key_days);
    if (who.ffd >= kFfd11)
        out.structure(tag::fn_totals, counters(all));
    return finish(who, head, out);
}

Document fn_close_report(const Identity& who, const DocumentHead& head, const std::string& cashier,
                         const FnTotals& all)
{
    TlvOut out;
    out.u32(tag::shift_number, head.shift).byte(tag::ffd, who.ffd).text(tag::user, who.user);
    put_cashier(out, cashier, {});
    put_place(out, who);
    if (who.ffd >= kFfd11)
        out.structure(tag::fn_totals, counters(all));
    return finish(who, head, out);
}

} // namespace kb::emulator
