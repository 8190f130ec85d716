// The one spelling of a device's port, as the configuration, logs and the cabinet show it.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kb {

inline constexpr unsigned kDefaultBaud = 115200;

struct UsbId {
    std::uint16_t vid = 0;
    std::uint16_t pid = 0;
    bool operator==(const UsbId&) const = default;
};
/// "1FC9:0083".
std::string to_string(UsbId id);

/// "serial:/dev/ttyACM0", "serial:/dev/ttyUSB0?baud=4800", "serial:COM3", "tcp:192.168.137.111:7778",
/// "tcp:[fe80::1]:7778", "usb:1FC9:0083", "usb:2912:0005:0042": a USB device that no driver of the system
/// makes a serial port of, by vendor, product and, where there are several, its serial number.
struct PortUrl {
    enum class Kind { serial, tcp, usb };
    Kind kind = Kind::serial;
    std::string path;             ///< serial: name of the port as the system spells it
    std::optional<unsigned> baud; ///< serial: nullopt when the text gave none
    std::string host;             ///< tcp: name or address, without brackets
    std::uint16_t port = 0;       ///< tcp: 1..65535
    UsbId usb{};                  ///< usb
    std::string usb_serial;       ///< usb: as the device tells it; empty: any

    /// The same text parse_port_url reads.
    [[nodiscard]] std::string text() const;
    bool operator==(const PortUrl&) const = default;
};

/// Errc::bad_config naming the part that is wrong and a spelling that would be right.
Result<PortUrl> parse_port_url(std::string_view text);

} // namespace kb
