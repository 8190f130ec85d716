// Serial ports: USB virtual COM, adapters, RS-232, and the emulator's pty.
#pragma once

#include "drivers/transport/port_url.hpp"
#include "drivers/transport/transport.hpp"

#include <memory>
#include <string>

namespace kb {

struct SerialSettings {
    std::string path; ///< any name of the port; links such as /dev/serial/by-id/... are followed
    unsigned baud = kDefaultBaud;
};

/// Takes the port for this process alone (flock + TIOCEXCL; exclusive by nature on Windows), 8N1, no flow
/// control, raw. Errc::port_not_found, port_denied or port_busy, each with its cure in the context.
Result<std::unique_ptr<Transport>> open_serial(const asio::any_io_executor& executor,
                                               const SerialSettings& settings);

} // namespace kb
