#include "drivers/registry.hpp"
#include "drivers/transport/discovery.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>

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

const UsbId kRegisters[] = {{0x1FC9, 0x0083}, {0x2912, 0x0005}};
const UsbId kBootLoaders[] = {{0x1FC9, 0x0089}};

std::vector<std::string> places(const std::optional<PortUrl>& saved, const std::vector<ListedPort>& listed,
                                const std::vector<PortUrl>& addresses,
                                const std::vector<ListedUsb>& devices = {})
{
    return texts(candidates(saved, Surroundings{listed, devices, kRegisters, kBootLoaders, addresses}));
}

} // namespace

TEST_CASE("a register is looked for where it was, then by its USB identity, then by address, then everywhere",
          "[drivers]")
{
    const std::vector<ListedPort> listed = {plain_port("/dev/nowhere0"),
                                            usb_port("/dev/nowhere1", 0x0403, 0x6001),
                                            usb_port("/dev/nowhere2", 0x1FC9, 0x0083)};
    const std::vector<PortUrl> addresses = {*parse_port_url("tcp:192.168.137.111:7778")};
    const auto saved = *parse_port_url("serial:/dev/nowhere7?baud=4800");
    CHECK(places(saved, listed, addresses) ==
          std::vector<std::string>{"serial:/dev/nowhere7?baud=4800", "serial:/dev/nowhere2",
                                   "tcp:192.168.137.111:7778", "serial:/dev/nowhere0",
                                   "serial:/dev/nowhere1"});
}

TEST_CASE("the saved port is not asked twice", "[drivers]")
{
    const std::vector<ListedPort> listed = {usb_port("/dev/nowhere2", 0x1FC9, 0x0083)};
    const std::vector<PortUrl> addresses = {*parse_port_url("tcp:192.168.137.111:7778")};
    CHECK(places(*parse_port_url("serial:/dev/nowhere2"), listed, addresses) ==
          std::vector<std::string>{"serial:/dev/nowhere2", "tcp:192.168.137.111:7778"});
    CHECK(places(addresses.front(), listed, addresses) ==
          std::vector<std::string>{"tcp:192.168.137.111:7778", "serial:/dev/nowhere2"});
}

TEST_CASE("a register that no driver makes a port of is looked for on USB itself", "[drivers]")
{
    const std::vector<ListedPort> listed = {plain_port("/dev/nowhere0")};
    ListedUsb device;
    device.id = {0x2912, 0x0005};
    device.serial = "0042";
    device.address = 263;
    CHECK(places({}, listed, {}, {device}) ==
          std::vector<std::string>{"usb:2912:0005:0042", "serial:/dev/nowhere0"});
    CHECK(places(*parse_port_url("usb:2912:0005:0042"), {}, {}, {device}).size() == 1);
    ListedPort its_port = usb_port("/dev/nowhere1", 0x2912, 0x0005);
    its_port.usb_address = 263;
    CHECK(places({}, {its_port}, {}, {device}) == std::vector<std::string>{"serial:/dev/nowhere1"});
}

TEST_CASE("of a register with two ports only the first interface is asked, whatever it is called",
          "[drivers]")
{
    ListedPort second = usb_port("/dev/nowhere0", 0x2912, 0x0005);
    second.usb_address = 263;
    second.usb_interface = 2;
    ListedPort exchange = usb_port("/dev/nowhere1", 0x2912, 0x0005);
    exchange.usb_address = 263;
    exchange.usb_interface = 0;
    CHECK(places({}, {second, exchange}, {}) == std::vector<std::string>{"serial:/dev/nowhere1"});
}

TEST_CASE("a register in its boot loader is never asked anything", "[drivers]")
{
    ListedUsb device;
    device.id = kBootLoaders[0];
    device.address = 263;
    CHECK(places({}, {usb_port("/dev/nowhere0", 0x1FC9, 0x0089)}, {}, {device}).empty());
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

TEST_CASE("boot loaders are no registers", "[drivers]")
{
    const KnownPlaces& known = known_places();
    REQUIRE_FALSE(known.registers.empty());
    for (const UsbId boot_loader : known.boot_loaders) {
        CHECK(std::find(known.registers.begin(), known.registers.end(), boot_loader) ==
              known.registers.end());
    }
}

TEST_CASE("the udev rules name every register and boot loader of all vendors", "[drivers]")
{
    std::ifstream file(KB_UDEV_RULES);
    const std::string rules{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_FALSE(rules.empty());
    const auto named = [&](UsbId id, const std::string& as) {
        std::string text = to_string(id);
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        return rules.find("ATTRS{idVendor}==\"" + text.substr(0, 4) + "\", ATTRS{idProduct}==\"" +
                          text.substr(5) + "\", ENV{KKT_BRIDGE}=\"" + as + "\"\n") != std::string::npos;
    };
    for (const UsbId id : known_places().registers) {
        INFO(to_string(id));
        CHECK(named(id, "register"));
    }
    for (const UsbId id : known_places().boot_loaders) {
        INFO(to_string(id));
        CHECK(named(id, "boot_loader"));
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
