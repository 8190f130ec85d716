// Who the register is, its modes, passwords, tables, registers and clock: docs/sources.md#atol, sections 3
// to 5.
#include "host.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

TEST_CASE("the wire page is DOS with signs of its own")
{
    CHECK(to_wire_page("АТОЛ 91Ф") == hex("80 92 8E 8B 20 39 31 94"));
    CHECK(from_wire_page(hex("24 F2 FC 27 F1")) == "№€$’ё");
    CHECK(to_wire_page("№€$ё я") == hex("24 F2 FC F1 20 EF"));
    CHECK(from_wire_page(hex("09 80")) == "А"); // 09h only makes it wide
    CHECK(to_wire_page("日") == hex("3F"));
    for (unsigned byte = 0x20; byte < 0x100; ++byte) {
        const Bytes one = {static_cast<std::uint8_t>(byte)};
        if (byte != 0x7F && byte != 0xFF) // FFh and FEh are the same square
            CHECK(to_wire_page(from_wire_page(one)) == one);
    }
}

TEST_CASE("numbers are digits, dates too")
{
    CHECK(Out().bcd(0, 3).take() == hex("00 00 00"));
    CHECK(Out().bcd(1800, 2).take() == hex("18 00"));
    CHECK(Out().bcd(1000, 2).take() == hex("10 00"));
    CHECK(Out().bcd(6813594, 5).take() == hex("00 06 81 35 94"));
    const Bytes five = hex("00 06 81 35 94");
    In in(five);
    CHECK(in.bcd(5) == 6813594);
    CHECK(in.error() == 0);
    const Bytes no_digits = hex("1A");
    In wrong{no_digits};
    wrong.bcd(1);
    CHECK(wrong.error() == 0x13);
}

TEST_CASE("A5h, 9Dh, 3Fh and register 16h agree on who it is")
{
    V3Host host;
    const Bytes type = host.ask("A5");
    CHECK(to_hex(BytesView(type).first(11)) == "0001013D0000"
                                               "0500005800");
    CHECK(from_wire_page(BytesView(type).subspan(11)) == "АТОЛ 30Ф");
    CHECK(host.ask("9D 01") == hex("55 00 05 00 00 58 00"));
    CHECK(host.ask("9D 91") == hex("55 00 05 01 00 58 00"));
    CHECK(host.ask("9D 07") == hex("55 7A 00"));
    CHECK(host.ask("3F").size() == 30);
    CHECK(host.ask("91 16 00 00") == hex("55 00 00 00 00 00 10 61 23"));
    CHECK(host.ask("91 18 00 00") == hex("55 00 32 03 84")); // characters, dots
    CHECK(host.ask("91 36 00 00") == hex("55 00 02 02 00 00 00 00"));
    CHECK(host.ask("74 01") == hex("4C 01"));
    Options options;
    options.long_version_head = true;
    V3Host other{options};
    CHECK(other.ask("9D 91") == hex("55 00 00 05 01 00 58 00"));
}

TEST_CASE("every model tells its own code, name and line")
{
    for (const Model& model : kModels) {
        V3Host host{{}, std::string(model.id).c_str()};
        const Bytes type = host.ask("A5");
        CHECK(type[3] == model.code);
        CHECK(from_wire_page(BytesView(type).subspan(11)) == model.name);
        CHECK(host.ask("91 18 00 00") ==
              Out(Bytes{0x55, 0x00}).bcd(model.line, 1).bcd(std::uint64_t{model.line} * 12U, 2).take());
        CHECK(host.ask("3F")[14] == model.code);
    }
}

TEST_CASE("refusals: access password, unknown command, lengths, digits, and the last of them")
{
    V3Host host;
    CHECK(v3_packets(host.exchange(v3_packed(1, hex("C1 01 01 11 11 3F")))).at(1).data ==
          hex("A7 01 55 8C 00"));
    CHECK(host.reply("C4") == hex("A3"));
    CHECK(host.ask("B3") == hex("55 8C 00"));
    CHECK(host.error("69") == 0x7A);
    CHECK(host.error("45 00") == 0x14);
    CHECK(host.error("91 16") == 0x14);
    CHECK(host.error("56 01 00 00 00 3A") == 0x13);
    CHECK(host.ask("B3") == hex("55 13 00"));
    CHECK(v3_packets(host.exchange(v3_packed(1, hex("C1 01 02 00 00")))).at(1).data == hex("A7 02 55 14 00"));
    Options options;
    options.access_password = 0x1111;
    V3Host other{options};
    CHECK(v3_packets(other.exchange(v3_packed(1, hex("C1 01 01 11 11 45")))).at(1).data ==
          hex("A6 01 55 00 00"));
}

TEST_CASE("modes are entered from the selection only, with a user's password, and left by 48h")
{
    V3Host host;
    CHECK(host.error("56 01 00 00 00 31") == 0x8C);
    CHECK(host.error("56 04 00 00 00 01") == 0x8C); // a cashier programs nothing
    CHECK(host.error("56 09 00 00 00 30") == 0xAB);
    CHECK(host.error("56 01 00 00 00 05") == 0);
    CHECK(host.mode() == 1);
    CHECK(host.ask("3F")[1] == 0x05);
    CHECK(host.error("56 02 00 00 00 30") == 0x66);
    CHECK(host.error("48") == 0);
    CHECK(host.error("48") == 0); // leaving the selection is no error
    CHECK(host.error("56 03 00 00 00 29") == 0);
    CHECK(host.error("9A 00") == 0x66);
    CHECK(host.error("67 01") == 0x66);
}

TEST_CASE("each command in the mode it wants, 66h elsewhere")
{
    V3Host host;
    const std::vector<std::pair<unsigned, std::vector<std::string>>> wanted = {
        {1, {"9A 00", "49 00 00 00 00 10 00", "92 00 01", "EA 00 01 00", "59", "52 00", "57 00"}},
        {2, {"67 01", "73"}},
        {3, {"5A", "77"}},
        {4, {"50 02 00 01 01 02"}},
        {0, {"71", "ED 31 12 25 14 26 00", "6D 01", "82 01 01 00"}},
    };
    for (const auto& [mode, commands] : wanted) {
        for (const std::string& command : commands) {
            for (unsigned now = 0; now <= 6; ++now) {
                if (now == 0)
                    REQUIRE(host.error("48") == 0);
                else
                    host.enter(now);
                const unsigned error = host.error(command);
                host.wait(5s);
                INFO("mode " << now << ", " << command << ": "
                             << to_hex(Bytes{static_cast<std::uint8_t>(error)}));
                CHECK((error == 0x66) == (now != mode));
                if (host.kkt.receipt())
                    REQUIRE(host.kkt.cancel_receipt());
            }
        }
    }
}

TEST_CASE("tables: fixed widths, first values, writing in mode 4, and what is not there")
{
    V3Host host;
    CHECK(host.ask("46 02 00 01 37") == hex("55 00 32"));
    CHECK(host.ask("46 13 00 01 02") == hex("55 00 1E 61"));
    CHECK(from_wire_page(BytesView(host.ask("46 13 00 01 01")).subspan(2, 11)) == "ofd.example");
    CHECK(host.ask("46 0D 00 01 02") == hex("55 00 20 00"));
    CHECK(host.ask("46 0D 00 02 02") == hex("55 00 10 00"));
    CHECK(host.ask("46 03 00 1E 01") == hex("55 00 00 00 00 30"));
    CHECK(host.ask("46 03 00 1E 02").size() == 2 + 64);
    CHECK(host.error("46 01 00 01 01") == 0x91);
    CHECK(host.error("46 02 00 02 01") == 0x92);
    CHECK(host.error("46 02 00 01 FF") == 0x93);
    CHECK(host.error("50 02 00 01 18 01") == 0x66);
    host.enter(4);
    CHECK(host.error("50 02 00 01 18 02") == 0);
    CHECK(host.ask("46 02 00 01 18") == hex("55 00 02"));
    CHECK(host.error("50 02 00 01 18 02 00") == 0x14);
    CHECK(host.error("50 0D 00 01 02 1A 00") == 0x13);
    CHECK(host.error("50 03 00 1E 02 88 A2 A0 AD AE A2") == 0); // vector 20h: the cashier's name
    const Bytes name = host.ask("46 03 00 1E 02");
    CHECK(to_hex(BytesView(name).subspan(2, 7)) == "88A2A0ADAEA200");
    CHECK(host.error("50 03 00 05 01 00 00 77 77") == 0);
    CHECK(host.error("48") == 0);
    CHECK(host.error("56 01 00 00 00 05") == 0x8C);
    CHECK(host.error("56 01 00 00 77 77") == 0);
    CHECK(host.error("48") == 0);
    CHECK(host.error("71") == 0);
    CHECK(host.ask("46 02 00 01 18") == hex("55 00 01"));
}

TEST_CASE("registers add up to what was sold")
{
    V3Host host;
    sell(host, 12000);
    REQUIRE(host.error("92 00 02") == 0);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(item(2000, 2000)) == 0);
    CHECK(to_hex(BytesView(host.ask("91 14 00 00")).first(7)) == "55000000002000");
    CHECK(host.ask("3F")[22] == 2);
    REQUIRE(host.error("4A 00 01 00 00 00 00 00") == 0);
    REQUIRE(host.error("49 00 00 00 00 50 00") == 0);
    REQUIRE(host.error("4F 00 00 00 00 10 00") == 0);
    CHECK(host.ask("91 01 01 00") == hex("55 00 00 00 00 01 20 00"));
    CHECK(host.ask("91 01 02 00") == hex("55 00 00 00 00 00 20 00"));
    CHECK(host.ask("91 03 01 01") == hex("55 00 00 00 00 01 20 00"));
    CHECK(host.ask("91 03 01 02") == hex("55 00 00 00 00 00 00 00"));
    CHECK(host.ask("91 04 00 00") == hex("55 00 00 00 00 00 50 00"));
    CHECK(host.ask("91 05 00 00") == hex("55 00 00 00 00 00 10 00"));
    CHECK(host.ask("91 06 01 00") == hex("55 00 00 01"));
    CHECK(host.ask("91 08 00 00") == hex("55 00 00 01"));
    CHECK(host.ask("91 0A 00 00") == hex("55 00 00 00 00 00 01 40 00"));
    CHECK(host.ask("4D") == hex("4D 00 00 00 00 01 40 00"));
    CHECK(host.ask("91 28 01 00") == hex("55 00 00 00 00 00 01 20 00"));
    CHECK(host.ask("91 2C 00 00") == hex("55 00 00 00 04"));
    CHECK(host.ask("91 35 00 00") == hex("55 00 00 00 02 00 00 01"));
    CHECK(host.ask("91 15 00 00") == hex("55 00 00 01"));
    CHECK(to_hex(BytesView(host.ask("91 41 01 00")).subspan(2, 5)) == "0000000001");
    CHECK(host.ask("91 11 00 00") == hex("55 00 31 12 25 14 25 30"));
    CHECK(host.ask("91 2F 00 00") == hex("55 00 39 39 36 30 34 34 30 33 30 30 30 30 30 30 30 31"));
    CHECK(host.error("91 EE 00 00") == 0x6C);
    CHECK(host.error("91 01 03 00") == 0x6C);
    CHECK(host.ask("91 1B 00 00").size() == 2 + 16);
}

TEST_CASE("the clock goes forward within the day at once, to another day only when told twice")
{
    V3Host host;
    CHECK(host.error("4B 14 26 00") == 0);
    CHECK(host.ask("91 11 00 00") == hex("55 00 31 12 25 14 26 00"));
    CHECK(host.error("64 01 01 26") == 0x16);
    CHECK(host.error("64 02 01 26") == 0x16); // another day is another first time
    CHECK(host.error("64 02 01 26") == 0);
    CHECK(host.ask("91 11 00 00") == hex("55 00 02 01 26 14 26 00"));
    CHECK(host.error("64 31 02 26") == 0x94);
    CHECK(host.error("4B 25 00 00") == 0x95);
    CHECK(host.error("ED 30 12 25 12 00 00") == 0x20); // behind the FN's last document
    CHECK(host.error("ED 02 01 26 15 00 00") == 0);
    host.enter(1);
    REQUIRE(host.error("9A 00") == 0);
    CHECK(host.error("4B 16 00 00") == 0x9C);
}

TEST_CASE("no paper and an open cover: printing is refused, asking is not")
{
    V3Host host;
    host.enter(1);
    host.kkt.set_paper(false);
    CHECK(host.ask("45") == hex("55 01 01"));
    CHECK((host.ask("3F")[9] & 0x08U) == 0);
    for (const char* command : {"9A 00", "49 00 00 00 00 10 00", "4C 41", "92 00 01", "95"})
        CHECK(host.error(command) == 0x67);
    CHECK(host.ask("A4 30").size() == 32);
    host.kkt.set_paper(true);
    CHECK((host.ask("3F")[9] & 0x08U) != 0);
    host.kkt.set_cover(true);
    CHECK(host.ask("45") == hex("55 01 00"));
    CHECK((host.ask("3F")[9] & 0x20U) != 0);
    CHECK(host.error("4C 41") == 0x67);
    host.kkt.set_cover(false);
    CHECK(host.error("4C 41") == 0);
}

TEST_CASE("3Fh flag b3 tells paper by being set; programs that read it the other way have their quirk")
{
    Options options;
    REQUIRE(options.set("paper_bit_is_absence"));
    V3Host host{options};
    CHECK((host.ask("3F")[9] & 0x08U) == 0);
    host.kkt.set_paper(false);
    CHECK((host.ask("3F")[9] & 0x08U) != 0);
    CHECK(host.ask("45") == hex("55 00 01")); // which has but one meaning
}

TEST_CASE("what is printed stands on the strip; pictures, bytes and codes are taken")
{
    V3Host host;
    const auto last = [&host] { return host.kkt.strip().back(); };
    CHECK(host.error("4C 8F E0 A8 A2 A5 E2") == 0); // vector 20k
    CHECK(last() == "Привет");
    CHECK(host.error("4C") == 0);
    CHECK(host.error("87 00 01 00 00 00 00 01 00 00 00 00 8A AE E4 A5") == 0);
    CHECK(last() == "Кофе");
    for (const char* command :
         {"6C", "75 00", "75 04", "80", "85 01 00 01 00 02", "47", "88 FB 00 10", "8E 01 00 01 00 00 FF",
          "8F 01 1B 40", "C1 80 02 08 00 00 00 00 04 00 00 00 00 00 00 41", "C2 80 41 42"})
        CHECK(host.error(command) == 0);
    CHECK(host.error("8F 02 41") == 0xC8);
    CHECK(host.error("8D 01 01 00 00") == 0x6F);
    CHECK(host.error("C1 00 02 08 00 00 00 00 04 00 00 00 00 00 00 68 69") == 0);
    CHECK(last() == "[QR] hi");
    CHECK(host.error("C1 00 02 08") == 0x14);
    CHECK(host.error("C2 80 41") == 0x6F);
    CHECK(host.error("95") == 0xAA);
    CHECK(host.error("CE 00") == 0x7A);
}

TEST_CASE("CE 41 answers, then the register is away, and comes back in mode 0")
{
    V3Host host;
    host.enter(3);
    const auto told = host.add(hex("CE 41"), 0x10);
    REQUIRE(told.size() == 2);
    CHECK(told[1].data == hex("A6 10 55 00 00"));
    CHECK(host.face.take_hang_up());
    CHECK(host.say("C4").empty());
    host.steady += 2s;
    CHECK(host.mode() == 0);
}
