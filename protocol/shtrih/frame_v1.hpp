// The older frame of Shtrih-M registers: one byte of length, one byte of check sum, single control bytes
// around.
#pragma once

#include "protocol/core/bytes.hpp"

#include <optional>

namespace kb::shtrih::v1 {

// Source: docs/sources.md#shtrih, section 1.2.
inline constexpr std::uint8_t kStx = 0x02;
inline constexpr std::uint8_t kEnq = 0x05; ///< host: "what state are you in?"
inline constexpr std::uint8_t kAck = 0x06;
inline constexpr std::uint8_t kNak = 0x15;
/// What registers behind TCP put before a control byte now and then; never a control byte itself.
inline constexpr std::uint8_t kStray = 0xFF;

inline constexpr std::size_t kMaxBody = 255;

/// STX | LEN u8, bytes of body | body, 1..255 | LRC u8, XOR of LEN and body.
/// Precondition: body of 1..kMaxBody bytes.
Bytes encode_frame(BytesView body);

/// Cuts a byte stream into frame bodies; the same for host and device. Knows nothing of ports and clocks.
class FrameDecoder {
public:
    /// Takes bytes as they came, in pieces of any size; noise before STX is dropped.
    void feed(BytesView bytes);
    /// The next whole body; nullopt while more bytes are needed. On LEN 0 one Errc::bad_length, on a wrong
    /// LRC one Errc::bad_checksum, then the search goes on from the byte after that STX.
    std::optional<Result<Bytes>> next();
    /// Forgets everything not yet returned, an unfinished frame included.
    void reset() { pending_.clear(); }
    /// Whether an unfinished frame is waiting for its next byte (call after next() returned nullopt).
    [[nodiscard]] bool in_frame() const { return !pending_.empty(); }

private:
    Bytes pending_; ///< empty, or begins with STX once next() has run
};

} // namespace kb::shtrih::v1
