// What the house asks a Shtrih-M register, as plain structs; the layouts serve the host and the emulator
// alike.
//
// A layout describes what follows the command code (docs/sources.md#shtrih, section 3). The sale is in
// sale_commands.hpp, the fiscal drive in fn_commands.hpp; codec.hpp turns all of them into bytes.
#pragma once

#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/replies.hpp"

#include <array>

namespace kb::shtrih {

/// Factory password of the system administrator, row 30 of table 2.
inline constexpr std::uint32_t kAdministratorPassword = 30;
/// Print flags: bit 1 receipt roll.
inline constexpr std::uint8_t kPrintOnReceipt = 0x02;

/// A text of `width` bytes padded with 00; read in any length, `width` becomes what came.
template <class L, class Text, class Width>
void text_field(L& l, Text& text, Width& width)
{
    if constexpr (L::kReading)
        width = l.left();
    l.text(text, width);
}

struct DeviceType {
    static constexpr Command kCommand = Command::device_type;
    using Reply = DeviceTypeReply;
    bool operator==(const DeviceType&) const = default;
    template <class L, class M>
    static void layout(L&, M&)
    {}
};

struct ModelParameters {
    static constexpr Command kCommand = Command::model_parameters;
    using Reply = ModelParametersReply;
    std::uint8_t query = 1;
    bool operator==(const ModelParameters&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.query);
    }
};

struct ShortStatus {
    static constexpr Command kCommand = Command::short_status;
    using Reply = ShortStatusReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const ShortStatus&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct FullStatus {
    static constexpr Command kCommand = Command::full_status;
    using Reply = FullStatusReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const FullStatus&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct ErrorText {
    static constexpr Command kCommand = Command::error_text;
    using Reply = TextReply;
    std::optional<std::uint32_t> error; ///< nullopt: text of the last error
    bool wide = false;                  ///< four bytes, for models with flag 49 or 54
    bool operator==(const ErrorText&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        if constexpr (L::kReading)
            m.wide = l.left() >= 4;
        l.tail(m.error, m.wide ? 4 : 1, [&](auto& value) { l.uint(value, m.wide ? 4 : 1); });
    }
};

/// The new speed is valid after the answer.
struct SetPort {
    static constexpr Command kCommand = Command::set_port;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t port = 0;
    std::uint8_t speed = 6;
    std::uint8_t byte_timeout = 100; ///< coded, see byte_timeout() in modes.hpp
    bool operator==(const SetPort&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.port);
        l.u8(m.speed);
        l.u8(m.byte_timeout);
    }
};

struct ReadPort {
    static constexpr Command kCommand = Command::read_port;
    using Reply = PortReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t port = 0;
    bool operator==(const ReadPort&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.port);
    }
};

struct WriteTable {
    static constexpr Command kCommand = Command::write_table;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t table = 0;
    std::uint16_t row = 1;
    std::uint8_t field = 0;
    Bytes value; ///< at most as long as the field
    bool operator==(const WriteTable&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.table);
        l.u16(m.row);
        l.u8(m.field);
        l.bytes_rest(m.value);
    }
};

struct ReadTable {
    static constexpr Command kCommand = Command::read_table;
    using Reply = TableValueReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t table = 0;
    std::uint16_t row = 1;
    std::uint8_t field = 0;
    bool operator==(const ReadTable&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.table);
        l.u16(m.row);
        l.u8(m.field);
    }
};

struct TableStructure {
    static constexpr Command kCommand = Command::table_structure;
    using Reply = TableStructureReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t table = 0;
    bool operator==(const TableStructure&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.table);
    }
};

struct FieldStructure {
    static constexpr Command kCommand = Command::field_structure;
    using Reply = FieldStructureReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t table = 0;
    std::uint8_t field = 0;
    bool operator==(const FieldStructure&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.table);
        l.u8(m.field);
    }
};

struct SetTime {
    static constexpr Command kCommand = Command::set_time;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    TimeOfDay time;
    bool operator==(const SetTime&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.hms(m.time);
    }
};

/// Then ConfirmDate with the same day.
struct SetDate {
    static constexpr Command kCommand = Command::set_date;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    Date date;
    bool operator==(const SetDate&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.dmy(m.date);
    }
};

struct ConfirmDate {
    static constexpr Command kCommand = Command::confirm_date;
    using Reply = EmptyReply;
    std::uint32_t password = kAdministratorPassword;
    Date date;
    bool operator==(const ConfirmDate&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.dmy(m.date);
    }
};

struct ReadCashRegister {
    static constexpr Command kCommand = Command::read_cash_register;
    using Reply = CashRegisterReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint16_t number = 0; ///< above 255 in two bytes (registers with an FN)
    bool operator==(const ReadCashRegister&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        std::size_t width = m.number > 0xFF ? 2 : 1;
        if constexpr (L::kReading)
            width = l.left() >= 2 ? 2 : 1;
        l.uint(m.number, width);
    }
};

struct ReadOperationRegister {
    static constexpr Command kCommand = Command::read_operation_register;
    using Reply = OperationRegisterReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t number = 0;
    bool operator==(const ReadOperationRegister&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.number);
    }
};

struct OpenShift {
    static constexpr Command kCommand = Command::open_shift;
    using Reply = ShiftReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const OpenShift&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

/// Closes the shift.
struct ZReport {
    static constexpr Command kCommand = Command::z_report;
    using Reply = ShiftReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const ZReport&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct XReport {
    static constexpr Command kCommand = Command::x_report;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const XReport&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct CashIn {
    static constexpr Command kCommand = Command::cash_in;
    using Reply = CashMovementReply;
    std::uint32_t password = kAdministratorPassword;
    Kopecks amount;
    bool operator==(const CashIn&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.money(m.amount);
    }
};

struct CashOut {
    static constexpr Command kCommand = Command::cash_out;
    using Reply = CashMovementReply;
    std::uint32_t password = kAdministratorPassword;
    Kopecks amount;
    bool operator==(const CashOut&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.money(m.amount);
    }
};

struct Beep {
    static constexpr Command kCommand = Command::beep;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const Beep&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

struct PrintString {
    static constexpr Command kCommand = Command::print_string;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t flags = kPrintOnReceipt;
    std::string text;
    std::size_t width = 40; ///< shorter text is padded with 00 up to here
    bool operator==(const PrintString&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.flags);
        text_field(l, m.text, m.width);
    }
};

struct PrintStringInFont {
    static constexpr Command kCommand = Command::print_string_in_font;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t flags = kPrintOnReceipt;
    std::uint8_t font = 1;
    std::string text;
    std::size_t width = 40; ///< shorter text is padded with 00 up to here
    bool operator==(const PrintStringInFont&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.flags);
        l.u8(m.font);
        text_field(l, m.text, m.width);
    }
};

struct Cut {
    static constexpr Command kCommand = Command::cut;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t partial = 1;
    bool operator==(const Cut&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.partial);
    }
};

struct ReadFont {
    static constexpr Command kCommand = Command::read_font;
    using Reply = FontReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t font = 1;
    bool operator==(const ReadFont&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.font);
    }
};

struct OpenDrawer {
    static constexpr Command kCommand = Command::open_drawer;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t drawer = 0;
    bool operator==(const OpenDrawer&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.drawer);
    }
};

struct Feed {
    static constexpr Command kCommand = Command::feed;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t flags = kPrintOnReceipt;
    std::uint8_t lines = 1;
    bool operator==(const Feed&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.flags);
        l.u8(m.lines);
    }
};

struct ContinuePrinting {
    static constexpr Command kCommand = Command::continue_printing;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    bool operator==(const ContinuePrinting&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
    }
};

/// The twelve digits before the check digit, which the register counts.
/// Unverified: that the check digit is left out; thirteen digits do not fit in five bytes.
struct PrintEan13 {
    static constexpr Command kCommand = Command::print_ean13;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint64_t digits = 0;
    bool operator==(const PrintEan13&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.uint(m.digits, 5);
    }
};

inline constexpr std::size_t kBlockBytes = 64;

/// A part of what PrintBarcode2d prints.
struct LoadBlock {
    static constexpr Command kCommand = Command::load_block;
    using Reply = OperatorReply;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t type = 0; ///< 0: of a bar code
    std::uint8_t block = 0;
    Bytes data = Bytes(kBlockBytes);
    bool operator==(const LoadBlock&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.type);
        l.u8(m.block);
        l.bytes(m.data, kBlockBytes);
    }
};

struct PrintBarcode2d {
    static constexpr Command kCommand = Command::print_barcode_2d;
    using Reply = OperatorReply;
    static constexpr std::uint8_t kQr = 3;
    std::uint32_t password = kAdministratorPassword;
    std::uint8_t kind = kQr; ///< 0 PDF417, 1 DataMatrix, 2 Aztec, 3 QR
    std::uint16_t length = 0;
    std::uint8_t first_block = 0;
    /// Of QR: version (0: any), nothing, dots of a module 3..8, nothing, error correction 0..3.
    std::array<std::uint8_t, 5> parameters{0, 0, 4, 0, 1};
    std::uint8_t align = 1; ///< 0 left, 1 centre, 2 right
    bool operator==(const PrintBarcode2d&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.password);
        l.u8(m.kind);
        l.u16(m.length);
        l.u8(m.first_block);
        for (auto& parameter : m.parameters)
            l.u8(parameter);
        l.u8(m.align);
    }
};

} // namespace kb::shtrih
