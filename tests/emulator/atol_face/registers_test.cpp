// The registers as ATOL's own library reads them: docs/sources.md#atol-registers. Layouts are told by their
// bytes, each field on a line of its own.
#include "host.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

Bytes ask(V3Host& host, unsigned number, unsigned p1 = 0, unsigned p2 = 0)
{
    return host.ask(Bytes{0x91, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(p1),
                          static_cast<std::uint8_t>(p2)});
}

} // namespace

TEST_CASE("13h: the open receipt's type and number, and the number its document will have")
{
    V3Host host;
    const auto number_of = [&host](unsigned ahead) {
        return Out().bcd(host.kkt.through_number() + ahead, 4).take();
    };
    CHECK(to_hex(ask(host, 0x13)) == "55000000"
                                     "0000" +
                                         to_hex(number_of(0)));
    sell(host, 100);
    REQUIRE(host.error("92 00 02") == 0);
    const Bytes open = ask(host, 0x13);
    CHECK(to_hex(BytesView(open).first(6)) == "55000102"
                                              "0002");
    CHECK(to_hex(BytesView(open).subspan(6)) == to_hex(number_of(1)));
    REQUIRE(host.error("59") == 0);
    const Bytes closed = ask(host, 0x13);
    CHECK(to_hex(BytesView(closed).first(6)) == "55000000"
                                                "0001");
    CHECK(to_hex(BytesView(closed).subspan(6)) == to_hex(number_of(0)));
}

TEST_CASE("14h: the sum, what is still to be paid, what is to be given back")
{
    V3Host host;
    CHECK(ask(host, 0x14) == Out(Bytes{0x55, 0x00}).be(0, 8).be(0, 7).take());
    open_receipt(host);
    add(host, item(2000, 2000));
    REQUIRE(host.ask("99 00 02 00 00 00 05 00")[1] == 0);
    CHECK(ask(host, 0x14) == hex("55 00"
                                 "00 00 00 20 00"
                                 "00 00 00 15 00"
                                 "00 00 00 00 00"));
    REQUIRE(host.ask("99 00 01 00 00 00 20 00")[1] == 0);
    CHECK(ask(host, 0x14) == hex("55 00"
                                 "00 00 00 20 00"
                                 "00 00 00 00 00"
                                 "00 00 00 05 00"));
}

TEST_CASE("3Dh and 3Ch: taxes of the receipt and of the shift by the row of the tax table")
{
    V3Host host;
    open_receipt(host);
    add(host, item(12000, 12000, "41", 1000, 0, 1));
    add(host, item(11000, 11000, "41", 1000, 0, 2));
    add(host, item(5000, 5000, "41", 1000, 0, 6));
    CHECK(ask(host, 0x3D, 1) == hex("55 00 00 00 00 20 00"));
    CHECK(ask(host, 0x3D, 2) == hex("55 00 00 00 00 10 00"));
    CHECK(ask(host, 0x3D, 3) == hex("55 00 00 00 00 00 00"));
    CHECK(ask(host, 0x3D, 6) == hex("55 00 00 00 00 00 00"));
    CHECK(ask(host, 0x3D, 7) == hex("55 6C 00"));
    CHECK(ask(host, 0x3C, 1, 1) == hex("55 00 00 00 00 00 00 00"));
    REQUIRE(host.error("4A 00 01 00 00 00 00 00") == 0);
    CHECK(ask(host, 0x3D, 1) == hex("55 00 00 00 00 00 00"));
    CHECK(ask(host, 0x3C, 1, 1) == hex("55 00 00 00 00 00 20 00"));
    CHECK(ask(host, 0x3C, 1, 2) == hex("55 00 00 00 00 00 10 00"));
    CHECK(ask(host, 0x3C, 2, 1) == hex("55 00 00 00 00 00 00 00"));
    CHECK(ask(host, 0x3C, 3, 1) == hex("55 6C 00"));
}

TEST_CASE("30h, 33h, 34h: number, date and minute, and of the last two the fiscal sign")
{
    V3Host host;
    CHECK(ask(host, 0x30) == hex("55 00"
                                 "00 00 00 00 01"
                                 "31 12 25 14 25"));
    sell(host, 12345);
    const auto sign = [&host](std::uint32_t fd) { return Out().bcd(host.kkt.fn().find(fd)->sign, 5).take(); };
    const Bytes receipt = ask(host, 0x33);
    CHECK(to_hex(BytesView(receipt).first(20)) == "5500"
                                                  "0000000003"
                                                  "01"
                                                  "00000000012345"
                                                  "3112251425");
    CHECK(to_hex(BytesView(receipt).subspan(20)) == to_hex(sign(3)));
    host.enter(3);
    REQUIRE(host.error("5A") == 0);
    host.wait(5s);
    const Bytes last = ask(host, 0x34);
    CHECK(to_hex(BytesView(last).first(12)) == "5500"
                                               "0000000004"
                                               "3112251425");
    CHECK(to_hex(BytesView(last).subspan(12)) == to_hex(sign(4)));
    CHECK(ask(host, 0x33) == receipt); // a report is no receipt
}

TEST_CASE("0Bh and 2Eh: the revenue with its sign, and what was cancelled")
{
    V3Host host;
    CHECK(ask(host, 0x0B) == hex("55 00 00"
                                 "00 00 00 00 00 00"));
    sell(host, 1000);
    CHECK(ask(host, 0x0B) == hex("55 00 00"
                                 "00 00 00 00 10 00"));
    REQUIRE(host.error("92 00 02") == 0);
    add(host, item(1500, 1500, "41", 1000, 2));
    REQUIRE(host.error("4A 00 02 00 00 00 00 00") == 0);
    CHECK(ask(host, 0x0B) == hex("55 00 01"
                                 "00 00 00 00 05 00"));
    REQUIRE(host.error("92 00 01") == 0);
    add(host, item(700, 700));
    REQUIRE(host.error("59") == 0);
    CHECK(ask(host, 0x2E, 1) == hex("55 00 00 00 00 00 00 07 00"));
    CHECK(ask(host, 0x2E, 2) == hex("55 00 00 00 00 00 00 00 00"));
    CHECK(ask(host, 0x2E, 3) == hex("55 6C 00"));
}

TEST_CASE("0Ch: totals of the shift, numbered sell, buy, sell_return, buy_return from 0")
{
    V3Host host;
    const std::vector<std::pair<unsigned, std::uint64_t>> made = {{1, 1000}, {2, 100}, {4, 20}, {5, 3}};
    host.enter(1);
    for (const auto& [type, sum] : made) {
        REQUIRE(host.error(Bytes{0x92, 0x00, static_cast<std::uint8_t>(type)}) == 0);
        add(host, item(sum, sum));
        REQUIRE(host.error(kCloseByCash) == 0);
    }
    const std::array<std::uint64_t, 4> expected = {1000, 20, 100, 3};
    for (unsigned p1 = 0; p1 < 4; ++p1)
        CHECK(ask(host, 0x0C, p1) == Out(Bytes{0x55, 0x00}).bcd(expected[p1], 7).take());
    CHECK(ask(host, 0x0C, 4) == hex("55 6C 00"));
}

TEST_CASE("1Ah, 3Ah, 39h, 2Bh: the FN's registrations, the shift's documents, the last one sent, its errors")
{
    V3Host host;
    CHECK(ask(host, 0x1A) == hex("55 00 01 29 04 02 27"));
    CHECK(ask(host, 0x3A) == Out(Bytes{0x55, 0x00}).bcd(0, 5).bcd(0, 5).take());
    CHECK(ask(host, 0x39) == hex("55 00 00 00 00 00 00 00"));
    sell(host, 1000);
    CHECK(ask(host, 0x3A) == Out(Bytes{0x55, 0x00}).bcd(0, 5).bcd(2, 5).take()); // the opening is one
    host.pass(95s);
    host.kkt.give_tickets_through(3);
    CHECK(ask(host, 0x39).size() == 8);
    CHECK(to_hex(BytesView(ask(host, 0x39)).first(7)) == "55003112251427");
    CHECK(ask(host, 0x2B) == Out(Bytes{0x55, 0x00}).be(0, 3).bcd(0, 5).be(0, 1).take());
}

TEST_CASE("43h and 27h: for how long there is power, and no thermometer")
{
    V3Host host;
    const auto up = [&host] {
        const Bytes told = ask(host, 0x43);
        REQUIRE(told.size() == 7);
        In in(BytesView(told).subspan(2));
        return in.bcd(5);
    };
    const auto before = up();
    host.pass(90s);
    CHECK(up() == before + 90);
    host.kkt.power_off();
    host.kkt.power_on();
    host.face.power_up();
    CHECK(up() == 0);
    CHECK(ask(host, 0x27) == hex("55 00 00"));
}
