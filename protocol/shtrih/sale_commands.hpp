// The commands of a sale, second version: receipt, items, payments, corrections.
//
// A layout describes what follows the command code (docs/sources.md#shtrih, sections 3 and 4).
#pragma once

#include "protocol/shtrih/commands.hpp"
#include "protocol/shtrih/fn_replies.hpp"

#include <array>

namespace kb::shtrih {

struct OpenReceipt {
    static constexpr Command kCommand = Command::open_receipt;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t type = 0; ///< 0 sale, 1 purchase, 2 sale return, 3 purchase return; 80h added: correction
    bool operator==(const OpenReceipt&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.type);
    }
};

struct CancelReceipt {
    static constexpr Command kCommand = Command::cancel_receipt;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const CancelReceipt&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct Subtotal {
    static constexpr Command kCommand = Command::subtotal;
    using Reply = SubtotalReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const Subtotal&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

/// A copy of the last document, marked as such.
struct RepeatDocument {
    static constexpr Command kCommand = Command::repeat_document;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const RepeatDocument&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

/// One item of a receipt, second version.
struct Operation {
    static constexpr Command kCommand = Command::operation;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t operation = 1; ///< tag 1054: 1 sale, 2 sale return, 3 purchase, 4 purchase return
    Quantity quantity = Quantity::units(1);
    Kopecks price;
    std::optional<Kopecks> amount;   ///< with discount; nullopt: price x quantity, by the register
    std::optional<Kopecks> tax;      ///< nullopt: by the register
    std::uint8_t vat_code = 0;       ///< vat_code() in modes.hpp
    std::uint8_t department = 1;     ///< 0..16
    std::uint8_t payment_method = 4; ///< tag 1214
    std::uint8_t item_kind = 1;      ///< tag 1212
    std::string name; ///< at most 128 characters; after // or \\\\ it goes to the OFD, not to paper
    bool operator==(const Operation&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.operation);
        l.quantity(m.quantity);
        l.money(m.price);
        l.money_or_auto(m.amount);
        l.money_or_auto(m.tax);
        l.u8(m.vat_code);
        l.u8(m.department);
        l.u8(m.payment_method);
        l.u8(m.item_kind);
        l.text_rest(m.name, 128);
    }
};

/// Tags of an item; before or after its Operation: see DeviceClass::item_tlv_first.
struct SendOperationTlv {
    static constexpr Command kCommand = Command::send_operation_tlv;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    Bytes tlv; ///< at most 250 bytes
    bool operator==(const SendOperationTlv&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.bytes_rest(m.tlv);
    }
};

/// Tags of the open FN document.
struct SendTlv {
    static constexpr Command kCommand = Command::send_tlv;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    Bytes tlv; ///< at most 250 bytes
    bool operator==(const SendTlv&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.bytes_rest(m.tlv);
    }
};

/// Closes the receipt, second version: final once it is accepted.
struct CloseReceipt {
    static constexpr Command kCommand = Command::close_receipt;
    using Reply = CloseReceiptReply;
    std::uint32_t password = kAdministratorPassword;
    std::array<Kopecks, 16> payments{}; ///< 1 cash, 2..13 electronic, 14 advance, 15 credit, 16 counter
    std::uint8_t rounding = 0;          ///< kopecks taken off the total
    /// Rows 1..6 of table 6: VAT of 20 and 10 %, turnovers at 0 % and without VAT, VAT of 20/120 and 10/110.
    /// Zeros: the register calculates.
    std::array<Kopecks, 6> taxes{};
    std::uint8_t tax_system = 1; ///< one bit of tag 1055
    std::string text;            ///< at most 64 characters
    bool operator==(const CloseReceipt&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        for (auto& payment : m.payments)
            l.money(payment);
        l.u8(m.rounding);
        for (auto& tax : m.taxes)
            l.money(tax);
        l.u8(m.tax_system);
        l.text_rest(m.text, 64);
    }
};

struct BeginCorrection {
    static constexpr Command kCommand = Command::begin_correction;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const BeginCorrection&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

/// Correction receipt, second version (FFD before 1.2).
struct Correction {
    static constexpr Command kCommand = Command::correction;
    using Reply = NumberedDocumentReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t type = 0;      ///< tag 1173: 0 own, 1 by order
    std::uint8_t operation = 1; ///< tag 1054
    Kopecks total;
    std::array<Kopecks, 5> payments{}; ///< cash, electronic, advance, credit, counter
    /// VAT of 20 and 10 %, turnovers at 0 % and without VAT, VAT of 20/120 and 10/110.
    std::array<Kopecks, 6> taxes{};
    std::uint8_t tax_system = 1;
    bool operator==(const Correction&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.type);
        l.u8(m.operation);
        l.money(m.total);
        for (auto& payment : m.payments)
            l.money(payment);
        for (auto& tax : m.taxes)
            l.money(tax);
        l.u8(m.tax_system);
    }
};

struct ReceiptDiscount {
    static constexpr Command kCommand = Command::receipt_discount;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    Kopecks discount;
    Kopecks charge;
    std::uint8_t tax = 0;
    std::string name; ///< at most 40 characters
    bool operator==(const ReceiptDiscount&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.money(m.discount);
        l.money(m.charge);
        l.u8(m.tax);
        l.text(m.name, 40);
    }
};

} // namespace kb::shtrih
