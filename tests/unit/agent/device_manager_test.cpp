// Whose register is it: registers that move between ports, restart, are exchanged, or look alike.
#include "tests/unit/agent/shop_of_registers.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;

TEST_CASE("a cable pulled and put into another port changes nothing", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 5);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.until_absent(0, "port_not_found");
    a.last_fd = 8;
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    shop.until_reads(0, a);
    CHECK(shop.device(0).port() == "serial:/dev/nowhereACM1");
    CHECK(shop.documents() == 8);
    CHECK(a.read.size() == 8); // each number once
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("where a register was found is remembered over restarts of the agent", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.close();
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM7", &a, kShtrih, "1-9");
    shop.plug("/dev/nowhereACM0", nullptr, kScanner, "1-1"); // the name has another owner now
    shop.asked.clear();
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    CHECK(shop.asked == std::vector<std::string>{"/dev/nowhereACM7"}); // the scanner is left in peace
}

TEST_CASE("two registers that look alike on USB and change their ports keep their names", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 4);
    Register b = register_no("0002", "9999000000000002", 6);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.unplug("/dev/nowhereACM0");
    shop.unplug("/dev/nowhereACM1");
    shop.plug("/dev/nowhereACM0", &b, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    a.last_fd = 5;
    b.last_fd = 7;
    shop.tell();
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    CHECK(shop.device(0).port() == "serial:/dev/nowhereACM1");
    CHECK(shop.device(1).port() == "serial:/dev/nowhereACM0");
    CHECK(shop.complete(a));
    CHECK(shop.complete(b));
    CHECK(shop.documents() == 12);
    CHECK(a.read.size() == 5);
    CHECK(b.read.size() == 7);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("a port on which another section's register was met is left to that section", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.unplug("/dev/nowhereACM0");
    shop.unplug("/dev/nowhereACM1");
    shop.plug("/dev/nowhereACM0", &b, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", nullptr, kShtrih, "1-2");
    shop.hang("/dev/nowhereACM1"); // there the other section is held up, so that it cannot come at once
    shop.asked.clear();
    shop.tell();
    shop.until_absent(0, "wrong_device");
    // The first section tries again several times a second, were it not for the other one's right.
    const auto end = std::chrono::steady_clock::now() + 2s;
    shop.run_until([&] { return std::chrono::steady_clock::now() > end; });
    CHECK(std::count(shop.asked.begin(), shop.asked.end(), "/dev/nowhereACM0") == 1);
}

TEST_CASE("a register of another section is not taken for the one that is switched off", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.unplug("/dev/nowhereACM0");
    shop.unplug("/dev/nowhereACM1");
    shop.plug("/dev/nowhereACM0", &b, kShtrih, "1-1"); // only this one comes back, under the other's name
    shop.tell();
    shop.run_until([&] { return shop.device(1).port() == "serial:/dev/nowhereACM0"; });
    shop.until_reads(1, b);
    shop.until_absent(0, "wrong_device");
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("a register exchanged for another is served in its place, and people are told", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register spare = register_no("0003", "9999000000000003", 4);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM0", &spare);
    shop.tell();
    shop.until_reads(0, spare);
    CHECK(shop.events("device_replaced") == 1);
    CHECK(shop.documents() == 6);
}

TEST_CASE("an unknown register elsewhere is not taken for the configured one", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register guest = register_no("0004", "9999000000000004", 9);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    shop.plug("/dev/nowhereACM1", &guest, kShtrih, "1-2");
    shop.tell();
    shop.until_absent(0, "port_not_found");
    CHECK(shop.documents() == 2);
}

TEST_CASE("a port changed in the configuration is obeyed, whoever is there", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.close();
    shop.open({section("Касса 1", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, b);
}

TEST_CASE("two registers that exchange their adapters are both found", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 2);
    Register b = register_no("0002", "9999000000000002", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereUSB0", &a, kAdapter, "1-1").usb_serial = "X";
    shop.plug("/dev/nowhereUSB1", &b, kAdapter, "1-2").usb_serial = "Y";
    shop.open({section("Касса 1", "serial:/dev/nowhereUSB0"), section("Касса 2", "serial:/dev/nowhereUSB1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.connect_line("/dev/nowhereUSB0", &b); // the adapters stay where they are
    shop.connect_line("/dev/nowhereUSB1", &a);
    shop.run_until([&] { return shop.device(0).port() == "serial:/dev/nowhereUSB1"; });
    shop.run_until([&] { return shop.device(1).port() == "serial:/dev/nowhereUSB0"; });
    shop.until_reads(0, a);
    shop.until_reads(1, b);
}

TEST_CASE("a new FN in the same register begins a new range of the same register", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 5);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    a.fn_serial = "9999000000000077";
    a.last_fd = 2;
    shop.plug("/dev/nowhereACM0", &a);
    shop.tell();
    shop.until_reads(0, a);
    CHECK(shop.documents() == 7);
    CHECK(shop.events("fn_replaced") == 1);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("of two registers with one factory number both are read, and people are told", "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 4);
    Register b = register_no("0001", "9999000000000002", 6);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.run_until([&] { return shop.documents() == 10; });
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    CHECK(shop.complete(a));
    CHECK(shop.complete(b));
    const auto reason = [&](std::size_t index) { return shop.device(index).sample().state_reason; };
    CHECK(reason(0) + reason(1) == "duplicate_serial"); // whoever came second
}

TEST_CASE("one register on two ways is served on one of them, and loses nothing when that one goes",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 4);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("сеть", "tcp:10.0.0.5:7778")});
    shop.until_reads(0, a);
    shop.until_absent(1, "port_not_found");
    const int cable = a.cable;
    shop.connect_line("tcp:10.0.0.5:7778", &a);
    a.cable = cable; // the USB line goes on
    shop.until_absent(1, "duplicate_device");
    CHECK(shop.reads(0, a));
    a.last_fd = 6;
    shop.run_until([&] { return shop.documents() == 6; });
    shop.unplug("/dev/nowhereACM0");
    a.plugged = true;
    a.last_fd = 7;
    shop.tell();
    shop.run_until([&] { return shop.documents() == 7; });
    CHECK(a.read.size() == 7);
}

TEST_CASE(
    "two registers with one number are told apart by their FNs after a restart, whatever ports they are on",
    "[devices]")
{
    Register a = register_no("1", "9999000000000001", 4);
    Register b = register_no("1", "9999000000000002", 6);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    shop.close();
    shop.unplug("/dev/nowhereACM0");
    shop.unplug("/dev/nowhereACM1");
    shop.plug("/dev/nowhereACM0", &b, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &a, kShtrih, "1-2");
    a.last_fd = 5;
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.until_reads(1, b);
    CHECK(shop.documents() == 11);
    CHECK(shop.events("fn_replaced") == 0);
}

TEST_CASE(
    "an FN moved over to another register is read there, though the one it came from is back without it",
    "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 4);
    Register b = register_no("0002", "9999000000000001", 5);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    a.without_fn = true;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.tell();
    shop.until_reads(1, b);
    CHECK(shop.complete(b));
    CHECK(shop.documents() == 5);
}

TEST_CASE("a register without a number is known by its FN, and by its number once that is entered",
          "[devices]")
{
    Register a = register_no("0000000000000000", "9999000000000001", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.run_until([&] { return shop.documents() == 3; });
    shop.unplug("/dev/nowhereACM0");
    a.kkt_serial = "0007";
    shop.plug("/dev/nowhereACM4", &a, kShtrih, "1-2");
    shop.tell();
    shop.until_reads(0, a);
    shop.close();
    shop.unplug("/dev/nowhereACM4");
    a.fn_serial = "9999000000000009"; // known by its number now
    a.last_fd = 1;
    shop.plug("/dev/nowhereACM5", &a, kShtrih, "1-3");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    CHECK(shop.documents() == 4);
    CHECK(shop.events("device_replaced") == 0);
}

TEST_CASE("a register in the middle of a sale is found again by its number, and its FN is left in peace",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 3);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a);
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0")});
    shop.until_reads(0, a);
    shop.unplug("/dev/nowhereACM0");
    a.receipt_open = true;
    shop.plug("/dev/nowhereACM3", &a, kShtrih, "1-2");
    shop.tell();
    shop.run_until([&] { return shop.device(0).state() == DeviceState::busy; });
    CHECK(shop.device(0).port() == "serial:/dev/nowhereACM3");
    CHECK(a.fn_questions_in_receipt == 0);
    a.receipt_open = false;
    a.last_fd = 4;
    shop.until_reads(0, a);
    CHECK(shop.documents() == 4);
}

TEST_CASE("a register of the same number in the middle of a sale is refused only until it tells its FN",
          "[devices]")
{
    Register a = register_no("0001", "9999000000000001", 4);
    Register b = register_no("0001", "9999000000000002", 6);
    ShopOfRegisters shop;
    shop.plug("/dev/nowhereACM0", &a, kShtrih, "1-1");
    shop.open({section("Касса 1", "serial:/dev/nowhereACM0"), section("Касса 2", "serial:/dev/nowhereACM1")});
    shop.until_reads(0, a);
    b.receipt_open = true;
    shop.plug("/dev/nowhereACM1", &b, kShtrih, "1-2");
    shop.tell();
    shop.until_absent(1, "duplicate_device");
    b.receipt_open = false;
    shop.until_reads(1, b);
    CHECK(shop.documents() == 10);
}
