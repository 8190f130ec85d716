#include "tlv_fixture.hpp"

#include "protocol/fiscal/checks.hpp"
#include "protocol/fiscal/counters.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::load_tlv;

namespace {

std::vector<std::string> codes(const std::vector<Finding>& findings)
{
    std::vector<std::string> list;
    for (const Finding& finding : findings)
        list.push_back(finding.code + "@" + finding.path);
    return list;
}

using Codes = std::vector<std::string>;

Document example(const std::string& name) { return decode(load_tlv(name).bytes).value(); }

Codes check(const Document& document) { return codes(check_document(document)); }

} // namespace

TEST_CASE("the examples are as sound as their source says", "[fiscal][fixture]")
{
    const auto e3 = registration_in_force(example("e3"));
    for (const auto& fixture : test::archive_fixtures()) {
        INFO(fixture.name);
        Codes expected;
        if (fixture.name == "e1")
            expected = {"inn_invalid@1/1018", "datetime_too_early@1/1012", "kkt_reg_number_invalid@1/1037"};
        if (fixture.name == "e9")
            expected = {"ofd_timeout@5/1053"};
        if (fixture.name == "e13")
            expected = {"operator_message@2/1206"};
        Codes found = check(decode(fixture.bytes).value());
        std::sort(found.begin(), found.end());
        std::sort(expected.begin(), expected.end());
        CHECK(found == expected);
    }
    CHECK(check_document(example("e5"), &*e3, local_from_text("2024-03-01T10:00:00").value()).empty());
    CHECK(codes(check_document(example("e14"), &*e3)) == Codes{"ffd_changed@3/1209"});
}

TEST_CASE("what does not add up in a receipt is found where it stands", "[fiscal]")
{
    const auto with = [](auto change) {
        Document document = example("e5");
        change(document);
        return check(document);
    };
    CHECK(with([](Document&) {}).empty());
    CHECK(with([](Document& d) { d.receipt->items[1].sum = Kopecks{5052}; }) ==
          Codes{"item_sum_mismatch@3/1059[2]/1043"});
    CHECK(with([](Document& d) { d.receipt->items[1].sum = Kopecks{5051}; }).empty());
    CHECK(with([](Document& d) { d.receipt->payments.cash = Kopecks{5049}; }) ==
          Codes{"payments_mismatch@3/1020"});
    CHECK(with([](Document& d) {
              d.head.total = Kopecks{35150};
              d.receipt->payments.cash = Kopecks{5150};
          }) == Codes{"total_mismatch@3/1020"});
    CHECK(with([](Document& d) {
              d.head.total = Kopecks{35000}; // the kopecks dropped
              d.receipt->payments.cash = Kopecks{5000};
          }).empty());
    CHECK(with([](Document& d) { d.receipt->vat.vat_20 = Kopecks{5002}; }) == Codes{"vat_mismatch@3/1102"});
    CHECK(with([](Document& d) { d.receipt->vat.vat_20 = Kopecks{5001}; }).empty());
    CHECK(with([](Document& d) { d.receipt->vat.turnover_none = Kopecks{100}; }) ==
          Codes{"vat_mismatch@3/1105"});
    CHECK(with([](Document& d) { d.receipt->items[0].vat_rate = 13; }) ==
          Codes{"vat_rate_unknown@3/1059[1]/1199"});
    CHECK(with([](Document& d) { d.receipt->tax_system = 3; }) == Codes{"tax_system_not_single@3/1055"});
    CHECK(with([](Document& d) { d.head.operation = Operation{5}; }) == Codes{"operation_invalid@3/1054"});
    CHECK(with([](Document& d) { d.receipt->items[0].agent_flags = 64; }) ==
          Codes{"agent_without_supplier@3/1059[1]/1226"});
    CHECK(with([](Document& d) { d.receipt->items[0].payment_method = 7; }) ==
          Codes{"credit_payment_not_alone@3/1059[1]/1214"});
    CHECK(with([](Document& d) { d.head.inn = "7707000009"; }) == Codes{"inn_invalid@3/1018"});
    CHECK(with([](Document& d) {
              d.head.total = Kopecks{INT64_MAX};
              for (Item& item : d.receipt->items)
                  item.sum = Kopecks{INT64_MAX};
          }).size() >= 3);
}

TEST_CASE("a mandatory tag that is missing is named by version and place", "[fiscal]")
{
    Tlv tree = read_document_tlv(load_tlv("e14").bytes).value();
    std::erase_if(tree.children, [](const Tlv& tlv) { return tlv.tag == tag::address; });
    std::erase_if(tree.find(tag::item)->children,
                  [](const Tlv& tlv) { return tlv.tag == tag::payment_method; });
    CHECK(check(decode(tree).value()) == Codes{"missing_tag@3/1009", "missing_tag@3/1059[1]/1214"});
    CHECK(mandatory_tags(DocumentType::receipt, FfdVersion::v1_05).size() == 17);
    CHECK(mandatory_tags(DocumentType::receipt, FfdVersion::v1_0).empty());
    CHECK(mandatory_tags_of_structure(tag::fraction, FfdVersion::v1_2).size() == 2);
}

TEST_CASE("taxation, agents and identity are held against the registration", "[fiscal]")
{
    auto registration = registration_in_force(example("e3")).value();
    CHECK(registration.kkt_serial == "00106900000001");
    registration.tax_systems = 2;
    registration.inn = "5024054445";
    const auto found = check_document(example("e5"), &registration);
    CHECK(codes(found) == Codes{"registration_mismatch@3/1018", "tax_system_not_registered@3/1055"});
    CHECK(found[0].severity == Severity::error);
    CHECK(found[0].fd_number == 3);
    CHECK(found[0].text_en == "1018 (user (taxpayer) INN): 7707000008, registered is 5024054445");
    CHECK(codes(check_document(example("e5"), nullptr, local_from_text("2024-02-01T10:00:00").value())) ==
          Codes{"datetime_in_future@3/1012"});
}

// ---- the row

namespace {

// A day of one register made of the examples' parts.
class Row {
public:
    Document make(DocumentType type, const char* time)
    {
        Document document = example(type == DocumentType::registration  ? "e12"
                                    : type == DocumentType::shift_open  ? "e13"
                                    : type == DocumentType::shift_close ? "e19"
                                    : type == DocumentType::bso         ? "e16"
                                                                        : "e14");
        document.head.type = type;
        document.head.fd_number = next_fd++;
        document.head.fiscal_sign = 1000 + document.head.fd_number;
        document.head.datetime = local_from_text(time).value();
        if (document.head.shift_number)
            document.head.shift_number = shift;
        if (document.head.receipt_number)
            document.head.receipt_number = next_receipt++;
        if (document.receipt)
            add_receipt(counters, document);
        if (type == DocumentType::shift_close) {
            document.report->shift_counters = counters;
            document.report->shift_receipts = next_receipt - 1;
            document.report->shift_documents = next_receipt + 1;
            document.report->fn_counters.reset();
        }
        return document;
    }
    std::uint32_t next_fd = 1;
    std::uint32_t next_receipt = 1;
    std::uint32_t shift = 1;
    Counters counters;
};

} // namespace

TEST_CASE("a sound day has no findings", "[fiscal]")
{
    Row row;
    SequenceCheck sequence;
    CHECK(sequence.feed(row.make(DocumentType::registration, "2025-09-01T08:00:00")).empty());
    CHECK(sequence.registration() != nullptr);
    CHECK(sequence.feed(row.make(DocumentType::shift_open, "2025-09-01T09:00:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:30:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::bso, "2025-09-01T09:31:00")).empty());
    CHECK(codes(sequence.feed(row.make(DocumentType::shift_close, "2025-09-01T21:00:00"))) == Codes{});
    row.shift = 2;
    CHECK(sequence.feed(row.make(DocumentType::shift_open, "2025-09-01T20:30:00")).empty()); // 1 h is allowed
}

TEST_CASE("gaps, repeats and conflicts of document numbers", "[fiscal]")
{
    Row row;
    SequenceCheck sequence;
    CHECK(sequence.feed(row.make(DocumentType::registration, "2025-09-01T08:00:00")).empty());
    const Document open = row.make(DocumentType::shift_open, "2025-09-01T09:00:00");
    CHECK(sequence.feed(open).empty());
    CHECK(codes(sequence.feed(open)) == Codes{"fd_repeated@2/1040"});
    Document other = open;
    other.head.fiscal_sign = 5;
    CHECK(codes(sequence.feed(other)) == Codes{"fd_conflict@2/1077"});
    row.next_fd = 6;
    const auto found = sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:30:00"));
    CHECK(codes(found) == Codes{"fd_gap@3/1040"});
    CHECK(found[0].text_en == "documents 3..5 are missing");
    row.next_fd = 4;
    CHECK(codes(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:30:00"))) ==
          Codes{"fd_out_of_order@3/1040"});
    other.head.fn_serial = "9999078900009999";
    CHECK(codes(sequence.feed(other)) == Codes{"other_drive@2/1041"});
    row.next_fd = 4'000'000'000;
    CHECK(codes(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:30:00"))) ==
          Codes{"fd_gap@3/1040"});
    CHECK(sequence.feed(example("e10")).empty()); // tickets are looked at, not counted
}

TEST_CASE("shifts: numbers, receipts outside, over 24 hours, time going back", "[fiscal]")
{
    Row row;
    SequenceCheck sequence;
    CHECK(sequence.feed(row.make(DocumentType::registration, "2025-09-01T08:00:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::shift_open, "2025-09-01T09:00:00")).empty());
    CHECK(codes(sequence.feed(row.make(DocumentType::shift_open, "2025-09-01T09:00:00"))) ==
          Codes{"shift_already_open@2/1038", "shift_number_jump@2/1038"});
    row.next_receipt = 2;
    CHECK(codes(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T10:00:00"))) ==
          Codes{"receipt_number_jump@3/1042"});
    row.shift = 2;
    CHECK(codes(sequence.feed(row.make(DocumentType::receipt, "2025-09-02T09:00:01"))) ==
          Codes{"shift_number_mismatch@3/1038", "shift_over_24h@3/1012"});
    row.shift = 1;
    CHECK(codes(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T23:00:00"))) ==
          Codes{"time_goes_back@3/1012"});
}

TEST_CASE("counters of a closing are held against the receipts of its shift", "[fiscal]")
{
    Row row;
    SequenceCheck sequence;
    CHECK(sequence.feed(row.make(DocumentType::registration, "2025-09-01T08:00:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::shift_open, "2025-09-01T09:00:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:30:00")).empty());
    Document close = row.make(DocumentType::shift_close, "2025-09-01T21:00:00");
    close.report->shift_counters->sell->electronic = Kopecks{19901};
    close.report->shift_receipts = 2;
    close.report->shift_documents = 9;
    close.report->fn_counters = row.counters;
    CHECK(codes(sequence.feed(close)) == Codes{"shift_receipts_mismatch@5/1118",
                                               "shift_documents_mismatch@5/1111",
                                               "counters_mismatch@5/1194/1129/1138"});
    // the next shift: the drive's totals have to grow by the shift's
    row.shift = 2;
    row.next_receipt = 1;
    row.counters = {};
    CHECK(sequence.feed(row.make(DocumentType::shift_open, "2025-09-01T22:00:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T22:30:00")).empty());
    Document second = row.make(DocumentType::shift_close, "2025-09-01T23:00:00");
    second.report->fn_counters = row.counters; // as if the first shift had never been
    const auto found = codes(sequence.feed(second));
    CHECK(std::find(found.begin(), found.end(), "counters_mismatch@5/1157/1129/1201") != found.end());
    CHECK(std::find(found.begin(), found.end(), "counters_mismatch@5/1194/1129/1201") == found.end());
    CHECK(codes(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T23:30:00"))).front() ==
          "receipt_outside_shift@3/1038");
}

TEST_CASE("a row may start in the middle of a shift", "[fiscal]")
{
    Row row;
    row.next_fd = 50;
    row.next_receipt = 7;
    SequenceCheck sequence;
    CHECK(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:30:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::receipt, "2025-09-01T09:31:00")).empty());
    CHECK(sequence.feed(row.make(DocumentType::shift_close, "2025-09-01T21:00:00")).empty());
}
