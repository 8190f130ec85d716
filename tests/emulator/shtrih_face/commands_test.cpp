#include "host.hpp"

#include "drivers/emulator/tlv_out.hpp"
#include "protocol/core/cp1251.hpp"

using namespace kb;
using namespace kb::shtrih;
using namespace kb::shtrih::test;

namespace {

std::string money(std::uint64_t kopecks) { return to_hex(ByteWriter().uint(kopecks, 5).view()); }

// operation, quantity 1, price, sums by the register, VAT 20 %, department 1, full payment, goods, name "A"
std::string item(unsigned operation, std::uint64_t price)
{
    return to_hex(ByteWriter().u8(static_cast<std::uint8_t>(operation)).uint(1'000'000, 6).view()) +
           money(price) + "FFFFFFFFFFFFFFFFFFFF" + "01010401" + "41";
}

std::string closing(std::uint64_t cash) { return money(cash) + to_hex(Bytes(75 + 1 + 30, 0)) + "01"; }

} // namespace

TEST_CASE("who it is: FCh, F7h, 11h and the tables agree")
{
    Host host;
    const Bytes type = host.command(hex("FC"));
    CHECK(to_hex(BytesView(type).first(8)) == "FC0000"
                                              "00010EFA00");
    CHECK(from_cp1251(BytesView(type).subspan(8)) == "ШТРИХ-М-02Ф");
    CHECK(host.command(hex("F701")).size() == 2 + 36);
    CHECK(host.command("11").size() == 50);
    CHECK(as_text(BytesView(host.command("1F", "12010001")).subspan(2, 16)) == "0049361208000001");
    CHECK(host.command("1F", "11010011") == hex("1F 00 04"));
    CHECK(to_hex(BytesView(host.command("2D", "0E")).last(3)) == "010006");
    CHECK(host.command("2E", "0E01").size() == 2 + 42 + 2);
    CHECK(host.command("2E", "0201").size() == 2 + 42 + 8);
    CHECK(host.command("2E", "0202").size() == 2 + 42);
    CHECK(host.error("1F", "63010001") == 0x5D);
    CHECK(host.error("1E", "1201000131") == 0x7A);
    CHECK(host.error("1E", "0101000105") == 0);
    CHECK(host.command("1F", "01010001") == hex("1F 00 05"));
}

TEST_CASE("refusals: password, mode, unknown command, and the text of the last one")
{
    Host host;
    CHECK(host.command(hex("1009030000")) == hex("10 4F"));
    CHECK(host.error("FF45", closing(0)) == 0x73);
    CHECK(host.error("41") == 0x3D);
    CHECK(host.error("68") == 0x37);
    CHECK(host.error("FF99") == 0x37);
    const Bytes text = host.command(hex("6B"));
    CHECK(from_cp1251(BytesView(text).subspan(2)) == "ККТ: команда не поддерживается");
    CHECK(host.error("FF46", "01") == 0x73);
}

TEST_CASE("the SD card's state is table 14")
{
    Host host;
    CHECK(host.command("1F", "0E010001") == hex("1F 00 00"));
    host.machine.kkt.set_sd({emulator::SdState::Card::missing, 0});
    CHECK(host.command("1F", "0E010001") == hex("1F 00 FE"));
    host.machine.kkt.set_sd({emulator::SdState::Card::failing, 7});
    CHECK(host.command("1F", "0E010005") == hex("1F 00 07 00 00 00"));
}

TEST_CASE("registers add up to what was sold")
{
    Host host;
    REQUIRE(host.error("E0") == 0);
    host.print();
    REQUIRE(host.error("FF46", item(1, 12000)) == 0); // opens the receipt by itself
    CHECK((host.mode() & 0xFF) == 0x08);
    REQUIRE(host.error("FF45", closing(15000)) == 0);
    host.print();
    REQUIRE(host.error("8D", "02") == 0);
    CHECK(host.mode() == 0x28);
    REQUIRE(host.error("FF46", item(2, 2000)) == 0);
    REQUIRE(host.error("FF45", closing(2000)) == 0);
    host.print();
    const auto cash_register = [&](unsigned number) {
        const Bytes answer =
            host.command("1A", to_hex(ByteWriter().u8(static_cast<std::uint8_t>(number)).view()));
        return ByteReader(BytesView(answer).subspan(3)).uint(6);
    };
    CHECK(cash_register(241) == 10000);
    CHECK(cash_register(193) == 12000);    // cash, sale
    CHECK(cash_register(193 + 2) == 2000); // cash, sale return
    CHECK(cash_register(121) == 12000);    // department 1, sale
    CHECK(cash_register(225) == 2000);     // VAT of sales
    CHECK(to_hex(BytesView(host.command("1B", "90")).last(2)) == "0100");
    CHECK(host.command(hex("FEF400000000")).size() == 2 + 32);
}

TEST_CASE("a receipt is refused as a real one refuses it")
{
    Host host;
    REQUIRE(host.error("E0") == 0);
    CHECK(host.error("8D", "00") == 0x50); // the report still prints
    host.print();
    REQUIRE(host.error("8D", "00") == 0);
    CHECK(host.error("8D", "00") == 0x4A);
    CHECK(host.error("FF46", item(2, 100)) == 0x49);
    REQUIRE(host.error("FF46", item(1, 100)) == 0);
    CHECK(host.command(hex("FF4501000000")).at(2) == 0x33);
    CHECK(host.error("FF45", closing(99)) == 0x45);
    CHECK(host.error("FF45", money(0) + money(101) + to_hex(Bytes(70 + 31, 0)) + "01") == 0x4D);
    CHECK(host.error("1E", "0101000105") == 0x73);
    CHECK(host.error("88") == 0);
    CHECK(host.mode() == 2);
    CHECK(host.machine.kkt.fn().last_fd() == 2);
}

TEST_CASE("archive: pieces add up to the document, and mode 1 ends with it")
{
    const char* id = GENERATE("shtrih-m-02f", "smartpos-f");
    Host host{id};
    const Bytes opened = host.command("FF3A", "01000000");
    const std::size_t size = ByteReader(BytesView(opened).subspan(5)).u16();
    CHECK(host.mode() == 1);
    CHECK(host.error("E0") == 0x73);
    Bytes all;
    while (true) {
        const Bytes piece = host.command("FF3B");
        if (piece[2] == 0x08)
            break;
        if (host.model.firmware->one_tlv_a_piece)
            CHECK(emulator::first_tlv_size(BytesView(piece).subspan(3)) == piece.size() - 3);
        all.insert(all.end(), piece.begin() + 3, piece.end());
    }
    CHECK(all.size() == size);
    CHECK(all == Bytes(host.machine.kkt.body(1).begin(), host.machine.kkt.body(1).end()));
    CHECK(host.mode() == 4);
    host.machine.kkt.forget_bodies(1);
    CHECK(host.error("FF3A", "01000000") == 0x08);
    CHECK(host.error("FF0A", "01000000") == 0);
    CHECK(host.error("FF0A", "02000000") == 0x08);
}

TEST_CASE("the OFD's queue is told alike by FF39, FF3F, T20 and FF3C")
{
    Host host;
    CHECK(host.command("FF3F") == hex("FF 3F 00 01 00"));
    CHECK(to_hex(host.command("FF39")) == "FF3900"
                                          "0200"
                                          "0100"
                                          "01000000"
                                          "1A03190E05");
    CHECK(host.command("1F", "14010003") == hex("1F 00 01 00"));
    CHECK(host.error("FF3C", "01000000") == 0x08);
    host.machine.kkt.give_tickets_through(1);
    CHECK(host.command("FF3F") == hex("FF 3F 00 00 00"));
    CHECK(host.command("FF39") == hex("FF3900 0000 0000 00000000 0000000000"));
    CHECK(host.command("FF3C", "01000000").size() == 3 + 27);
    CHECK(host.command("FF0A", "01000000")[4] == 1);
}

TEST_CASE("relay: the register hands out a session message and takes the ticket")
{
    Host host;
    CHECK(host.command("FF30")[3] == 0);
    REQUIRE(host.error("1E", "1501000200") == 0); // T21F2 = 0: through the host
    const Bytes there = host.command("FF30");
    const std::size_t size = ByteReader(BytesView(there).subspan(3)).u16();
    REQUIRE(size > 62);
    const Bytes head = host.command("FF31", "00001E");
    CHECK(to_hex(BytesView(head).subspan(3, 4)) == "2A08410A");
    CHECK(ByteReader(BytesView(head).subspan(3 + 24)).u16() == size - 30);
    emulator::TlvOut ticket;
    ticket.padded(1041, "9999078900002270", 16).u32(1040, 1);
    Bytes answer(62, 0);
    const Bytes stlv = emulator::TlvOut().structure(7, ticket).bytes();
    answer.insert(answer.end(), stlv.begin(), stlv.end());
    const auto total = static_cast<std::uint16_t>(answer.size());
    REQUIRE(host.error("FF32", to_hex(ByteWriter().u16(total).view())) == 0);
    for (std::size_t at = 0; at < answer.size(); at += 64) {
        const std::size_t n = std::min<std::size_t>(64, answer.size() - at);
        const Bytes block = ByteWriter()
                                .u16(static_cast<std::uint16_t>(at))
                                .u8(static_cast<std::uint8_t>(n))
                                .bytes(BytesView(answer).subspan(at, n))
                                .take();
        CHECK(host.error("FF33", to_hex(block)) == 0);
    }
    CHECK(host.machine.kkt.fn().unsent() == 0);
}

TEST_CASE("the clock is set in a closed shift: time, date, confirmation")
{
    Host host;
    CHECK(host.error("21", "0E1E00") == 0);
    CHECK(host.error("22", "1A031A") == 0);
    CHECK(host.mode() == 6);
    CHECK(host.error("23", "1B031A") == 0x7C);
    CHECK(host.error("23", "1A031A") == 0);
    CHECK(to_text(host.machine.kkt.now()) == "2026-03-26T14:30:00");
    REQUIRE(host.error("E0") == 0);
    host.print();
    CHECK(host.error("21", "0E1E00") == 0x73);
}

TEST_CASE("corrections: a receipt of type 80h wants its basis, FF4A makes its own")
{
    Host host;
    REQUIRE(host.error("E0") == 0);
    host.print();
    REQUIRE(host.error("8D", "80") == 0);
    REQUIRE(host.error("FF46", item(1, 100)) == 0);
    CHECK(host.error("FF45", closing(100)) == 0x33);
    REQUIRE(host.error("FF0C", "95040100"
                               "00"
                               "9604"
                               "0800"
                               "9A04040000000000") == 0);
    REQUIRE(host.error("FF45", closing(100)) == 0);
    host.print();
    CHECK(host.command("FF0A", "03000000")[3] == 31);
    REQUIRE(host.error("FF35") == 0);
    const std::string sums =
        money(12000) + money(12000) + to_hex(Bytes(20, 0)) + money(2000) + to_hex(Bytes(25, 0));
    const Bytes done = host.command("FF4A", "0001" + sums + "01");
    REQUIRE(done.size() == 3 + 10);
    CHECK(done[3] == 2);
    CHECK(host.command("FF0A", "04000000")[3] == 31);
}

TEST_CASE("old operations sell too: 80h and 85h")
{
    Host host;
    REQUIRE(host.error("E0") == 0);
    host.print();
    const std::string text40 = to_hex(Bytes(40, 0x41));
    REQUIRE(host.error("80", to_hex(ByteWriter().uint(2000, 5).view()) + money(5000) +
                                 "01"
                                 "01000000" +
                                 text40) == 0);
    CHECK(host.mode() == 0x08);
    const Bytes closed = host.command("85", money(15000) + money(0) + money(0) + money(0) +
                                                "0000"
                                                "00000000" +
                                                text40);
    CHECK(ByteReader(BytesView(closed).subspan(3)).uint(5) == 5000);
    CHECK(host.machine.kkt.fn().find(3)->sum == 10000);
}

TEST_CASE("VAT of 22 % has its own codes on a Nano")
{
    Host nano{"nano-f"};
    REQUIRE(nano.error("E0") == 0);
    nano.print();
    const auto with_vat = [](const char* code) {
        std::string text = item(1, 12200);
        return text.replace(text.size() - 10, 2, code);
    };
    CHECK(nano.error("FF46", with_vat("CB")) == 0x33);
    CHECK(nano.error("FF46", with_vat("90")) == 0);
    CHECK(nano.error("25", "00") == 0x73);
    CHECK(nano.error("88") == 0);
    CHECK(nano.error("25", "00") == 0x37);
}
