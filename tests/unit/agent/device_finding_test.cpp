// Where registers are looked for, and who is left in peace: on a machine in memory.
#include "tests/unit/agent/shop_of_registers.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;

namespace {

void plug_composite(ShopOfRegisters& shop, const std::string& first, const std::string& second, Register& who)
{
    const unsigned address = shop.plug(first, &who, kAtol, "1-1").usb_address;
    ListedPort& other = shop.plug(second, nullptr, kAtol, "1-1");
    other.usb_address = address;
    other.usb_interface = 2;
}

} // namespace

TEST_CASE("a register in its boot loader is named so and asked nothing until it is back", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1.3");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM9", nullptr, kBootLoader, "1-1.3");
    shop.asked.clear();
    shop.tell();
    shop.until_absent(0, "in_boot_loader");
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM9") == 0);
    shop.unplug("/dev/nowhereACM9");
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1.3");
    shop.tell();
    shop.until_reads(0, a);
}

TEST_CASE("somebody else's boot loader does not explain why this register is away", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug_usb(kBootLoader, "1-2");
    shop.tell();
    shop.until_absent(0, "port_not_found");
}

TEST_CASE("a silent port of one section holds up no other section", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereUSB0", nullptr, kAdapter, "1-1");
    shop.plug("/dev/nowhereUSB1", nullptr, kScanner, "1-2");
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-3");
    shop.hang("/dev/nowhereUSB0"); // asked, and nothing comes of it
    shop.open({section("молчит", "serial:/dev/nowhereUSB0"), section("сканер", "serial:/dev/nowhereUSB1"),
               section("Касса", "serial:/dev/nowhereACM0")});
    shop.until_reads(2, a);
    shop.until_absent(1, "no_answer");
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM6", &a, kShtrih, "1-4");
    a.last_fd = 3;
    shop.tell();
    shop.until_reads(2, a);
    CHECK(shop.device(0).state() == DeviceState::connecting);
}

TEST_CASE("news without a change wake only who waits for a right, so that asking cannot feed itself",
          "[devices]")
{
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereUSB0", nullptr, kAdapter, "1-1");
    shop.open({section("молчит", "serial:/dev/nowhereUSB0")});
    shop.until_absent(0, "no_answer");
    const auto asked = shop.asked.size();
    for (int i = 0; i < 100; ++i) {
        shop.tell(); // nothing has changed
        shop.run_once();
    }
    CHECK(shop.asked.size() < asked + 10);
}

TEST_CASE("with port = auto a register is found by its USB identity before anybody else is asked",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereUSB0", nullptr, kScanner, "1-3");
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("", "auto")});
    shop.until_reads(0, a);
    CHECK(shop.asked == std::vector<std::string>{"/dev/nowhereACM0"});
}

TEST_CASE("with port = auto a stranger is asked once, and at once again when it is plugged in anew",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereUSB0", nullptr, kScanner, "1-3");
    shop.open({section("", "auto")});
    const auto times_asked = [&](const std::string& port) {
        return std::count(shop.asked.begin(), shop.asked.end(), port);
    };
    const std::string usual = "tcp:192.168.137.111:7778";
    shop.run_until([&] { return times_asked(usual) == 3; }); // three rounds of searching
    CHECK(times_asked("/dev/nowhereUSB0") == 1);
    shop.unplug("/dev/nowhereUSB0");
    shop.plug("/dev/nowhereUSB0", nullptr, kScanner, "1-3");
    shop.tell();
    shop.run_until([&] { return times_asked("/dev/nowhereUSB0") == 2; });
    shop.plug("/dev/nowhereS0", &a, kScanner, "1-4"); // a register behind an adapter of no known make
    shop.tell();
    shop.until_reads(0, a);
    CHECK(times_asked("/dev/nowhereUSB0") == 2);
}

TEST_CASE("two sections with port = auto take one register each", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("", "auto"), section("", "auto")});
    shop.run_until([&] { return shop.documents() == 5; });
    shop.run_until(
        [&] { return (shop.reads(0, a) && shop.reads(1, b)) || (shop.reads(0, b) && shop.reads(1, a)); });
}

TEST_CASE("with port = auto a port that is given to another section is left to it", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("", "auto"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(1, b);
    shop.until_absent(0, "port_not_found");
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.reads(1, b));
}

TEST_CASE("a register that no driver makes a port of is reached on USB itself", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug_usb(kShtrih, "1-1", &a);
    shop.open({section("", "auto")});
    shop.until_reads(0, a);
    CHECK(shop.device(0).port() == "usb:1FC9:0083");
}

TEST_CASE("the second port of a composite register is never asked", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    plug_composite(shop, "/dev/nowhereACM1", "/dev/nowhereACM0", a);
    shop.open({section("", "auto")});
    shop.until_reads(0, a);
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM0") == 0);
}

TEST_CASE("the second port of a composite register is not asked when it is called as the first one was",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    plug_composite(shop, "/dev/nowhereACM1", "/dev/nowhereACM2", a);
    shop.plug("/dev/nowhereUSB0", &b, kAdapter, "1-2");
    const char* configured = GENERATE("auto", "serial:/dev/nowhereACM1");
    shop.open({section("Касса 1", configured), section("Касса 2", "serial:/dev/nowhereUSB0")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    for (const char* gone : {"/dev/nowhereACM1", "/dev/nowhereACM2", "/dev/nowhereUSB0"}) {
        shop.unplug(gone);
    }
    shop.asked.clear();
    plug_composite(shop, "/dev/nowhereACM0", "/dev/nowhereACM1", a);
    a.last_fd = 3;
    shop.tell();
    shop.until_reads(0, a);
    shop.until_absent(1, "port_not_found"); // it, too, looks where the other was
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM1") == 0);
}

TEST_CASE("the second port of a composite register is not asked when it appears in the middle of a search",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    plug_composite(shop, "/dev/nowhereACM1", "/dev/nowhereACM2", a);
    shop.plug("/dev/nowhereUSB0", &b, kAdapter, "1-2");
    shop.open({section("Касса 1", "auto"), section("Касса 2", "serial:/dev/nowhereUSB0")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    for (const char* gone : {"/dev/nowhereACM1", "/dev/nowhereACM2", "/dev/nowhereUSB0"}) {
        shop.unplug(gone);
    }
    shop.plug("/dev/nowhereUSB0", nullptr, kAdapter, "1-2");
    shop.hang("/dev/nowhereUSB0");
    shop.asked.clear();
    shop.tell();
    shop.run_until([&] { return std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereUSB0") > 0; });
    shop.asked.clear();
    plug_composite(shop, "/dev/nowhereACM0", "/dev/nowhereACM1", a);
    shop.let_go(); // it looks on, where the other was when the search began
    shop.run_until([&] { return shop.device(1).state() == DeviceState::absent; });
    shop.tell();
    shop.until_reads(0, a);
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM1") == 0);
}

TEST_CASE("a register on the second port of an adapter is found there again", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    const auto plug_adapter = [&](const std::string& first, const std::string& second) {
        ListedPort& nobody = shop.plug(first, nullptr, kAdapter, "1-1");
        nobody.usb_interface = 0;
        const unsigned address = nobody.usb_address;
        ListedPort& port = shop.plug(second, &a, kAdapter, "1-1");
        port.usb_address = address;
        port.usb_interface = 1;
    };
    plug_adapter("/dev/nowhereUSB0", "/dev/nowhereUSB1");
    shop.open({section("Касса 1", "serial:/dev/nowhereUSB1")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereUSB0");
    shop.unplug("/dev/nowhereUSB1");
    plug_adapter("/dev/nowhereUSB4", "/dev/nowhereUSB5");
    a.last_fd = 3;
    shop.tell();
    shop.until_reads(0, a);
}

TEST_CASE("a pulled cable is noticed at once, also between two polls far apart", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    DeviceConfig slow = section("Касса 1", "serial:/dev/nowhereACM0");
    slow.poll_busy = 600'000ms;
    slow.poll_quiet = 600'000ms;
    shop.open({slow});
    shop.until_reads(0, a);
    shop.tell();
    shop.unplug("/dev/nowhereACM0");
    shop.tell();
    shop.run_until([&] { return shop.device(0).state() == DeviceState::absent; });
    a.last_fd = 3;
    shop.plug("/dev/nowhereACM2", &a);
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.documents() == 3);
}

TEST_CASE("what is remembered of registers survives its own JSON, and nonsense is nothing", "[devices]")
{
    KnownDevices devices;
    KnownDevice usb;
    usb.numbers.kkt_serial = "0001";
    usb.usb = kShtrih;
    usb.usb_serial = "\"\xFF\""; // no UTF-8
    usb.usb_interface = 2;
    devices["Касса \"1\""] = usb;
    KnownDevice tcp;
    tcp.numbers = {"0002", "9999"};
    tcp.configured = "auto";
    tcp.port = "tcp:10.0.0.5:7778";
    devices["b"] = tcp;
    const KnownDevices again = decode_known_devices(encode(devices));
    REQUIRE(again.size() == 2);
    CHECK(again.at("b") == devices.at("b"));
    CHECK(again.at("Касса \"1\"").usb == kShtrih);
    CHECK(again.at("Касса \"1\"").usb_interface == 2);
    for (const char* nonsense : {"", "{", "[]", "7", R"({"a":7})", R"({"a":{"usb":"1FC9"}})"}) {
        for (const auto& [name, device] : decode_known_devices(nonsense)) {
            CHECK(device == KnownDevice{});
        }
    }
}
