// What the fiscal drive (FN) answers through a Shtrih-M register, as plain structs for both directions.
#pragma once

#include "protocol/shtrih/replies.hpp"

namespace kb::shtrih {

struct FnStatusReply {
    std::uint8_t phase = 0;            ///< 0 setup, 1 ready, 3 fiscal, 7 closed and sending, 15 archive only
    std::uint8_t current_document = 0; ///< 0: none is open in the FN
    std::uint8_t document_data = 0;
    std::uint8_t shift_open = 0;
    std::uint8_t warnings = 0;
    FnTime last_document_at; ///< zeros: none
    std::string fn_serial;   ///< 16 characters
    std::uint32_t last_fd_number = 0;
    bool operator==(const FnStatusReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.phase);
        l.u8(m.current_document);
        l.u8(m.document_data);
        l.u8(m.shift_open);
        l.u8(m.warnings);
        l.fn_time(m.last_document_at);
        l.digits(m.fn_serial, 16, ' ');
        l.u32(m.last_fd_number);
    }
};

struct FnNumberReply {
    std::string fn_serial;
    bool operator==(const FnNumberReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.digits(m.fn_serial, 16, ' ');
    }
};

struct FnExpiryReply {
    Date expires_on;
    std::optional<std::uint8_t> registrations_left;
    std::optional<std::uint8_t> registrations_done;
    bool operator==(const FnExpiryReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.ymd(m.expires_on);
        l.tail(m.registrations_left, 1, [&l](auto& value) { l.u8(value); });
        l.tail(m.registrations_done, 1, [&l](auto& value) { l.u8(value); });
    }
};

struct FnVersionReply {
    std::string version;   ///< up to 16 characters
    std::uint8_t type = 1; ///< 0 debug drive, 1 serial
    bool operator==(const FnVersionReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.digits(m.version, 16, '\0');
        l.u8(m.type);
    }
};

/// FF09; the form shows in the length.
///   47 (52)  at 5, INN 12, RNM 20, tax u8, mode u8,                                    FD u32, FP u32 [, at
///   5] 48 (53)  the same with one byte more after the mode 64..     at 5, INN 12, RNM 20, tax u8, mode u8,
///   ext u8, OFD INN 12, reason u32, FD u32, FP u32 [, ...]
/// Unverified: the 48-byte form; one client counts that way.
struct FiscalisationReply {
    FnTime at;
    std::string inn;
    std::string kkt_reg_number;
    std::uint8_t tax_systems = 0;
    std::uint8_t work_modes = 0;
    std::optional<std::uint8_t> extended_modes;
    std::optional<std::string> ofd_inn;   ///< FFD 1.1 form only, then with reasons
    std::optional<std::uint32_t> reasons; ///< of the change, bit mask
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    std::optional<FnTime> first_at; ///< of the fiscalisation document
    bool operator==(const FiscalisationReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        bool extended = m.extended_modes.has_value();
        bool ffd11 = m.ofd_inn.has_value() || m.reasons.has_value();
        if constexpr (L::kReading) {
            const std::size_t length = l.left();
            ffd11 = length >= 64;
            extended = ffd11 || length == 48 || length == 53;
        }
        l.fn_time(m.at);
        l.digits(m.inn, 12, ' ');
        l.digits(m.kkt_reg_number, 20, ' ');
        l.u8(m.tax_systems);
        l.u8(m.work_modes);
        std::uint8_t mode = m.extended_modes.value_or(0);
        std::string ofd = m.ofd_inn.value_or("");
        std::uint32_t why = m.reasons.value_or(0);
        if (extended || ffd11)
            l.u8(mode);
        if (ffd11) {
            l.digits(ofd, 12, ' ');
            l.u32(why);
        }
        if constexpr (L::kReading) {
            m.extended_modes = extended ? std::optional(mode) : std::nullopt;
            m.ofd_inn = ffd11 ? std::optional(ofd) : std::nullopt;
            m.reasons = ffd11 ? std::optional(why) : std::nullopt;
        }
        l.u32(m.fd_number);
        l.u32(m.fiscal_sign);
        l.tail(m.first_at, 5, [&l](auto& value) { l.fn_time(value); });
    }
};

/// FF0A: the short record the archive keeps of every document, for as long as the drive lives.
struct ArchiveRecordReply {
    struct Registration { ///< types 1 and 11
        std::string inn;
        std::string kkt_reg_number;
        std::uint8_t tax_systems = 0;
        std::uint8_t work_modes = 0;
        std::optional<std::uint8_t> reason; ///< re-registration only
        bool operator==(const Registration&) const = default;
    };
    struct Shift { ///< types 2, 5 and, with the last shift's number, 6
        std::uint16_t number = 0;
        bool operator==(const Shift&) const = default;
    };
    struct Receipt { ///< types 3, 4, 31 and 41
        std::uint8_t operation = 0;
        Kopecks sum;
        bool operator==(const Receipt&) const = default;
    };
    struct StateReport { ///< type 21
        std::uint32_t unsent = 0;
        Date first_unsent;
        bool operator==(const StateReport&) const = default;
    };

    std::uint8_t type = 0;
    std::uint8_t ticket_received = 0;
    FnTime at;
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    /// monostate: a type without further known fields.
    std::variant<std::monostate, Registration, Shift, Receipt, StateReport> details;
    bool operator==(const ArchiveRecordReply&) const = default;

    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.type);
        l.u8(m.ticket_received);
        l.fn_time(m.at);
        l.u32(m.fd_number);
        l.u32(m.fiscal_sign);
        if constexpr (L::kReading)
            choose(m);
        if (auto* registration = std::get_if<Registration>(&m.details)) {
            l.digits(registration->inn, 12, ' ');
            l.digits(registration->kkt_reg_number, 20, ' ');
            l.u8(registration->tax_systems);
            l.u8(registration->work_modes);
            l.tail(registration->reason, 1, [&l](auto& value) { l.u8(value); });
        } else if (auto* shift = std::get_if<Shift>(&m.details)) {
            l.u16(shift->number);
        } else if (auto* receipt = std::get_if<Receipt>(&m.details)) {
            l.u8(receipt->operation);
            // Five bytes in answers of registers; the drive's own document says four.
            std::size_t width = 5;
            if constexpr (L::kReading)
                width = l.left() == 4 ? 4 : 5;
            l.money(receipt->sum, width);
        } else if (auto* report = std::get_if<StateReport>(&m.details)) {
            l.u32(report->unsent);
            l.ymd(report->first_unsent);
        }
    }

private:
    static void choose(ArchiveRecordReply& m)
    {
        switch (m.type) {
        case 1:
        case 11:
            m.details = Registration{};
            break;
        case 2:
        case 5:
        case 6:
            m.details = Shift{};
            break;
        case 3:
        case 4:
        case 31:
        case 41:
            m.details = Receipt{};
            break;
        case 21:
            m.details = StateReport{};
            break;
        default:
            m.details = std::monostate{};
        }
    }
};

/// FF0E, FF60: TLV bytes.
struct TlvReply {
    Bytes tlv;
    bool operator==(const TlvReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.bytes_rest(m.tlv);
    }
};

struct OfdDataSizeReply {
    std::uint16_t size = 0; ///< 0: nothing to send
    std::uint8_t max_block = 0;
    bool operator==(const OfdDataSizeReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u16(m.size);
        l.u8(m.max_block);
    }
};

/// FF31: part of a message to the OFD. FF3B: part of a document.
struct BlockReply {
    Bytes block;
    bool operator==(const BlockReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.bytes_rest(m.block);
    }
};

struct MaxBlockReply {
    std::uint8_t max_block = 0;
    bool operator==(const MaxBlockReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.max_block);
    }
};

struct StateReportReply {
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    std::uint32_t unsent = 0;
    Date first_unsent;
    std::optional<FnTime> at; ///< only with extended answers
    bool operator==(const StateReportReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.fd_number);
        l.u32(m.fiscal_sign);
        l.u32(m.unsent);
        l.ymd(m.first_unsent);
        l.tail(m.at, 5, [&l](auto& value) { l.fn_time(value); });
    }
};

/// Bits of OfdStatusReply::status.
namespace ofd_flag {
inline constexpr int kConnected = 0;
inline constexpr int kMessageReady = 1;
inline constexpr int kWaitingTicket = 2;
inline constexpr int kCommandFromOfd = 3;
inline constexpr int kSettingsChanged = 4;
inline constexpr int kWaitingCommandAnswer = 5;
} // namespace ofd_flag

struct OfdStatusReply {
    std::uint8_t status = 0;
    std::uint8_t reading = 0;
    std::uint16_t messages = 0;
    std::uint32_t first_fd_number = 0;
    FnTime first_at;
    bool operator==(const OfdStatusReply&) const = default;
    [[nodiscard]] bool has(int flag) const { return ((status >> flag) & 1) != 0; }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.status);
        l.u8(m.reading);
        l.u16(m.messages);
        l.u32(m.first_fd_number);
        l.fn_time(m.first_at);
    }
};

struct OpenDocumentReply {
    std::uint16_t type = 0;   ///< FFD document code, the tag of the outer STLV
    std::uint16_t length = 0; ///< of all its TLVs, read by FF3B
    bool operator==(const OpenDocumentReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u16(m.type);
        l.u16(m.length);
    }
};

struct OfdTicketReply {
    FnTime at;
    Bytes sign = Bytes(18, 0);
    std::uint32_t fd_number = 0;
    bool operator==(const OfdTicketReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.fn_time(m.at);
        l.bytes(m.sign, 18);
        l.u32(m.fd_number);
    }
};

/// FF3F: two bytes by the documents and on the wire; some software reads four.
struct UnsentCountReply {
    std::uint32_t count = 0;
    bool operator==(const UnsentCountReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        std::size_t width = 2;
        if constexpr (L::kReading)
            width = l.left() >= 4 ? 4 : 2;
        l.uint(m.count, width);
    }
};

struct ShiftParametersReply {
    std::uint8_t open = 0;
    std::uint16_t shift_number = 0;
    std::uint16_t receipt_number = 0;
    bool operator==(const ShiftParametersReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.open);
        l.u16(m.shift_number);
        l.u16(m.receipt_number);
    }
};

struct FnFreeMemoryReply {
    std::uint32_t documents = 0; ///< still fit in the area kept for five years
    std::uint32_t kilobytes = 0; ///< left in the area kept for 30 days
    bool operator==(const FnFreeMemoryReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.documents);
        l.u32(m.kilobytes);
    }
};

struct LoaderVersionReply {
    std::uint32_t version = 0;
    bool operator==(const LoaderVersionReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u32(m.version);
    }
};

struct PingReply {
    std::uint8_t result = 0; ///< 0: the OFD answers
    bool operator==(const PingReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.result);
    }
};

/// FE F4: 4 or 16 totals of eight bytes. Some firmware ignores the parameter: look at the count.
/// Order of the four: sale, sale return, purchase, purchase return (the FFD's, not that of the registers).
struct TotalsReply {
    std::vector<Kopecks> totals;
    bool operator==(const TotalsReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        if constexpr (L::kReading) {
            m.totals.clear();
            while (l.left() >= 8)
                l.money(m.totals.emplace_back(), 8);
        } else {
            for (const Kopecks& total : m.totals)
                l.money(total, 8);
        }
    }
};

} // namespace kb::shtrih
