// Transport v3 and its task buffer on the wire: docs/sources.md#atol, section 2, and the packets of its
// vectors.
#include "host.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

Options slow(std::chrono::milliseconds think = 100ms)
{
    Options options;
    options.think = think;
    return options;
}

const Bytes kStateCode = hex("45");
const Bytes kBadMode = hex("9A 00"); // refused by 66h in mode 0

} // namespace

TEST_CASE("v3: check sums of the vectors, by both hands")
{
    const std::string text = "123456789";
    CHECK(crc8(as_bytes(text)) == 0xF7);
    CHECK(v3_check(Bytes(text.begin(), text.end())) == 0xF7);
    CHECK(crc8(Bytes{0x01}) == 0x9D);
    CHECK(v3_packet(0x01, {}) == hex("FE 00 00 01 9D"));
    CHECK(v3_packet(0xF0, hex("A6 57 55 00 00")) == hex("FE 05 00 F0 A6 57 55 00 00 FD EE"));
    CHECK(v3_packet(0x10, hex("C1 01 05 00 00 8F 01 FE FD")) ==
          hex("FE 09 00 10 C1 01 05 00 00 8F 01 FD EE FD ED 20"));
    CHECK(v3_packet(0x0E, hex("C2 01")) == hex("FE 02 00 0E C2 01 FD EE"));
    CHECK(v3_packet(0xD1, hex("C2 00")) == hex("FE 02 00 D1 C2 00 FD ED"));
    CHECK(v3_packed(0xD1, hex("C2 00")) == hex("FE 02 00 D1 C2 00 FD ED"));
    const Bytes item =
        hex("EB 00 00 00 00 00 00 18 00 00 00 00 10 00 00 00 00 00 00 18 00 01 00 00 00 00 00 00 00 00 "
            "01 04 00 00 00 00 00 00 00 00 00 00");
    Bytes data = hex("C1 01 08 00 00");
    data.insert(data.end(), item.begin(), item.end());
    data.insert(data.end(), 110, 0x9B);
    const Bytes packet = v3_packet(0x23, data);
    CHECK(to_hex(BytesView(packet).first(4)) == "FE1D0123");
    CHECK(packet.back() == 0x27);
}

TEST_CASE("v3: the worked exchange of 3Fh, byte by byte")
{
    Options options;
    options.paper_bit_is_absence = true; // as those took it who worked it out
    V3Host host{options};
    REQUIRE(host.error("56 01 00 00 00 01") == 0);
    while (host.kkt.shift().number < 3 || host.kkt.shift().open || host.last_fd() < 124) {
        if (!host.kkt.shift().open)
            REQUIRE(host.kkt.open_shift("К", {}));
        Receipt receipt;
        receipt.items.push_back({});
        receipt.items.back().price = receipt.items.back().sum = 100;
        Closing closing;
        closing.payments[1] = 100;
        while (host.kkt.shift().receipts < 39)
            REQUIRE(host.kkt.ring(receipt, closing));
        REQUIRE(host.kkt.close_shift("К", {}));
    }
    REQUIRE(host.kkt.open_shift("К", {}));
    for (int i = 0; i < 12; ++i) {
        Receipt receipt;
        receipt.items.push_back({});
        receipt.items.back().price = receipt.items.back().sum = 100;
        Closing closing;
        closing.payments[1] = 100;
        REQUIRE(host.kkt.ring(receipt, closing));
    }
    host.kkt.give_tickets_through(135);
    REQUIRE(host.kkt.cash_in(123456));
    host.steady += 10s;

    CHECK(host.exchange("FE 01 00 00 C4 02") == hex("FE 01 00 00 A3 2E"));
    CHECK(host.exchange("FE 06 00 01 C1 01 00 00 00 3F 7C") ==
          hex("FE 01 00 01 A2 EB FE 20 00 F0 A6 00 44 01 01 25 12 31 14 25 30 43 00 10 61 23 3D 35 30 01 00 "
              "12 00 03 "
              "00 00 00 00 00 00 02 04 5D"));
    CHECK(host.exchange("FE 02 00 02 C2 00 B4") == hex("FE 01 00 02 A3 F7"));
    // Vectors 42 to 45, 50 and 51 of the same register.
    const auto told = [&host](const std::string& command, std::uint8_t task) {
        return v3_packet(0xF0, host.add(hex(command), task).at(1).data);
    };
    CHECK(told("A4 30", 0x09) == hex("FE 22 00 F0 A6 09 55 00 03 00 00 01 00 19 0C 1F 0E 19 39 39 36 30 34 "
                                     "34 30 33 30 30 30 30 30 30 30 31 89 00 00 00 CD"));
    CHECK(told("A4 20", 0x0A) == hex("FE 11 00 F0 A6 0A 55 00 03 00 02 00 88 00 00 00 19 0C 1F 0E 19 25"));
    CHECK(told("A4 10", 0x0B) == hex("FE 09 00 F0 A6 0B 55 00 01 04 00 0C 00 2F"));
    CHECK(told("91 12 00 00", 0x11) == hex("FE 0B 00 F0 A6 11 55 00 01 01 01 26 14 25 30 E6"));
    CHECK(told("91 0A 00 00", 0x12) == hex("FE 0B 00 F0 A6 12 55 00 00 00 00 00 12 34 56 0E"));
}

TEST_CASE("v3: the worked failing command: no paper, AsyncError, Abort")
{
    V3Host host;
    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    host.kkt.set_paper(false);
    CHECK(host.exchange("FE 08 00 11 C1 01 11 00 00 92 00 01 47") ==
          hex("FE 01 00 11 A2 85 FE 05 00 F0 A7 11 55 67 00 3F"));
    CHECK(host.exchange("FE 01 00 12 C4 B5") == hex("FE 01 00 12 A3 99"));
}

TEST_CASE("v3: the worked lost answer: it is kept in the buffer and told to Req")
{
    V3Host host;
    open_receipt(host);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(item(1800, 1800)) == 0);
    host.faults.add({FaultKind::lose_answer, 0, 1.0, 1, "4A", 0ms, true, true});
    CHECK(host.exchange("FE 0D 00 21 C1 01 06 00 00 4A 00 01 00 00 00 00 00 7B") == hex("FE 01 00 21 A2 37"));
    CHECK(host.wait(10s).empty());
    CHECK(host.exchange("FE 02 00 22 C3 06 9F") == hex("FE 04 00 22 A3 55 00 00 D8"));
    CHECK(host.exchange("FE 02 00 23 C2 06 2D") == hex("FE 01 00 23 A3 DF"));
    CHECK(host.reply("C3 06") == hex("B3"));
    CHECK(host.last_fd() == 3);
}

TEST_CASE("v3: the same task again is B2 and not a second execution, until it is acknowledged")
{
    V3Host host;
    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    const Bytes packet = v3_packed(0x40, hex("C1 01 50 00 00 49 00 00 00 00 10 00")); // 10.00 into the drawer
    CHECK(v3_packets(host.exchange(packet)).at(0).data == hex("A2"));
    CHECK(v3_packets(host.exchange(packet)).at(0).data == hex("B2"));
    CHECK(v3_packets(host.wait(1s)).at(0).data == hex("A6 50 55 00 00"));
    CHECK(v3_packets(host.exchange(packet)).at(0).data == hex("B2"));
    CHECK(host.kkt.cash() == 1000);
    REQUIRE(host.reply("C2 50") == hex("A3"));
    CHECK(v3_packets(host.exchange(packet)).at(0).data == hex("A2"));
    CHECK(host.kkt.cash() == 2000);
}

TEST_CASE("v3: tasks queue behind a running one, A1, A2 and A3 as they go")
{
    V3Host host{slow()};
    CHECK(host.add(kStateCode, 1).at(0).data == hex("A2"));
    CHECK(host.add(hex("4D"), 2).at(0).data == hex("A1"));
    CHECK(host.reply("C3 01") == hex("A2"));
    CHECK(host.reply("C3 02") == hex("A1"));
    CHECK(host.reply("C2 01") == hex("A2")); // nothing to acknowledge yet
    CHECK(v3_packets(host.wait(100ms)).at(0).data == hex("A6 01 55 00 00"));
    CHECK(host.reply("C3 01") == hex("A3 55 00 00"));
    CHECK(host.reply("C3 02") == hex("A2"));
    CHECK(v3_packets(host.wait(100ms)).at(0).data == hex("A6 02 4D 00 00 00 00 00 00 00"));
}

TEST_CASE("v3: a failed task stops the buffer; Ack does not heal it, Abort does")
{
    V3Host host{slow()};
    CHECK(host.add(kBadMode, 1).at(0).data == hex("A2"));
    CHECK(host.add(kStateCode, 2).at(0).data == hex("A1"));
    CHECK(v3_packets(host.wait(200ms)).at(0).data == hex("A7 01 55 66 00"));
    CHECK(host.reply("C3 01") == hex("A4 55 66 00"));
    CHECK(host.reply("C3 02") == hex("A5"));
    CHECK(host.add(kStateCode, 3).at(0).data == hex("A5"));
    CHECK(host.reply("C2 01") == hex("A3"));
    CHECK(host.add(kStateCode, 3).at(0).data == hex("A5"));
    CHECK(host.reply("C4") == hex("A3"));
    CHECK(host.reply("C3 02") == hex("B3"));
    CHECK(host.add(kStateCode, 3).at(0).data == hex("A2"));
}

TEST_CASE("v3: with IgnoreError the buffer goes on after a failure")
{
    V3Host host;
    const auto failed = host.add(kBadMode, 1, 3);
    REQUIRE(failed.size() == 2);
    CHECK(failed[1].data == hex("A7 01 55 66 00"));
    CHECK(host.add(kStateCode, 2).at(0).data == hex("A2"));
    CHECK(host.reply("C3 01") == hex("A4 55 66 00"));
}

TEST_CASE("v3: a task without NeedResult leaves the buffer by itself, but its failure is told")
{
    Options options;
    options.buffer = 2;
    V3Host host{options};
    for (int i = 0; i < 10; ++i) // as one driver sends everything it does not wait for, all under new ids
        CHECK(host.add(hex("48"), static_cast<std::uint8_t>(i), 0).size() == 1);
    CHECK(host.reply("C3 00") == hex("B3"));
    const auto failed = host.add(kBadMode, 0x30, 0);
    REQUIRE(failed.size() == 2);
    CHECK(failed[1].data == hex("A7 30 55 66 00"));
    CHECK(host.add(kStateCode, 0x31).at(0).data == hex("A5"));
}

TEST_CASE("v3: overflow, unknown tasks and wrong values have their own replies")
{
    Options options = slow();
    options.buffer = 2;
    V3Host host{options};
    CHECK(host.add(kStateCode, 1).at(0).data == hex("A2"));
    CHECK(host.add(kStateCode, 2).at(0).data == hex("A1"));
    CHECK(host.add(kStateCode, 3).at(0).data == hex("B1"));
    CHECK(host.reply("C3 09") == hex("B3"));
    CHECK(host.reply("C2 FF") == hex("B3"));
    CHECK(host.reply("C1 08 05 00 00 45") == hex("B4 00"));
    CHECK(host.reply("C1 01 E0 00 00 45") == hex("B4 01"));
    CHECK(host.reply("C1 01") == hex("B4 01"));
    CHECK(host.reply("C5 01 02") == hex("B4 00"));
}

TEST_CASE("v3: a task that waits for a device outside is A8 meanwhile")
{
    V3Host host{slow()};
    CHECK(host.add(kStateCode, 1, 5).at(0).data == hex("A8"));
    CHECK(host.reply("C3 01") == hex("A8"));
    CHECK(v3_packets(host.wait(100ms)).at(0).data == hex("A6 01 55 00 00"));
}

TEST_CASE("v3: Abort forgets the answer of what is being executed, not the deed")
{
    V3Host host{slow()};
    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    CHECK(host.add(hex("9A 00"), 0x21).at(0).data == hex("A2"));
    CHECK(host.reply("C4") == hex("A3"));
    CHECK(host.add(kStateCode, 0x22).at(0).data == hex("A1")); // the register is still at work
    const auto told = v3_packets(host.wait(5s));
    REQUIRE(told.size() == 1);
    CHECK(told[0].data == hex("A6 22 55 01 00"));
    CHECK(host.kkt.shift().open);
    CHECK(host.reply("C3 21") == hex("B3"));
}

TEST_CASE("v3: an empty packet asks for the last reply of its id again")
{
    V3Host host;
    const Bytes reply = host.exchange("FE 06 00 03 C1 01 01 00 00 45 27");
    CHECK(v3_packets(reply).at(0).data == hex("A2"));
    CHECK(host.exchange(v3_packed(0x03, {})) == v3_packed(0x03, hex("A2")));
    CHECK(host.exchange(v3_packed(0x04, {})).empty());
}

TEST_CASE("v3: damaged packets are dropped, or asked for again where the unit does so")
{
    V3Host silent;
    CHECK(silent.exchange("FE 01 00 00 C4 03").empty());
    CHECK(silent.exchange("FE 01 00 00 FD 11 02").empty());
    Options options;
    options.ask_repeat = true;
    V3Host asks{options};
    CHECK(asks.exchange("FE 01 00 21 C4 03") == hex("FE 00 00 21 1B"));
}

TEST_CASE("v3: after noise, a torn packet or a wild length the next FEh begins anew")
{
    V3Host host;
    const Bytes reply = hex("FE 01 00 00 A3 2E");
    CHECK(host.exchange("00 11 22 FE 01 00 00 C4 02") == reply);
    CHECK(host.exchange("FE 06 00 01 C1 01 FE 01 00 00 C4 02") == reply);
    CHECK(host.exchange("FE 7F 7F 05 C1 C1 C1 FE 01 00 00 C4 02") == reply);
    CHECK(host.exchange("FE FE FE 01 00 00 C4 02") == reply);
    CHECK(host.exchange("FE 01 00 F0 A6 00 FE 01 00 00 C4 02") == reply); // F0 is not the host's
}

TEST_CASE("v3: packets come byte by byte, or several at once")
{
    V3Host host;
    Bytes out;
    for (const std::uint8_t byte : hex("FE 06 00 03 C1 01 01 00 00 45 27")) {
        const Bytes said = host.exchange(Bytes{byte});
        out.insert(out.end(), said.begin(), said.end());
    }
    CHECK(v3_packets(out).size() == 2);
    CHECK(v3_packets(host.exchange("FE 01 00 00 C4 02 FE 01 00 00 C4 02")).size() == 2);
}

TEST_CASE("v3: fast units answer in the reply itself, or before it")
{
    Options in_reply;
    in_reply.answer_in_reply = true;
    V3Host fast{in_reply};
    CHECK(fast.add(kStateCode, 1).at(0).data == hex("A3 55 00 00"));
    CHECK(fast.add(kBadMode, 2).at(0).data == hex("A4 55 66 00"));
    CHECK(fast.add(kStateCode, 3).at(0).data == hex("A5"));
    Options first;
    first.result_first = true;
    V3Host early{first};
    const auto packets = early.add(kStateCode, 1);
    REQUIRE(packets.size() == 2);
    CHECK(packets[0].data == hex("A6 01 55 00 00"));
    CHECK(packets[1].data == hex("A2"));
}

TEST_CASE("v3: a result comes twice, damaged, late, or behind an older one when it is told to")
{
    V3Host host;
    host.faults.add({FaultKind::double_answer, 0, 1.0, 1, "45", 0ms, true, true});
    const auto twice = host.add(kStateCode, 1);
    REQUIRE(twice.size() == 3);
    CHECK(twice[1].data == twice[2].data);

    host.faults.add({FaultKind::stale_answer, 0, 1.0, 1, "4D", 0ms, true, true});
    const auto stale = host.add(hex("4D"), 2);
    REQUIRE(stale.size() == 3);
    CHECK(stale[1].data == hex("A6 01 55 00 00"));
    CHECK(stale[2].data == hex("A6 02 4D 00 00 00 00 00 00 00"));

    host.faults.add({FaultKind::damage_answer, 0, 1.0, 1, "45", 0ms, true, true});
    const Bytes damaged = host.exchange(v3_packed(0x30, hex("C1 01 03 00 00 45")));
    Bytes whole = v3_packed(0x30, hex("A2"));
    const Bytes result = v3_packed(0xF0, hex("A6 03 55 00 00"));
    whole.insert(whole.end(), result.begin(), result.end());
    CHECK(damaged.size() == whole.size());
    CHECK(damaged != whole);
    CHECK(host.reply("C3 03") == hex("A3 55 00 00"));

    host.faults.add({FaultKind::delay_answer, 0, 1.0, 1, "45", 30000ms, true, true});
    CHECK(host.add(kStateCode, 4).size() == 1);
    CHECK(host.wait(29999ms).empty());
    CHECK(host.reply("C3 04") == hex("A2"));
    CHECK(v3_packets(host.wait(1ms)).at(0).data == hex("A6 04 55 00 00"));
}

TEST_CASE("v3: a restart between Add and result empties the buffer, before or after the deed")
{
    V3Host host;
    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    host.faults.add({FaultKind::reboot_before, 0, 1.0, 1, "9A", 2000ms, true, true});
    host.add(hex("9A 00"), 0x10);
    CHECK(host.face.take_hang_up());
    CHECK(host.exchange("FE 01 00 00 C4 02").empty()); // it is away
    host.steady += 2s;
    CHECK_FALSE(host.kkt.shift().open);
    CHECK(host.reply("C3 10") == hex("B3"));
    CHECK(host.mode() == 0);

    REQUIRE(host.error("56 01 00 00 00 30") == 0);
    host.faults.add({FaultKind::reboot_after, 0, 1.0, 1, "9A", 2000ms, true, true});
    host.add(hex("9A 00"), 0x11);
    host.wait(1s);
    host.steady += 2s;
    CHECK(host.kkt.shift().open);
    CHECK(host.reply("C3 11") == hex("B3"));
}

TEST_CASE("v3: NAK storm drops good packets, silence is deaf for its time, busy is 76h")
{
    V3Host host;
    host.faults.add({FaultKind::nak_storm, 0, 1.0, 2, "", 0ms, true, true});
    CHECK(host.add(kStateCode, 1).empty());
    CHECK(host.add(kStateCode, 1).empty());
    CHECK(host.add(kStateCode, 1).size() == 2);
    host.faults.add({FaultKind::silence, 0, 1.0, 1, "45", 2000ms, true, true});
    CHECK(host.add(kStateCode, 2).empty());
    CHECK(host.say("C4").empty());
    host.steady += 2s;
    CHECK(host.reply("C4") == hex("A3"));
    host.faults.add({FaultKind::busy, 0, 1.0, 1, "45", 0ms, true, true});
    CHECK(host.ask("45") == hex("55 76 00"));
}
