// Bytes of the ATOL wire as the register sees them: check sums, numbers, text. The emulator's own hand, which
// shares nothing with the codec it is tested against. Source: docs/sources.md#atol,
// sections 1.2, 2.1, 3.1, 3.2.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kb::emulator::atol {

/// CRC-8 of v3: polynomial 31h, initial FFh, most significant bit first.
std::uint8_t crc8(BytesView bytes);

// STX | data, 10h and 03h preceded by 10h | ETX | XOR of everything after STX, ETX included
Bytes v2_frame(BytesView data);

// FE | length & 7Fh | length >> 7 | id | data | CRC-8 of id and data; in data and CRC FE is FD EE, FD is FD
// ED
Bytes v3_packet(std::uint8_t id, BytesView data);

/// The printer's code page to UTF-8 and back; what the page lacks becomes '?'. 09h (double width) is dropped.
std::string from_wire_page(BytesView bytes);
Bytes to_wire_page(std::string_view utf8);

/// Appends fields as the register writes them: decimal digits packed in two a byte, the highest first.
class Out {
public:
    Out() = default;
    explicit Out(Bytes head) : bytes_(std::move(head)) {}
    Out& u8(unsigned value);
    /// Digits that do not fit are lost at the front, as on a counter.
    Out& bcd(std::uint64_t value, std::size_t width);
    /// Binary, highest byte first.
    Out& be(std::uint64_t value, std::size_t width);
    /// Binary, lowest byte first: the FN's own numbers.
    Out& le(std::uint64_t value, std::size_t width);
    Out& bytes(BytesView value);
    /// ASCII in a field of `width` bytes, the rest spaces.
    Out& ascii(std::string_view text, std::size_t width);
    /// DD MM YY, YY MM DD, hh mm and hh mm ss in BCD.
    Out& ddmmyy(LocalSeconds time);
    Out& yymmdd(LocalSeconds time);
    Out& hhmm(LocalSeconds time);
    Out& hhmmss(LocalSeconds time);
    /// The FN's dates: binary YY MM DD, and with hh mm.
    Out& fn_date(LocalSeconds time);
    Out& fn_minute(LocalSeconds time);
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

/// Reads a request from the front. Read all fields, then ask error() once.
class In {
public:
    explicit In(BytesView bytes) : rest_(bytes) {}
    std::uint8_t u8();
    std::uint64_t bcd(std::size_t width);
    std::uint64_t be(std::size_t width);
    std::uint64_t le(std::size_t width);
    BytesView take(std::size_t count);
    BytesView rest() { return take(rest_.size()); }
    [[nodiscard]] std::size_t left() const { return rest_.size(); }
    /// 0; 14h: a field is missing, or `all_read` and bytes are left; 13h: no decimal digits where they
    /// belong.
    [[nodiscard]] std::uint8_t error(bool all_read = true) const;

private:
    BytesView rest_;
    bool short_ = false;
    bool no_digits_ = false;
};

} // namespace kb::emulator::atol
