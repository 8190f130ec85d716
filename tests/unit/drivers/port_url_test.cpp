#include "drivers/transport/port_url.hpp"

#include <catch2/catch.hpp>

using namespace kb;

TEST_CASE("a port's spelling is read and written alike", "[drivers]")
{
    for (const char* text :
         {"serial:/dev/ttyACM0", "serial:/dev/ttyUSB0?baud=4800", "serial:COM12",
          "serial:/dev/serial/by-id/usb-SHTRIH_M-if00", "tcp:192.168.137.111:7778", "tcp:kassa.local:12345",
          "tcp:[fe80::1]:7778", "usb:1FC9:0083", "usb:2912:0005:0042", "usb:04D9:B534:S/N:7 a"}) {
        const auto url = parse_port_url(text);
        INFO(text);
        REQUIRE(url);
        CHECK(url->text() == text);
    }
    CHECK(parse_port_url("serial:/dev/ttyUSB0?baud=4800")->baud == 4800U);
    CHECK_FALSE(parse_port_url("serial:/dev/ttyUSB0")->baud);
    CHECK(parse_port_url("tcp:[fe80::1]:7778")->host == "fe80::1");
    CHECK(parse_port_url("tcp:10.0.0.1:65535")->port == 65535);
    const auto usb = parse_port_url("usb:abcd:1980:0042");
    REQUIRE(usb);
    CHECK(usb->usb == UsbId{0xABCD, 0x1980});
    CHECK(usb->usb_serial == "0042");
    CHECK(usb->text() == "usb:ABCD:1980:0042");
}

TEST_CASE("a wrong port is refused with the part that is wrong", "[drivers]")
{
    const std::pair<const char*, const char*> wrong[] = {
        {"", "must begin with"},
        {"/dev/ttyACM0", "must begin with"},
        {"usb", "must begin with"},
        {"usb:", "four hexadecimal digits"},
        {"usb:1fc9", "four hexadecimal digits"},
        {"usb:1fc9:", "four hexadecimal digits"},
        {"usb:1fc9:83", "four hexadecimal digits"},
        {"usb:1fc9-0083", "four hexadecimal digits"},
        {"usb:1fc9:00831", "four hexadecimal digits"},
        {"usb:1fc9:008x", "four hexadecimal digits"},
        {"usb:-1c9:0083", "four hexadecimal digits"},
        {"usb:0x1fc9:0083", "four hexadecimal digits"},
        {"usb:1fc9:0083:", "serial number after the last colon"},
        {"serial:", "name is missing"},
        {"serial:?baud=9600", "name is missing"},
        {"serial:/dev/ttyS0?baud=", "baud must be"},
        {"serial:/dev/ttyS0?baud=fast", "baud must be"},
        {"serial:/dev/ttyS0?baud=9600x", "baud must be"},
        {"serial:/dev/ttyS0?baud=12345", "baud must be"},
        {"serial:/dev/ttyS0?parity=even", "only the option"},
        {"tcp:", "TCP port is missing"},
        {"tcp:10.0.0.1", "TCP port is missing"},
        {"tcp::7778", "host is missing"},
        {"tcp:10.0.0.1:", "number 1..65535"},
        {"tcp:10.0.0.1:0", "number 1..65535"},
        {"tcp:10.0.0.1:65536", "number 1..65535"},
        {"tcp:10.0.0.1:-1", "number 1..65535"},
        {"tcp:fe80::1:7778", "tcp:[ADDRESS]:PORT"},
        {"tcp:[fe80::1]7778", "tcp:[ADDRESS]:PORT"},
        {"tcp:[fe80::1", "tcp:[ADDRESS]:PORT"},
    };
    for (const auto& [text, why] : wrong) {
        const auto url = parse_port_url(text);
        INFO(text);
        REQUIRE_FALSE(url);
        CHECK(url.error().code == Errc::bad_config);
        CHECK_THAT(url.error().context, Catch::Contains(why));
    }
}
