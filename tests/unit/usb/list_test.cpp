// What the system's lists say of USB registers.
#include "drivers/transport/discovery.hpp"
#include "tests/support/usb/fake_machine.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

TEST_CASE("ports are listed with vendor, product, serial number, interface and socket", "[usb]")
{
    FakeMachine machine;
    FakeDevice atol;
    atol.id = {0x2912, 0x0005};
    atol.serial = "00106100";
    atol.form = FakeDevice::Form::two_acm;
    atol.place = "1-1.4";
    atol.address = 7;
    atol.ttys = {3, 0}; // the lower number is not always the exchange
    machine.plug(atol);
    FakeDevice shtrih;
    shtrih.id = {0x1FC9, 0x0083};
    shtrih.place = "1-2";
    shtrih.address = 8;
    shtrih.ttys = {1};
    machine.plug(shtrih);

    const auto ports = list_serial_ports();
    REQUIRE(ports);
    REQUIRE(ports->size() == 3);
    const ListedPort& second = (*ports)[0];
    const ListedPort& other = (*ports)[1];
    const ListedPort& exchange = (*ports)[2];
    CHECK(second.path == "/dev/ttyACM0");
    CHECK(second.usb_interface == 2);
    CHECK(exchange.path == "/dev/ttyACM3");
    CHECK(exchange.usb_interface == 0);
    CHECK(exchange.usb == UsbId{0x2912, 0x0005});
    CHECK(exchange.usb_serial == "00106100");
    CHECK(exchange.usb_place == "1-1.4");
    CHECK(second.usb_place == "1-1.4");
    CHECK(exchange.usb_address == second.usb_address);
    CHECK(other.usb == UsbId{0x1FC9, 0x0083});
    CHECK(other.usb_place == "1-2");
    CHECK(other.usb_address != exchange.usb_address);
    CHECK_FALSE(exchange.description.empty());
}

TEST_CASE("USB devices are listed whatever drives them, and are gone when unplugged", "[usb]")
{
    FakeMachine machine;
    CHECK(list_usb_devices() == std::vector<ListedUsb>{});
    FakeDevice boot;
    boot.id = {0x1FC9, 0x0089};
    boot.serial = "7";
    boot.form = FakeDevice::Form::bulk_only;
    boot.place = "1-1";
    boot.address = 9;
    machine.plug(boot);
    const auto listed = list_usb_devices();
    REQUIRE(listed);
    REQUIRE(listed->size() == 1);
    CHECK(listed->front().id == UsbId{0x1FC9, 0x0089});
    CHECK(listed->front().serial == "7");
    CHECK(listed->front().place == "1-1");
    CHECK(listed->front().address == (1U << 8U | 9U));
    CHECK(listed->front().product == "Register (emulated)");
    machine.unplug(boot);
    CHECK(list_usb_devices() == std::vector<ListedUsb>{});
}
