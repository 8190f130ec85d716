// Whose name stands on a document: docs/sources.md#atol, section 4.5, and #atol-registers.
#include "host.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

TEST_CASE(
    "a cashier written before a document stands on it, through changes of the mode; else the user's row does")
{
    V3Host host;
    REQUIRE(host.error(requisite(1021, std::string("Ivanov"))) == 0);
    host.enter(1);
    REQUIRE(host.error("9A 00") == 0);
    CHECK(as_text(tag(host, 2, 1021)) == "Ivanov");
    host.enter(4);
    REQUIRE(host.error("50 03 00 1E 02 88 A2 A0 AD AE A2") == 0);
    REQUIRE(host.error("50 03 00 1E 03 35 30 30 31 30 30 37 33 32 32 35 39") == 0);
    sell(host, 100);
    CHECK(tag(host, 3, 1021) == hex("88A2A0ADAEA2"));
    CHECK(as_text(tag(host, 3, 1203)) == "500100732259");
    REQUIRE(host.error(requisite(1021, std::string("Petrov"))) == 0);
    host.enter(3);
    REQUIRE(host.error("5A") == 0);
    CHECK(as_text(tag(host, 4, 1021)) == "Petrov");
    CHECK(tag(host, 4, 1203).empty()); // the row's INN is not Petrov's
}

TEST_CASE(
    "a cashier written before a receipt is opened stands on it, and on the report of the shift it opens")
{
    V3Host host;
    REQUIRE(host.error(requisite(1021, std::string("Ivanov"))) == 0);
    REQUIRE(host.error(requisite(1203, std::string("500100732259"))) == 0);
    sell(host, 100);
    for (const std::uint32_t fd : {2U, 3U}) {
        CHECK(as_text(tag(host, fd, 1021)) == "Ivanov");
        CHECK(as_text(tag(host, fd, 1203)) == "500100732259");
    }
    sell(host, 100); // of one document only
    CHECK(tag(host, 4, 1021) == hex("91 A8 E1 E2 2E A0 A4 AC A8 AD A8 E1 E2 E0 A0 E2 AE E0"));
    CHECK(tag(host, 4, 1203).empty());
}

TEST_CASE("a cashier written into the receipt replaces the one from before, with the INN that was not his")
{
    V3Host host;
    host.enter(1);
    REQUIRE(host.error("9A 00") == 0);
    REQUIRE(host.error(requisite(1021, std::string("Ivanov"))) == 0);
    REQUIRE(host.error(requisite(1203, std::string("500100732259"))) == 0);
    REQUIRE(host.error("92 00 01") == 0);
    CHECK(host.ask("E9 FD 03 00") == hex("55 00 01 FD 03 06 00 49 76 61 6E 6F 76"));
    REQUIRE(host.error(requisite(1021, std::string("Petrov"))) == 0);
    CHECK(host.error(requisite(1021, std::string("Sidorov"))) == 0xEE);
    CHECK(host.extended() == 0x0201);
    add(host, item(100, 100));
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(as_text(tag(host, 3, 1021)) == "Petrov");
    CHECK(tag(host, 3, 1203).empty());
    REQUIRE(host.error(requisite(1021, std::string("Ivanov"))) == 0);
    REQUIRE(host.error("92 00 01") == 0);
    CHECK(host.error("59") == 0);
    sell(host, 100); // his receipt was taken back, and he with it
    CHECK(tag(host, 4, 1021) == hex("91 A8 E1 E2 2E A0 A4 AC A8 AD A8 E1 E2 E0 A0 E2 AE E0"));
}
