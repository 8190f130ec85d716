// The one spelling of a device's port, as the configuration, logs and the cabinet show it.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kb {

inline constexpr unsigned kDefaultBaud = 115200;

/// "serial:/dev/ttyACM0", "serial:/dev/ttyUSB0?baud=4800", "serial:COM3", "tcp:192.168.137.111:7778",
/// "tcp:[fe80::1]:7778".
struct PortUrl {
    enum class Kind { serial, tcp };
    Kind kind = Kind::serial;
    std::string path;             ///< serial: name of the port as the system spells it
    std::optional<unsigned> baud; ///< serial: nullopt when the text gave none
    std::string host;             ///< tcp: name or address, without brackets
    std::uint16_t port = 0;       ///< tcp: 1..65535

    /// The same text parse_port_url reads.
    [[nodiscard]] std::string text() const;
    bool operator==(const PortUrl&) const = default;
};

/// Errc::bad_config naming the part that is wrong and a spelling that would be right.
Result<PortUrl> parse_port_url(std::string_view text);

} // namespace kb
