// By what a register is known again: its own numbers, not the name of a port. Kept in the journal's settings.
#pragma once

#include "agent/config.hpp"
#include "drivers/transport/port_url.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

/// The register that was last reached for one [[device]] section; empty numbers: none yet.
struct KnownDevice {
    std::string kkt_serial;
    std::string fn_serial;
    std::string configured; ///< the section's port at that time
    std::string port;       ///< where it was: PortUrl's text, with the speed that was found
    // The USB device behind the port, where there was one.
    std::optional<UsbId> usb;
    std::string usb_serial;
    std::string usb_place; ///< the socket: stays the same while the register restarts as something else
    /// Some register was reached; one without a number of its own is known by its drive.
    [[nodiscard]] bool met() const { return !kkt_serial.empty() || !fn_serial.empty(); }
    bool operator==(const KnownDevice&) const = default;
};

/// By section, see section_names().
using KnownDevices = std::map<std::string, KnownDevice>;

/// JSON, and back; what cannot be read is empty: the registers are then met anew.
std::string encode(const KnownDevices& devices);
KnownDevices decode_known_devices(std::string_view json);

/// One name for each [[device]] section that stays the same when sections are moved in the file: the
/// register's name for people, or its port; a number is added where that is not enough.
std::vector<std::string> section_names(const std::vector<DeviceConfig>& configs);

} // namespace kb::agent
