// The commands of shift, receipt, cash and reports (mode 1; reports modes 2 and 3).
//
// A layout describes what follows the access password and the command code (docs/sources.md#atol,
// sections 4.5 and 4.6). Items of FFD 1.05; those of FFD 1.0 (52h, 57h, E6h) are not spoken.
#pragma once

#include "protocol/atol/commands.hpp"

namespace kb::atol {

/// Bit 0 of the flags: check only, change nothing.
inline constexpr std::uint8_t kCheckOnly = 0x01;
/// Bit 1 of the flags of items and returns: do not look whether the drawer has the cash.
inline constexpr std::uint8_t kNoCashControl = 0x02;

/// The number in 92h and in the state of a receipt; not tag 1054.
enum class ReceiptType : std::uint8_t {
    none = 0,
    sell = 1,
    sell_return = 2,
    buy = 4,
    buy_return = 5,
    sell_correction = 7,
    sell_return_correction = 8,
    buy_correction = 9,
    buy_return_correction = 10,
};

enum class PaymentType : std::uint8_t { cash = 1, electronic = 2, advance = 3, credit = 4, counter = 5 };

struct OpenShift {
    static constexpr Command kCommand = Command::open_shift;
    using Reply = ActionReply;
    std::uint8_t flags = 0;
    std::string text;
    bool operator==(const OpenShift&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.text_rest(m.text, 128);
    }
};

/// Most models open the shift with the first receipt by themselves.
struct OpenReceipt {
    static constexpr Command kCommand = Command::open_receipt;
    using Reply = ActionReply;
    bool check_only = false;
    bool print = true; ///< false sets Dialect::no_print_flag
    ReceiptType type = ReceiptType::sell;
    bool operator==(const OpenReceipt&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        const std::uint8_t no_print = l.dialect().no_print_flag;
        auto flags = static_cast<std::uint8_t>((m.check_only ? kCheckOnly : 0U) | (m.print ? 0U : no_print));
        l.u8(flags);
        if constexpr (L::kReading) {
            m.check_only = (flags & kCheckOnly) != 0;
            m.print = (flags & no_print) == 0;
            if ((flags & ~(kCheckOnly | no_print)) != 0)
                l.set_error(Errc::bad_value, "flags");
        }
        l.u8(m.type);
    }
};

/// One block of a requisite, a TLV with its header. Of the receipt after 92h, of an item between EAh and EBh.
struct WriteRequisite {
    static constexpr Command kCommand = Command::write_requisite;
    using Reply = ActionReply;
    bool print = false;
    std::uint8_t blocks = 1;
    std::uint8_t block = 0;
    Bytes data;
    bool operator==(const WriteRequisite&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        std::uint8_t flags = m.print ? 1 : 0;
        l.u8(flags);
        if constexpr (L::kReading)
            m.print = (flags & 1U) != 0;
        l.u8(m.blocks);
        l.u8(m.block);
        l.bytes_rest(m.data);
    }
};

/// A whole requisite in blocks that fit the frames of v2. Errc::too_many when it takes more than 255.
Result<std::vector<WriteRequisite>> requisite_blocks(BytesView tlv, bool print);
/// Text of a requisite in the dialect's code page.
Result<Bytes> requisite_text(std::string_view utf8, const Dialect& dialect);

/// Unverified: one source.
struct ReadRequisite {
    static constexpr Command kCommand = Command::read_requisite;
    using Reply = RequisiteReply;
    std::uint16_t tag = 0;
    std::uint8_t block = 0;
    bool operator==(const ReadRequisite&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.uint_le(m.tag, 2);
        l.u8(m.block);
    }
};

struct BeginItem {
    static constexpr Command kCommand = Command::begin_item;
    using Reply = ActionReply;
    bool operator==(const BeginItem&) const = default;
    template <class L, class M>
    static void layout(L& l, M&)
    {
        // 00 01 00: no flags, one block, block 0
        for (const unsigned value : {0U, 1U, 0U}) {
            std::uint8_t byte = static_cast<std::uint8_t>(value);
            l.u8(byte);
            if constexpr (L::kReading)
                if (byte != value)
                    l.set_error(Errc::bad_value, "head");
        }
    }
};

/// flags 1 | price 7 | quantity 5 | cost 7 | tax 1 | tax sum 7 | section 1 | tag 1212 1 | tag 1214 1 | sign 1
/// | discount 7 | reserved 2 | name. Without the two reserved bytes the name loses its first letters.
struct EndItem {
    static constexpr Command kCommand = Command::end_item;
    using Reply = ActionReply;
    std::uint8_t flags = 0;
    Kopecks price;
    Quantity quantity = Quantity::units(1);
    Kopecks cost;                    ///< of the quantity, after discount
    std::uint8_t tax = 1;            ///< row of table 13
    Kopecks tax_sum;                 ///< 0: by the register
    std::uint8_t section = 0;        ///< 0..99
    std::uint8_t item_kind = 1;      ///< tag 1212
    std::uint8_t payment_method = 4; ///< tag 1214
    bool surcharge = false;          ///< `discount` is one; for print only
    Kopecks discount;
    std::string name; ///< at most 128 characters
    bool operator==(const EndItem&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.money(m.price, 7);
        l.quantity(m.quantity);
        l.money(m.cost, 7);
        l.u8(m.tax);
        l.money(m.tax_sum, 7);
        l.bcd(m.section, 1);
        l.number(m.item_kind, 1, l.dialect().item_codes);
        l.number(m.payment_method, 1, l.dialect().item_codes);
        std::uint8_t sign = m.surcharge ? 1 : 0;
        l.u8(sign);
        if constexpr (L::kReading)
            m.surcharge = sign != 0;
        l.money(m.discount, 7);
        std::uint8_t reserved = 0;
        l.u8(reserved);
        l.u8(reserved);
        l.text_rest(m.name, 128);
    }
};

struct Discount {
    static constexpr Command kCommand = Command::discount;
    using Reply = ActionReply;
    std::uint8_t flags = 0;
    std::uint8_t area = 0;  ///< 0 receipt, 1 last item
    std::uint8_t type = 1;  ///< 0 percent, 1 sum
    std::uint8_t sign = 0;  ///< 0 discount, 1 surcharge
    std::uint64_t size = 0; ///< hundredths of a percent, or kopecks; a sum of 0 cuts off the kopecks
    bool operator==(const Discount&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.u8(m.area);
        l.u8(m.type);
        l.u8(m.sign);
        l.bcd(m.size, 5);
    }
};

struct ReceiptTax {
    static constexpr Command kCommand = Command::receipt_tax;
    using Reply = ActionReply;
    std::uint8_t flags = 0;
    std::uint8_t area = 0;
    std::uint8_t tax = 1; ///< row of table 13
    Kopecks sum;
    bool operator==(const ReceiptTax&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.u8(m.area);
        l.u8(m.tax);
        l.money(m.sum, l.dialect().tax_sum_bytes);
    }
};

/// flags 1 | type 1 | sum 5, for what takes a sum of one payment type.
template <Command Code, class Answer>
struct Paying {
    static constexpr Command kCommand = Code;
    using Reply = Answer;
    std::uint8_t flags = 0;
    PaymentType type = PaymentType::cash;
    Kopecks sum;
    bool operator==(const Paying&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.u8(m.type);
        l.money(m.sum, 5);
    }
};
using Payment = Paying<Command::payment, PaymentReply>;
using TakeBackPayment = Paying<Command::take_back_payment, PaymentReply>;
/// A sum of 0 pays the rest exactly; cash may be more, the change is printed.
using CloseReceipt = Paying<Command::close_receipt, ActionReply>;

using CancelReceipt = Plain<Command::cancel_receipt, ActionReply>;

/// flags 1 | sum 5, with no receipt open.
template <Command Code>
struct CashMove {
    static constexpr Command kCommand = Code;
    using Reply = ActionReply;
    std::uint8_t flags = 0;
    Kopecks sum;
    bool operator==(const CashMove&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.money(m.sum, 5);
    }
};
using CashIn = CashMove<Command::cash_in>;
using CashOut = CashMove<Command::cash_out>;

enum class ReportType : std::uint8_t {
    x_report = 1,
    sections = 2,
    cashiers = 3,
    hourly = 5,
    counts = 7,
    service = 8,
    state_report = 9, ///< a fiscal document
    goods = 0x10,
};

struct XReport {
    static constexpr Command kCommand = Command::x_report;
    using Reply = ActionReply;
    ReportType type = ReportType::x_report;
    bool operator==(const XReport&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.type);
    }
};

/// Closes the shift; the register goes on working after the answer: modes 3.2, 7.1, 3.0.
using ZReport = Plain<Command::z_report, ActionReply>;

} // namespace kb::atol
