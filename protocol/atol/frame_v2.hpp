// The older frame of ATOL registers: STX, stuffed data, ETX and a XOR sum, with control bytes around it.
#pragma once

#include "protocol/core/bytes.hpp"

#include <optional>

namespace kb::atol::v2 {

// Source: docs/sources.md#atol, section 1.2.
inline constexpr std::uint8_t kStx = 0x02;
inline constexpr std::uint8_t kEtx = 0x03;
inline constexpr std::uint8_t kEot = 0x04;
inline constexpr std::uint8_t kEnq = 0x05;
inline constexpr std::uint8_t kAck = 0x06;
inline constexpr std::uint8_t kDle = 0x10; ///< the byte after it is data, whatever it is
inline constexpr std::uint8_t kNak = 0x15;

/// What a request may have; one source tells of a limit of about 255 bytes on the device's side.
inline constexpr std::size_t kMaxRequest = 250;
/// An answer never has more: the longest tag a fiscal drive gives out, and its header.
inline constexpr std::size_t kMaxAnswer = 66'000;

/// STX | data, 10h and 03h preceded by 10h | ETX | XOR of everything between STX and it, ETX and stuffing
/// included. The sum itself is never stuffed.
Bytes encode_frame(BytesView data);

/// Cuts a byte stream into the data of frames. Knows nothing of ports and clocks.
class FrameDecoder {
public:
    /// Takes bytes as they came, in pieces of any size; noise before STX is dropped.
    void feed(BytesView bytes);
    /// The data of the next whole frame; nullopt while more bytes are needed. Errc::bad_checksum for a wrong
    /// sum, Errc::bad_length for an empty frame or one beyond kMaxAnswer; then the search goes on behind it.
    std::optional<Result<Bytes>> next();
    /// Forgets everything not yet returned, an unfinished frame included.
    void reset();
    /// Whether an unfinished frame is waiting for its next byte (call after next() returned nullopt).
    [[nodiscard]] bool in_frame() const { return state_ != State::outside; }

private:
    enum class State { outside, inside, escaped, sum };

    Bytes input_; ///< fed and not yet looked at
    std::size_t at_ = 0;
    State state_ = State::outside;
    std::uint8_t sum_ = 0;
    Bytes data_; ///< of the present frame, without stuffing
};

} // namespace kb::atol::v2
