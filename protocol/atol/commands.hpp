// What the house asks an ATOL register, as plain structs: state, registers, tables, clock, printing.
//
// A layout describes what follows the access password and the command code (docs/sources.md#atol, section 4).
// The sale is in sale_commands.hpp, the fiscal drive in fn_commands.hpp; codec.hpp turns all of them into
// bytes.
#pragma once

#include "protocol/atol/command_codes.hpp"
#include "protocol/atol/replies.hpp"

namespace kb::atol {

/// Password of a mode: the number of the user, 1..28 cashiers, 29 administrator, 30 system administrator.
inline constexpr std::uint32_t kAdministratorPassword = 30;

/// A command without parameters.
template <Command Code, class Answer>
struct Plain {
    static constexpr Command kCommand = Code;
    using Reply = Answer;
    bool operator==(const Plain&) const = default;
    template <class L, class M>
    static void layout(L&, M&)
    {}
};

using FullStatus = Plain<Command::full_status, FullStatusReply>;
using StateCode = Plain<Command::state_code, StateCodeReply>;
using DeviceType = Plain<Command::device_type, DeviceTypeReply>;
using CashInDrawer = Plain<Command::cash_in_drawer, CashReply>;
using ShiftTotals = Plain<Command::shift_totals, ShiftTotalsReply>;
/// To mode 0; from a sub-mode it takes two.
using LeaveMode = Plain<Command::leave_mode, ActionReply>;
using Beep = Plain<Command::beep, ActionReply>;
using OpenDrawer = Plain<Command::open_drawer, ActionReply>;
using PrintHeader = Plain<Command::print_header, ActionReply>;
/// The last document once more, or the deferred Z reports.
using Reprint = Plain<Command::reprint, ActionReply>;
/// Ends a report that was interrupted.
using ContinueReport = Plain<Command::continue_report, ActionReply>;

struct FirmwareVersion {
    static constexpr Command kCommand = Command::firmware_version;
    using Reply = FirmwareVersionReply;
    std::uint8_t source = 1; ///< 01h main processor, 02h fiscal memory, 03h loader, 91h internal number
    bool operator==(const FirmwareVersion&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.source);
    }
};

struct ReadRegister {
    static constexpr Command kCommand = Command::read_register;
    using Reply = ValueReply;
    std::uint8_t number = 0; ///< registers.hpp
    std::uint8_t first = 0;  ///< receipt type and the like; 0 where there is none
    std::uint8_t second = 0;
    bool operator==(const ReadRegister&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.number);
        l.u8(m.first);
        l.u8(m.second);
    }
};

struct ReadTable {
    static constexpr Command kCommand = Command::read_table;
    using Reply = ValueReply;
    std::uint8_t table = 0;
    std::uint16_t row = 1;
    std::uint8_t field = 0;
    bool operator==(const ReadTable&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.table);
        l.u16_be(m.row);
        l.u8(m.field);
    }
};

/// In mode 4. Widths differ by firmware: read the field first and keep its length.
struct WriteTable {
    static constexpr Command kCommand = Command::write_table;
    using Reply = ActionReply;
    std::uint8_t table = 0;
    std::uint16_t row = 1;
    std::uint8_t field = 0;
    Bytes value;
    bool operator==(const WriteTable&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.table);
        l.u16_be(m.row);
        l.u8(m.field);
        l.bytes_rest(m.value);
    }
};

/// Only from mode 0.
struct EnterMode {
    static constexpr Command kCommand = Command::enter_mode;
    using Reply = ActionReply;
    std::uint8_t mode = 1;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const EnterMode&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.mode);
        l.bcd(m.password, 4);
    }
};

struct SetDate {
    static constexpr Command kCommand = Command::set_date;
    using Reply = ActionReply;
    Date date;
    bool operator==(const SetDate&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.dmy(m.date);
    }
};

struct SetTime {
    static constexpr Command kCommand = Command::set_time;
    using Reply = ActionReply;
    TimeOfDay time;
    bool operator==(const SetTime&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.hms(m.time);
    }
};

/// Registers with a fiscal drive; in mode 0.
struct SetDateTime {
    static constexpr Command kCommand = Command::set_date_time;
    using Reply = ActionReply;
    Date date;
    TimeOfDay time;
    bool operator==(const SetDateTime&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.dmy(m.date);
        l.hms(m.time);
    }
};

/// One line, at most as long as register 18h tells. Some models print nothing for an empty one.
struct PrintLine {
    static constexpr Command kCommand = Command::print_line;
    using Reply = ActionReply;
    std::string text;
    bool operator==(const PrintLine&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.text_rest(m.text, 72);
    }
};

struct PrintFormatted {
    static constexpr Command kCommand = Command::print_formatted;
    using Reply = ActionReply;
    std::uint8_t flags = 0; ///< bit 0: check only
    std::uint8_t printer = 1;
    std::uint8_t font = 0;
    std::uint8_t height = 0;
    std::uint8_t interval = 0;
    std::uint8_t brightness = 0;
    std::uint8_t mode1 = 1;
    std::uint8_t mode2 = 1;
    std::uint8_t format = 0;
    std::string text;
    bool operator==(const PrintFormatted&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.u8(m.printer);
        l.u8(m.font);
        l.u8(m.height);
        l.u8(m.interval);
        l.u8(m.brightness);
        l.u8(m.mode1);
        l.u8(m.mode2);
        l.u8(m.format);
        std::uint8_t reserved = 0;
        l.u8(reserved);
        l.u8(reserved);
        l.text_rest(m.text, 72);
    }
};

/// type 1 | align 1 | size of a dot 1 | version 2 | options 2 | level 1 | rows 1 | columns 1 | proportions 2
/// | 2 | contents. A QR code; versions and the rest 0: by the register.
///
/// Unverified: the type's number and that all of it fits one command (one source).
struct PrintQr {
    static constexpr Command kCommand = Command::print_code;
    using Reply = ActionReply;
    static constexpr std::size_t kLongest = 100; ///< bytes; more would want a second command
    std::uint8_t align = 2;                      ///< 1 left, 2 centre, 3 right
    std::uint8_t dot = 5;
    std::uint8_t level = 4; ///< of error correction
    Bytes contents;
    bool operator==(const PrintQr&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        constexpr std::uint8_t kQr = 0;
        std::uint8_t type = kQr;
        l.u8(type);
        if constexpr (L::kReading)
            if (type != kQr)
                l.set_error(Errc::bad_value, "type");
        l.u8(m.align);
        l.u8(m.dot);
        std::uint16_t by_register = 0;
        l.u16_be(by_register); // version
        l.u16_be(by_register); // options
        l.u8(m.level);
        l.u16_be(by_register); // rows, columns
        l.u16_be(by_register); // proportions
        l.u16_be(by_register);
        l.bytes_rest(m.contents);
        if (m.contents.size() > kLongest)
            l.set_error(Errc::bad_length, "contents");
    }
};

struct Cut {
    static constexpr Command kCommand = Command::cut;
    using Reply = ActionReply;
    bool partial = true;
    bool operator==(const Cut&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        // 0 full | 1, or by one driver 4, partial
        std::uint8_t type = m.partial ? l.dialect().partial_cut : std::uint8_t{0};
        l.u8(type);
        if constexpr (L::kReading)
            m.partial = type != 0;
    }
};

struct PulseDrawer {
    static constexpr Command kCommand = Command::pulse_drawer;
    using Reply = ActionReply;
    std::uint16_t on_ms = 100;  ///< 0..9999
    std::uint16_t off_ms = 100; ///< 0..9999
    std::uint8_t count = 1;
    bool operator==(const PulseDrawer&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.bcd(m.on_ms, 2);
        l.bcd(m.off_ms, 2);
        l.u8(m.count);
    }
};

struct Tone {
    static constexpr Command kCommand = Command::tone;
    using Reply = ActionReply;
    std::uint16_t divider = 0;   ///< divider_of()
    std::uint8_t hundredths = 0; ///< of a second
    bool operator==(const Tone&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u16_be(m.divider);
        l.u8(m.hundredths);
    }
    /// Precondition: 15..921600 Hz.
    static constexpr std::uint16_t divider_of(std::uint32_t hertz)
    {
        return static_cast<std::uint16_t>(65536U - 921600U / hertz);
    }
};

} // namespace kb::atol
