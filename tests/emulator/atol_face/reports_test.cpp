// Shifts, X and Z reports, interrupted printing, the power: docs/sources.md#atol, sections 3.3, 7.2, 7.5
// and 14.
#include "host.hpp"

#include "drivers/emulator/tlv_out.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

/// The modes a host sees that asks 45h every 100 ms, each once.
std::vector<unsigned> modes_seen(V3Host& host, std::chrono::milliseconds time = 3s)
{
    std::vector<unsigned> seen;
    for (auto passed = 0ms; passed < time; passed += 100ms) {
        const unsigned mode = host.mode();
        if (seen.empty() || seen.back() != mode)
            seen.push_back(mode);
        host.wait(100ms);
    }
    return seen;
}

} // namespace

TEST_CASE("the shift is opened once, told everywhere, and over after 24 hours")
{
    V3Host host;
    CHECK(host.ask("91 12 00 01")[2] == 0);
    host.enter(1);
    CHECK(host.error("9A 00 8A AE E4 A5") == 0); // with a text
    CHECK(host.error("9A 00") == 0x9C);
    CHECK((host.ask("3F")[9] & 2U) != 0);
    CHECK(host.ask("91 12 00 01")[2] == 1);
    CHECK(host.ask("A4 10") == hex("55 00 01 01 00 00 00"));
    REQUIRE(host.error("92 00 01") == 0);
    REQUIRE(host.error("EA 00 01 00") == 0);
    host.pass(24h);
    CHECK(host.ask("91 12 00 01")[2] == 2);
    CHECK(host.error(item(100, 100)) == 0x88);
    CHECK(host.error("59") == 0);
    CHECK(host.error("92 00 01") == 0x88);
    CHECK(host.error("49 00 00 00 00 10 00") == 0x88);
    CHECK(host.error("4F 00 00 00 00 10 00") == 0x88);
    host.enter(3);
    CHECK(host.error("5A") == 0);
    CHECK_FALSE(host.kkt.shift().open);
}

TEST_CASE("X: mode 2.2 while it prints, then 2.0; only questions are answered meanwhile")
{
    V3Host host;
    sell(host, 1000);
    host.enter(2);
    REQUIRE(host.error("67 01") == 0);
    CHECK(host.mode() == 0x22);
    CHECK(host.error("48") == 0x66);
    CHECK(host.error("67 01") == 0x66);
    CHECK(host.ask("A4 30").size() == 32);
    CHECK(modes_seen(host) == std::vector<unsigned>{0x22, 0x02});
    CHECK(host.last_fd() == 3);
    CHECK(host.error("67 04") == 0xA3);
    REQUIRE(host.error("67 09") == 0); // the settlement report is a document
    CHECK(host.kkt.fn().find(4)->type == 21);
    CHECK(modes_seen(host) == std::vector<unsigned>{0x22, 0x02});
    CHECK(host.error("48") == 0);
}

TEST_CASE("Z: 3.2, then 7.1 for a second, then 3.0; the shift and its totals are closed")
{
    V3Host host;
    sell(host, 1000);
    host.enter(3);
    REQUIRE(host.error("5A") == 0);
    CHECK(host.last_fd() == 4);
    CHECK(host.kkt.fn().find(4)->type == 5);
    CHECK(host.mode() == 0x23);
    host.wait(150ms);
    CHECK(host.mode() == 0x17);
    CHECK(host.error("48") == 0x66);
    host.wait(990ms);
    CHECK(host.mode() == 0x17);
    host.wait(10ms);
    CHECK(host.mode() == 0x03);
    CHECK(host.error("5A") == 0x8F);
    CHECK(host.error("48") == 0);
    CHECK(host.ask("58") == hex("55 00 00 00 00 00 00 10 00 00 00 00 00 00 00 00"));
    CHECK(host.ask("91 03 01 01") == hex("55 00 00 00 00 00 00 00"));
    CHECK(host.ask("4D") == hex("4D 00 00 00 00 00 10 00"));
    const Bytes closed = host.ask("91 12 00 00");
    CHECK(closed == hex("55 00 00 31 12 25 14 25 00"));
    CHECK((host.ask("3F")[9] & 2U) == 0);
    CHECK(to_hex(BytesView(host.ask("3F")).subspan(20, 2)) == "0001");
}

TEST_CASE("the drawer is emptied with the shift where table 2 says so")
{
    V3Host host;
    sell(host, 1000);
    host.enter(4);
    REQUIRE(host.error("50 02 00 01 12 07") == 0);
    host.enter(3);
    REQUIRE(host.error("5A") == 0);
    CHECK(host.kkt.cash() == 0);
}

TEST_CASE("no report with a receipt open, no Z without a shift")
{
    V3Host host;
    host.enter(3);
    CHECK(host.error("5A") == 0x8F);
    open_receipt(host);
    CHECK(host.error("48") == 0x9B);
}

TEST_CASE("paper ends while a receipt prints: 67h, but the document is there; it prints on by itself")
{
    V3Host host;
    open_receipt(host);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(item(1800, 1800)) == 0);
    host.kkt.arm_paper_out();
    CHECK(host.error("4A 00 01 00 00 00 00 00") == 0x67);
    CHECK(host.last_fd() == 3);
    CHECK(host.ask("3F")[22] == 0);
    CHECK(host.ask("45") == hex("55 01 01"));
    CHECK(host.error("4A 00 01 00 00 00 00 00") == 0x9A); // not sold twice
    CHECK(host.error("55") == 0x67);
    const auto lines = host.kkt.strip().size();
    host.kkt.set_paper(true);
    CHECK(host.error("55") == 0);
    CHECK(host.kkt.strip().size() > lines);
    CHECK(host.error("55") == 0xAA);
    CHECK(host.error("95") == 0);
    CHECK(host.last_fd() == 3);
}

TEST_CASE("paper pulled while the answer waits for the printer makes it 67h")
{
    V3Host host;
    host.enter(1);
    const auto added = host.add(hex("9A 00"), 1);
    REQUIRE(added.size() == 1);
    host.wait(50ms);
    host.kkt.set_paper(false);
    CHECK(v3_packets(host.wait(1s)).at(0).data == hex("A7 01 55 67 00"));
    CHECK(host.kkt.shift().open);
    CHECK(host.last_fd() == 2);
    CHECK(host.reply("C4") == hex("A3"));
    host.kkt.set_paper(true);
    CHECK(host.error("4C 41") == 0); // goes on printing first
    CHECK(host.kkt.printing() != Printing::waits_for_continue);
}

TEST_CASE("an interrupted Z report wants 5Ah again, which prints it to its end and makes no second one")
{
    V3Host host;
    sell(host, 1000);
    host.enter(3);
    host.kkt.arm_paper_out();
    REQUIRE(host.error("5A") == 0);
    CHECK(host.last_fd() == 4);
    CHECK(host.ask("45") == hex("55 03 01")); // left 3.2 without 7.1, and no paper: the report failed
    CHECK(host.error("48") == 0x1A);
    CHECK(host.error("4C 41") == 0x1A);
    CHECK(host.error("56 01 00 00 00 30") == 0x1A);
    CHECK(host.ask("A4 10").size() == 7);
    CHECK(host.error("5A") == 0x67);

    host.kkt.power_off(); // it outlives the power
    host.kkt.power_on();
    host.face.power_up();
    host.kkt.set_paper(true);
    CHECK(host.mode() == 0);
    CHECK(host.error("92 00 01") == 0x1A);
    CHECK(host.error("56 03 00 00 00 30") == 0);
    CHECK(host.error("5A") == 0);
    CHECK(host.mode() == 0x23);
    CHECK(modes_seen(host) == std::vector<unsigned>{0x23, 0x17, 0x03});
    CHECK(host.last_fd() == 4);
    CHECK(host.error("5A") == 0x8F);
    CHECK(host.error("48") == 0);
    CHECK(host.error("4C 41") == 0);
}

TEST_CASE("the power goes around the FN's commit: afterwards the FN tells which")
{
    const auto when = GENERATE(PowerCut::before_fn_commit, PowerCut::after_fn_commit, PowerCut::during_print);
    V3Host host;
    open_receipt(host);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(item(1800, 1800)) == 0);
    host.kkt.arm_power_cut(when);
    CHECK(host.add(hex("4A 00 01 00 00 00 00 00"), 0x20).size() == 1); // A2, and then nothing
    CHECK(host.wait(10s).empty());
    CHECK(host.exchange("FE 01 00 00 C4 02").empty());
    host.kkt.power_on();
    host.face.power_up();
    CHECK(host.reply("C4") == hex("A3"));
    CHECK(host.reply("C3 20") == hex("B3")); // not a proof of anything
    CHECK(host.mode() == 0);
    const bool kept = when == PowerCut::before_fn_commit;
    CHECK(host.last_fd() == (kept ? 2U : 3U));
    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    CHECK(host.ask("3F")[22] == (kept ? 1 : 0));
    CHECK(host.error("4A 00 01 00 00 00 00 00") == (kept ? 0U : 0x9AU));
    CHECK(host.last_fd() == 3);
}

TEST_CASE("an open receipt outlives the power with its payments, or is dropped by units that do so")
{
    const bool keeps = GENERATE(true, false);
    Options options;
    options.keeps_receipt = keeps;
    V3Host host{options};
    open_receipt(host);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(item(1800, 1800)) == 0);
    REQUIRE(host.ask("99 00 02 00 00 00 10 00")[1] == 0);
    host.kkt.power_off();
    host.kkt.power_on();
    host.face.power_up();
    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    CHECK(host.ask("3F")[22] == (keeps ? 1 : 0));
    if (keeps) {
        CHECK(host.mode() == 0x41);
        CHECK(host.error("4A 00 01 00 00 00 00 00") == 0);
        CHECK(host.kkt.cash() == 800);
    }
}
