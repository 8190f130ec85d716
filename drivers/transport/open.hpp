// From a port's spelling to an open line.
#pragma once

#include "drivers/transport/port_url.hpp"
#include "drivers/transport/transport.hpp"

#include <memory>

namespace kb {

inline constexpr std::chrono::milliseconds kConnectWait{3000};

/// Opens what the URL names; a serial port without ?baud= at kDefaultBaud. Errors as of open_serial,
/// open_tcp and open_usb.
Task<std::unique_ptr<Transport>> open_transport(asio::any_io_executor executor, PortUrl url);

} // namespace kb
