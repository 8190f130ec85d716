// By what a register is known again: its own numbers, not the name of a port.
#pragma once

#include "agent/config.hpp"
#include "drivers/transport/port_url.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent {

/// What a register has told of itself; empty: it did not, or has none.
struct RegisterNumbers {
    std::string kkt_serial;
    std::string fn_serial;
    [[nodiscard]] bool none() const { return kkt_serial.empty() && fn_serial.empty(); }
    bool operator==(const RegisterNumbers&) const = default;
};

/// Forgets a factory number of zeros: so a register comes from the factory, before its number is entered.
void forget_zero_serial(fiscal::DeviceInfo& info);

/// Whether somebody with these numbers is the register that is known by those: by the factory number,
/// whatever FN it has now, and by the FN where one of both has no number.
bool is_known_as(const RegisterNumbers& known, const RegisterNumbers& told);
/// Whether two ports lead to one register. An FN is in one register only; two registers may have been given
/// one number, but where an FN was not told they pass for one: what nothing tells apart must not be read
/// twice.
bool same_register(const RegisterNumbers& one, const RegisterNumbers& other);

/// The register that was last reached for one [[device]] section.
struct KnownDevice {
    RegisterNumbers numbers; ///< none: no register was reached yet
    std::string configured;  ///< the section's port at that time
    std::string port;        ///< where it was: PortUrl's text, with the speed that was found
    // The USB device behind the port, where there was one.
    std::optional<UsbId> usb;
    std::string usb_serial;
    std::optional<std::uint8_t> usb_interface; ///< which of its ports, where it has several
    std::string usb_place; ///< the socket: stays the same while the register restarts as something else
    [[nodiscard]] bool met() const { return !numbers.none(); }
    bool operator==(const KnownDevice&) const = default;
};

/// By section, see section_names().
using KnownDevices = std::map<std::string, KnownDevice>;

/// The journal's setting that keeps them over restarts.
inline constexpr std::string_view kKnownDevicesSetting = "devices.known";
/// JSON, and back; what cannot be read is empty: the registers are then met anew.
std::string encode(const KnownDevices& devices);
KnownDevices decode_known_devices(std::string_view json);

/// One name for each [[device]] section that stays the same when sections are moved in the file: the
/// register's name for people, or its port; a number is added where that is not enough.
std::vector<std::string> section_names(const std::vector<DeviceConfig>& configs);

} // namespace kb::agent
