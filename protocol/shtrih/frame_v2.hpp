// The newer frame of Shtrih-M registers: numbered packets with a CRC and stuffing, no control bytes.
#pragma once

#include "protocol/core/bytes.hpp"

#include <optional>

namespace kb::shtrih::v2 {

// Source: docs/sources.md#shtrih, section 1.3.
inline constexpr std::uint8_t kStx = 0x8F;    ///< begins every packet and appears nowhere else in the stream
inline constexpr std::uint8_t kEscape = 0x9F; ///< 9F 81 stands for 8F, 9F 83 for 9F

inline constexpr std::size_t kMaxData = 65533; ///< LEN counts the two bytes of the number as well

/// One packet, whoever sent it.
struct Packet {
    bool ping = false;        ///< LEN = 0: host only; no number, no data
    std::uint16_t number = 0; ///< of the request, repeated in its answer
    Bytes data; ///< command and parameters, or its answer; empty (LEN = 2): nothing executed yet
    bool operator==(const Packet&) const = default;
};

/// 8F | LEN u16, bytes of NUM and data | NUM u16 | data | CRC u16 over LEN, NUM, data; all but 8F stuffed.
/// Precondition: data of at most kMaxData bytes.
Bytes encode_frame(std::uint16_t number, BytesView data);
/// The host's packet that asks for the last answer again: 8F 00 00 0F 1D.
Bytes encode_ping();

/// Cuts a byte stream into packets; the same for host and device. Knows nothing of ports and clocks.
class FrameDecoder {
public:
    /// Takes bytes as they came, in pieces of any size; noise before STX is dropped.
    void feed(BytesView bytes);
    /// The next whole packet; nullopt while more bytes are needed. A broken packet is one error:
    /// Errc::bad_length for LEN 1, Errc::bad_checksum for a wrong CRC, Errc::bad_frame for a wrong escape or
    /// an STX inside; then the search goes on from the place of the damage.
    std::optional<Result<Packet>> next();
    /// Forgets everything not yet returned, an unfinished packet included.
    void reset();
    /// Whether an unfinished packet is waiting for its next byte (call after next() returned nullopt).
    [[nodiscard]] bool in_frame() const { return state_ != State::outside; }

private:
    enum class State { outside, inside, escaped };

    Bytes input_; ///< fed and not yet looked at
    std::size_t at_ = 0;
    State state_ = State::outside;
    Bytes logical_; ///< LEN, NUM, data, CRC of the present packet, without stuffing
};

} // namespace kb::shtrih::v2
