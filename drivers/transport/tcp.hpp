// Registers behind TCP: Ethernet, Wi-Fi, USB network cards (RNDIS), and the emulator.
#pragma once

#include "drivers/transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace kb {

/// Connects with TCP_NODELAY and keep-alive. Errc::network_failed naming the reason and what to check, also
/// when nobody answers within `at_most`.
Task<std::unique_ptr<Transport>> open_tcp(asio::any_io_executor executor, std::string host,
                                          std::uint16_t port, std::chrono::milliseconds at_most);

} // namespace kb
