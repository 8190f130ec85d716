// Commands become requests of the house, by the format of the register.
#include "agent/api/kkmserver/receipt.hpp"
#include "agent/api/kkmserver/translation.hpp"
#include "protocol/fiscal/request_checks.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent::kkmserver;
using Json = nlohmann::json;

namespace {

RegisterFacts facts_of(fiscal::FfdVersion ffd)
{
    RegisterFacts facts;
    facts.ffd = ffd;
    facts.zone = std::chrono::hours(3);
    return facts;
}

Json check_with(const Json& line, const Json& more = Json::object())
{
    Json check{{"IsFiscalCheck", true}, {"TypeCheck", 0}, {"Cash", 100}};
    Json whole{{"Name", "Чай"}, {"Quantity", 1}, {"Price", 100}, {"Amount", 100}, {"Tax", 20}};
    whole.merge_patch(line);
    check["CheckStrings"] = Json::array({Json{{"Register", whole}}});
    check.merge_patch(more);
    return check;
}

fiscal::Position position_of(const Json& line, fiscal::FfdVersion ffd)
{
    const auto made = translate(Command::register_check, check_with(line), facts_of(ffd));
    if (!made)
        FAIL(made.error().member + ": " + made.error().text);
    return made->request.receipt->positions.at(0);
}

std::string fault_of(const Json& body, fiscal::FfdVersion ffd)
{
    const auto made = translate(Command::register_check, body, facts_of(ffd));
    return made ? "" : made.error().member;
}

constexpr const char* kMark = "0104600439931256215Abc;XYZ123\x1D"
                              "91FFD0\x1D"
                              "92dGVzdA==";

} // namespace

TEST_CASE("rates of VAT are those of tag 1199", "[kkmserver]")
{
    const auto [theirs, ours] = GENERATE(table<int, int>({{-1, 6},
                                                          {0, 5},
                                                          {5, 7},
                                                          {7, 8},
                                                          {10, 2},
                                                          {20, 1},
                                                          {22, 11},
                                                          {105, 9},
                                                          {107, 10},
                                                          {110, 4},
                                                          {120, 3},
                                                          {122, 12}}));
    CHECK(vat_rate_of(theirs) == ours);
    CHECK(position_of({{"Tax", std::to_string(theirs)}}, fiscal::FfdVersion::v1_2).item.vat_rate == ours);
    for (const int none : {18, 118, 1, 100, -2})
        CHECK_FALSE(vat_rate_of(none));
}

TEST_CASE("the sum of a line is what is paid for it, and its price follows", "[kkmserver]")
{
    struct Row {
        Json line;
        std::int64_t price;
        std::int64_t sum;
    };
    const Row row = GENERATE(Row{{{"Quantity", 3}, {"Price", 10}, {"Amount", 30}}, 1000, 3000},
                             Row{{{"Quantity", 3}, {"Price", 10}, {"Amount", 27}}, 900, 2700},
                             Row{{{"Quantity", 7}, {"Price", 1.43}, {"Amount", 10}}, 143, 1000},
                             Row{{{"Quantity", "0,333"}, {"Price", 100}, {"Amount", nullptr}}, 10000, 3330},
                             Row{{{"Quantity", 0.5}, {"Price", nullptr}, {"Amount", 99.99}}, 19998, 9999},
                             Row{{{"Quantity", 2}, {"Price", 10}, {"Amount", 0}}, 0, 0},
                             Row{{{"Quantity", 3}, {"Price", 0.1}, {"Amount", 0.30000000000000004}}, 10, 30},
                             Row{{{"Quantity", 1}, {"Price", 33.335}, {"Amount", 33.335}}, 3334, 3334});
    INFO(row.line.dump());
    const auto position = position_of(row.line, fiscal::FfdVersion::v1_2);
    CHECK(position.item.price == Kopecks{row.price});
    CHECK(position.item.sum == Kopecks{row.sum});
}

TEST_CASE("a mark goes where the register's format has it", "[kkmserver]")
{
    const Json line{{"GoodCodeData", {{"BarCode", kMark}}}, {"SignCalculationObject", 1}};
    const auto in_1_2 = position_of(line, fiscal::FfdVersion::v1_2);
    REQUIRE(in_1_2.marking);
    CHECK(in_1_2.marking->code == kMark);
    CHECK(in_1_2.item.item_kind == 33);
    CHECK(in_1_2.item.product_code.empty());
    const auto in_1_05 = position_of(line, fiscal::FfdVersion::v1_05);
    CHECK_FALSE(in_1_05.marking);
    CHECK(in_1_05.item.item_kind == 1);
    // 444D, GTIN 04600439931256 in six bytes, the serial in ASCII: docs/sources.md#ffd, section 7.
    const Bytes code = in_1_05.item.product_code;
    REQUIRE(code.size() == 8 + 11);
    CHECK(Bytes(code.begin(), code.begin() + 2) == Bytes{0x44, 0x4D});
    std::uint64_t gtin = 0;
    for (std::size_t i = 2; i < 8; ++i)
        gtin = gtin << 8U | code[i];
    CHECK(gtin == 4600439931256U);
    CHECK(std::string(code.begin() + 8, code.end()) == "5Abc;XYZ123");
    CHECK(position_of({{"GoodCodeData", {{"BarCode", kMark}}}, {"SignCalculationObject", 33}},
                      fiscal::FfdVersion::v1_1)
              .item.item_kind == 1);
    CHECK(position_of({{"GoodCodeData", {{"BarCode", kMark}}}, {"SignCalculationObject", 31}},
                      fiscal::FfdVersion::v1_1)
              .item.item_kind == 2);
}

TEST_CASE("a bar code of the maker is told to registers before FFD 1.2", "[kkmserver]")
{
    const auto code = position_of({{"EAN13", "4600439931256"}}, fiscal::FfdVersion::v1_05).item.product_code;
    CHECK(code == Bytes{0x45, 0x0D, 0x04, 0x2F, 0x1F, 0x96, 0x81, 0x78});
    CHECK(position_of({{"EAN13", "4600439931256"}}, fiscal::FfdVersion::v1_2).item.product_code.empty());
    CHECK(position_of({{"EAN13", "нет"}}, fiscal::FfdVersion::v1_05).item.product_code.empty());
}

TEST_CASE("a mark that cannot be told is a fault of its own, not a receipt without it", "[kkmserver]")
{
    CHECK(fault_of(check_with({{"GoodCodeData", {{"BarCode", "чушь"}}}}), fiscal::FfdVersion::v1_05) ==
          "CheckStrings[0].Register.GoodCodeData");
    CHECK(fault_of(check_with({{"NomenclatureCode", "AAAA"}}), fiscal::FfdVersion::v1_05) ==
          "CheckStrings[0].Register.NomenclatureCode");
    // In FFD 1.2 the checks of requests look at it.
    const auto made =
        translate(Command::register_check, check_with({{"GoodCodeData", {{"BarCode", "чушь"}}}}),
                  facts_of(fiscal::FfdVersion::v1_2));
    REQUIRE(made);
    fiscal::RequestLimits limits;
    limits.ffd = fiscal::FfdVersion::v1_2;
    limits.marking_check = true;
    CHECK_FALSE(fiscal::check_request(made->request, limits).empty());
}

TEST_CASE("pieces out of a marked pack are a fraction of it", "[kkmserver]")
{
    const auto position =
        position_of({{"GoodCodeData", {{"BarCode", kMark}}}, {"Quantity", 2}, {"PackageQuantity", 22}},
                    fiscal::FfdVersion::v1_2);
    CHECK(position.item.quantity == Quantity::units(1));
    REQUIRE(position.item.fraction);
    CHECK(position.item.fraction->numerator == 2U);
    CHECK(position.item.fraction->denominator == 22U);
    CHECK(position.item.sum == Kopecks{10000});
}

TEST_CASE("agents, suppliers and attributes are taken over", "[kkmserver]")
{
    const Json agent{
        {"AgentSign", 5},
        {"AgentData", {{"PayingAgentPhone", "+79995554422"}, {"MoneyTransferOperatorVATIN", "7707000008"}}},
        {"PurveyorData",
         {{"PurveyorPhone", "8 (916) 111-22-33"},
          {"PurveyorName", "ООО «Ромашка»"},
          {"PurveyorVATIN", "7707000008"}}},
        {"CountryOfOrigin", "156"},
        {"CustomsDeclaration", "54180656/1345865/3435625/23"},
        {"ExciseAmount", 0.01},
        {"AdditionalAttribute", "доп"},
        {"Department", 3},
        {"MeasureOfQuantity", 11}};
    const auto item = position_of(agent, fiscal::FfdVersion::v1_2).item;
    CHECK(item.agent_flags == 32U);
    REQUIRE(item.agent);
    CHECK(item.agent->agent_phones == std::vector<std::string>{"+79995554422"});
    REQUIRE(item.supplier);
    CHECK(item.supplier->phones == std::vector<std::string>{"+79161112233"});
    CHECK(item.supplier->name == "ООО \"Ромашка\"");
    CHECK(item.supplier_inn == "7707000008");
    CHECK(item.country == "156");
    CHECK(item.excise == Kopecks{1});
    CHECK(item.extra == "доп");
    CHECK(item.unit == 11);
    const auto old = position_of(agent, fiscal::FfdVersion::v1_05);
    CHECK_FALSE(old.item.unit);
    CHECK_FALSE(old.item.unit_text.empty());
    CHECK(old.department == 3);
}

TEST_CASE("the receipt's own members are taken over", "[kkmserver]")
{
    const auto made =
        translate(Command::register_check,
                  check_with(Json::object(), {{"TaxVariant", "1"},
                                              {"ClientAddress", "buyer@example.org"},
                                              {"ClientInfo", "Покупатель"},
                                              {"ClientINN", "7707000008"},
                                              {"SenderEmail", "shop@example.org"},
                                              {"PlaceMarket", "kkmserver.example"},
                                              {"AdditionalAttribute", "тег 1192"},
                                              {"UserAttribute", {{"Name", "Поле"}, {"Value", "Значение"}}},
                                              {"CashierName", "Иванова"},
                                              {"CashierVATIN", "500100732259"},
                                              {"NumberCopies", 2}}),
                  facts_of(fiscal::FfdVersion::v1_2));
    REQUIRE(made);
    const auto& receipt = made->request.receipt->receipt;
    CHECK(receipt.tax_system == 2U);
    CHECK(receipt.buyer_contact == "buyer@example.org");
    REQUIRE(receipt.buyer);
    CHECK(receipt.buyer->name == "Покупатель");
    CHECK(receipt.buyer->inn == "7707000008");
    CHECK(receipt.sender_email == "shop@example.org");
    CHECK(receipt.place == "kkmserver.example");
    CHECK(receipt.extra == "тег 1192");
    REQUIRE(receipt.user_attribute);
    CHECK(receipt.user_attribute->value == "Значение");
    CHECK(made->request.cashier == "Иванова");
    CHECK(made->request.cashier_inn == "500100732259");
    CHECK(made->warnings.size() == 1); // no copies
}

TEST_CASE("a register that has to print, prints what should not be printed, and says so", "[kkmserver]")
{
    auto facts = facts_of(fiscal::FfdVersion::v1_2);
    facts.electronic_only = false;
    const auto made =
        translate(Command::register_check, check_with(Json::object(), {{"NotPrint", true}}), facts);
    REQUIRE(made);
    CHECK_FALSE(made->request.receipt->electronic_only);
    CHECK(made->warnings.size() == 1);
}

TEST_CASE("payments that are not told are not taken for cash", "[kkmserver]")
{
    const Json nothing = GENERATE(Json{{"Cash", nullptr}}, Json{{"Cash", 0}, {"ElectronicPayment", "0.00"}});
    const auto made = translate(Command::register_check, check_with(Json::object(), nothing),
                                facts_of(fiscal::FfdVersion::v1_2));
    REQUIRE(made);
    fiscal::RequestLimits limits;
    limits.ffd = fiscal::FfdVersion::v1_2;
    const auto faults = fiscal::check_request(made->request, limits);
    REQUIRE_FALSE(faults.empty());
    CHECK(faults.front().code == "payments_short");
}

TEST_CASE("a correction of FFD 1.05 is a sum, its VAT and its basis", "[kkmserver]")
{
    Json correction{{"IsFiscalCheck", true},
                    {"TypeCheck", 2},
                    {"CorrectionType", 1},
                    {"CorrectionBaseName", "Предписание"},
                    {"CorrectionBaseNumber", "MOS-4516"},
                    {"CorrectionBaseDate", "2017-06-21T15:30:45"},
                    {"Amount", 120},
                    {"SumTax20", 20},
                    {"SumTax10", 0},
                    {"ElectronicPayment", 120}};
    const auto made = translate(Command::register_check, correction, facts_of(fiscal::FfdVersion::v1_05));
    REQUIRE(made);
    const auto& asked = *made->request.receipt;
    CHECK(asked.correction);
    CHECK(asked.receipt.correction_type == 1);
    REQUIRE(asked.receipt.correction_basis);
    CHECK(asked.receipt.correction_basis->number == "MOS-4516");
    CHECK(to_text(*asked.receipt.correction_basis->date).substr(0, 10) == "2017-06-21");
    REQUIRE(asked.positions.size() == 1);
    CHECK(asked.positions[0].item.sum == Kopecks{12000});
    CHECK(asked.positions[0].item.vat_rate == 1);
    CHECK(fault_of(correction, fiscal::FfdVersion::v1_1) == "CheckStrings");
    correction["SumTax10"] = 1;
    CHECK(fault_of(correction, fiscal::FfdVersion::v1_05) == "SumTax20");
    correction.erase("SumTax10");
    correction.erase("SumTax20");
    CHECK(fault_of(correction, fiscal::FfdVersion::v1_05) == "SumTaxNone");
}

TEST_CASE("dates come in many forms, and a zone is heeded", "[kkmserver]")
{
    using namespace std::chrono_literals;
    const auto day = [](const char* text) {
        const auto time = local_time_of(text, 3h);
        return time ? to_text(*time) : std::string("none");
    };
    CHECK(day("2017-06-21T15:30:45") == "2017-06-21T15:30:45");
    CHECK(day("2017-06-21 15:30") == "2017-06-21T15:30:00");
    CHECK(day("2017-06-21") == "2017-06-21T00:00:00");
    CHECK(day("21.06.2017") == "2017-06-21T00:00:00");
    CHECK(day("2021-01-09T21:00:00.000Z") == "2021-01-10T00:00:00");
    CHECK(day("2021-01-10T00:00:00.0000000+03:00") == "2021-01-10T00:00:00");
    CHECK(day("2021-01-10T00:00:00+0500") == "2021-01-09T22:00:00");
    for (const char* none : {"", "вчера", "2017-13-01", "2017-02-30", "2017-06-21T", "2017-06-21T25:00",
                             "2017-06-21Q", "21-06-2017", "2017-06-21T15:30:45+3"})
        CHECK(day(none) == "none");
}

TEST_CASE("numbers are read to the kopeck and to the millionth", "[kkmserver]")
{
    struct Row {
        Json value;
        std::optional<std::int64_t> kopecks;
    };
    const Row row =
        GENERATE(Row{100, 10000}, Row{"100", 10000}, Row{100.1, 10010}, Row{" 1 234,50 ", 123450},
                 Row{"0.005", 1}, Row{0.004999, 0}, Row{-0.05, -5}, Row{10.074999999999999, 1008},
                 Row{301.49999999999994, 30150}, Row{9999999999.99, 999999999999}, Row{1e15, std::nullopt},
                 Row{1e300, std::nullopt}, Row{1e-300, 0}, Row{"1e5", std::nullopt}, Row{"--5", std::nullopt},
                 Row{"1.2.3", std::nullopt}, Row{".", std::nullopt}, Row{true, std::nullopt},
                 Row{Json::array(), std::nullopt}, Row{nullptr, std::nullopt}, Row{"", std::nullopt});
    INFO(row.value.dump());
    const Json object{{"Sum", row.value}};
    std::optional<Fault> fault;
    Fields fields(object, "", fault);
    const auto sum = fields.money("sum");
    CHECK(sum == (row.kopecks ? std::optional(Kopecks{*row.kopecks}) : std::nullopt));
    const bool says_nothing = row.value.is_null() || row.value == "";
    CHECK(fault.has_value() == (!row.kopecks && !says_nothing));
}
