// Commands that the register passes through to the fiscal drive (A4h), and the drive's answers.
//
// A layout describes what follows the two bytes of the code, or 55 00 of the answer: the drive's own answer,
// numbers with the lowest byte first (docs/sources.md#atol, section 6).
#pragma once

#include "protocol/atol/commands.hpp"

namespace kb::atol {

inline constexpr std::size_t kFnSerialSize = 16;

struct FnShiftReply {
    std::uint8_t open = 0;
    std::uint16_t shift_number = 0; ///< Dialect::fn_numbers
    std::uint16_t receipt_number = 0;
    bool operator==(const FnShiftReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.open);
        l.number(m.shift_number, 2, l.dialect().fn_numbers);
        l.number(m.receipt_number, 2, l.dialect().fn_numbers);
    }
};

namespace exchange_flag {
inline constexpr std::uint8_t kConnected = 0x01;
inline constexpr std::uint8_t kHasMessages = 0x02;
inline constexpr std::uint8_t kWaitsForTicket = 0x04;
} // namespace exchange_flag

struct FnExchangeReply {
    std::uint8_t flags = 0;
    std::uint8_t reading = 0;
    std::uint16_t unsent = 0;
    std::uint32_t first_fd_number = 0;
    FnTime first_at;
    bool operator==(const FnExchangeReply&) const = default;
    [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.u8(m.flags);
        l.u8(m.reading);
        l.uint_le(m.unsent, 2);
        l.uint_le(m.first_fd_number, 4);
        l.fn_time(m.first_at);
    }
};

struct FnStatusReply {
    std::uint8_t phase = 0; ///< docs/sources.md#ffd, section 6.1
    std::uint8_t current_document = 0;
    std::uint8_t document_data = 0;
    std::uint8_t shift_open = 0;
    std::uint8_t warnings = 0;
    FnTime last_document_at;
    std::string fn_serial;
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
        l.ascii(m.fn_serial, kFnSerialSize);
        l.uint_le(m.last_fd_number, 4);
    }
};

struct FnNumberReply {
    std::string fn_serial;
    bool operator==(const FnNumberReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.ascii(m.fn_serial, kFnSerialSize);
    }
};

struct FnExpiryReply {
    Date expires_on;
    std::uint8_t registrations_left = 0;
    std::uint8_t registrations_made = 0;
    bool operator==(const FnExpiryReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.fn_date(m.expires_on);
        l.u8(m.registrations_left);
        l.u8(m.registrations_made);
    }
};

struct FnVersionReply {
    std::string version;
    std::uint8_t type = 0; ///< 0 debug, 1 serial production
    bool operator==(const FnVersionReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.ascii(m.version, 16);
        l.u8(m.type);
    }
};

/// date and time 5 | INN 12 | РНМ 20 | tax systems 1 | modes 1 | by FFD version more, FD u32 and sign u32
/// last.
struct FnRegistrationReply {
    FnTime at;
    std::string inn;
    std::string kkt_reg_number;
    std::uint8_t tax_systems = 0; ///< mask of tag 1062
    std::uint8_t modes = 0;       ///< bit 1: without an OFD
    Bytes rest;
    bool operator==(const FnRegistrationReply&) const = default;
    /// Number of the registration's document; nullopt when the answer ends before it.
    [[nodiscard]] std::optional<std::uint32_t> fd_number() const
    {
        constexpr std::size_t kTail = 8; // FD u32, sign u32
        if (rest.size() < kTail)
            return std::nullopt;
        return ByteReader(BytesView(rest).last(kTail)).u32();
    }
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.fn_time(m.at);
        l.ascii(m.inn, 12);
        l.ascii(m.kkt_reg_number, 20);
        l.u8(m.tax_systems);
        l.u8(m.modes);
        l.bytes_rest(m.rest);
    }
};

/// Unverified: that the drive's header is passed through; without it both are nullopt.
struct FnOpenDocumentReply {
    std::optional<std::uint16_t> type;
    std::optional<std::uint16_t> length;
    bool operator==(const FnOpenDocumentReply&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        constexpr std::size_t kSize = 4;
        bool whole = m.type && m.length;
        if constexpr (L::kReading) {
            whole = l.left() >= kSize;
            if (l.left() != 0 && !whole)
                l.set_error(Errc::bad_length, "a part of the drive's header");
            m.type.reset();
            m.length.reset();
        }
        if (whole) {
            l.tail(m.type, 2, [&](auto& value) { l.uint_le(value, 2); });
            l.tail(m.length, 2, [&](auto& value) { l.uint_le(value, 2); });
        }
    }
};

using FnShift = Plain<Command::fn_shift, FnShiftReply>;
using FnExchange = Plain<Command::fn_exchange, FnExchangeReply>;
using FnStatus = Plain<Command::fn_status, FnStatusReply>;
using FnNumber = Plain<Command::fn_number, FnNumberReply>;
using FnExpiry = Plain<Command::fn_expiry, FnExpiryReply>;
using FnVersion = Plain<Command::fn_version, FnVersionReply>;
/// One TLV of the document opened by FnOpenDocument, or a part of a long one. DAh: the end.
using FnReadDocument = Plain<Command::fn_read_document, ValueReply>;

/// Of a registration by its number, 1 the first; nullopt: the one in force.
struct FnRegistration {
    static constexpr Command kCommand = Command::fn_registration;
    using Reply = FnRegistrationReply;
    std::optional<std::uint8_t> number;
    bool operator==(const FnRegistration&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.tail(m.number, 1, [&](auto& value) { l.u8(value); });
    }
};

/// A command about one document.
template <Command Code, class Answer>
struct OfDocument {
    static constexpr Command kCommand = Code;
    using Reply = Answer;
    std::uint32_t fd_number = 0;
    bool operator==(const OfDocument&) const = default;
    template <class L, class M>
    static void layout(L& l, M& m)
    {
        l.uint_le(m.fd_number, 4);
    }
};
/// The archive's short record, in the form of docs/sources.md#ffd, section 6.4.
using FnFindDocument = OfDocument<Command::fn_find_document, ValueReply>;
using FnOpenDocument = OfDocument<Command::fn_open_document, FnOpenDocumentReply>;

} // namespace kb::atol
