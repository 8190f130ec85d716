// What ATOL registers answer to the commands of commands.hpp and sale_commands.hpp.
//
// A layout describes what follows the head of the answer (docs/sources.md#atol, section 3.1): 55 ERR, 44, 4D,
// 55 or the error byte alone, by the command.
#pragma once

#include "protocol/atol/layout.hpp"

namespace kb::atol {

/// Answer of whatever acts: 55 00 EXT. Only these three bytes: a longer one is not to be trusted on v2, whose
/// sum does not see everything.
struct ActionReply {
    static constexpr bool kExact = true;
    std::optional<std::uint8_t> extra;
    bool operator==(const ActionReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.tail(m.extra, 1, [&](auto& value) { l.u8(value); });
    }
};

// Flags of the full status. Source: docs/sources.md#atol, section 4.2.
namespace status_flag {
inline constexpr std::uint8_t kFiscalised = 0x01;
inline constexpr std::uint8_t kShiftOpen = 0x02;
inline constexpr std::uint8_t kDrawer = 0x04; ///< Dialect::drawer_open_flag
inline constexpr std::uint8_t kPaper = 0x08;  ///< Dialect::paper_absent_flag
inline constexpr std::uint8_t kCoverOpen = 0x20;
inline constexpr std::uint8_t kFnActive = 0x40;
inline constexpr std::uint8_t kBatteryLow = 0x80;
} // namespace status_flag

/// 44 | cashier 1 | number in the hall 1 | date 3 | time 3 | flags 1 | serial 4 | model 1 | version 2 | mode
/// 1 | receipt number 2 | last closed shift 2 | receipt state 1 | sum 5 | decimals 1 | port 1. Older models
/// end behind the sum.
struct FullStatusReply {
    std::uint8_t cashier = 0;
    std::uint8_t hall_number = 0;
    Date date;
    TimeOfDay time;
    std::uint8_t flags = 0;
    Bytes serial = Bytes(4); ///< eight digits; all FFh: not entered. The whole number is register 16h.
    std::uint8_t model = 0;
    std::string version;
    std::uint8_t mode = 0;
    Bytes receipt_number = Bytes(2); ///< BCD in Dialect::status_numbers
    Bytes closed_shift = Bytes(2);   ///< the same; the shift of now is one more
    std::uint8_t receipt_state = 0;
    Kopecks sum; ///< of the open receipt
    std::optional<std::uint8_t> decimals;
    std::optional<std::uint8_t> port;
    bool operator==(const FullStatusReply&) const = default;
    [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.bcd(m.cashier, 1);
        l.u8(m.hall_number);
        l.ymd(m.date);
        l.hms(m.time);
        l.u8(m.flags);
        l.bytes(m.serial, 4);
        l.u8(m.model);
        l.ascii(m.version, 2);
        l.u8(m.mode);
        l.bytes(m.receipt_number, 2);
        l.bytes(m.closed_shift, 2);
        l.u8(m.receipt_state);
        l.money(m.sum, 5);
        l.tail(m.decimals, 1, [&](auto& value) { l.u8(value); });
        l.tail(m.port, 1, [&](auto& value) { l.u8(value); });
    }
};

// Flags of the state code. Source: docs/sources.md#atol, section 4.1.
namespace state_flag {
inline constexpr std::uint8_t kNoPaper = 0x01;
inline constexpr std::uint8_t kNoPrinter = 0x02;
inline constexpr std::uint8_t kMechanical = 0x04;
inline constexpr std::uint8_t kCutter = 0x08;
inline constexpr std::uint8_t kPrinterError = 0x40;
inline constexpr std::uint8_t kPaperNearEnd = 0x80;
} // namespace state_flag

struct StateCodeReply {
    static constexpr bool kExact = true;
    std::uint8_t mode = 0;
    std::uint8_t flags = 0;
    bool operator==(const StateCodeReply&) const = default;
    [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.mode);
        l.u8(m.flags);
    }
};

/// Unverified: what protocol and type count.
struct DeviceTypeReply {
    std::uint8_t protocol = 0;
    std::uint8_t type = 0;
    std::uint8_t model = 0;
    Bytes mode = Bytes(2);
    Bytes version = Bytes(5);
    std::string name;
    bool operator==(const DeviceTypeReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.protocol);
        l.u8(m.type);
        l.u8(m.model);
        l.bytes(m.mode, 2);
        l.bytes(m.version, 5);
        l.text_rest(m.name, 64);
    }
};

/// The last five bytes, since two sources differ in what is before them: version 1 | subversion 1 | language
/// 1 | build 2 BCD.
struct FirmwareVersionReply {
    Bytes before; ///< empty or one byte
    Bytes version = Bytes(3);
    std::uint16_t build = 0;
    bool operator==(const FirmwareVersionReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        constexpr std::size_t kSize = 5;
        if constexpr (L::kReading)
            l.bytes(m.before, l.left() > kSize ? l.left() - kSize : 0);
        else
            l.bytes_rest(m.before);
        l.bytes(m.version, 3);
        l.bcd(m.build, 2);
    }
};

/// Register, table field or piece of a document, as it is; registers.hpp reads registers.
struct ValueReply {
    Bytes value;
    bool operator==(const ValueReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.bytes_rest(m.value);
    }
};

struct CashReply {
    static constexpr bool kExact = true;
    Kopecks sum;
    bool operator==(const CashReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.money(m.sum, 7);
    }
};

/// Unverified: one source.
struct ShiftTotalsReply {
    static constexpr bool kExact = true;
    Kopecks income;
    Kopecks outcome;
    bool operator==(const ShiftTotalsReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.money(m.income, 7);
        l.money(m.outcome, 7);
    }
};

struct PaymentReply {
    static constexpr bool kExact = true;
    Kopecks remainder; ///< still to be paid
    Kopecks change;
    bool operator==(const PaymentReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.money(m.remainder, 5);
        l.money(m.change, 5);
    }
};

struct RequisiteReply {
    std::uint8_t blocks = 1;
    Bytes data; ///< of one block; the first begins with the TLV's header
    bool operator==(const RequisiteReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.blocks);
        l.bytes_rest(m.data);
    }
};

} // namespace kb::atol
