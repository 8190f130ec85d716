// Registers on USB that no driver of the system makes a serial port of: bytes over their bulk endpoints.
#pragma once

#include "drivers/transport/port_url.hpp"
#include "drivers/transport/transport.hpp"

#include <memory>

namespace kb {

inline constexpr std::chrono::milliseconds kUsbOpenWait{5000};

/// Takes the device for this process alone: where the system's own serial driver has it, and nobody uses that
/// port, the driver is taken off and put back when the line closes. A CDC-ACM device is told speed and
/// DTR/RTS. Errc::port_not_found, port_denied, port_busy or unsupported (no line on this device), each with
/// its cure.
Task<std::unique_ptr<Transport>> open_usb(asio::any_io_executor executor, PortUrl url,
                                          std::chrono::milliseconds at_most = kUsbOpenWait);

} // namespace kb
