// A conversation with a device as a pure state machine: told what happened, it says what to do next.
// One coroutine (drivers/session) drives all of them, and so do tests, byte by byte, without a port.
#pragma once

#include "protocol/core/bytes.hpp"

#include <chrono>
#include <variant>

namespace kb {

struct Write {
    Bytes bytes;
};
struct Read {
    std::chrono::milliseconds at_most; ///< then on_timeout() is called
};
struct Done {
    Bytes reply;
};
using Step = std::variant<Write, Read, Done, Error>;

/// What went wrong on the way to the answer, for metrics.
struct ExchangeCounters {
    unsigned retries = 0;    ///< times something was sent again
    unsigned bad_frames = 0; ///< frames dropped for their checksum or form
};

/// One command and its answer, handshake and retries included. After Done or Error it is over.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual Step begin() = 0;
    virtual Step on_written() = 0;
    virtual Step on_bytes(BytesView bytes) = 0;
    virtual Step on_timeout() = 0;
    /// What is certain should the line go away right now: the Outcome of the port_lost to be reported.
    [[nodiscard]] virtual Outcome outcome_if_lost() const { return Outcome::unknown; }
    /// So far, or of the whole exchange once it is over.
    [[nodiscard]] virtual ExchangeCounters counters() const { return {}; }
};

} // namespace kb
