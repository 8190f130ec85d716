// What a Shtrih-M register answers, as plain structs; the layouts serve the host and the emulator alike.
//
// A layout describes what follows the command code and the error byte 00 (docs/sources.md#shtrih, sections 3
// and 4). Unread bytes at the end are fine everywhere: newer firmware appends fields.
#pragma once

#include "protocol/shtrih/layout.hpp"

#include <variant>
#include <vector>

namespace kb::shtrih {

/// Most commands that change something.
struct EmptyReply {
    bool operator==(const EmptyReply&) const = default;
    template <class L, class M>
    static void layout(L&, M&)
    {}
};

/// Most commands of the base protocol: which operator's password matched.
struct OperatorReply {
    std::uint8_t op = 0; ///< 1..30, row of table 2
    bool operator==(const OperatorReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.op);
    }
};

struct DeviceTypeReply {
    std::uint8_t type = 0; ///< 0 register
    std::uint8_t subtype = 0;
    std::uint8_t protocol_version = 0;
    std::uint8_t protocol_subversion = 0;
    std::uint8_t model = 0; ///< models.hpp
    std::uint8_t language = 0;
    std::string name; ///< "РИТЕЙЛ-01Ф", may contain Latin look-alikes
    bool operator==(const DeviceTypeReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.type);
        l.u8(m.subtype);
        l.u8(m.protocol_version);
        l.u8(m.protocol_subversion);
        l.u8(m.model);
        l.u8(m.language);
        l.text_rest(m.name, 1000);
    }
};

/// Bits of ModelParametersReply::flags that the house looks at.
namespace model_flag {
inline constexpr int kReceiptOpticalSensor = 3;
inline constexpr int kCoverSensor = 4;
inline constexpr int kCutter = 13;
inline constexpr int kDrawerSensor = 15;
inline constexpr int kCashCore = 23;
inline constexpr int kProtocolV2 = 28;
inline constexpr int kLongShortStatus = 34;
inline constexpr int kErrorText = 36;
inline constexpr int kFn = 43;
inline constexpr int kOfdRelay = 44;
inline constexpr int kFfd11 = 47;
inline constexpr int kCorrectionAsReceipt = 48;
inline constexpr int kErrorTextWide = 49;
inline constexpr int kExtendedAnswers = 50;
} // namespace model_flag

struct ModelParametersReply {
    std::uint64_t flags = 0;
    std::uint8_t font1_width = 0; ///< dots per character; 0: ask command 26h
    std::uint8_t font2_width = 0;
    std::uint8_t first_graphics_line = 1;
    std::uint8_t inn_digits = 12;
    std::uint8_t rnm_digits = 16;
    std::uint8_t long_rnm_digits = 0;
    std::uint8_t long_serial_digits = 0;
    std::uint32_t inspector_password = 0;
    std::uint32_t administrator_password = 30;
    std::uint8_t bluetooth_table = 0;
    std::uint8_t tax_accrual_field = 0;
    std::uint16_t max_command_length = 0; ///< 0: 255
    std::uint8_t barcode_line_bytes = 40;
    std::optional<std::uint8_t> graphics_line_bytes;
    std::optional<std::uint16_t> graphics_lines;
    std::optional<std::uint8_t> fn_table;
    std::optional<std::uint8_t> ofd_table;
    std::optional<std::uint8_t> embedded_table;
    std::optional<std::uint8_t> ffd_table;
    std::optional<std::uint8_t> ffd_field;
    Bytes more; ///< fields of newer firmware, not understood
    bool operator==(const ModelParametersReply&) const = default;

    [[nodiscard]] bool has(int flag) const { return ((flags >> flag) & 1U) != 0; }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        const auto byte = [&l](auto& value) { l.u8(value); };
        l.u64(m.flags);
        l.u8(m.font1_width);
        l.u8(m.font2_width);
        l.u8(m.first_graphics_line);
        l.u8(m.inn_digits);
        l.u8(m.rnm_digits);
        l.u8(m.long_rnm_digits);
        l.u8(m.long_serial_digits);
        l.u32(m.inspector_password);
        l.u32(m.administrator_password);
        l.u8(m.bluetooth_table);
        l.u8(m.tax_accrual_field);
        l.u16(m.max_command_length);
        l.u8(m.barcode_line_bytes);
        l.tail(m.graphics_line_bytes, 1, byte);
        l.tail(m.graphics_lines, 2, [&l](auto& value) { l.u16(value); });
        l.tail(m.fn_table, 1, byte);
        l.tail(m.ofd_table, 1, byte);
        l.tail(m.embedded_table, 1, byte);
        l.tail(m.ffd_table, 1, byte);
        l.tail(m.ffd_field, 1, byte);
        l.bytes_rest(m.more);
    }
};

/// Bits of the flags of both status answers.
namespace kkt_flag {
inline constexpr int kReceiptPaper = 7; ///< optical sensor of the receipt roll: paper is there
inline constexpr int kCoverOpen = 10;
inline constexpr int kDrawerOpen = 11;
} // namespace kkt_flag

struct ShortStatusReply {
    std::uint8_t op = 0;
    std::uint16_t flags = 0;
    std::uint8_t mode = 0; ///< modes.hpp
    std::uint8_t submode = 0;
    std::uint16_t operations = 0; ///< in the open receipt
    std::uint8_t battery = 0;
    std::uint8_t supply = 0;
    std::uint8_t fm_error = 0;
    std::uint8_t eklz_error = 0;
    Bytes reserved = Bytes(3, 0);
    std::optional<std::uint8_t> last_print_result; ///< 0 ok, 1 paper out, 2 printer error, 5 printing
    bool operator==(const ShortStatusReply&) const = default;

    [[nodiscard]] bool has(int flag) const { return ((flags >> flag) & 1) != 0; }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        auto low = static_cast<std::uint8_t>(m.operations & 0xFF);
        auto high = static_cast<std::uint8_t>(m.operations >> 8);
        l.u8(m.op);
        l.u16(m.flags);
        l.u8(m.mode);
        l.u8(m.submode);
        l.u8(low);
        l.u8(m.battery);
        l.u8(m.supply);
        l.u8(m.fm_error);
        l.u8(m.eklz_error);
        l.u8(high);
        if constexpr (L::kReading)
            m.operations = static_cast<std::uint16_t>(high << 8 | low);
        l.bytes(m.reserved, 3);
        l.tail(m.last_print_result, 1, [&l](auto& value) { l.u8(value); });
    }
};

struct FullStatusReply {
    std::uint8_t op = 0;
    std::string version = "C3"; ///< two characters, shown with a dot between them
    std::uint16_t build = 0;
    Date firmware_date;
    std::uint8_t number_in_hall = 0;
    std::uint16_t document_number = 0; ///< through number of all documents, not the FD number
    std::uint16_t flags = 0;
    std::uint8_t mode = 0;
    std::uint8_t submode = 0;
    std::uint8_t port = 0; ///< 0..127 COM, 128 TCP
    std::string fm_version = "NA";
    std::uint16_t fm_build = 0;
    Date fm_date;
    Date date;
    TimeOfDay time;
    std::uint8_t fm_flags = 0;
    std::uint32_t serial_low = 0; ///< FFFFFFFFh: none
    std::uint16_t last_closed_shift = 0;
    std::uint16_t free_fm_records = 0;
    std::uint8_t registrations_done = 0;
    std::uint8_t registrations_left = 0;
    std::uint64_t inn = 0;                     ///< 6 bytes; FFFFFFFFFFFFh: none
    std::optional<std::uint8_t> fm_flags_high; ///< this and the next: 50-byte message
    std::optional<std::uint8_t> fm_mode;
    std::optional<std::uint16_t> serial_high; ///< 52-byte message
    bool operator==(const FullStatusReply&) const = default;

    [[nodiscard]] bool has(int flag) const { return ((flags >> flag) & 1) != 0; }
    /// "C.2"
    [[nodiscard]] std::string version_text() const;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        const auto byte = [&l](auto& value) { l.u8(value); };
        l.u8(m.op);
        l.text(m.version, 2);
        l.u16(m.build);
        l.dmy(m.firmware_date);
        l.u8(m.number_in_hall);
        l.u16(m.document_number);
        l.u16(m.flags);
        l.u8(m.mode);
        l.u8(m.submode);
        l.u8(m.port);
        l.text(m.fm_version, 2);
        l.u16(m.fm_build);
        l.dmy(m.fm_date);
        l.dmy(m.date);
        l.hms(m.time);
        l.u8(m.fm_flags);
        l.u32(m.serial_low);
        l.u16(m.last_closed_shift);
        l.u16(m.free_fm_records);
        l.u8(m.registrations_done);
        l.u8(m.registrations_left);
        l.uint(m.inn, 6);
        l.tail(m.fm_flags_high, 1, byte);
        l.tail(m.fm_mode, 1, byte);
        l.tail(m.serial_high, 2, [&l](auto& value) { l.u16(value); });
    }
};

struct TextReply {
    std::string text;
    bool operator==(const TextReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.text_rest(m.text, 1000);
    }
};

struct PortReply {
    std::uint8_t speed = 6;         ///< 0..9: 2400 .. 921600; on port 128 (TCP) it codes the port number
    std::uint8_t byte_timeout = 50; ///< see byte_timeout() in modes.hpp
    bool operator==(const PortReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.speed);
        l.u8(m.byte_timeout);
    }
};

struct TableValueReply {
    Bytes value; ///< BIN little-endian or CP1251 text padded with 00, as long as the field
    bool operator==(const TableValueReply&) const = default;
    /// Little-endian number; Errc::bad_length when it is empty or longer than eight bytes.
    [[nodiscard]] Result<std::uint64_t> as_number() const;
    /// UTF-8, without the padding.
    [[nodiscard]] std::string as_text() const;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.bytes_rest(m.value);
    }
};

struct TableStructureReply {
    std::string name;
    std::uint16_t rows = 0;
    std::uint8_t fields = 0;
    bool operator==(const TableStructureReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.text(m.name, 40);
        l.u16(m.rows);
        l.u8(m.fields);
    }
};

struct FieldStructureReply {
    enum class Type : std::uint8_t { number = 0, text = 1 };
    std::string name;
    Type type = Type::number;
    std::uint8_t size = 1;
    /// Limits of a number of at most eight bytes; a text has none.
    std::uint64_t min = 0;
    std::uint64_t max = 0;
    bool operator==(const FieldStructureReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.text(m.name, 40);
        l.u8(m.type);
        l.u8(m.size);
        if (m.type == Type::text)
            return;
        if (m.size > 8) {
            l.set_error(Errc::bad_value, "a number of more than eight bytes");
            return;
        }
        l.uint(m.min, m.size);
        l.uint(m.max, m.size);
    }
};

struct CashRegisterReply {
    std::uint8_t op = 0;
    Kopecks value;
    bool operator==(const CashRegisterReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.op);
        l.money(m.value, 6);
    }
};

struct OperationRegisterReply {
    std::uint8_t op = 0;
    std::uint16_t value = 0;
    bool operator==(const OperationRegisterReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.op);
        l.u16(m.value);
    }
};

struct FontReply {
    std::uint16_t print_width = 0; ///< dots
    std::uint8_t char_width = 0;
    std::uint8_t char_height = 0;
    std::uint8_t fonts = 0;
    bool operator==(const FontReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u16(m.print_width);
        l.u8(m.char_width);
        l.u8(m.char_height);
        l.u8(m.fonts);
    }
};

/// Number and sign of a fiscal document just made. Unverified: that E0h and 41h append it after the operator.
struct DocumentMade {
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    std::optional<FnTime> at; ///< only with extended answers (table 17, field 36)
    bool operator==(const DocumentMade&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.fd_number);
        l.u32(m.fiscal_sign);
        l.tail(m.at, 5, [&l](auto& value) { l.fn_time(value); });
    }
};

/// Opening and closing the shift by E0h and 41h.
struct ShiftReply {
    std::uint8_t op = 0;
    std::optional<DocumentMade> document;
    bool operator==(const ShiftReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.op);
        l.tail(m.document, 8, [&l](auto& value) { DocumentMade::layout(l, value); });
    }
};

/// Opening and closing the shift by FF0B and FF43, and the correction FF4A with the receipt's number.
struct NumberedDocumentReply {
    std::uint16_t number = 0; ///< of the shift or the receipt
    DocumentMade document;
    bool operator==(const NumberedDocumentReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u16(m.number);
        DocumentMade::layout(l, m.document);
    }
};

struct CashMovementReply {
    std::uint8_t op = 0;
    std::uint16_t document_number = 0;
    bool operator==(const CashMovementReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.op);
        l.u16(m.document_number);
    }
};

struct SubtotalReply {
    std::uint8_t op = 0;
    Kopecks total;
    bool operator==(const SubtotalReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.op);
        l.money(m.total);
    }
};

struct CloseReceiptReply {
    Kopecks change;
    DocumentMade document;
    bool operator==(const CloseReceiptReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.money(m.change);
        DocumentMade::layout(l, m.document);
    }
};

} // namespace kb::shtrih
