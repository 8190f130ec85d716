#include "protocol/core/bytes.hpp"

#include <algorithm>

namespace kb {

namespace {

int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

std::string to_hex(BytesView bytes)
{
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 0x0F]);
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text)
{
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    int high = -1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        const int value = digit_value(c);
        if (value < 0)
            return fail(Errc::bad_value, "hex: character " + std::to_string(i) + " is not a hex digit");
        if (high < 0) {
            high = value;
        } else {
            bytes.push_back(static_cast<std::uint8_t>(high * 16 + value));
            high = -1;
        }
    }
    if (high >= 0)
        return fail(Errc::bad_value, "hex: odd number of digits");
    return bytes;
}

BytesView as_bytes(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string as_text(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

std::uint64_t ByteReader::uint(std::size_t width)
{
    const BytesView field = take(width);
    std::uint64_t value = 0;
    for (std::size_t i = field.size(); i-- > 0;)
        value = (value << 8) | field[i];
    return value;
}

std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(uint(1)); }
std::uint16_t ByteReader::u16() { return static_cast<std::uint16_t>(uint(2)); }
std::uint32_t ByteReader::u32() { return static_cast<std::uint32_t>(uint(4)); }
std::uint64_t ByteReader::u64() { return uint(8); }

BytesView ByteReader::take(std::size_t count)
{
    if (overrun_ || count > left()) {
        overrun_ = true;
        return {};
    }
    const BytesView field = bytes_.subspan(at_, count);
    at_ += count;
    return field;
}

BytesView ByteReader::rest() { return take(left()); }

Result<void> ByteReader::done(std::string_view what) const
{
    if (overrun_)
        return fail(Errc::bad_length,
                    std::string(what) + ": too short, " + std::to_string(bytes_.size()) + " bytes");
    if (left() != 0)
        return fail(Errc::bad_length, std::string(what) + ": " + std::to_string(left()) + " bytes too many");
    return {};
}

Result<void> ByteReader::rest_ok(std::string_view what) const
{
    if (overrun_)
        return fail(Errc::bad_length,
                    std::string(what) + ": too short, " + std::to_string(bytes_.size()) + " bytes");
    return {};
}

ByteWriter& ByteWriter::uint(std::uint64_t value, std::size_t width)
{
    for (std::size_t i = 0; i < width; ++i)
        bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
}

ByteWriter& ByteWriter::u8(std::uint8_t value) { return uint(value, 1); }
ByteWriter& ByteWriter::u16(std::uint16_t value) { return uint(value, 2); }
ByteWriter& ByteWriter::u32(std::uint32_t value) { return uint(value, 4); }
ByteWriter& ByteWriter::u64(std::uint64_t value) { return uint(value, 8); }

ByteWriter& ByteWriter::bytes(BytesView value)
{
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
}

ByteWriter& ByteWriter::padded(BytesView value, std::size_t width, std::uint8_t pad)
{
    bytes(value);
    bytes_.insert(bytes_.end(), width - std::min(width, value.size()), pad);
    return *this;
}

} // namespace kb
