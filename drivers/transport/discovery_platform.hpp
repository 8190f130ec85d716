// What differs between the systems in listing ports; discovery_posix.cpp and discovery_windows.cpp implement
// it.
#pragma once

#include "drivers/transport/discovery.hpp"

namespace kb::detail {

/// Interface, place and address of a USB port, which libserialport does not tell; left empty where unknown.
void add_usb_facts(ListedPort& port);

} // namespace kb::detail
