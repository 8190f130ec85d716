// Receipts: docs/sources.md#atol, sections 4.5 to 4.8, 7.3, 7.4, 8 and 14.
#include "host.hpp"

#include "drivers/emulator/tlv_out.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

// Of the n-th item.
Bytes item_tag(Host& host, std::uint32_t fd, std::size_t n, std::uint16_t number)
{
    Bytes body = document(host, fd);
    BytesView rest = body;
    while (!rest.empty()) {
        const std::size_t size = first_tlv_size(rest);
        REQUIRE(size != 0);
        if ((rest[0] | rest[1] << 8U) == 1059 && n-- == 0) {
            const BytesView value = find_tag(rest.subspan(4, size - 4), number);
            return Bytes(value.begin(), value.end());
        }
        rest = rest.subspan(size);
    }
    return {};
}

const std::string kCloseByCard = "4A 00 02 00 00 00 00 00";

} // namespace

TEST_CASE("a whole sale of FFD 1.05: requisites, two items, card and cash, change")
{
    V3Host host;
    open_receipt(host); // opens the shift: documents 2, then 3
    REQUIRE(host.error(requisite(1021, hex("88A2A0ADAEA2"))) == 0);
    REQUIRE(host.error(requisite(1203, std::string("500100732259"))) == 0);
    REQUIRE(host.error(requisite(1055, Bytes{2})) == 0);
    REQUIRE(host.error(requisite(1008, std::string("a@b.ru"))) == 0);
    REQUIRE(host.error("EA 00 01 00") == 0);
    REQUIRE(host.error(requisite(1162, hex("44 4D 01 02 03 04"))) == 0);
    REQUIRE(host.error(requisite(1226, std::string("7707000008  "))) == 0);
    REQUIRE(host.error(item(1800, 3600, "8AAEE4A5", 2000)) == 0);
    add(host, item(9990, 2498, "91EBE0", 250, 0, 2)); // 0.250 of 99.90
    CHECK(host.mode() == 0x01);
    CHECK(host.ask("99 00 02 00 00 00 20 00") == hex("55 00"
                                                     "00 00 00 40 98"
                                                     "00 00 00 00 00"));
    CHECK(host.mode() == 0x41);
    CHECK(host.error("EA 00 01 00") == 0x66);
    CHECK(host.error("4A 00 01 00 00 00 50 00") == 0);
    CHECK(host.mode() == 0x01);
    REQUIRE(host.last_fd() == 3);

    const auto* short_record = host.kkt.fn().find(3);
    CHECK(short_record->type == 3);
    CHECK(short_record->operation == 1);
    CHECK(short_record->sum == 6098);
    CHECK(well_formed(document(host, 3)));
    CHECK(tag(host, 3, 1041) == hex("39 39 36 30 34 34 30 33 30 30 30 30 30 30 30 31"));
    CHECK(tag(host, 3, 1040) == hex("03 00 00 00"));
    CHECK(tag(host, 3, 1021) == hex("88A2A0ADAEA2"));
    CHECK(as_text(tag(host, 3, 1203)) == "500100732259");
    CHECK(as_text(tag(host, 3, 1008)) == "a@b.ru");
    CHECK(tag(host, 3, 1055) == hex("02"));
    CHECK(tag(host, 3, 1054) == hex("01"));
    CHECK(tag(host, 3, 1020) == hex("D2 17"));
    CHECK(tag(host, 3, 1031) == hex("02 10")); // 40.98: the change is not of the receipt
    CHECK(tag(host, 3, 1081) == hex("D0 07"));
    CHECK(tag(host, 3, 1102) == hex("58 02")); // 20/120 of 36.00
    CHECK(item_tag(host, 3, 0, 1030) == hex("8AAEE4A5"));
    CHECK(item_tag(host, 3, 0, 1079) == hex("08 07"));
    CHECK(item_tag(host, 3, 0, 1023) == hex("00 02"));
    CHECK(item_tag(host, 3, 0, 1043) == hex("10 0E"));
    CHECK(item_tag(host, 3, 0, 1162) == hex("44 4D 01 02 03 04"));
    CHECK(item_tag(host, 3, 1, 1030) == hex("91EBE0"));
    CHECK(item_tag(host, 3, 1, 1023) == hex("02 19"));
    CHECK(item_tag(host, 3, 1, 1199) == hex("02"));
    CHECK(item_tag(host, 3, 1, 1162).empty());
    CHECK(host.kkt.cash() == 4098);
}

TEST_CASE("a name with the signs of the wire page reaches the document in CP866")
{
    V3Host host;
    open_receipt(host);
    add(host, item(100, 100, "24 31 20 FC")); // №1 $
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(item_tag(host, 3, 0, 1030) == hex("FC 31 20 24"));
    Options options;
    options.requisites_in_wire_page = true;
    V3Host other{options};
    open_receipt(other);
    REQUIRE(other.error(requisite(1192, hex("24 31"))) == 0);
    add(other, item(100, 100));
    REQUIRE(other.error(kCloseByCash) == 0);
    CHECK(tag(other, 3, 1192) == hex("FC 31"));
}

TEST_CASE(
    "returns: the drawer must have it; an item that is not looked at may be paid by card or by what is there")
{
    V3Host host;
    sell(host, 1000);
    REQUIRE(host.error("92 00 02") == 0);
    REQUIRE(host.error("EA 00 01 00") == 0);
    CHECK(host.error(item(2000, 2000)) == 0x98);
    CHECK(host.error(item(2000, 2000, "8AAEE4A5", 1000, 2)) == 0);
    CHECK(host.error(kCloseByCash) == 0xB3);
    CHECK(host.error(kCloseByCard) == 0);
    CHECK(tag(host, host.last_fd(), 1054) == hex("02"));
    REQUIRE(host.error("92 00 02") == 0);
    add(host, item(400, 400, "8AAEE4A5", 1000, 2));
    CHECK(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.cash() == 600);
    REQUIRE(host.error("92 00 02") == 0);
    add(host, item(600, 600));
    CHECK(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.cash() == 0);
    for (const unsigned type : {4U, 5U}) { // purchases take cash out, their return brings it in
        REQUIRE(host.error(Bytes{0x92, 0x00, static_cast<std::uint8_t>(type)}) == 0);
        REQUIRE(host.error("EA 00 01 00") == 0);
        CHECK(host.error(item(500, 500)) == (type == 4 ? 0x98 : 0));
        CHECK(host.ask("3F")[22] == type);
        CHECK(host.error("59") == 0);
    }
}

TEST_CASE("a receipt is refused as a real one refuses it")
{
    V3Host host;
    host.enter(1);
    CHECK(host.error("EA 00 01 00") == 0x9A);
    CHECK(host.error(item(100, 100)) == 0x9A);
    CHECK(host.error("59") == 0x9A);
    CHECK(host.error(kCloseByCash) == 0x9A);
    CHECK(host.error("99 00 01 00 00 00 01 00") == 0x9A);
    CHECK(host.error("92 00 03") == 0x6A);
    REQUIRE(host.error("92 00 01") == 0);
    CHECK(host.error("92 00 01") == 0x9B);
    CHECK(host.error("49 00 00 00 00 01 00") == 0x9B);
    CHECK(host.error("48") == 0x9B);
    CHECK(host.error(kCloseByCash) == 0x08); // nothing was sold
    CHECK(host.error(item(100, 100)) == 0xEE);
    CHECK(host.extended() == 0x0207);
    REQUIRE(host.error("EA 00 01 00") == 0);
    CHECK(host.error("EA 00 01 00") == 0xEE);
    CHECK(host.extended() == 0x0208);
    CHECK(host.error(kCloseByCash) == 0x66);
    CHECK(host.error(item(100, 100, "41", 0)) == 0x0A);
    CHECK(host.error(item(100, 100, "41", 1000, 0, 7)) == 0xEE);
    CHECK(host.extended() == 0x0104);
    CHECK(host.error("EB 00 00") == 0x14);
    CHECK(host.error(item(100, 100, std::string(258, '4'))) == 0x14);
    REQUIRE(host.error(item(100, 100, std::string(2 * 128, '4'))) == 0);
    CHECK(host.error("99 00 06 00 00 00 01 00") == 0x7E);
    CHECK(host.error("99 00 02 00 00 00 01 01") == 0x71);
    CHECK(host.error("4A 00 01 00 00 00 00 99") == 0x86);
    CHECK(host.error("4A 00 02 00 00 00 02 00") == 0x71);
    CHECK(host.error("9B 00 02 00 00 00 00 01") == 0x70);
    CHECK(host.last_fd() == 2);
    CHECK(host.error("59") == 0);
    CHECK(host.ask("3F")[22] == 0);
    CHECK(host.ask("91 41 01 00") == hex("55 00"
                                         "00 00 00 00 00"
                                         "00 00 00 00 01"));
}

TEST_CASE("payments are taken back, and the rest is told each time")
{
    V3Host host;
    open_receipt(host);
    add(host, item(1000, 1000));
    CHECK(host.ask("99 00 02 00 00 00 04 00") == hex("55 00"
                                                     "00 00 00 06 00"
                                                     "00 00 00 00 00"));
    CHECK(host.ask("9B 00 02 00 00 00 01 00") == hex("55 00"
                                                     "00 00 00 07 00"
                                                     "00 00 00 00 00"));
    CHECK(host.ask("99 01 01 00 00 00 99 00") == hex("55 00"
                                                     "00 00 00 00 00"
                                                     "00 00 00 92 00")); // only tried
    CHECK(host.ask("99 00 03 00 00 00 02 00") == hex("55 00"
                                                     "00 00 00 05 00"
                                                     "00 00 00 00 00"));
    CHECK(host.ask("99 00 04 00 00 00 01 00") == hex("55 00"
                                                     "00 00 00 04 00"
                                                     "00 00 00 00 00"));
    CHECK(host.ask("99 00 05 00 00 00 01 00") == hex("55 00"
                                                     "00 00 00 03 00"
                                                     "00 00 00 00 00"));
    CHECK(host.ask("99 00 01 00 00 00 05 00") == hex("55 00"
                                                     "00 00 00 00 00"
                                                     "00 00 00 02 00"));
    CHECK(host.error(kCloseByCash) == 0);
    CHECK(tag(host, 3, 1031) == hex("2C 01"));
    CHECK(tag(host, 3, 1081) == hex("2C 01"));
    CHECK(tag(host, 3, 1215) == hex("C8"));
    CHECK(tag(host, 3, 1216) == hex("64"));
    CHECK(tag(host, 3, 1217) == hex("64"));
}

TEST_CASE("the test flag tries and does nothing")
{
    V3Host host;
    host.enter(1);
    CHECK(host.error("9A 01") == 0);
    CHECK(host.error("92 01 01") == 0);
    CHECK_FALSE(host.kkt.shift().open);
    CHECK(host.error("49 01 00 00 00 10 00") == 0);
    CHECK(host.kkt.cash() == 0);
    REQUIRE(host.error("92 00 01") == 0);
    REQUIRE(host.error("EA 00 01 00") == 0);
    CHECK(host.error(item(100, 100, "41", 1000, 1)) == 0);
    CHECK(host.kkt.receipt()->items.empty());
    REQUIRE(host.error(item(100, 100)) == 0);
    CHECK(host.error("4A 01 01 00 00 00 00 50") == 0x86);
    CHECK(host.error("4A 01 01 00 00 00 00 00") == 0);
    CHECK(host.last_fd() == 2);
}

TEST_CASE("discounts: of an item, of the whole, of the kopecks; then only payment follows")
{
    V3Host host;
    open_receipt(host);
    CHECK(host.error("43 00 00 01 00 00 00 00 01 00") == 0x10); // on nothing
    add(host, item(10000, 10000));
    CHECK(host.error("43 00 01 00 00 00 00 00 10 00") == 0); // 10 % of the last item
    CHECK(to_hex(BytesView(host.ask("91 14 00 00")).subspan(2, 5)) == "0000009000");
    add(host, item(1055, 1055));
    CHECK(host.error("43 00 00 01 00 00 00 99 00 00") == 0x7B);
    CHECK(host.error("43 00 00 00 00 00 00 00 05 00") == 0); // 5 % of 100.55: 5.03
    CHECK(to_hex(BytesView(host.ask("91 14 00 00")).subspan(2, 5)) == "0000009552");
    CHECK(host.error("43 00 00 01 00 00 00 00 01 00") == 0x0F);
    CHECK(host.error("EA 00 01 00") == 0x7C);
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.fn().find(3)->sum == 9552);
    CHECK(ByteReader(item_tag(host, 3, 0, 1043)).uint(2) + ByteReader(item_tag(host, 3, 1, 1043)).uint(2) ==
          9552);

    REQUIRE(host.error("92 00 01") == 0);
    add(host, item(10055, 10055));
    CHECK(host.error("43 00 00 01 00 00 00 00 00 00") == 0); // down to whole roubles
    CHECK(host.ask("99 00 02 00 00 01 00 00") == hex("55 00"
                                                     "00 00 00 00 00"
                                                     "00 00 00 00 00"));
    REQUIRE(host.error(kCloseByCard) == 0);
    CHECK(host.kkt.fn().find(4)->sum == 10000);
    REQUIRE(host.error("92 00 01") == 0);
    add(host, item(100, 100));
    CHECK(host.error("43 00 00 01 01 00 00 00 00 50") == 0); // a surcharge
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.fn().find(5)->sum == 150);
}

TEST_CASE("requisites: where they belong, once, known, and of the right size")
{
    V3Host host;
    host.enter(1);
    CHECK(host.error(requisite(1008, std::string("a@b.ru"))) == 0x9A);
    REQUIRE(host.error("92 00 01") == 0);
    CHECK(host.error(requisite(1008, std::string("a@b.ru"))) == 0);
    CHECK(host.error(requisite(1008, std::string("c@d.ru"))) == 0xEE);
    CHECK(host.extended() == 0x0201);
    CHECK(host.error(requisite(1162, hex("44 4D"))) == 0xEE);
    CHECK(host.extended() == 0x0207);
    CHECK(host.error(requisite(1055, Bytes{4})) == 0xEE);
    CHECK(host.extended() == 0x0103);
    CHECK(host.error(requisite(1055, Bytes{1})) == 0);
    CHECK(host.error(requisite(2108, Bytes{0})) == 0x93); // newer than the firmware
    CHECK(host.error(requisite(4242, Bytes{0})) == 0x93);
    CHECK(host.error(requisite(1203, std::string("5001"))) == 0xE8);
    CHECK(host.error(requisite(1084, hex("FF FF FF FF"))) == 0xEE);
    CHECK(host.extended() == 0x0205);
    CHECK(host.error("E8 00 01 00 F0 03 06 00 61") == 0x14);
    REQUIRE(host.error("EA 00 01 00") == 0);
    CHECK(host.error(requisite(1192, std::string("x"))) == 0xEE);
    CHECK(host.extended() == 0x0208);
    CHECK(host.extended() == 0x0208); // reading it does not overwrite it
    CHECK(host.error("48") == 0x9B);
    CHECK(host.extended() == 0); // the next command does
    CHECK(host.error(requisite(1162, hex("44 4D"))) == 0);
    CHECK(host.error(requisite(1162, hex("44 4D"))) == 0xEE);
    REQUIRE(host.error(item(100, 100)) == 0);
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(item_tag(host, 3, 0, 1162) == hex("44 4D"));
}

TEST_CASE("a requisite comes in blocks, and is read back in blocks")
{
    V3Host host;
    open_receipt(host);
    Bytes address(240, 0x80);
    const Bytes tlv = TlvOut().raw(1009, address).bytes();
    const auto part = [&tlv](std::size_t from, std::size_t size) {
        return to_hex(BytesView(tlv).subspan(from, size));
    };
    REQUIRE(host.error("E8 00 03 00" + part(0, 100)) == 0);
    CHECK(host.error("E8 00 03 02" + part(200, tlv.size() - 200)) == 0x13); // one is missing
    REQUIRE(host.error("E8 00 03 00" + part(0, 100)) == 0);
    REQUIRE(host.error("E8 00 03 01" + part(100, 100)) == 0);
    REQUIRE(host.error("E8 00 03 02" + part(200, tlv.size() - 200)) == 0);
    Bytes back;
    for (unsigned block = 0; block < 3; ++block) {
        const Bytes answer = host.ask("E9 F1 03" + one_byte(block));
        REQUIRE(answer.size() > 3);
        CHECK(answer[2] == 3);
        back.insert(back.end(), answer.begin() + 3, answer.end());
    }
    CHECK(back == tlv);
    CHECK(host.error("E9 F1 03 03") == 0xE7);
    CHECK(host.ask("E9 21 04 00") == hex("55 00 01 21 04 01 00 00")); // 1057, of the registration
    CHECK(host.error("E9 01 00 00") == 0x93);
}

TEST_CASE("tax index 0 takes the rate of the department, which has none here")
{
    V3Host host;
    open_receipt(host);
    add(host, item(100, 100, "41", 1000, 0, 0));
    CHECK(host.error("B8 00 00 00 00 00 00 00 00 00 17") == 0xEE); // a tax of the receipt is one of the table
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(item_tag(host, 3, 0, 1199) == hex("06"));
    host.enter(4);
    REQUIRE(host.error("50 02 00 01 6D 01") == 0);
    open_receipt(host);
    const std::string e6 = "E6 00 41" + std::string(2 * 63, '0') + digits(500, 6) + digits(2000, 5) +
                           "01 00" + digits(100, 6) + "00 01" + std::string(2 * 17, '0');
    REQUIRE(host.error(e6) == 0);
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(item_tag(host, 4, 0, 1199) == hex("06"));
}

TEST_CASE("a receipt for the FN only needs no paper")
{
    V3Host host;
    host.enter(1);
    REQUIRE(host.error("9A 00") == 0);
    host.kkt.set_paper(false);
    CHECK(host.error("92 00 01") == 0x67);
    REQUIRE(host.error("92 04 01") == 0);
    add(host, item(100, 100));
    CHECK(host.error(kCloseByCard) == 0);
    CHECK(host.last_fd() == 3);
    Options options;
    options.no_print_flag = 0x02;
    V3Host other{options};
    other.enter(1);
    REQUIRE(other.error("9A 00") == 0);
    other.kkt.set_paper(false);
    CHECK(other.error("92 04 01") == 0x67);
    CHECK(other.error("92 02 01") == 0);
}

TEST_CASE("corrections of FFD 1.05: one item, with their basis")
{
    V3Host host;
    open_receipt(host, 7);
    CHECK(host.ask("3F")[22] == 7);
    add(host, item(100, 100));
    REQUIRE(host.error("EA 00 01 00") == 0);
    CHECK(host.error(item(100, 100)) == 0xEE);
    CHECK(host.extended() == 0x0101);
    CHECK(host.error("59") == 0);
    REQUIRE(host.error("92 00 07") == 0);
    add(host, item(100, 100));
    CHECK(host.error(kCloseByCash) == 0xEE);
    CHECK(host.extended() == 0x0206);
    REQUIRE(host.error(requisite(1173, Bytes{0})) == 0);
    REQUIRE(host.error(requisite(1174, hex("9A 04 04 00 00 7A 53 69"))) == 0);
    CHECK(host.error("B8 00 00 01 00 00 00 00 00 00 17") == 0);
    CHECK(host.error("B8 00 00 01 00 00 00 00 17") == 0); // the other width
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.fn().find(3)->type == 31);
    V3Host newer{{}, "30f", 4};
    open_receipt(newer, 8);
    add(newer, item(100, 100, "41", 1000, 2));
    add(newer, item(100, 100, "41", 1000, 2));
    REQUIRE(newer.error(requisite(1173, Bytes{0})) == 0);
    REQUIRE(newer.error(requisite(1174, hex("9A 04 04 00 00 7A 53 69"))) == 0);
    CHECK(newer.error(kCloseByCard) == 0);
    CHECK(newer.kkt.fn().find(3)->operation == 2);
}

TEST_CASE("the commands of FFD 1.0 work in its compatibility mode only")
{
    V3Host host;
    host.enter(1);
    CHECK(host.error("52 00 00 00 00 10 00 00 00 00 10 00 01") == 0x80);
    host.enter(4);
    REQUIRE(host.error("50 02 00 01 6D 01") == 0);
    host.enter(1);
    REQUIRE(host.error("52 00 00 00 00 10 00 00 00 00 10 00 01") == 0);
    CHECK(host.error("57 00 00 00 00 10 00 00 00 00 10 00") == 0x89);
    const std::string e6 = "E6 00 41" + std::string(2 * 63, '0') + digits(500, 6) + digits(2000, 5) +
                           "01 00" + digits(100, 6) + "02 01" + std::string(2 * 17, '0');
    REQUIRE(host.error(e6) == 0);
    add(host, item(100, 100)); // the new commands go on working
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.fn().find(3)->sum == 1000 + 900 + 100);
    REQUIRE(host.error("57 00 00 00 00 05 00 00 00 00 10 00") == 0);
    CHECK(host.ask("3F")[22] == 2);
    REQUIRE(host.error(kCloseByCash) == 0);
    CHECK(host.kkt.fn().find(4)->operation == 2);
}

TEST_CASE("taxes follow the rates of table 13")
{
    V3Host host;
    host.enter(4);
    REQUIRE(host.error("50 0D 00 01 02 22 00") == 0);
    REQUIRE(host.error("50 0D 00 02 02 33 00") == 0);
    open_receipt(host);
    for (const unsigned tax : {1U, 3U, 4U, 5U, 6U})
        add(host, item(100, 100, "41", 1000, 0, tax));
    REQUIRE(host.error("EA 00 01 00") == 0);
    CHECK(host.error(item(100, 100, "41", 1000, 0, 2)) == 0xEE); // a rate the law does not know
    CHECK(host.extended() == 0x0104);
    REQUIRE(host.error("59") == 0);
    REQUIRE(host.error("92 00 01") == 0);
    for (const unsigned tax : {1U, 3U, 4U, 5U, 6U})
        add(host, item(100, 100, "41", 1000, 0, tax));
    REQUIRE(host.error(kCloseByCash) == 0);
    std::string rates;
    for (std::size_t n = 0; n < 5; ++n)
        rates += to_hex(item_tag(host, 3, n, 1199)) + " ";
    CHECK(rates == "0B 03 04 05 06 ");
}

TEST_CASE("kinds of items: zero is goods paid in full, above nine binary or digits")
{
    const auto kinds = [](Options options, const std::string& subject, const std::string& method) {
        V3Host host{options};
        open_receipt(host);
        REQUIRE(host.error("EA 00 01 00") == 0);
        std::string eb = item(100, 100);
        const std::size_t at = 2 * 30; // EB and the thirty bytes before 1212
        eb.replace(at, 4, subject + method);
        const unsigned error = host.error(eb);
        if (error != 0)
            return std::string("error");
        REQUIRE(host.error("4A 00 01 00 00 00 00 00") == 0);
        return to_hex(item_tag(host, 3, 0, 1212)) + to_hex(item_tag(host, 3, 0, 1214));
    };
    CHECK(kinds({}, "00", "00") == "0104");
    CHECK(kinds({}, "0A", "03") == "0A03");
    CHECK(kinds({}, "22", "01") == "error");
    Options digits_there;
    digits_there.bcd_item_kind = true;
    CHECK(kinds(digits_there, "10", "03") == "0A03");
}

TEST_CASE("options: a closed shift stays closed, 72h for too little, 89h and 87h for an open receipt")
{
    Options options;
    options.opens_shift = false;
    options.short_is_72 = true;
    options.open_by_kind = true;
    V3Host host{options};
    host.enter(1);
    CHECK(host.error("92 00 01") == 0x8F);
    REQUIRE(host.error("9A 00") == 0);
    REQUIRE(host.error("92 00 01") == 0);
    CHECK(host.error("92 00 02") == 0x89);
    add(host, item(100, 100));
    CHECK(host.error("4A 00 01 00 00 00 00 50") == 0x72);
    CHECK(host.error("59") == 0);
    REQUIRE(host.error("92 00 02") == 0);
    CHECK(host.error("92 00 01") == 0x87);
}
