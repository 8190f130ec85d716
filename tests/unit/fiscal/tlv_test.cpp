#include "tlv_fixture.hpp"

#include "protocol/fiscal/tlv.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::ExactBytes;
using kb::test::hex;

TEST_CASE("every example document is read and written back byte for byte", "[fiscal][fixture]")
{
    for (const auto& fixture : test::all_tlv_fixtures()) {
        INFO(fixture.name);
        const auto tree = read_document_tlv(ExactBytes(fixture.bytes).view());
        REQUIRE(tree);
        CHECK(write_tlv(*tree).value() == fixture.bytes);
    }
}

TEST_CASE("a document cut at any byte is an error that says where", "[fiscal][fixture]")
{
    for (const auto& fixture : test::all_tlv_fixtures()) {
        for (std::size_t size = 0; size < fixture.bytes.size(); ++size) {
            const auto tree = read_document_tlv(ExactBytes(BytesView(fixture.bytes).first(size)).view());
            REQUIRE_FALSE(tree);
            REQUIRE(tree.error().code == Errc::bad_tlv);
            REQUIRE_FALSE(tree.error().context.empty());
        }
    }
}

TEST_CASE("a tag that runs past its structure is named by its path", "[fiscal]")
{
    // 3 { 1059 { 1030 "a" } 1059 { 1023 length 9, 2 bytes there } }
    const auto tree = read_document_tlv(hex("0300 1300"
                                            "2304 0500 0604 0100 61"
                                            "2304 0600 FF03 0900 0001"));
    REQUIRE_FALSE(tree);
    CHECK(tree.error().context == "3/1059[2]/1023: length 9, but 2 bytes are left");
}

TEST_CASE("structures inside structures are refused beyond eight levels", "[fiscal]")
{
    Bytes bomb;
    for (int i = 0; i < 2000; ++i) {
        ByteWriter out;
        out.u16(tag::item).u16(static_cast<std::uint16_t>(bomb.size())).bytes(bomb);
        bomb = out.take();
    }
    ByteWriter out;
    out.u16(tag::receipt).u16(static_cast<std::uint16_t>(bomb.size())).bytes(bomb);
    const auto tree = read_document_tlv(out.view());
    REQUIRE_FALSE(tree);
    CHECK(tree.error().context.ends_with("nested deeper than 8"));
}

TEST_CASE("unknown tags are kept as they are", "[fiscal]")
{
    const Bytes document = hex("0300 0700 0F27 0300 ABCDEF");
    const auto tree = read_document_tlv(document).value();
    REQUIRE(tree.children.size() == 1);
    CHECK(tree.children[0].info == nullptr);
    CHECK(to_hex(tree.children[0].value) == "ABCDEF");
    CHECK(write_tlv(tree).value() == document);
}

TEST_CASE("VLN: zero may have no byte at all, high zero bytes are accepted, nine bytes are not", "[fiscal]")
{
    CHECK(number_of(make_raw(tag::total, {}).value()).value() == 0);
    CHECK(number_of(make_raw(tag::total, hex("EA88000000000000")).value()).value() == 35050);
    CHECK(to_hex(make_number(tag::total, 0).value().value) == "00");
    CHECK(to_hex(make_number(tag::total, 35050).value().value) == "EA88");
    const auto nine = number_of(make_raw(tag::total, hex("010000000000000000")).value());
    REQUIRE_FALSE(nine);
    CHECK(nine.error().code == Errc::bad_length);
    CHECK(nine.error().context == "1020: length 9, vln takes 0..8");
    CHECK(money_of(make_raw(tag::total, hex("FFFFFFFFFFFFFFFF")).value()).error().code ==
          Errc::not_representable);
}

// Origin: docs/sources.md#ffd, section 1.
TEST_CASE("FVLN is exact in text and in millionths", "[fiscal][fixture]")
{
    const auto read = [](const char* bytes) {
        return fvln_of(make_raw(tag::quantity, hex(bytes)).value()).value();
    };
    CHECK(read("0215CD5B07").to_text() == "1234567.89");
    CHECK(read("0001").to_text() == "1");
    CHECK(read("0640420F").to_text() == "1");
    CHECK(read("037D").to_quantity().value() == Quantity::from_millionths(125'000));
    CHECK(read("00FFFFFFFFFFFFFF").to_text() == "72057594037927935");
    CHECK(read("FF01").to_quantity().error().code == Errc::not_representable);
    CHECK(Fvln::from_text("1234567.89").value() == Fvln{2, 123456789});
    CHECK(Fvln::from_text("72057594037927936").error().code == Errc::not_representable);
    CHECK(Fvln::from_text("1.").error().code == Errc::bad_value);
    CHECK(Fvln::from_text("-1").error().code == Errc::bad_value);
    CHECK(to_hex(make_fvln(tag::quantity, Fvln::from_quantity(Quantity::from_text("0.5").value()).value())
                     .value()
                     .value) == "0105");
}

TEST_CASE("fixed texts are padded on the right, and a wrongly padded INN is understood", "[fiscal]")
{
    CHECK(to_hex(make_text(tag::inn, "7707000008").value().value) == "373730373030303030382020");
    const auto inn = [](const char* text) {
        return text_of(make_raw(tag::inn, as_bytes(text)).value()).value();
    };
    CHECK(inn("7707000008  ") == "7707000008");
    CHECK(inn("007707000008") == "7707000008");
    CHECK(inn("500100732259") == "500100732259");
    CHECK(inn("000000000000") == "000000000000"); // an absent OFD
    CHECK(make_text(tag::kkt_reg_number, "0000000001011546").value().value.size() == 20);
    CHECK(text_of(make_raw(tag::cashier, as_bytes(" a ")).value()).value() == " a ");
    CHECK(make_text(tag::inn, "1234567890123").error().code == Errc::bad_length);
    CHECK(make_text(tag::cashier, "€").error().code == Errc::not_representable);
    CHECK(make_text(tag::cashier, std::string(65, 'a')).error().context ==
          "1021: 65 characters, at most 64 fit");
}

TEST_CASE("numbers that a tag changed its meaning for are read by where they stand", "[fiscal]")
{
    CHECK(meaning_of(tag::vat_sums, tag::receipt, hex("5F0400"))->type == TlvType::string);
    CHECK(meaning_of(tag::vat_sums, tag::receipt, hex("5F040000"))->type == TlvType::stlv);
    CHECK(meaning_of(tag::vat_sum_entry, tag::receipt, {})->type == TlvType::string);
    CHECK(meaning_of(tag::vat_sum_entry, tag::vat_sums, {})->type == TlvType::stlv);
    CHECK(meaning_of(tag::vat_sum, tag::vat_sum_entry, {})->type == TlvType::vln);
    CHECK(meaning_of(tag::electronic_payment_sum, tag::electronic_payment, {})->type == TlvType::vln);
    CHECK(meaning_of(tag::electronic_payment_sum, tag::receipt, {})->type == TlvType::string);
    CHECK(meaning_of(tag::internet_payment, tag::receipt, hex("01"))->type == TlvType::byte);
    CHECK(meaning_of(tag::user_attribute, tag::receipt, as_bytes("text"))->type == TlvType::string);
    CHECK(meaning_of(9999, tag::receipt, {}) == nullptr);
}

TEST_CASE("every row of the tag table makes and reads its own type", "[fiscal]")
{
    REQUIRE(all_tags().size() == 353);
    for (const TagInfo& row : all_tags()) {
        INFO(row.tag);
        CHECK(find_tag(row.tag) == &row);
        CHECK_FALSE(row.name_ru.empty());
        CHECK_FALSE(row.name_en.empty());
        switch (row.type) {
        case TlvType::byte:
        case TlvType::bits:
        case TlvType::u16:
        case TlvType::u32:
        case TlvType::vln: {
            const auto tlv = make_number(row.tag, 0x55);
            REQUIRE(tlv);
            CHECK(number_of(*tlv).value() == 0x55);
            if (row.fixed)
                CHECK(tlv->value.size() == row.length);
            break;
        }
        case TlvType::unixtime: {
            const auto at = local_from_text("2024-03-01T09:15:00").value();
            CHECK(time_of(make_time(row.tag, at).value()).value() == at);
            break;
        }
        case TlvType::fvln:
            CHECK(fvln_of(make_fvln(row.tag, {3, 1250}).value()).value() == Fvln{3, 1250});
            break;
        case TlvType::string: {
            const auto tlv = make_text(row.tag, "Ж1");
            REQUIRE(tlv);
            CHECK(text_of(*tlv).value() == "Ж1");
            if (row.fixed)
                CHECK(tlv->value.size() == row.length);
            break;
        }
        case TlvType::bytes:
            CHECK(to_hex(make_raw(row.tag, hex("0102")).value().value) == "0102");
            break;
        case TlvType::stlv:
            CHECK(make_structure(row.tag, {}).is_structure());
            break;
        }
    }
}

TEST_CASE("a document is written tag after tag, and the first error is the one told", "[fiscal]")
{
    TlvWriter good{tag::receipt};
    good.number(tag::fd_number, 3)
        .open(tag::item)
        .text(tag::item_name, "a")
        .money(tag::price, Kopecks{1})
        .close();
    CHECK(to_hex(good.take().value()) == "03001600100404000300000023040A0006040100613704010001");

    TlvWriter bad{tag::receipt};
    bad.text(tag::fd_number, "3").number(9999, 1);
    CHECK(bad.take().error().context == "1040: takes no text");

    TlvWriter open{tag::receipt};
    open.open(tag::item);
    CHECK(open.take().error().context == "1059: opened and not closed");
}
