// The newer packet of ATOL registers: a length, an identifier, escaped data and a CRC-8.
#pragma once

#include "protocol/core/bytes.hpp"

#include <optional>

namespace kb::atol::v3 {

// Source: docs/sources.md#atol, section 2.1.
inline constexpr std::uint8_t kStart = 0xFE;   ///< begins every packet and appears nowhere else in the stream
inline constexpr std::uint8_t kEscape = 0xFD;  ///< FD EE stands for FE, FD ED for FD
inline constexpr std::uint8_t kLastId = 0xDF;  ///< the host counts 00..DF, then 00 again
inline constexpr std::uint8_t kAsyncId = 0xF0; ///< sent by the register on its own

/// The high length byte is never FD or FE either, so lengths end here.
inline constexpr std::size_t kMaxData = 0xFC * 128 + 127;

/// One packet, whoever sent it. Without data it means: repeat the packet of this identifier.
struct Packet {
    std::uint8_t id = 0; ///< 00..DF, repeated in the reply, or kAsyncId
    Bytes data;
    bool operator==(const Packet&) const = default;
};

/// CRC-8: polynomial 31h, start FFh, no reflection, no final xor; "123456789" -> F7h.
std::uint8_t crc8(BytesView bytes, std::uint8_t start = 0xFF);

/// FE | low seven bits of the data's length | the other bits | id | data | CRC-8 of id and data.
/// Data and CRC are escaped; the length counts the data without escapes.
/// Precondition: an id of Packet, data of at most kMaxData bytes.
Bytes encode_packet(std::uint8_t id, BytesView data);

/// Cuts a byte stream into packets; the same for host and device. Knows nothing of ports and clocks.
class PacketDecoder {
public:
    /// Takes bytes as they came, in pieces of any size; noise before FE is dropped.
    void feed(BytesView bytes);
    /// The next whole packet; nullopt while more bytes are needed. A broken packet is one error:
    /// Errc::bad_checksum for a wrong CRC, Errc::bad_length for length bytes that cannot be, Errc::bad_frame
    /// for a wrong escape, an impossible identifier or an FE inside; then the search goes on from there.
    std::optional<Result<Packet>> next();
    /// Forgets everything not yet returned, an unfinished packet included.
    void reset();
    /// Whether an unfinished packet is waiting for its next byte (call after next() returned nullopt).
    [[nodiscard]] bool in_packet() const { return state_ != State::outside; }

private:
    enum class State { outside, low, high, id, data, escaped };

    std::optional<Result<Packet>> take(std::uint8_t byte);
    std::optional<Result<Packet>> broken(Errc code, const char* why);

    Bytes input_; ///< fed and not yet looked at
    std::size_t at_ = 0;
    State state_ = State::outside;
    std::size_t length_ = 0;
    Packet packet_; ///< its data with the CRC behind, without escapes
};

} // namespace kb::atol::v3
