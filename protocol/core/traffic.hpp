// A recording of a line as its protocol sees it: which bytes are a command, which its answer, which belong to
// nothing.
#pragma once

#include "protocol/core/exchange_file.hpp"

#include <cstdint>
#include <string>

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
    std::string name;   ///< "FF3B read document piece"
    std::string answer; ///< "ok", the refusal, or "" when none was recorded
    std::size_t line = 0;
};

} // namespace kb
