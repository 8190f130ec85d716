#include "drivers/registry.hpp"
#include "drivers/transport/discovery.hpp"

#include <catch2/catch.hpp>

using namespace kb;

namespace {

ListedPort usb_port(const char* path, std::uint16_t vid, std::uint16_t pid)
{
    ListedPort port;
    port.path = path;
    port.usb = UsbId{vid, pid};
    return port;
}

ListedPort plain_port(const char* path)
{
    ListedPort port;
    port.path = path;
    return port;
}

std::vector<std::string> texts(const std::vector<Candidate>& list)
{
    std::vector<std::string> all;
    for (const Candidate& candidate : list) {
        all.push_back(candidate.url.text());
    }
    return all;
}

const UsbId kRegisters[] = {{0x1FC9, 0x0083}};

} // namespace

TEST_CASE("a register is looked for where it was, then by its USB identity, then by address, then everywhere",
          "[drivers]")
{
    const std::vector<ListedPort> listed = {plain_port("/dev/nowhere0"),
                                            usb_port("/dev/nowhere1", 0x0403, 0x6001),
                                            usb_port("/dev/nowhere2", 0x1FC9, 0x0083)};
    const std::vector<PortUrl> addresses = {*parse_port_url("tcp:192.168.137.111:7778")};
    const auto saved = *parse_port_url("serial:/dev/nowhere7?baud=4800");
    CHECK(texts(candidates(saved, listed, kRegisters, addresses)) ==
          std::vector<std::string>{"serial:/dev/nowhere7?baud=4800", "serial:/dev/nowhere2",
                                   "tcp:192.168.137.111:7778", "serial:/dev/nowhere0",
                                   "serial:/dev/nowhere1"});
}

TEST_CASE("the saved port is not asked twice", "[drivers]")
{
    const std::vector<ListedPort> listed = {usb_port("/dev/nowhere2", 0x1FC9, 0x0083)};
    const std::vector<PortUrl> addresses = {*parse_port_url("tcp:192.168.137.111:7778")};
    CHECK(texts(candidates(*parse_port_url("serial:/dev/nowhere2"), listed, kRegisters, addresses)) ==
          std::vector<std::string>{"serial:/dev/nowhere2", "tcp:192.168.137.111:7778"});
    CHECK(texts(candidates(addresses.front(), listed, kRegisters, addresses)) ==
          std::vector<std::string>{"tcp:192.168.137.111:7778", "serial:/dev/nowhere2"});
}

TEST_CASE("the speed is searched only where it matters and is not given", "[drivers]")
{
    CHECK(speeds_to_try(*parse_port_url("serial:/dev/ttyS7?baud=9600")) == std::vector<unsigned>{9600});
    CHECK(speeds_to_try(*parse_port_url("serial:/dev/ttyACM7")) == std::vector<unsigned>{115200});
    const auto all = speeds_to_try(*parse_port_url("serial:/dev/ttyS7"));
    REQUIRE(all.size() == 7);
    CHECK(all[0] == 115200);
    CHECK(all[1] == 4800);
}

TEST_CASE("listing ports opens none and names real paths", "[drivers]")
{
    const auto ports = list_serial_ports();
    REQUIRE(ports);
    for (const ListedPort& port : *ports) {
        CHECK_FALSE(port.path.empty());
    }
}

TEST_CASE("families of the registry are known by name", "[drivers]")
{
    const auto families = driver_families();
    REQUIRE_FALSE(families.empty());
    CHECK(families.front() == "auto");
    for (const auto family : families) {
        CHECK(check_family(family));
    }
    const auto unknown = check_family("atoll");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == Errc::bad_config);
    CHECK_THAT(unknown.error().context, Catch::Contains("shtrih"));
}
