// Byte strings and the two cursors every codec of the house reads and writes with.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kb {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// Upper-case hex without separators: {0x02, 0xFF} -> "02FF".
std::string to_hex(BytesView bytes);
/// Reads hex in any case; spaces, tabs and line ends between digit pairs are skipped.
/// Errc::bad_value on any other character or an odd number of digits.
Result<Bytes> from_hex(std::string_view text);

/// The bytes of a text, as they are.
BytesView as_bytes(std::string_view text);
/// A text of the same bytes, as they are.
std::string as_text(BytesView bytes);

/// Reads little-endian fields from the front of a byte string. A read past the end yields zeros and is
/// remembered: read all fields of a layout, then ask done() or rest_ok() once.
class ByteReader {
public:
    explicit ByteReader(BytesView bytes) : bytes_(bytes) {}

    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    /// Little-endian unsigned number of `width` bytes, width 1..8.
    std::uint64_t uint(std::size_t width);
    /// The next `count` bytes; empty when fewer are left (and remembered as an error).
    BytesView take(std::size_t count);
    /// Everything not yet read.
    BytesView rest();

    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] bool overrun() const { return overrun_; }

    /// Ok when every byte was read and none was missing; else Errc::bad_length naming `what`.
    [[nodiscard]] Result<void> done(std::string_view what) const;
    /// Ok when none was missing; unread bytes are allowed (newer firmware appends fields).
    [[nodiscard]] Result<void> rest_ok(std::string_view what) const;

private:
    BytesView bytes_;
    std::size_t at_ = 0;
    bool overrun_ = false;
};

/// Appends little-endian fields to a byte string.
class ByteWriter {
public:
    ByteWriter& u8(std::uint8_t value);
    ByteWriter& u16(std::uint16_t value);
    ByteWriter& u32(std::uint32_t value);
    ByteWriter& u64(std::uint64_t value);
    /// The low `width` bytes of value, little-endian, width 1..8. Precondition: value fits.
    ByteWriter& uint(std::uint64_t value, std::size_t width);
    ByteWriter& bytes(BytesView value);
    /// `value` padded on the right with `pad` to `width`. Precondition: value.size() <= width.
    ByteWriter& padded(BytesView value, std::size_t width, std::uint8_t pad);

    [[nodiscard]] const Bytes& view() const { return bytes_; }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

} // namespace kb
