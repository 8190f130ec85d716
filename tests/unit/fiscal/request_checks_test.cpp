// Rules of a request as a whole, of sums and of corrections: each refusing, and next to it what just passes.
#include "request_support.hpp"

using namespace kb;
using namespace kb::fiscal;
using namespace kb::test;

TEST_CASE("a plain sale has no faults in any format", "[fiscal][request]")
{
    check_rules({{"FFD 1.2", [](Sale&) {}, {}},
                 {"FFD 1.1", [](Sale& sale) { sale.limits.ffd = FfdVersion::v1_1; }, {}},
                 {"FFD 1.05", [](Sale& sale) { sale.limits.ffd = FfdVersion::v1_05; }, {}},
                 {"not known", [](Sale& sale) { sale.limits.ffd = FfdVersion::unknown; }, {}}});
}

TEST_CASE("total of a receipt", "[fiscal][request]")
{
    check_rules({
        {"as the positions", [](Sale& s) { s.asked.total = Kopecks{1875}; }, {}},
        {"its kopecks dropped", [](Sale& s) { s.asked.total = Kopecks{1800}; }, {}},
        {"some of them", [](Sale& s) { s.asked.total = Kopecks{1850}; }, {}},
        {"a ruble dropped", [](Sale& s) { s.asked.total = Kopecks{1799}; }, {"total_below_positions@total"}},
        {"a kopeck more", [](Sale& s) { s.asked.total = Kopecks{1876}; }, {"total_above_positions@total"}},
        {"negative",
         [](Sale& s) {
             s.asked.total = Kopecks{-1};
             s.receipt.payments.cash = Kopecks{1};
         },
         {"total_negative@total"}},
        {"nothing to pay", [](Sale& s) { s.item().sum = Kopecks{0}; }, {}},
        {"no positions", [](Sale& s) { s.asked.positions.clear(); }, {"no_positions@items"}},
        {"sums beyond 64 bits",
         [](Sale& s) {
             s.limits.max_sum = Kopecks{INT64_MAX};
             s.item().sum = Kopecks{INT64_MAX};
             s.asked.positions.push_back(tea());
             s.receipt.payments.cash = Kopecks{1};
         },
         {"sums_overflow@items"}},
    });
}

TEST_CASE("payments of a receipt", "[fiscal][request]")
{
    check_rules({
        {"cash", [](Sale& s) { s.receipt.payments.cash = Kopecks{1875}; }, {}},
        {"a kopeck short",
         [](Sale& s) { s.receipt.payments.cash = Kopecks{1874}; },
         {"payments_short@payments"}},
        {"change", [](Sale& s) { s.receipt.payments.cash = Kopecks{5000}; }, {}},
        {"by card", [](Sale& s) { s.receipt.payments.electronic = Kopecks{1875}; }, {}},
        {"change of a card",
         [](Sale& s) { s.receipt.payments.electronic = Kopecks{1876}; },
         {"payments_non_cash_over@payments"}},
        {"card and cash with change",
         [](Sale& s) {
             s.receipt.payments.electronic = Kopecks{875};
             s.receipt.payments.cash = Kopecks{5000};
         },
         {}},
        {"card and advance above the total, though cash is there",
         [](Sale& s) {
             s.receipt.payments.electronic = Kopecks{1000};
             s.receipt.payments.advance = Kopecks{876};
             s.receipt.payments.cash = Kopecks{1};
         },
         {"payments_non_cash_over@payments"}},
        {"the dropped kopecks need not be paid",
         [](Sale& s) {
             s.asked.total = Kopecks{1800};
             s.receipt.payments.electronic = Kopecks{1800};
         },
         {}},
        {"negative",
         [](Sale& s) {
             s.receipt.payments.cash = Kopecks{1876};
             s.receipt.payments.electronic = Kopecks{-1};
         },
         {"sum_negative@payments.electronic"}},
        {"beyond 64 bits",
         [](Sale& s) {
             s.limits.max_sum = Kopecks{INT64_MAX};
             s.receipt.payments.cash = Kopecks{INT64_MAX};
             s.receipt.payments.counter = Kopecks{1};
         },
         {"sums_overflow@payments"}},
        {"by counter-provision", [](Sale& s) { s.receipt.payments.counter = Kopecks{1875}; }, {}},
        {"by an advance", [](Sale& s) { s.receipt.payments.advance = Kopecks{1875}; }, {}},
        {"explicit zero is not paid",
         [](Sale& s) { s.receipt.payments.cash = Kopecks{0}; },
         {"payments_short@payments"}},
    });
}

TEST_CASE("what is sold on credit is told at positions and at payments", "[fiscal][request]")
{
    check_rules({
        {"all on credit",
         [](Sale& s) {
             s.item().payment_method = 6;
             s.receipt.payments.credit = Kopecks{1875};
         },
         {}},
        {"a part on credit",
         [](Sale& s) {
             s.item().payment_method = 5;
             s.receipt.payments.cash = Kopecks{875};
             s.receipt.payments.credit = Kopecks{1000};
         },
         {}},
        {"credit for what is settled in full",
         [](Sale& s) { s.receipt.payments.credit = Kopecks{1875}; },
         {"credit_without_item@payments.credit"}},
        {"sold on credit and paid",
         [](Sale& s) { s.item().payment_method = 6; },
         {"credit_item_paid@payments.credit"}},
        {"one of two on credit",
         [](Sale& s) {
             s.item().payment_method = 6;
             s.asked.positions.push_back(tea());
             s.receipt.payments.cash = Kopecks{1875};
             s.receipt.payments.credit = Kopecks{1875};
         },
         {}},
        {"less credit than that one",
         [](Sale& s) {
             s.item().payment_method = 6;
             s.asked.positions.push_back(tea());
             s.receipt.payments.cash = Kopecks{2000};
             s.receipt.payments.credit = Kopecks{1750};
         },
         {"credit_item_paid@payments.credit"}},
    });
}

TEST_CASE("tax systems", "[fiscal][request]")
{
    check_rules({
        {"none where one is registered", [](Sale& s) { s.limits.tax_systems = 2; }, {}},
        {"none where two are", [](Sale& s) { s.limits.tax_systems = 3; }, {"tax_system_missing@tax_system"}},
        {"none where it is not known", [](Sale& s) { s.limits.tax_systems = 0; }, {}},
        {"one of two",
         [](Sale& s) {
             s.limits.tax_systems = 3;
             s.receipt.tax_system = 2;
         },
         {}},
        {"another one",
         [](Sale& s) {
             s.limits.tax_systems = 3;
             s.receipt.tax_system = 4;
         },
         {"tax_system_not_registered@tax_system"}},
        {"any where it is not known", [](Sale& s) { s.receipt.tax_system = 32; }, {}},
        {"two bits", [](Sale& s) { s.receipt.tax_system = 3; }, {"tax_system_unknown@tax_system"}},
        {"no bit", [](Sale& s) { s.receipt.tax_system = 0; }, {"tax_system_unknown@tax_system"}},
    });
}

TEST_CASE("corrections", "[fiscal][request]")
{
    static const auto correct = [](Sale& s, std::uint8_t type, std::string number) {
        s.asked.correction = true;
        s.receipt.correction_type = type;
        s.receipt.correction_basis.emplace();
        s.receipt.correction_basis->date = local_from_text("2026-11-01T00:00:00").value();
        s.receipt.correction_basis->number = std::move(number);
    };
    check_rules({
        {"by order", [](Sale& s) { correct(s, 1, "12-34/5"); }, {}},
        {"by order without its number",
         [](Sale& s) { correct(s, 1, ""); },
         {"correction_number_missing@correction.number"}},
        {"one's own", [](Sale& s) { correct(s, 0, ""); }, {}},
        {"one's own before FFD 1.2",
         [](Sale& s) {
             correct(s, 0, "");
             s.limits.ffd = FfdVersion::v1_1;
         },
         {"correction_number_missing@correction.number"}},
        {"a register that cannot",
         [](Sale& s) {
             correct(s, 0, "");
             s.limits.corrections = false;
         },
         {"corrections_unsupported@correction"}},
        {"without type and date",
         [](Sale& s) { s.asked.correction = true; },
         {"correction_type_missing@correction.type", "correction_date_missing@correction.date"}},
        {"of an unknown type",
         [](Sale& s) { correct(s, 2, "1"); },
         {"correction_type_unknown@correction.type"}},
        {"of a return",
         [](Sale& s) {
             correct(s, 0, "1");
             s.asked.operation = Operation::sell_return;
             s.limits.ffd = FfdVersion::v1_1;
         },
         {}},
        {"of a return in FFD 1.05",
         [](Sale& s) {
             correct(s, 0, "1");
             s.asked.operation = Operation::sell_return;
             s.limits.ffd = FfdVersion::v1_05;
         },
         {"correction_operation@operation"}},
        {"a number longer than the tag",
         [](Sale& s) { correct(s, 1, std::string(33, '1')); },
         {"text_too_long@correction.number"}},
        {"with the name of the basis",
         [](Sale& s) {
             correct(s, 0, "1");
             s.receipt.correction_basis->name = "Акт";
             s.limits.ffd = FfdVersion::v1_05;
         },
         {}},
        {"with it in FFD 1.2",
         [](Sale& s) {
             correct(s, 0, "1");
             s.receipt.correction_basis->name = "Акт";
         },
         {"not_in_ffd_1_2@correction.name"}},
        {"a basis without a correction",
         [](Sale& s) {
             correct(s, 0, "1");
             s.asked.correction = false;
         },
         {"correction_of_nothing@correction"}},
        {"with change",
         [](Sale& s) {
             correct(s, 0, "1");
             s.receipt.payments.cash = Kopecks{1876};
         },
         {"payments_over_correction@payments"}},
        {"of nothing",
         [](Sale& s) {
             correct(s, 0, "1");
             s.item().sum = Kopecks{0};
         },
         {"total_zero@total"}},
        {"operation 5", [](Sale& s) { s.asked.operation = Operation{5}; }, {"operation_unknown@operation"}},
    });
}

TEST_CASE("a receipt has to fit into the FN", "[fiscal][request]")
{
    const auto of = [](std::size_t positions) {
        Sale sale;
        sale.asked.positions.clear();
        for (std::size_t i = 0; i < positions; ++i) {
            sale.asked.positions.push_back(tea());
            sale.asked.positions.back().item.name = letters(100);
        }
        REQUIRE(fill_in(sale.request));
        return codes_of(check_request(sale.request, sale.limits));
    };
    CHECK(of(150).empty());
    CHECK(of(200) == Faulty{"receipt_too_big@items"});
}

TEST_CASE("other kinds of requests", "[fiscal][request]")
{
    static const auto kind = [](Sale& s, RequestKind wanted) -> Request& {
        s.request.receipt.reset();
        s.request.kind = wanted;
        return s.request;
    };
    check_rules({
        {"a shift", [](Sale& s) { kind(s, RequestKind::shift_open).cashier = "Иванова А.А."; }, {}},
        {"a receipt that is not there", [](Sale& s) { kind(s, RequestKind::receipt); }, {"receipt_missing@"}},
        {"cash in", [](Sale& s) { kind(s, RequestKind::cash_in).sum = Kopecks{1}; }, {}},
        {"cash in of nothing", [](Sale& s) { kind(s, RequestKind::cash_in); }, {"sum_not_positive@sum"}},
        {"cash out at the limit",
         [](Sale& s) {
             kind(s, RequestKind::cash_out).sum = Kopecks{100};
             s.limits.max_sum = Kopecks{100};
         },
         {}},
        {"cash out above it",
         [](Sale& s) {
             kind(s, RequestKind::cash_out).sum = Kopecks{101};
             s.limits.max_sum = Kopecks{100};
         },
         {"sum_too_big@sum"}},
        {"cash out where there is none",
         [](Sale& s) {
             kind(s, RequestKind::cash_out).sum = Kopecks{1};
             s.limits.cash_moves = false;
         },
         {"cash_moves_unsupported@kind"}},
        {"a copy", [](Sale& s) { kind(s, RequestKind::copy).fd_number = 1; }, {}},
        {"a copy of nothing", [](Sale& s) { kind(s, RequestKind::copy); }, {"fd_number_missing@fd_number"}},
        {"a text", [](Sale& s) { kind(s, RequestKind::text).lines.resize(1); }, {}},
        {"a text of nothing", [](Sale& s) { kind(s, RequestKind::text); }, {"no_lines@lines"}},
        {"a text with a line that cannot be",
         [](Sale& s) {
             kind(s, RequestKind::text).lines.resize(2);
             s.request.lines[1].text = "\x1B";
         },
         {"control_character@lines[1].text"}},
        {"a cut", [](Sale& s) { kind(s, RequestKind::cut); }, {}},
        {"a cut without a cutter",
         [](Sale& s) {
             kind(s, RequestKind::cut);
             s.limits.cut = false;
         },
         {"cut_unsupported@kind"}},
        {"this computer's time", [](Sale& s) { kind(s, RequestKind::set_time); }, {}},
        {"a given time",
         [](Sale& s) {
             kind(s, RequestKind::set_time).time = local_from_text("2026-11-01T09:00:00").value();
         },
         {}},
        {"the time of a dead clock",
         [](Sale& s) {
             kind(s, RequestKind::set_time).time = local_from_text("1970-01-01T00:00:00").value();
         },
         {"time_implausible@time"}},
        {"a beep by a cashier misspelt",
         [](Sale& s) { kind(s, RequestKind::beep).cashier_inn = "1"; },
         {"inn_invalid@cashier_inn"}},
    });
}

TEST_CASE("all faults are told, and not more than people read", "[fiscal][request]")
{
    Sale sale;
    sale.asked.positions.assign(150, Position{});
    sale.request.cashier = "\t";
    const auto faults = check_request(sale.request, sale.limits);
    CHECK(faults.size() == 100);
    CHECK(faults[0].path == "cashier");
    CHECK(faults[1].path == "items[0].name");
}

TEST_CASE("faults in one line name path, reason and cure", "[fiscal][request]")
{
    Sale sale;
    sale.item().vat_rate.reset();
    sale.receipt.payments.cash = Kopecks{1000};
    REQUIRE(fill_in(sale.request));
    const auto faults = check_request(sale.request, sale.limits);
    CHECK(describe(faults, false) ==
          R"(items[0].vat: position 1 "Чай": no VAT rate; give one, "none" if there is no VAT. )"
          "payments: paid 10.00 of 18.75; add the payment, give a debt as credit");
    CHECK(describe(faults, true) ==
          R"(items[0].vat: позиция 1 «Чай»: не указана ставка НДС; укажите, без НДС — "none". )"
          "payments: оплачено 10.00 из 18.75; добавьте оплату, долг укажите как credit");
    CHECK(describe({}, true).empty());
}
