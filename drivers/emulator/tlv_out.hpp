// Writes the TLV bytes of fiscal documents: the emulator's own hand, so that an error of the house's decoder
// is not hidden by the same error here (docs/sources.md#ffd, section 1).
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string_view>

namespace kb::emulator {

/// tag u16 | length u16 | value, little-endian.
class TlvOut {
public:
    TlvOut& byte(std::uint16_t tag, unsigned value);
    TlvOut& u16(std::uint16_t tag, unsigned value);
    TlvOut& u32(std::uint16_t tag, std::uint32_t value);
    TlvOut& time(std::uint16_t tag, LocalSeconds value);
    /// Little-endian without leading zero bytes; zero is one byte 00.
    TlvOut& vln(std::uint16_t tag, std::uint64_t value);
    /// First byte: decimals. `six_decimals` always keeps six (cash cores), else needless zeros are dropped.
    TlvOut& quantity(std::uint16_t tag, Quantity value, bool six_decimals);
    /// CP866, cut to `limit` bytes; a character outside the page becomes '?'.
    TlvOut& text(std::uint16_t tag, std::string_view utf8, std::size_t limit = 256);
    /// The same, padded with spaces to exactly `width`.
    TlvOut& padded(std::uint16_t tag, std::string_view utf8, std::size_t width);
    TlvOut& raw(std::uint16_t tag, BytesView value);
    TlvOut& structure(std::uint16_t tag, const TlvOut& inner);
    /// Whole TLVs as they are.
    TlvOut& append(BytesView tlvs);

    [[nodiscard]] const Bytes& bytes() const { return bytes_.view(); }

private:
    TlvOut& head(std::uint16_t tag, std::size_t length);
    ByteWriter bytes_;
};

/// UTF-8 to CP866 with '?' for what the page does not have.
Bytes cp866_lossy(std::string_view utf8);
/// UTF-8 to CP1251 with '?' for what the page does not have.
Bytes cp1251_lossy(std::string_view utf8);

/// Whether the bytes are whole TLVs one after another.
bool well_formed(BytesView tlvs);
/// The value of the first TLV with this tag; empty data() when there is none.
BytesView find_tag(BytesView tlvs, std::uint16_t tag);
/// `tlvs` without the TLVs of this tag.
Bytes without_tag(BytesView tlvs, std::uint16_t tag);
/// Length of the first TLV, header included; 0 when `tlvs` does not start with a whole one.
std::size_t first_tlv_size(BytesView tlvs);

} // namespace kb::emulator
