// Where a register may be: the serial ports of this machine with their USB identity, and the order to ask
// them in.
#pragma once

#include "drivers/transport/port_url.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kb {

struct UsbId {
    std::uint16_t vid = 0;
    std::uint16_t pid = 0;
    bool operator==(const UsbId&) const = default;
};

/// One serial port as the system lists it. Ptys and ports behind links are not listed, but can be opened.
struct ListedPort {
    std::string path;        ///< real path: "/dev/ttyACM0", "COM3"
    std::string description; ///< for people
    std::optional<UsbId> usb;
    std::string usb_serial; ///< serial number the USB device tells, may be empty
};

/// Only lists and identifies: no port is opened, so nobody's line is disturbed.
Result<std::vector<ListedPort>> list_serial_ports();

struct Candidate {
    PortUrl url;
    std::string why; ///< "saved port", "USB 1FC9:0083", "usual address", "serial port"
};

/// The order of asking: the saved port; ports of known registers; usual TCP addresses; every other port.
/// A port whose saved name is a link is not named twice.
std::vector<Candidate> candidates(const std::optional<PortUrl>& saved, std::span<const ListedPort> listed,
                                  std::span<const UsbId> registers, std::span<const PortUrl> usual_addresses);

/// Speeds to try on a port, in order: the configured one alone when there is one; for a USB virtual port,
/// where speed means nothing, the default alone; else usual_speeds().
std::vector<unsigned> speeds_to_try(const PortUrl& url);
/// 115200, 4800 (the two factory settings), then the others.
std::span<const unsigned> usual_speeds();
/// Of some models only; worth a try where something answers without sense.
std::span<const unsigned> rare_speeds();
/// False for TCP and USB virtual ports: every speed is right there.
bool speed_matters(const PortUrl& url);

/// Changes when the port is plugged in anew, or its node made anew; empty where the system does not tell.
std::string port_stamp(const PortUrl& url);

} // namespace kb
