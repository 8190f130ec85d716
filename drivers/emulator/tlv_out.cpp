#include "drivers/emulator/tlv_out.hpp"

#include "protocol/core/cp1251.hpp"
#include "protocol/core/cp866.hpp"

#include <algorithm>
#include <array>

namespace kb::emulator {

namespace {

using Encoder = Result<Bytes> (*)(std::string_view);

// Character by character: the encoders refuse a whole text for one character, a printer prints '?'.
Bytes lossy(std::string_view utf8, Encoder encode)
{
    if (auto whole = encode(utf8))
        return std::move(*whole);
    Bytes out;
    for (std::size_t at = 0; at < utf8.size();) {
        std::size_t size = 1;
        while (at + size < utf8.size() && (static_cast<unsigned char>(utf8[at + size]) & 0xC0U) == 0x80U)
            ++size;
        const auto one = encode(utf8.substr(at, size));
        if (one)
            out.insert(out.end(), one->begin(), one->end());
        else
            out.push_back('?');
        at += size;
    }
    return out;
}

} // namespace

Bytes cp866_lossy(std::string_view utf8) { return lossy(utf8, to_cp866); }
Bytes cp1251_lossy(std::string_view utf8) { return lossy(utf8, to_cp1251); }

TlvOut& TlvOut::head(std::uint16_t tag, std::size_t length)
{
    bytes_.u16(tag).u16(static_cast<std::uint16_t>(length));
    return *this;
}

TlvOut& TlvOut::byte(std::uint16_t tag, unsigned value)
{
    head(tag, 1);
    bytes_.u8(static_cast<std::uint8_t>(value));
    return *this;
}

TlvOut& TlvOut::u16(std::uint16_t tag, unsigned value)
{
    head(tag, 2);
    bytes_.u16(static_cast<std::uint16_t>(value));
    return *this;
}

TlvOut& TlvOut::u32(std::uint16_t tag, std::uint32_t value)
{
    head(tag, 4);
    bytes_.u32(value);
    return *this;
}

TlvOut& TlvOut::time(std::uint16_t tag, LocalSeconds value) { return u32(tag, to_ffd_unixtime(value)); }

TlvOut& TlvOut::vln(std::uint16_t tag, std::uint64_t value)
{
    std::size_t width = 1;
    while (width < 8 && (value >> (8 * width)) != 0)
        ++width;
    head(tag, width);
    bytes_.uint(value, width);
    return *this;
}

TlvOut& TlvOut::quantity(std::uint16_t tag, Quantity value, bool six_decimals)
{
    auto mantissa = static_cast<std::uint64_t>(value.millionths());
    std::uint8_t decimals = 6;
    while (!six_decimals && decimals > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        --decimals;
    }
    std::size_t width = 1;
    while (width < 7 && (mantissa >> (8 * width)) != 0)
        ++width;
    head(tag, width + 1);
    bytes_.u8(decimals).uint(mantissa, width);
    return *this;
}

TlvOut& TlvOut::text(std::uint16_t tag, std::string_view utf8, std::size_t limit)
{
    Bytes value = cp866_lossy(utf8);
    value.resize(std::min(value.size(), limit));
    return raw(tag, value);
}

TlvOut& TlvOut::padded(std::uint16_t tag, std::string_view utf8, std::size_t width)
{
    Bytes value = cp866_lossy(utf8);
    value.resize(width, ' ');
    return raw(tag, value);
}

TlvOut& TlvOut::raw(std::uint16_t tag, BytesView value)
{
    head(tag, value.size());
    bytes_.bytes(value);
    return *this;
}

TlvOut& TlvOut::structure(std::uint16_t tag, const TlvOut& inner) { return raw(tag, inner.bytes()); }

TlvOut& TlvOut::append(BytesView tlvs)
{
    bytes_.bytes(tlvs);
    return *this;
}

std::size_t first_tlv_size(BytesView tlvs)
{
    if (tlvs.size() < 4)
        return 0;
    const std::size_t size = 4U + tlvs[2] + 256U * tlvs[3];
    return size <= tlvs.size() ? size : 0;
}

bool well_formed(BytesView tlvs)
{
    while (!tlvs.empty()) {
        const std::size_t size = first_tlv_size(tlvs);
        if (size == 0)
            return false;
        tlvs = tlvs.subspan(size);
    }
    return true;
}

BytesView find_tag(BytesView tlvs, std::uint16_t tag)
{
    for (std::size_t size = first_tlv_size(tlvs); size != 0; size = first_tlv_size(tlvs)) {
        if (tlvs[0] + 256U * tlvs[1] == tag)
            return tlvs.subspan(4, size - 4);
        tlvs = tlvs.subspan(size);
    }
    return {};
}

Bytes without_tag(BytesView tlvs, std::uint16_t tag)
{
    Bytes out;
    for (std::size_t size = first_tlv_size(tlvs); size != 0; size = first_tlv_size(tlvs)) {
        if (tlvs[0] + 256U * tlvs[1] != tag)
            out.insert(out.end(), tlvs.begin(), tlvs.begin() + static_cast<std::ptrdiff_t>(size));
        tlvs = tlvs.subspan(size);
    }
    return out;
}

} // namespace kb::emulator
