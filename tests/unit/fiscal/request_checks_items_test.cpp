// Rules of positions: each refusing, and next to it what just passes.
#include "request_support.hpp"

using namespace kb;
using namespace kb::fiscal;
using namespace kb::test;

TEST_CASE("price, quantity and sum of a position", "[fiscal][request]")
{
    check_rules({
        {"no price", [](Sale& s) { s.item().price.reset(); }, {"price_missing@items[0].price"}},
        {"for nothing", [](Sale& s) { s.item().price = Kopecks{0}; }, {}},
        {"negative price",
         [](Sale& s) {
             s.item().price = Kopecks{-1};
             s.item().sum = Kopecks{0};
         },
         {"sum_negative@items[0].price"}},
        {"price at the register's limit",
         [](Sale& s) {
             s.item().price = Kopecks{2000};
             s.item().sum = Kopecks{1};
             s.limits.max_sum = Kopecks{2000};
         },
         {}},
        {"price above it",
         [](Sale& s) {
             s.item().price = Kopecks{2001};
             s.item().sum = Kopecks{1};
             s.limits.max_sum = Kopecks{2000};
         },
         {"sum_too_big@items[0].price"}},
        {"a discount", [](Sale& s) { s.item().sum = Kopecks{1}; }, {}},
        {"a surcharge", [](Sale& s) { s.item().sum = Kopecks{2000}; }, {}},
        {"all of it discounted", [](Sale& s) { s.item().sum = Kopecks{0}; }, {}},
        {"sums at the limit", [](Sale& s) { s.limits.max_sum = Kopecks{1875}; }, {}},
        {"sums above it",
         [](Sale& s) { s.limits.max_sum = Kopecks{1874}; },
         {"sum_too_big@items[0].sum", "sum_too_big@payments.cash", "sum_too_big@total"}},
        {"no quantity", [](Sale& s) { s.item().quantity.reset(); }, {"quantity_missing@items[0].quantity"}},
        {"quantity 0",
         [](Sale& s) { s.item().quantity = Quantity{}; },
         {"quantity_not_positive@items[0].quantity"}},
        {"the least quantity", [](Sale& s) { s.item().quantity = Quantity::from_millionths(1); }, {}},
        {"the most",
         [](Sale& s) {
             s.limits.max_quantity = Quantity::units(3);
             s.item().quantity = Quantity::units(3);
         },
         {}},
        {"more than the most",
         [](Sale& s) {
             s.limits.max_quantity = Quantity::units(3);
             s.item().quantity = Quantity::from_millionths(3'000'001);
         },
         {"quantity_too_big@items[0].quantity"}},
        {"three decimals for a register of three",
         [](Sale& s) {
             s.limits.quantity_step = 1000;
             s.item().quantity = Quantity::from_millionths(1'501'000);
         },
         {}},
        {"four decimals for it",
         [](Sale& s) {
             s.limits.quantity_step = 1000;
             s.item().quantity = Quantity::from_millionths(1'500'100);
         },
         {"quantity_step@items[0].quantity"}},
    });
}

TEST_CASE("VAT of a position", "[fiscal][request]")
{
    check_rules({
        {"no rate", [](Sale& s) { s.item().vat_rate.reset(); }, {"vat_missing@items[0].vat"}},
        {"rate 0", [](Sale& s) { s.item().vat_rate = 0; }, {"vat_unknown@items[0].vat"}},
        {"rate 12, the last", [](Sale& s) { s.item().vat_rate = 12; }, {}},
        {"rate 13", [](Sale& s) { s.item().vat_rate = 13; }, {"vat_unknown@items[0].vat"}},
        {"rate 6 is older than 5 and 7 %",
         [](Sale& s) {
             s.limits.vat_5_7 = false;
             s.item().vat_rate = 6;
         },
         {}},
        {"5 % where it is not known",
         [](Sale& s) {
             s.limits.vat_5_7 = false;
             s.item().vat_rate = 7;
         },
         {"vat_unsupported@items[0].vat"}},
        {"7/107 where it is not known",
         [](Sale& s) {
             s.limits.vat_5_7 = false;
             s.item().vat_rate = 10;
         },
         {"vat_unsupported@items[0].vat"}},
        {"7/107 where only 22 % is not known",
         [](Sale& s) {
             s.limits.vat_22 = false;
             s.item().vat_rate = 10;
         },
         {}},
        {"22 % where it is not known",
         [](Sale& s) {
             s.limits.vat_22 = false;
             s.item().vat_rate = 11;
         },
         {"vat_unsupported@items[0].vat"}},
        // 18.75 x 20 / 120 = 3.125, and a kopeck for rounding
        {"VAT as reckoned", [](Sale& s) { s.item().vat_sum = Kopecks{313}; }, {}},
        {"a kopeck more", [](Sale& s) { s.item().vat_sum = Kopecks{314}; }, {}},
        {"two kopecks more",
         [](Sale& s) { s.item().vat_sum = Kopecks{315}; },
         {"vat_sum_mismatch@items[0].vat_sum"}},
        {"two kopecks less",
         [](Sale& s) { s.item().vat_sum = Kopecks{311}; },
         {"vat_sum_mismatch@items[0].vat_sum"}},
        {"20 % on top instead of within",
         [](Sale& s) { s.item().vat_sum = Kopecks{375}; },
         {"vat_sum_mismatch@items[0].vat_sum"}},
        {"a hundred pieces rounded one by one",
         [](Sale& s) {
             s.item().price = Kopecks{101}; // 0.1683 of VAT each, 0.17 when rounded
             s.item().quantity = Quantity::units(100);
             s.item().vat_sum = Kopecks{1700};
         },
         {}},
        {"no VAT, and a VAT sum",
         [](Sale& s) {
             s.item().vat_rate = 6;
             s.item().vat_sum = Kopecks{1};
         },
         {"vat_sum_mismatch@items[0].vat_sum"}},
        {"no VAT of nothing",
         [](Sale& s) {
             s.item().vat_rate = 6;
             s.item().vat_sum = Kopecks{0};
         },
         {}},
    });
}

TEST_CASE("codes of a position", "[fiscal][request]")
{
    check_rules({
        {"payment method 0",
         [](Sale& s) { s.item().payment_method = 0; },
         {"payment_method_unknown@items[0].payment_method"}},
        {"payment method 8",
         [](Sale& s) { s.item().payment_method = 8; },
         {"payment_method_unknown@items[0].payment_method"}},
        {"a credit payment alone", [](Sale& s) { s.item().payment_method = 7; }, {}},
        {"a credit payment beside tea",
         [](Sale& s) {
             s.item().payment_method = 7;
             s.asked.positions.push_back(tea());
         },
         {"credit_payment_not_alone@items[0].payment_method"}},
        {"item kind 27", [](Sale& s) { s.item().item_kind = 27; }, {}},
        {"item kind 28", [](Sale& s) { s.item().item_kind = 28; }, {"item_kind_unknown@items[0].item_kind"}},
        {"item kind 34", [](Sale& s) { s.item().item_kind = 34; }, {"item_kind_unknown@items[0].item_kind"}},
        {"goods that should have a mark and have none", [](Sale& s) { s.item().item_kind = 32; }, {}},
        {"the same before FFD 1.2",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_1;
             s.item().item_kind = 32;
         },
         {"wants_ffd_1_2@items[0].item_kind"}},
        {"a unit", [](Sale& s) { s.item().unit = 11; }, {}},
        {"a unit before FFD 1.2, where it becomes a text",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.item().unit = 11;
         },
         {}},
        {"no unit", [](Sale& s) { s.item().unit = 13; }, {"unit_unknown@items[0].unit"}},
        {"no unit before FFD 1.2",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.item().unit = 13;
         },
         {"unit_unknown@items[0].unit", "wants_ffd_1_2@items[0].unit"}},
        {"the last department", [](Sale& s) { s.asked.positions[0].department = 16; }, {}},
        {"one after the last",
         [](Sale& s) { s.asked.positions[0].department = 17; },
         {"department_unknown@items[0].department"}},
        {"a country", [](Sale& s) { s.item().country = "643"; }, {}},
        {"a country in letters",
         [](Sale& s) { s.item().country = "RUS"; },
         {"code_invalid@items[0].country"}},
        {"a country of two digits",
         [](Sale& s) { s.item().country = "64"; },
         {"code_invalid@items[0].country"}},
        {"an excise", [](Sale& s) { s.item().excise = Kopecks{0}; }, {}},
        {"a negative excise",
         [](Sale& s) { s.item().excise = Kopecks{-1}; },
         {"sum_negative@items[0].excise"}},
        {"a product code before FFD 1.2",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.item().product_code = Bytes(32, 1);
         },
         {}},
        {"a longer one",
         [](Sale& s) {
             s.limits.ffd = FfdVersion::v1_05;
             s.item().product_code = Bytes(33, 1);
         },
         {"product_code_too_long@items[0].product_code"}},
        {"a product code in FFD 1.2",
         [](Sale& s) { s.item().product_code = Bytes(32, 1); },
         {"not_in_ffd_1_2@items[0].product_code"}},
    });
}

TEST_CASE("marks and their codes", "[fiscal][request]")
{
    static const auto code = [](Sale& s, std::string text) {
        s.asked.positions[0] = marked_water();
        s.asked.positions[0].marking->code = std::move(text);
    };
    const Faulty invalid{"marking_code_invalid@items[0].marking.code"};
    check_rules({
        {"as scanned", [](Sale& s) { s.asked.positions[0] = marked_water(); }, {}},
        {"GTIN and serial alone", [](Sale& s) { code(s, "0104600439931256215Abc;XYZ123"); }, {}},
        {"a serial of 20", [](Sale& s) { code(s, "010460043993125621" + std::string(20, '7')); }, {}},
        {"separators lost", [](Sale& s) { code(s, "0104600439931256215Abc;XYZ12391FFD092dGVzdA=="); },
         invalid},
        {"a digit misread", [](Sale& s) { code(s, "0104600439931257215Abc;XYZ123"); }, invalid},
        {"a pack of cigarettes", [](Sale& s) { code(s, "04600439931256-UWzSA8ABcdEFgh"); }, {}},
        {"one character short of it", [](Sale& s) { code(s, "04600439931256-UWzSA8ABcdEFg"); }, invalid},
        {"its GTIN misread", [](Sale& s) { code(s, "14600439931256-UWzSA8ABcdEFgh"); }, invalid},
        {"a fur coat", [](Sale& s) { code(s, "RU-430302-ABC1234567"); }, {}},
        {"a bottle of vodka", [](Sale& s) { code(s, std::string(68, 'A')); }, {}},
        {"a bottle of vodka, new form", [](Sale& s) { code(s, std::string(150, '1')); }, {}},
        {"neither", [](Sale& s) { code(s, std::string(69, 'A')); }, invalid},
        {"an EAN-13, which is no mark", [](Sale& s) { code(s, "4600439931256"); }, invalid},
        {"empty", [](Sale& s) { code(s, ""); }, invalid},
        {"scanned in the Russian layout", [](Sale& s) { code(s, "0104600439931256215Фис"); }, invalid},
        {"with a space", [](Sale& s) { code(s, "0104600439931256215A bc"); }, invalid},
        {"with the scanner's prefix", [](Sale& s) { code(s, "]d20104600439931256215Abc"); }, invalid},
        {"with FNC1 in front",
         [](Sale& s) {
             code(s, "\x1D"
                     "0104600439931256215Abc");
         },
         invalid},
        {"as printed below", [](Sale& s) { code(s, "(01)04600439931256(21)5Abc"); }, invalid},
        {"longer than the tag",
         [](Sale& s) { code(s, "0104600439931256215Abc\x1D" + std::string(235, 'A')); }, invalid},
        {"as long as the tag",
         [](Sale& s) { code(s, "0104600439931256215Abc\x1D" + std::string(233, 'A')); },
         {}},
        {"a register that cannot check",
         [](Sale& s) {
             s.asked.positions[0] = marked_water();
             s.limits.marking_check = false;
         },
         {"marking_unsupported@items[0].marking"}},
        {"before FFD 1.2",
         [](Sale& s) {
             s.asked.positions[0] = marked_water();
             s.limits.ffd = FfdVersion::v1_1;
         },
         {"wants_ffd_1_2@items[0].marking"}},
        {"two bottles with one code",
         [](Sale& s) {
             s.asked.positions[0] = marked_water();
             s.item().quantity = Quantity::units(2);
         },
         {"marked_quantity@items[0].quantity"}},
        {"cheese by weight",
         [](Sale& s) {
             s.asked.positions[0] = marked_water();
             s.item().quantity = Quantity::from_millionths(125'000);
             s.item().unit = 11;
         },
         {}},
        {"said to be marked, without a code",
         [](Sale& s) { s.item().item_kind = 33; },
         {"mark_missing@items[0].marking"}},
        {"marked excise goods",
         [](Sale& s) {
             s.asked.positions[0] = marked_water();
             s.item().item_kind = 31;
         },
         {}},
        {"a code at goods said to have none",
         [](Sale& s) {
             s.asked.positions[0] = marked_water();
             s.item().item_kind = 32;
         },
         {"mark_unexpected@items[0].item_kind"}},
    });
}

TEST_CASE("the planned status of a mark", "[fiscal][request]")
{
    static const auto status = [](Sale& s, Operation operation, std::uint8_t planned) {
        s.asked.positions[0] = marked_water();
        s.asked.operation = operation;
        s.asked.positions[0].marking->planned_status = planned;
    };
    const std::string at = "@items[0].marking.planned_status";
    check_rules({
        {"sold", [](Sale& s) { status(s, Operation::sell, 1); }, {}},
        {"returned when sold",
         [](Sale& s) { status(s, Operation::sell, 3); },
         {"planned_status_operation" + at}},
        {"returned", [](Sale& s) { status(s, Operation::sell_return, 3); }, {}},
        {"sold when returned",
         [](Sale& s) { status(s, Operation::sell_return, 1); },
         {"planned_status_operation" + at}},
        {"unchanged", [](Sale& s) { status(s, Operation::sell, 255); }, {}},
        {"status 5", [](Sale& s) { status(s, Operation::sell, 5); }, {"planned_status_unknown" + at}},
        {"pieces by measure",
         [](Sale& s) { status(s, Operation::sell, 2); },
         {"planned_status_measure" + at}},
        {"by weight as a piece",
         [](Sale& s) {
             status(s, Operation::sell, 1);
             s.item().unit = 11;
         },
         {"planned_status_measure" + at}},
    });
}

TEST_CASE("a part of a marked pack", "[fiscal][request]")
{
    static const auto part = [](Sale& s, std::uint64_t numerator, std::uint64_t denominator) {
        s.asked.positions[0] = marked_water();
        s.item().fraction = Fraction{"", numerator, denominator};
        s.item().sum = Kopecks{625};
    };
    check_rules({
        {"a half", [](Sale& s) { part(s, 1, 2); }, {}},
        {"nothing", [](Sale& s) { part(s, 0, 2); }, {"fraction_not_below_one@items[0].fraction"}},
        {"all", [](Sale& s) { part(s, 2, 2); }, {"fraction_not_below_one@items[0].fraction"}},
        {"all but one", [](Sale& s) { part(s, 9, 10); }, {}},
        {"without its sum",
         [](Sale& s) {
             part(s, 1, 2);
             s.item().sum.reset();
         },
         {"sum_missing@items[0].sum"}},
        {"two halves",
         [](Sale& s) {
             part(s, 1, 2);
             s.item().quantity = Quantity::units(2);
         },
         {"fraction_quantity@items[0].quantity"}},
        {"by weight",
         [](Sale& s) {
             part(s, 1, 2);
             s.item().unit = 11;
         },
         {"fraction_unit@items[0].unit"}},
        {"of goods without a mark",
         [](Sale& s) {
             part(s, 1, 2);
             s.asked.positions[0].marking.reset();
         },
         {"fraction_without_mark@items[0].fraction"}},
        {"before FFD 1.2",
         [](Sale& s) {
             part(s, 1, 2);
             s.limits.ffd = FfdVersion::v1_1;
         },
         {"wants_ffd_1_2@items[0].marking", "wants_ffd_1_2@items[0].fraction"}},
    });
}
