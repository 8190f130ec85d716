// A recording of a line as its protocol sees it: which bytes are a command, which its answer, which belong to
// nothing.
#pragma once

#include "protocol/core/exchange_file.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kb {

/// The pieces of a recording, in order; together they are all its bytes.
struct TrafficItem {
    enum class Kind {
        control, ///< a single byte of the handshake
        frame,   ///< whole and with a right check sum
        noise,   ///< everything else: damaged, broken off, or none of the protocol's
    };
    Kind kind = Kind::noise;
    bool from_host = true;
    std::size_t line = 0;     ///< where it begins: of ExchangeFile::lines, from 0
    std::size_t offset = 0;   ///< byte in that line
    Bytes body;               ///< of a frame: without framing; else the bytes
    std::uint16_t number = 0; ///< of a numbered packet
    bool ping = false;        ///< a packet that carries nothing
};

/// One command of a recording by name, with what came back.
struct TrafficCommand {
    enum class End { no_answer, done, refused, not_understood };
    std::string name; ///< "FF3B read document piece"
    End end = End::no_answer;
    /// What was understood of the answer, in names of the glossary ("fn_serial=9999078900002270"), or why it
    /// was not; of a refusal its text.
    std::string answer;
    std::size_t line = 0; ///< of the request, in ExchangeFile::lines, from 0
    /// Of the document it asks for; nullopt for every other command.
    std::optional<std::uint32_t> fd_number;
};

/// The bytes of one direction between two turns of the line, and where each came from.
struct TrafficRun {
    bool from_host = true;
    std::size_t first_line = 0;
    Bytes bytes;
    std::vector<std::size_t> line_ends; ///< within `bytes`
};
std::vector<TrafficRun> runs_of(const ExchangeFile& file);

/// Collects the items of one run, front to back.
class TrafficCutter {
public:
    TrafficCutter(const TrafficRun& run, std::vector<TrafficItem>& items) : run_(run), items_(items) {}

    /// What no item has yet.
    [[nodiscard]] BytesView rest() const { return BytesView(run_.bytes).subspan(at_); }
    /// The next `size` bytes; noise behind noise is one item.
    TrafficItem& put(TrafficItem::Kind kind, std::size_t size);

private:
    const TrafficRun& run_;
    std::vector<TrafficItem>& items_;
    std::size_t at_ = 0;
    bool open_noise_ = false;
};

std::size_t frames_in(const std::vector<TrafficItem>& items);

// For masking.

/// Everything from `at` on; empty when there is nothing.
std::span<std::uint8_t> bytes_from(Bytes& bytes, std::size_t at);
void zero_out(std::span<std::uint8_t> bytes);
/// `before` and `after` are two encodings of what was understood of `bytes`, with and without what is
/// private: where they differ `bytes` becomes as `after`. What was not understood becomes zeros: all that is
/// longer, and everything from `head` on when the encodings do not belong to it.
void hide_in_place(Bytes& bytes, std::size_t head, const Result<Bytes>& before, const Result<Bytes>& after);

} // namespace kb
