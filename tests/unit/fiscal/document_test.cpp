#include "tlv_fixture.hpp"

#include "protocol/fiscal/document.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::ExactBytes;
using kb::test::hex;
using kb::test::load_tlv;

TEST_CASE("every example of the archive is decoded and built back byte for byte", "[fiscal][fixture]")
{
    for (const auto& fixture : test::archive_fixtures()) {
        INFO(fixture.name);
        const auto document = decode(ExactBytes(fixture.bytes).view());
        REQUIRE(document);
        const auto back = encode(*document);
        REQUIRE(back);
        CHECK(to_hex(*back) == to_hex(fixture.bytes));
    }
}

TEST_CASE("a document rebuilt from its typed values alone says the same", "[fiscal][fixture]")
{
    for (const auto& fixture : test::archive_fixtures()) {
        INFO(fixture.name);
        auto document = decode(fixture.bytes).value();
        document.tree = {};
        const Bytes fresh = encode(document).value();
        auto again = decode(fresh).value();
        again.tree = {};
        CHECK(to_hex(encode(again).value()) == to_hex(fresh));
        if (fixture.name != "e1" &&
            fixture.name != "e2") // those two hold FFD 1.0 tags and other service bytes
            CHECK(fresh.size() == fixture.bytes.size());
    }
}

// Origin: docs/sources.md#ffd, section 9, E5.
TEST_CASE("a receipt of FFD 1.05 with two items", "[fiscal][fixture]")
{
    const auto document = decode(load_tlv("e5").bytes).value();
    const Head& head = document.head;
    CHECK(head.type == DocumentType::receipt);
    CHECK(head.fn_serial == "9999078900001234");
    CHECK(head.kkt_reg_number == "0000000001011546");
    CHECK(head.inn == "7707000008");
    CHECK(head.fd_number == 3);
    CHECK(to_text(head.datetime) == "2024-03-01T09:15:00");
    CHECK(head.fiscal_sign == 3735928559);
    CHECK(head.ffd == FfdVersion::v1_05);
    CHECK(head.shift_number == 1U);
    CHECK(head.receipt_number == 1U);
    CHECK(head.operation == Operation::sell);
    CHECK(head.total == Kopecks{35050});
    CHECK(head.cashier == "Кассир 1");
    const Receipt& receipt = *document.receipt;
    REQUIRE(receipt.items.size() == 2);
    CHECK(receipt.items[1].name == "Яблоки");
    CHECK(receipt.items[1].quantity->to_text() == "0.5");
    CHECK(receipt.items[1].price == Kopecks{10100});
    CHECK(receipt.items[1].sum == Kopecks{5050});
    CHECK(receipt.items[1].unit_text == "кг");
    CHECK(receipt.items[1].vat_rate == 2);
    CHECK(receipt.payments.cash == Kopecks{5050});
    CHECK(receipt.payments.electronic == Kopecks{30000});
    CHECK(receipt.vat.vat_20 == Kopecks{5000});
    CHECK(receipt.vat.vat_10 == Kopecks{459});
    CHECK_FALSE(receipt.vat.turnover_none);
    CHECK(receipt.buyer_contact == "+79990000000");
}

TEST_CASE("the parts of other documents are read", "[fiscal][fixture]")
{
    const auto registration = decode(load_tlv("e11").bytes).value();
    CHECK(registration.registration->change_reasons == 10U);
    CHECK(registration.registration->ofd_inn == "7709000003");
    CHECK(registration.versions->key_days_left == 410);
    CHECK(registration.report->fn_counters->sell_return->total == Kopecks{5050});
    const auto marked = decode(load_tlv("e14").bytes).value();
    CHECK(marked.receipt->items[0].product_codes->codes[0].kind == tag::code_gs1m);
    CHECK(marked.receipt->items[0].industry[0].number == "1944");
    CHECK(marked.receipt->buyer->inn == "7813000000");
    CHECK(marked.receipt->user_attribute->value == "42");
    const auto agent = decode(load_tlv("e16").bytes).value();
    CHECK(agent.receipt->items[0].agent->agent_phones.size() == 2);
    CHECK(agent.receipt->items[0].supplier_inn == "5000000017");
    const auto vat_22 = decode(load_tlv("e17").bytes).value();
    CHECK(vat_22.receipt->vat.others->sums.at(0).rate == 11);
    CHECK(vat_22.receipt->vat.others->sums.at(0).sum == Kopecks{14558});
    const auto close = decode(load_tlv("e9").bytes).value();
    CHECK(close.report->unsent_documents == 4U);
    CHECK(close.report->ofd_timeout == true);
    const auto ticket = decode(load_tlv("e10").bytes).value();
    CHECK(ticket.ticket->message_to_fn->ofd_response_code == 0);
    CHECK(ticket.ticket->operator_sign.size() == 16);
    CHECK(ticket.head.fiscal_sign == 0);
}

TEST_CASE("the quick head is the head of the whole document", "[fiscal][fixture]")
{
    for (const auto& fixture : test::archive_fixtures()) {
        INFO(fixture.name);
        const Head quick = head_of(ExactBytes(fixture.bytes).view()).value();
        const Head whole = decode(fixture.bytes).value().head;
        CHECK(quick.type == whole.type);
        CHECK(quick.fn_serial == whole.fn_serial);
        CHECK(quick.fd_number == whole.fd_number);
        CHECK(quick.datetime == whole.datetime);
        CHECK(quick.fiscal_sign == whole.fiscal_sign);
        CHECK(quick.ffd == whole.ffd);
        CHECK(quick.shift_number == whole.shift_number);
        CHECK(quick.operation == whole.operation);
        CHECK(quick.total == whole.total);
        CHECK(quick.cashier == whole.cashier);
        const auto carried = fiscal_document_of(fixture.bytes, true).value();
        CHECK(carried.fn_serial == whole.fn_serial);
        CHECK(carried.raw == fixture.bytes);
        CHECK(carried.ticket_received);
    }
}

TEST_CASE("a changed value changes only its own bytes", "[fiscal]")
{
    const Bytes before = load_tlv("e5").bytes;
    auto document = decode(before).value();
    document.receipt->items[1].name = "Груши!"; // as long as "Яблоки"
    document.head.fiscal_sign = 1;
    const Bytes after = encode(document).value();
    REQUIRE(after.size() == before.size());
    std::size_t differing = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        differing += before[i] != after[i] ? 1U : 0U;
    CHECK(differing <= 10);
    CHECK(decode(after)->receipt->items[1].name == "Груши!");
    CHECK(decode(after)->receipt->items[0].name == "Чайник");
}

TEST_CASE("unknown tags, odd codings and second occurrences survive a decode and a build", "[fiscal]")
{
    // zero-length VLN, six-digit FVLN, an unknown tag inside an item, 1020 twice, two reasons in one 1101
    TlvWriter w{tag::receipt};
    w.text(tag::fn_serial, "9999078900001234").number(tag::fd_number, 9).number(tag::datetime, 1709284500);
    w.raw(tag::total, {}).open(tag::item).raw(tag::quantity, hex("0640420F")).raw(9999, hex("AA")).close();
    w.raw(tag::total, hex("0100")).text(tag::cashier, "");
    const Bytes bytes = w.take().value();
    auto document = decode(bytes).value();
    CHECK(document.head.total == Kopecks{0});
    CHECK(document.receipt->items[0].quantity == Quantity::units(1));
    CHECK(encode(document).value() == bytes);
    document.receipt->items[0].name = "x";
    const Bytes changed = encode(document).value();
    CHECK(to_hex(changed).find("0F270100AA") != std::string::npos);
    CHECK(to_hex(changed).find("FF0304000640420F") != std::string::npos);

    TlvWriter r{tag::re_registration};
    r.text(tag::fn_serial, "9999078900001234").number(tag::fd_number, 9).number(tag::datetime, 1709284500);
    r.raw(tag::re_registration_reason, hex("0103"));
    const Bytes reasons = r.take().value();
    auto registration = decode(reasons).value();
    CHECK(to_hex(registration.registration->reasons_105) == "0103");
    CHECK(encode(registration).value() == reasons);
    registration.registration->reasons_105 = hex("04");
    CHECK(decode(encode(registration).value())->registration->reasons_105 == hex("04"));
}

TEST_CASE("errors of a document name the path and the reason", "[fiscal]")
{
    const auto make = [](const char* quantity) {
        TlvWriter w{tag::receipt};
        w.text(tag::fn_serial, "9999078900001234")
            .number(tag::fd_number, 9)
            .number(tag::datetime, 1709284500);
        w.open(tag::item).close().open(tag::item).raw(tag::quantity, hex(quantity)).close();
        return decode(w.take().value());
    };
    CHECK(make("000102030405060708").error().context == "3/1059[2]/1023: length 9, fvln takes 2..8");
    CHECK(make("0701").error().code == Errc::not_representable);
    CHECK(make("0701").error().context.starts_with("3/1059[2]/1023: quantity: more than six decimals"));
    CHECK(decode(hex("03000000")).error().context == "3/1041: missing");
    CHECK(head_of(hex("03000000")).error().context == "3/1041: missing");
    CHECK(decode(hex("51000000")).error().code == Errc::unsupported);
    CHECK(head_of(hex("0300")).error().code == Errc::bad_tlv);

    Document document;
    document.head.type = DocumentType::receipt;
    document.head.fn_serial = "1";
    document.head.fd_number = 1;
    document.receipt.emplace();
    document.receipt->items.resize(2);
    document.receipt->items[1].name = std::string(129, 'a');
    CHECK(encode(document).error().context == "3/1059[2]/1030: 129 characters, at most 128 fit");
    document.receipt->items[1].name = "5 €";
    CHECK(encode(document).error().context.starts_with("3/1059[2]/1030: text: character U+20AC"));
    document.receipt->items[1].name = "a";
    document.receipt->payments.cash = Kopecks{-5};
    CHECK(encode(document).error().context == "3/1031: a negative sum: -0.05");
}

TEST_CASE("a damaged byte gives a document or an error, never anything else", "[fiscal][fixture]")
{
    for (const auto& fixture : test::archive_fixtures()) {
        for (std::size_t i = 0; i < fixture.bytes.size(); ++i) {
            Bytes damaged = fixture.bytes;
            for (const std::uint8_t flip : {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xFF}}) {
                damaged[i] = static_cast<std::uint8_t>(fixture.bytes[i] ^ flip);
                const ExactBytes block(damaged);
                const auto document = decode(block.view());
                if (document) {
                    REQUIRE(encode(*document).value() == damaged);
                    REQUIRE(head_of(block.view()));
                } else {
                    REQUIRE_FALSE(document.error().context.empty());
                }
            }
        }
    }
}
