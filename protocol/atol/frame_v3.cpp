#include "protocol/atol/frame_v3.hpp"

#include <array>
#include <cassert>

namespace kb::atol::v3 {

namespace {

constexpr std::uint8_t kEscapedStart = 0xEE;
constexpr std::uint8_t kEscapedEscape = 0xED;
constexpr std::uint8_t kLengthBit = 0x80; // the low length byte has seven bits
constexpr std::uint8_t kMostHigh = 0xFC;

bool is_id(std::uint8_t byte) { return byte <= kLastId || byte == kAsyncId; }

void put_escaped(Bytes& out, std::uint8_t byte)
{
    if (byte == kStart || byte == kEscape) {
        out.push_back(kEscape);
        out.push_back(byte == kStart ? kEscapedStart : kEscapedEscape);
    } else {
        out.push_back(byte);
    }
}

} // namespace

std::uint8_t crc8(BytesView bytes, std::uint8_t start)
{
    constexpr unsigned kPolynomial = 0x31;
    unsigned crc = start;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x80U) != 0 ? (crc << 1U) ^ kPolynomial : crc << 1U;
    }
    return static_cast<std::uint8_t>(crc);
}

Bytes encode_packet(std::uint8_t id, BytesView data)
{
    assert(is_id(id) && data.size() <= kMaxData);
    Bytes packet{kStart, static_cast<std::uint8_t>(data.size() & 0x7FU),
                 static_cast<std::uint8_t>(data.size() >> 7U), id};
    packet.reserve(data.size() + 8);
    for (const std::uint8_t byte : data)
        put_escaped(packet, byte);
    const std::array<std::uint8_t, 1> head{id};
    put_escaped(packet, crc8(data, crc8(head)));
    return packet;
}

void PacketDecoder::feed(BytesView bytes)
{
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    input_.insert(input_.end(), bytes.begin(), bytes.end());
}

std::optional<Result<Packet>> PacketDecoder::next()
{
    while (at_ < input_.size()) {
        const std::uint8_t byte = input_[at_++];
        if (byte == kStart) {
            const bool torn = state_ != State::outside;
            state_ = State::low;
            packet_ = {};
            if (torn)
                return fail(Errc::bad_frame, "atol v3 packet: FE inside");
            continue;
        }
        if (state_ == State::outside)
            continue;
        if (auto done = take(byte))
            return done;
    }
    return std::nullopt;
}

std::optional<Result<Packet>> PacketDecoder::take(std::uint8_t byte)
{
    switch (state_) {
    case State::low:
        length_ = byte;
        state_ = State::high;
        return (byte & kLengthBit) != 0 ? broken(Errc::bad_length, "low length byte") : std::nullopt;
    case State::high:
        length_ += std::size_t{byte} << 7U;
        state_ = State::id;
        return byte > kMostHigh ? broken(Errc::bad_length, "high length byte") : std::nullopt;
    case State::id:
        packet_.id = byte;
        state_ = State::data;
        return is_id(byte) ? std::nullopt : broken(Errc::bad_frame, "identifier");
    case State::escaped:
        if (byte != kEscapedStart && byte != kEscapedEscape)
            return broken(Errc::bad_frame, "FD followed by neither EE nor ED");
        byte = byte == kEscapedStart ? kStart : kEscape;
        state_ = State::data;
        break;
    default:
        if (byte == kEscape) {
            state_ = State::escaped;
            return std::nullopt;
        }
    }
    packet_.data.push_back(byte);
    if (packet_.data.size() <= length_)
        return std::nullopt;
    packet_.data.pop_back(); // the CRC
    const std::array<std::uint8_t, 1> head{packet_.id};
    if (crc8(packet_.data, crc8(head)) != byte)
        return broken(Errc::bad_checksum, "CRC");
    state_ = State::outside;
    return std::move(packet_);
}

std::optional<Result<Packet>> PacketDecoder::broken(Errc code, const char* why)
{
    state_ = State::outside;
    return fail(code, std::string("atol v3 packet: ") + why);
}

void PacketDecoder::reset()
{
    input_.clear();
    at_ = 0;
    state_ = State::outside;
    packet_ = {};
}

} // namespace kb::atol::v3
