// Reads and writes the spelling of a device's port.
#include "drivers/transport/port_url.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace kb {
namespace {

constexpr std::string_view kSerial = "serial:";
constexpr std::string_view kTcp = "tcp:";
constexpr std::string_view kUsb = "usb:";
constexpr std::string_view kBaud = "baud=";

// What the termios of every supported system can be set to.
constexpr std::array<unsigned, 10> kBauds = {2400,  4800,   9600,   19200,  38400,
                                             57600, 115200, 230400, 460800, 921600};

std::optional<unsigned> whole_number(std::string_view text)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

tl::unexpected<Error> wrong(std::string_view text, std::string_view why)
{
    return fail(Errc::bad_config, "port \"" + std::string(text) + "\": " + std::string(why));
}

Result<PortUrl> parse_serial(std::string_view text, std::string_view rest)
{
    PortUrl url;
    url.kind = PortUrl::Kind::serial;
    const auto question = rest.find('?');
    url.path = std::string(rest.substr(0, question));
    if (url.path.empty()) {
        return wrong(text, "the port's name is missing; write serial:/dev/ttyACM0");
    }
    if (url.path.find('\0') != std::string::npos) {
        return wrong(text, "the port's name holds a zero byte; write serial:/dev/ttyACM0");
    }
    if (question == std::string_view::npos) {
        return url;
    }
    const std::string_view option = rest.substr(question + 1);
    if (!option.starts_with(kBaud)) {
        return wrong(text, "only the option ?baud=N is known; write serial:/dev/ttyUSB0?baud=115200");
    }
    const auto baud = whole_number(option.substr(kBaud.size()));
    for (const unsigned known : kBauds) {
        if (baud == known) {
            url.baud = known;
            return url;
        }
    }
    return wrong(text,
                 "baud must be one of 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600");
}

Result<PortUrl> parse_tcp(std::string_view text, std::string_view rest)
{
    PortUrl url;
    url.kind = PortUrl::Kind::tcp;
    std::string_view port;
    if (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close == std::string_view::npos || !rest.substr(close + 1).starts_with(':')) {
            return wrong(text, "an IPv6 address is written tcp:[ADDRESS]:PORT");
        }
        url.host = std::string(rest.substr(1, close - 1));
        port = rest.substr(close + 2);
    } else {
        const auto colon = rest.find(':');
        if (colon == std::string_view::npos) {
            return wrong(text, "the TCP port is missing; write tcp:192.168.137.111:7778");
        }
        url.host = std::string(rest.substr(0, colon));
        port = rest.substr(colon + 1);
        if (port.find(':') != std::string_view::npos) {
            return wrong(text, "an IPv6 address is written tcp:[ADDRESS]:PORT");
        }
    }
    if (url.host.empty()) {
        return wrong(text, "the host is missing; write tcp:192.168.137.111:7778");
    }
    const auto number = whole_number(port);
    if (!number || *number == 0 || *number > 65535) {
        return wrong(text, "the TCP port must be a number 1..65535; write tcp:192.168.137.111:7778");
    }
    url.port = static_cast<std::uint16_t>(*number);
    return url;
}

std::optional<std::uint16_t> four_hex_digits(std::string_view text)
{
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.size() != 4 || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// usb:VID:PID or usb:VID:PID:SERIAL; a serial number may hold colons of its own.
Result<PortUrl> parse_usb(std::string_view text, std::string_view rest)
{
    constexpr std::string_view kCure =
        "vendor and product are four hexadecimal digits each; write usb:1FC9:0083";
    PortUrl url;
    url.kind = PortUrl::Kind::usb;
    const auto vid = four_hex_digits(rest.substr(0, 4));
    if (!vid || rest.size() < 9 || rest[4] != ':') {
        return wrong(text, kCure);
    }
    const auto pid = four_hex_digits(rest.substr(5, 4));
    if (!pid || (rest.size() > 9 && rest[9] != ':')) {
        return wrong(text, kCure);
    }
    url.usb = UsbId{*vid, *pid};
    if (rest.size() > 9) {
        url.usb_serial = std::string(rest.substr(10));
        if (url.usb_serial.empty()) {
            return wrong(text, "the serial number after the last colon is missing; write "
                               "usb:1FC9:0083:0042, or leave the colon out");
        }
        if (url.usb_serial.find('\0') != std::string::npos) {
            return wrong(text, "the serial number holds a zero byte");
        }
    }
    return url;
}

} // namespace

std::string to_string(UsbId id)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04X:%04X", unsigned{id.vid}, unsigned{id.pid});
    return text.data();
}

std::string PortUrl::text() const
{
    if (kind == Kind::serial) {
        return std::string(kSerial) + path + (baud ? "?" + std::string(kBaud) + std::to_string(*baud) : "");
    }
    if (kind == Kind::usb) {
        return std::string(kUsb) + to_string(usb) + (usb_serial.empty() ? "" : ":" + usb_serial);
    }
    const bool brackets = host.find(':') != std::string::npos;
    return std::string(kTcp) + (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<PortUrl> parse_port_url(std::string_view text)
{
    if (text.starts_with(kSerial)) {
        return parse_serial(text, text.substr(kSerial.size()));
    }
    if (text.starts_with(kTcp)) {
        return parse_tcp(text, text.substr(kTcp.size()));
    }
    if (text.starts_with(kUsb)) {
        return parse_usb(text, text.substr(kUsb.size()));
    }
    return wrong(text, "it must begin with serial:, tcp: or usb:, as in serial:/dev/ttyACM0, "
                       "tcp:192.168.137.111:7778 or usb:1FC9:0083");
}

} // namespace kb
