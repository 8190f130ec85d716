// The wire side of a virtual register, as a pure machine: bytes in, bytes out, and a wish to be woken. A line
// of any sort drives it, and so do tests, with their own time.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"

#include <optional>

namespace kb::emulator {

class Face {
public:
    virtual ~Face() = default;

    /// The power came (back): nothing of an earlier conversation is left.
    virtual void power_up() = 0;
    /// A host has opened the line.
    virtual void link_up() = 0;
    virtual void on_bytes(BytesView bytes, Instant now) = 0;
    /// Everything taken by take_output() has left.
    virtual void on_sent(Instant now) = 0;
    [[nodiscard]] virtual std::optional<Instant> deadline() const = 0;
    virtual void on_time(Instant now) = 0;
    virtual Bytes take_output() = 0;
    /// The face wants the line to break and come back; asking clears the wish.
    virtual bool take_hang_up() = 0;
    /// A speed set by the host, valid from now on; asking clears it.
    virtual std::optional<std::uint32_t> take_new_baud() = 0;
    /// Whether this register talks to the OFD by itself, or through the host.
    [[nodiscard]] virtual bool talks_to_ofd_itself() const = 0;
};

} // namespace kb::emulator
