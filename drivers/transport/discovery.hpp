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

/// One serial port as the system lists it. Ptys and ports behind links are not listed, but can be opened.
struct ListedPort {
    std::string path;        ///< real path: "/dev/ttyACM0", "COM3"
    std::string description; ///< for people
    std::optional<UsbId> usb;
    std::string usb_serial; ///< serial number the USB device tells, may be empty
    /// Which interface of the USB device the port is; nullopt: no USB port, or the system does not tell.
    std::optional<std::uint8_t> usb_interface;
    std::string usb_place; ///< the socket, hubs included: "1-1.4"; the same for whatever is plugged in there
    unsigned usb_address = 0; ///< bus and address, another after each plugging in; 0: unknown
    bool operator==(const ListedPort&) const = default;
};

/// Only lists and identifies: no port is opened, so nobody's line is disturbed.
Result<std::vector<ListedPort>> list_serial_ports();

/// One USB device, whatever drives it.
struct ListedUsb {
    UsbId id;
    std::string serial;  ///< may be empty
    std::string product; ///< for people
    std::string place;
    unsigned address = 0; ///< as in ListedPort
    bool operator==(const ListedUsb&) const = default;
};

/// The same of the USB devices: none is opened, no right is wanted. Errc::unsupported where the system does
/// not tell (Windows without a driver for them).
Result<std::vector<ListedUsb>> list_usb_devices();

/// False for the further ports of a composite register: its first interface is the one it exchanges on, the
/// others carry what must not be disturbed (traffic to the OFD).
bool is_exchange_port(const ListedPort& port, std::span<const ListedPort> listed);

struct Candidate {
    enum class Kind {
        saved,           ///< where it was
        register_usb,    ///< a register by its USB identity
        usual_address,   ///< of a register in its factory settings
        any_serial_port, ///< may be anybody's
    };
    PortUrl url;
    Kind kind = Kind::saved;
    std::string why; ///< "saved port", "USB 1FC9:0083", "usual address", "serial port"
};

/// What there is to look at: the system's lists, and what is known of the registers of all vendors.
struct Surroundings {
    std::span<const ListedPort> ports;
    std::span<const ListedUsb> devices;
    std::span<const UsbId> registers;
    std::span<const UsbId> boot_loaders; ///< never asked anything: a byte too many may spoil the firmware
    std::span<const PortUrl> usual_addresses;
};

/// The order of asking: the saved port; ports of known registers; known registers that no driver makes a port
/// of; usual TCP addresses; every other port. A port whose saved name is a link is not named twice.
std::vector<Candidate> candidates(const std::optional<PortUrl>& saved, const Surroundings& around);

/// Speeds to try on a port, in order: the configured one alone when there is one; for a USB virtual port,
/// where speed means nothing, the default alone; else 115200, 4800 (the two factory settings), then the
/// others.
std::vector<unsigned> speeds_to_try(const PortUrl& url);

} // namespace kb
