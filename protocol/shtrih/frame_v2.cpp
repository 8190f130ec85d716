#include "protocol/shtrih/frame_v2.hpp"

#include "protocol/core/crc.hpp"

#include <cassert>

namespace kb::shtrih::v2 {

namespace {

constexpr std::uint8_t kEscapedStx = 0x81;
constexpr std::uint8_t kEscapedEscape = 0x83;

Bytes stuffed(BytesView logical)
{
    Bytes frame;
    frame.reserve(logical.size() + 8);
    frame.push_back(kStx);
    for (const std::uint8_t byte : logical) {
        if (byte == kStx || byte == kEscape) {
            frame.push_back(kEscape);
            frame.push_back(byte == kStx ? kEscapedStx : kEscapedEscape);
        } else {
            frame.push_back(byte);
        }
    }
    return frame;
}

/// The packet of a complete logical form (LEN, NUM, data, CRC).
Result<Packet> parse(BytesView logical)
{
    ByteReader reader(logical);
    const std::size_t length = reader.u16();
    if (length == 1)
        return fail(Errc::bad_length, "shtrih v2 packet: length 1");
    const BytesView summed = logical.first(2 + length);
    if (crc16_ccitt(summed) != ByteReader(logical.subspan(summed.size())).u16())
        return fail(Errc::bad_checksum, "shtrih v2 packet: CRC");
    Packet packet;
    packet.ping = length == 0;
    if (!packet.ping) {
        packet.number = reader.u16();
        const BytesView data = reader.take(length - 2);
        packet.data.assign(data.begin(), data.end());
    }
    return packet;
}

} // namespace

Bytes encode_frame(std::uint16_t number, BytesView data)
{
    assert(data.size() <= kMaxData);
    ByteWriter logical;
    logical.u16(static_cast<std::uint16_t>(data.size() + 2)).u16(number).bytes(data);
    logical.u16(crc16_ccitt(logical.view()));
    return stuffed(logical.view());
}

Bytes encode_ping()
{
    ByteWriter logical;
    logical.u16(0);
    logical.u16(crc16_ccitt(logical.view()));
    return stuffed(logical.view());
}

void FrameDecoder::feed(BytesView bytes)
{
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    input_.insert(input_.end(), bytes.begin(), bytes.end());
}

std::optional<Result<Packet>> FrameDecoder::next()
{
    while (at_ < input_.size()) {
        std::uint8_t byte = input_[at_++];
        if (byte == kStx) {
            const bool broken = state_ != State::outside;
            state_ = State::inside;
            logical_.clear();
            if (broken)
                return fail(Errc::bad_frame, "shtrih v2 packet: STX inside");
            continue;
        }
        if (state_ == State::outside)
            continue;
        if (state_ == State::escaped) {
            if (byte != kEscapedStx && byte != kEscapedEscape) {
                state_ = State::outside;
                return fail(Errc::bad_frame, "shtrih v2 packet: 9F followed by neither 81 nor 83");
            }
            byte = byte == kEscapedStx ? kStx : kEscape;
            state_ = State::inside;
        } else if (byte == kEscape) {
            state_ = State::escaped;
            continue;
        }
        logical_.push_back(byte);
        if (logical_.size() < 4 || logical_.size() < 4U + ByteReader(logical_).u16())
            continue;
        state_ = State::outside;
        return parse(logical_);
    }
    return std::nullopt;
}

void FrameDecoder::reset()
{
    input_.clear();
    at_ = 0;
    state_ = State::outside;
    logical_.clear();
}

} // namespace kb::shtrih::v2
