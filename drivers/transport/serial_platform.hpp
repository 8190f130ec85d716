// What differs between the systems at a serial port; serial_posix.cpp and serial_windows.cpp implement it.
#pragma once

#include "drivers/transport/serial.hpp"

namespace kb::detail {

/// Opens, locks and configures `settings.path` into `port`.
Result<void> open_serial_port(asio::serial_port& port, const SerialSettings& settings);
/// Drops what the system holds for reading.
Result<void> discard_serial_input(asio::serial_port& port, const std::string& name);

} // namespace kb::detail
