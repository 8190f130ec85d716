// The FN through A4h: docs/sources.md#atol, section 6.
#include "host.hpp"

#include "drivers/emulator/tlv_out.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

std::string number(std::uint32_t fd) { return to_hex(ByteWriter().u32(fd).view()); }

/// As section 6.1 says: portions until DAh; each TLV whole before the next begins.
Bytes read_document(V3Host& host, std::uint32_t fd, std::size_t at_most)
{
    REQUIRE(host.error("A4 45" + number(fd)) == 0);
    Bytes all;
    Bytes tlv;
    while (true) {
        const Bytes piece = host.ask("A4 46");
        if (piece[1] == 0xDA)
            break;
        REQUIRE(piece[1] == 0);
        CHECK(piece.size() - 2 <= at_most);
        tlv.insert(tlv.end(), piece.begin() + 2, piece.end());
        const std::size_t length = tlv.size() < 4 ? at_most * 100 : tlv[2] + 256U * tlv[3] + 4U;
        REQUIRE(tlv.size() <= length);
        if (tlv.size() == length) {
            all.insert(all.end(), tlv.begin(), tlv.end());
            tlv.clear();
        }
    }
    CHECK(tlv.empty());
    return all;
}

} // namespace

TEST_CASE("every document is read out byte for byte, long TLVs in pieces")
{
    const std::size_t piece = GENERATE(200U, 7U, 0U);
    Options options;
    options.tlv_piece = piece;
    V3Host host{options, "30f", static_cast<std::uint8_t>(GENERATE(2, 3, 4))};
    open_receipt(host);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(host.error("EA 00 01 00") == 0);
        REQUIRE(host.error(item(1800, 1800, std::string(256, '8'))) == 0);
    }
    REQUIRE(host.error("4A 00 01 00 00 00 00 00") == 0);
    host.enter(3);
    REQUIRE(host.error("5A") == 0);
    host.wait(5s);
    REQUIRE(host.last_fd() == 4);
    for (std::uint32_t fd = 1; fd <= 4; ++fd) {
        const BytesView truth = host.kkt.body(fd);
        CHECK(to_hex(read_document(host, fd, piece == 0 ? 4096 : piece)) == to_hex(truth));
    }
}

TEST_CASE("a document that is not there, or no longer there in full, is DAh; its short record stays")
{
    V3Host host;
    sell(host, 1800);
    CHECK(host.error("A4 45" + number(4)) == 0xDA);
    CHECK(host.error("A4 46") == 0xDA);
    host.kkt.forget_bodies(3);
    CHECK(host.error("A4 45" + number(3)) == 0xDA);
    const Bytes record = host.ask("A4 40" + number(3));
    CHECK(to_hex(BytesView(record).first(13)) == "55000300"
                                                 "190C1F0E19"
                                                 "03000000");
    CHECK(ByteReader(BytesView(record).subspan(13)).u32() == host.kkt.fn().find(3)->sign);
    CHECK(to_hex(BytesView(record).subspan(17)) == "01"
                                                   "0807000000");
    CHECK(host.ask("A4 40" + number(2)).size() == 2 + 15 + 2);
    CHECK(host.ask("A4 40" + number(1)).size() == 2 + 15 + 34);
    CHECK(host.error("A4 40" + number(9)) == 0xDA);
}

TEST_CASE("the OFD's ticket of a document: when, its sign, which document")
{
    V3Host host;
    CHECK(host.error("A4 41" + number(1)) == 0xDA);
    CHECK(host.error("A4 41" + number(9)) == 0xDA);
    CHECK(host.error("A4 41") == 0x14);
    host.pass(3min);
    host.kkt.give_tickets_through(1);
    const Bytes ticket = host.ask("A4 41" + number(1));
    REQUIRE(ticket.size() == 2 + 5 + 18 + 4);
    CHECK(to_hex(BytesView(ticket).first(7)) == "5500190C1F0E1C");
    CHECK(to_hex(BytesView(ticket).subspan(25)) == number(1));
    CHECK(host.ask("A4 41" + number(1)) == ticket);
}

TEST_CASE("who the FN is, how long it lives, and for whom it works")
{
    V3Host host;
    CHECK(as_text(BytesView(host.ask("A4 31")).subspan(2)) == "9960440300000001");
    CHECK(host.ask("A4 32") == hex("55 00 1B 02 04 1D 01"));
    const Bytes version = host.ask("A4 33");
    CHECK(version.size() == 2 + 17);
    CHECK(version.back() == 0); // a debug drive
    const Bytes registration = host.ask("A4 43 01");
    CHECK(registration.size() == 2 + 5 + 12 + 20 + 2 + 8);
    CHECK(as_text(BytesView(registration).subspan(7, 12)) == "7707000008  ");
    CHECK(registration[39] == 3);
    CHECK(host.ask("A4 43") == registration);
    CHECK(host.error("A4 42") == 0xF2);
    CHECK(host.error("A4") == 0x14);
    CHECK(host.error("A4 30 00") == 0x14);
}

TEST_CASE("the OFD's queue is told alike by A4 20 and register 2Ch")
{
    V3Host host;
    CHECK(host.ask("A4 20") == hex("55 00 03 00 01 00 01 00 00 00 19 0C 1F 0E 19"));
    CHECK(host.ask("91 2C 00 00") == hex("55 00 00 00 01"));
    host.kkt.give_tickets_through(1);
    CHECK(host.ask("A4 20") == hex("55 00 01 00 00 00 00 00 00 00 00 00 00 00 00"));
    host.kkt.set_ofd_silent(true);
    CHECK(host.ask("A4 20")[2] == 0);
    CHECK(host.face.talks_to_ofd_itself());
    host.enter(4);
    REQUIRE(host.error("50 0F 00 01 01 05") == 0); // over the transport: only with the vendor's driver
    CHECK_FALSE(host.face.talks_to_ofd_itself());
}

TEST_CASE("reading goes on in any mode and beside an open receipt; a sale at the keypad interrupts it")
{
    V3Host host;
    sell(host, 100);
    REQUIRE(host.error("A4 45" + number(1)) == 0);
    REQUIRE(host.error("92 00 01") == 0);
    REQUIRE(host.error("A4 45" + number(1)) == 0);
    CHECK(host.ask("A4 46")[1] == 0);
    REQUIRE(host.error("59") == 0);
    CHECK(host.ask("A4 46")[1] == 0);
    Receipt receipt;
    receipt.items.push_back({});
    receipt.items.back().price = receipt.items.back().sum = 100;
    Closing closing;
    closing.payments[0] = 100;
    REQUIRE(host.kkt.ring(receipt, closing));
    CHECK(host.error("A4 46") == 0xEE);
    CHECK(host.extended() == 0x0303);
    CHECK(host.error("A4 45" + number(1)) == 0);
}

TEST_CASE("with IgnoreError the end of a document leaves the buffer at work")
{
    V3Host host;
    REQUIRE(host.error("A4 45" + number(1)) == 0);
    for (std::uint8_t task = 0; task < 100; ++task) {
        const auto packets = host.add(hex("A4 46"), task, 3);
        REQUIRE(packets.size() == 2);
        REQUIRE(host.reply("C2" + one_byte(task)) == hex("A3"));
        if (packets[1].data[0] == 0xA7) {
            CHECK(packets[1].data == Out(Bytes{0xA7, task}).bytes(hex("55 DA 00")).take());
            CHECK(host.add(hex("45"), 0x7F).at(0).data == hex("A2"));
            return;
        }
    }
    FAIL("the document never ended");
}

TEST_CASE("a full, expired or too long unsent FN refuses sales with its own code")
{
    V3Host host;
    host.enter(1);
    REQUIRE(host.error("9A 00") == 0);
    host.kkt.fill_fn();
    CHECK(host.error("92 00 01") == 0xD8);
    V3Host old;
    old.kkt.expire_fn();
    old.enter(1);
    CHECK(old.error("9A 00") == 0xD7);
    V3Host offline;
    offline.pass(std::chrono::days{31});
    offline.enter(1);
    CHECK(offline.error("9A 00") == 0xEB);
}
