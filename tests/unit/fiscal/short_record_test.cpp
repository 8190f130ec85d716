#include "tlv_fixture.hpp"

#include "protocol/fiscal/short_record.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::ExactBytes;
using kb::test::hex;

namespace {

// Origin: docs/sources.md#ffd, section 6.4: javapos_shtrih, FSFindDocumentTests; type and ticket flag added.
const char* const kRegistration = "0100 1107060234 01000000 B79FD14D 353032343035343434352020 "
                                  "3030303030303133353830323631333120202020 3F 01";
const char* const kShiftOpen = "0200 1107060235 03000000 5BE1AED0 0100";
const char* const kReceipt = "0301 1103181435 A3000000 EBEA4B2E 01 204E000000";
const char* const kShiftClose = "0500 1107060236 06000000 FD0061D9 0100";

} // namespace

TEST_CASE("short records of a real archive are read and written back", "[fiscal][fixture]")
{
    const auto registration = read_short_record(hex(kRegistration)).value();
    CHECK(registration.type == DocumentType::registration);
    CHECK(to_text(registration.datetime) == "2017-07-06T02:52:00");
    CHECK(registration.fd_number == 1);
    CHECK(registration.fiscal_sign == 1305583543);
    CHECK(registration.inn == "5024054445");
    CHECK(registration.kkt_reg_number == "0000001358026131");
    CHECK(registration.tax_systems == 0x3F);
    CHECK(registration.mode == 1);
    CHECK_FALSE(registration.extended_mode);

    const auto open = read_short_record(hex(kShiftOpen)).value();
    CHECK(open.fiscal_sign == 3501121883);
    CHECK(open.shift_number == 1U);

    const auto receipt = read_short_record(hex(kReceipt)).value();
    CHECK(receipt.ticket_received);
    CHECK(receipt.fd_number == 163);
    CHECK(receipt.fiscal_sign == 776727275);
    CHECK(receipt.operation == Operation::sell);
    CHECK(receipt.total == Kopecks{20000});
    CHECK(to_text(receipt.datetime) == "2017-03-24T20:53:00");

    CHECK(read_short_record(hex(kShiftClose))->fiscal_sign == 3647013117);

    for (const char* record : {kRegistration, kShiftOpen, kReceipt, kShiftClose})
        CHECK(to_hex(write_short_record(read_short_record(hex(record)).value()).value()) ==
              to_hex(hex(record)));
}

TEST_CASE("type bytes of newer drives are read by their low six bits and kept", "[fiscal]")
{
    const std::string tail = " 01 1103181435 A3000000 EBEA4B2E 01 204E000000";
    const struct {
        const char* byte;
        DocumentType type;
    } kTypes[] = {{"83", DocumentType::receipt}, {"9F", DocumentType::receipt_correction},
                  {"84", DocumentType::bso},     {"A9", DocumentType::bso_correction},
                  {"C3", DocumentType::receipt}, {"DF", DocumentType::receipt_correction},
                  {"C4", DocumentType::bso},     {"E9", DocumentType::bso_correction}};
    for (const auto& each : kTypes) {
        const Bytes raw = hex(each.byte + tail);
        const auto record = read_short_record(raw).value();
        CHECK(record.type == each.type);
        CHECK(write_short_record(record).value() == raw);
    }
}

TEST_CASE("every archive document has the short record its values make", "[fiscal][fixture]")
{
    for (const auto& fixture : test::archive_fixtures()) {
        INFO(fixture.name);
        const auto document = decode(fixture.bytes).value();
        const auto record = short_record_of(document, true);
        if (document.head.type == DocumentType::ofd_ticket) {
            CHECK(record.error().code == Errc::unsupported);
            continue;
        }
        const Bytes raw = write_short_record(record.value()).value();
        const auto back = read_short_record(ExactBytes(raw).view()).value();
        const Head head = head_of(back, document.head.fn_serial);
        CHECK(head.fd_number == document.head.fd_number);
        CHECK(head.fiscal_sign == document.head.fiscal_sign);
        CHECK(head.total == document.head.total);
        CHECK(head.operation == document.head.operation);
        CHECK(document.head.datetime - head.datetime < std::chrono::minutes(1));
        const auto carried = fiscal_document_of_record(raw, document.head.fn_serial).value();
        CHECK(carried.form == DocumentForm::short_record);
        CHECK(carried.ticket_received);
        for (std::size_t size = 0; size < raw.size(); ++size) {
            // A registration cut exactly behind its short form is whole again: by length alone nobody can
            // tell.
            const auto cut = read_short_record(ExactBytes(BytesView(raw).first(size)).view());
            if (cut)
                CHECK(document.registration.has_value());
            else
                CHECK_FALSE(cut.error().context.empty());
        }
        Bytes longer = raw;
        longer.push_back(0);
        longer.push_back(0);
        CHECK_FALSE(read_short_record(ExactBytes(longer).view()));
    }
}

TEST_CASE("wrong short records are refused by the field", "[fiscal]")
{
    CHECK(read_short_record(hex("0700 1107060234 01000000 B79FD14D")).error().code == Errc::unsupported);
    CHECK(read_short_record(hex("0200 110D060234 01000000 B79FD14D 0100"))
              .error()
              .context.starts_with("short record 2, date and time"));
    CHECK(read_short_record(hex("0200 1107")).error().context == "short record 2, head: too short");
    ShortRecord record;
    record.type = DocumentType::receipt;
    record.datetime = local_from_text("2024-03-01T09:15:00").value();
    record.total = Kopecks{std::int64_t{1} << 40};
    CHECK(write_short_record(record).error().context == "short record 3, total: outside five bytes");
    record.datetime = LocalSeconds{};
    CHECK(write_short_record(record).error().code == Errc::not_representable);
}

TEST_CASE("the ticket of a document in the archive", "[fiscal]")
{
    const Bytes raw = hex("1103181435 000102030405060708090A0B0C0D0E0F1011 A3000000");
    const auto ticket = read_ticket_record(raw).value();
    CHECK(ticket.fd_number == 163);
    CHECK(ticket.operator_sign.size() == 18);
    CHECK(write_ticket_record(ticket).value() == raw);
    CHECK_FALSE(read_ticket_record(BytesView(raw).first(26)));
}
