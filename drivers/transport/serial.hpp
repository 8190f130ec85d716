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
/// Waits as long as the system's driver does: not for the thread that other devices live on.
Result<std::unique_ptr<Transport>> open_serial(const asio::any_io_executor& executor,
                                               const SerialSettings& settings);

/// The same without keeping the caller's thread. Errc::port_stuck when the system has not opened it within
/// `at_most`; what it opens later is closed at once.
Task<std::unique_ptr<Transport>> open_serial_within(asio::any_io_executor executor, SerialSettings settings,
                                                    std::chrono::milliseconds at_most);

} // namespace kb
