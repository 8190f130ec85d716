// A byte line to a device. The only folder that knows serial ports, USB and sockets.
#pragma once

#include "drivers/asio.hpp"
#include "protocol/core/bytes.hpp"

#include <chrono>
#include <string>

namespace kb {

class Transport {
public:
    virtual ~Transport() = default;

    /// Writes all bytes. Errc::port_lost when the line went away, Errc::port_stuck when it has not taken them
    /// within `at_most`.
    virtual Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) = 0;
    /// At least one byte, as many as are there. Errc::no_answer after `at_most` without a byte;
    /// Errc::port_lost at once on EOF, hang-up, EIO or a reset connection (never reported as a time-out).
    virtual Task<Bytes> read(std::chrono::milliseconds at_most) = 0;
    /// Drops what has arrived and was not read.
    virtual Result<void> discard_input() = 0;
    /// Ends a write or read that is waiting now with Errc::cancelled; without one it does nothing.
    virtual void cancel() = 0;
    /// A write or read that is waiting ends with Errc::cancelled; later ones with Errc::port_lost.
    virtual void close() = 0;
    [[nodiscard]] virtual bool is_open() const = 0;
    /// For people and logs: "serial:/dev/ttyACM0 115200", "tcp:192.168.137.111:7778".
    [[nodiscard]] virtual std::string name() const = 0;
};

} // namespace kb
