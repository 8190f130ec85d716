// What shop software sends and what it is told, at the border of HTTP, over an emulated register.
#include "protocol/fiscal/document.hpp"
#include "tests/unit/kkmserver/kkm_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;

namespace {

std::string text_of(const Json& answer, const char* member) { return answer.at(member).get<std::string>(); }

void check_fine(const Json& answer)
{
    CHECK(answer.at("Status") == 0);
    CHECK(answer.at("Error").is_string());
    CHECK(text_of(answer, "Error").empty());
}

/// The FN's documents, decoded.
std::vector<fiscal::Document> documents_of(KkmShop& shop)
{
    std::vector<fiscal::Document> documents;
    for (std::uint32_t number = 1; number <= shop.documents(); ++number) {
        const BytesView body = shop.kkt().body(number);
        ByteWriter whole;
        whole.u16(shop.kkt().fn().find(number)->type)
            .u16(static_cast<std::uint16_t>(body.size()))
            .bytes(body);
        documents.push_back(fiscal::decode(whole.take()).value());
    }
    return documents;
}

/// Nothing of it reached the register, nor will.
void check_nothing_made(KkmShop& shop, std::uint32_t documents, std::size_t jobs)
{
    CHECK(shop.jobs() == jobs);
    shop.pass(30s);
    CHECK(shop.documents() == documents);
}

} // namespace

TEST_CASE("a receipt of one line is printed, and its document's numbers are told", "[kkmserver]")
{
    KkmShop shop;
    const Json answer = shop.send(small_check("dd261969-4190-1125-26cd-aaf5c213c0e3"));
    check_fine(answer);
    CHECK(answer.at("Command") == "RegisterCheck");
    CHECK(answer.at("IdCommand") == "dd261969-4190-1125-26cd-aaf5c213c0e3");
    CHECK(answer.at("NumDevice") == 1);
    CHECK(answer.at("CheckNumber") == shop.documents());
    CHECK(answer.at("SessionNumber") == shop.kkt().shift().number);
    CHECK(answer.at("SessionCheckNumber") == 1);
    const std::string qr = text_of(answer, "QRCode");
    CHECK(qr.find("&s=25.00&fn=9999078900002270&i=" + std::to_string(shop.documents()) + "&fp=") !=
          std::string::npos);
    CHECK(answer.at("URL") == qr);
    CHECK(answer.at("Cash") == 25.0);
    CHECK(answer.at("ElectronicPayment") == 0.0);
    CHECK(shop.kkt().fn().find(shop.documents())->sum == 2500);
}

TEST_CASE("what clients get wrong does not keep a receipt from being printed", "[kkmserver]")
{
    struct Row {
        const char* what;
        Json change; ///< of small_check(), RFC 7396
    };
    const Json register_line = small_check("")["CheckStrings"][0]["Register"];
    const auto with_line = [&register_line](const Json& change) {
        Json line = register_line;
        line.merge_patch(change);
        return Json{{"CheckStrings", {{{"Register", line}}}}};
    };
    const Row rows[] = {
        Row{"numbers as texts",
            Json{{"Cash", "25.00"}, {"TypeCheck", "0"}, {"Timeout", "30"}, {"NumDevice", "1"}}},
        Row{"a decimal comma", Json{{"Cash", "25,00"}}},
        Row{"flags as texts", Json{{"IsFiscalCheck", "true"}}},
        Row{"flags as numbers", Json{{"IsFiscalCheck", 1}, {"NotPrint", 0}}},
        Row{"the cashier's INN under its other name",
            Json{{"CashierVATIN", nullptr}, {"CashierVatin", "500100732259"}}},
        Row{"the shop's INN for the cashier's", Json{{"CashierVATIN", "7707000008"}}},
        Row{"names in other capitals", Json{{"Cash", nullptr}, {"CASH", 25}}},
        Row{"a key of 60 characters", Json{{"IdCommand", std::string(60, 'k')}}},
        Row{"the noise of binary fractions",
            with_line({{"Price", 12.499999999999998}, {"Amount", 25.000000000000004}})},
        Row{"no price, only the sum", with_line({{"Price", nullptr}})},
        Row{"no sum, only the price", with_line({{"Amount", nullptr}})},
        Row{"a discount", with_line({{"Price", 20}, {"Amount", 25}})},
        Row{"quotes and dashes of typography", with_line({{"Name", "Чай «Индийский» — чёрный"}})},
        Row{"line ends in a name", with_line({{"Name", "Чай\r\nчёрный"}})},
        Row{"a rate with its sign", with_line({{"Tax", "20%"}})},
        Row{"payments of old clients", Json{{"Cash", 0}, {"CashLessType1", 20}, {"CashLessType2", 5}}},
        Row{"empty members", Json{{"ClientAddress", ""},
                                  {"TaxVariant", ""},
                                  {"KktNumber", ""},
                                  {"InnKkm", ""},
                                  {"AgentSign", nullptr},
                                  {"CheckProps", Json::array()},
                                  {"KPP", ""}}},
        Row{"a phone as people write it", Json{{"ClientAddress", "8 (916) 123-45-67"}}},
        Row{"a separating line of text",
            Json{{"CheckStrings",
                  {{{"PrintText", {{"Text", "<<->>"}}}},
                   {{"PrintText", {{"Text", ">#2#<Спасибо"}}}, {"Register", register_line}},
                   {{"PrintText", {{"Text", "Итого:<#10#>25,00"}, {"Font", "1"}}}}}}}}};
    KkmShop shop;
    REQUIRE(shop.send({{"Command", "OpenShift"}}).at("Status") == 0);
    for (const Row& row : rows) {
        INFO(row.what);
        const auto before = shop.documents();
        Json check = small_check(row.what);
        check.merge_patch(row.change);
        const Json answer = shop.send(check);
        INFO(answer.dump());
        check_fine(answer);
        CHECK(answer.at("CheckNumber") == shop.documents());
        CHECK(shop.documents() == before + 1);
        CHECK(shop.kkt().fn().find(shop.documents())->sum == 2500);
    }
}

TEST_CASE("a receipt comes by any of the addresses and content types", "[kkmserver]")
{
    KkmShop shop;
    int number = 0;
    for (const char* path : {"/Execute", "/Execute/", "/Execute/sync"}) {
        for (const char* type :
             {"application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""}) {
            INFO(path << ", " << type);
            kb::http::Request request;
            request.method = "POST";
            request.path = path;
            request.headers = {{"host", "127.0.0.1:5893"}, {"content-type", type}};
            request.body = "\xEF\xBB\xBF" + small_check(std::to_string(++number)).dump();
            const auto response = shop.ask(std::move(request));
            CHECK(response.status == 200);
            check_fine(Json::parse(response.body));
        }
    }
}

TEST_CASE("lines are printed around the positions as they are marked", "[kkmserver]")
{
    KkmShop shop;
    Json check = small_check("lines");
    check["CheckStrings"].insert(check["CheckStrings"].begin(), Json{{"PrintText", {{"Text", "<<=>>"}}}});
    check["CheckStrings"].push_back({{"PrintText", {{"Text", "Заказ<#10#>№ 17"}}}});
    check["CheckStrings"].push_back(
        {{"BarCode", {{"BarcodeType", "QR"}, {"Barcode", "https://example.org"}}}});
    check_fine(shop.send(check));
    const std::string text = paper(shop);
    CHECK(text.find("====================") != std::string::npos);
    CHECK(text.find("Заказ ") != std::string::npos);
    CHECK(text.find(" № 17\n") != std::string::npos);
}

TEST_CASE("every operation and its money are in the FN", "[kkmserver]")
{
    struct Row {
        int type;
        unsigned operation;
        unsigned document;
    };
    KkmShop shop;
    REQUIRE(shop.send({{"Command", "DepositingCash"}, {"Amount", "100.00"}}).at("Status") == 0);
    for (const Row& row :
         {Row{0, 1, 3}, Row{1, 2, 3}, Row{10, 3, 3}, Row{11, 4, 3}, Row{2, 1, 31}, Row{12, 3, 31}}) {
        INFO("TypeCheck " << row.type);
        Json check = small_check("type " + std::to_string(row.type));
        check["TypeCheck"] = row.type;
        if (row.document == 31) {
            check["CorrectionType"] = "0";
            check["CorrectionBaseDate"] = "2026-03-20T21:00:00.000Z"; // midnight in Moscow
            check["CorrectionBaseNumber"] = "A-1";
        }
        const Json answer = shop.send(check);
        INFO(answer.dump());
        check_fine(answer);
        const auto document = documents_of(shop).back();
        CHECK(document.head.fd_number == answer.at("CheckNumber"));
        CHECK(static_cast<unsigned>(document.head.type) == row.document);
        CHECK(static_cast<unsigned>(document.head.operation.value()) == row.operation);
        CHECK(document.head.total == Kopecks{2500});
        CHECK(document.receipt->payments.cash == Kopecks{2500});
        if (row.document == 31)
            CHECK(to_text(*document.receipt->correction_basis->date).substr(0, 10) == "2026-03-21");
    }
}

TEST_CASE("a receipt paid in every way says so", "[kkmserver]")
{
    KkmShop shop;
    Json check = small_check("paid");
    check["CheckStrings"][0]["Register"]["SignMethodCalculation"] = 5; // part of it on credit
    check.merge_patch({{"Cash", 10},
                       {"ElectronicPayment", 5},
                       {"AdvancePayment", 4},
                       {"Credit", 3},
                       {"CashProvision", 3.01}});
    check["Cash"] = 20; // 10.01 of them are given back
    const Json answer = shop.send(check);
    INFO(answer.dump());
    check_fine(answer);
    CHECK(answer.at("Cash") == 9.99);
    CHECK(answer.at("ElectronicPayment") == 5.0);
    CHECK(answer.at("AdvancePayment") == 4.0);
    CHECK(answer.at("Credit") == 3.0);
    CHECK(answer.at("CashProvision") == 3.01);
}

TEST_CASE("an electronic receipt goes to the buyer and not to the paper", "[kkmserver]")
{
    KkmShop shop;
    check_fine(shop.send({{"Command", "OpenShift"}, {"IdCommand", "open"}}));
    const auto before = shop.kkt().strip_first() + shop.kkt().strip().size();
    Json check = small_check("electronic");
    check.merge_patch(
        {{"NotPrint", true}, {"ClientAddress", "buyer@example.org"}, {"SenderEmail", "shop@example.org"}});
    const Json answer = shop.send(check);
    INFO(answer.dump());
    check_fine(answer);
    CHECK(shop.kkt().fn().find(shop.documents())->sum == 2500);
    CHECK(shop.kkt().strip_first() + shop.kkt().strip().size() == before);
}

TEST_CASE("text that is not fiscal is printed without a document", "[kkmserver]")
{
    KkmShop shop;
    const auto documents = shop.documents();
    const Json lines{{{"PrintText", {{"Text", "Столик 5"}}}}, {{"PrintText", {{"Text", ""}}}}};
    SECTION("as a check")
    {
        check_fine(
            shop.send({{"Command", "RegisterCheck"}, {"IsFiscalCheck", false}, {"CheckStrings", lines}}));
    }
    SECTION("as a document")
    {
        check_fine(shop.send({{"Command", "PrintDocument"}, {"CheckStrings", lines}}));
    }
    CHECK(paper(shop).find("Столик 5") != std::string::npos);
    CHECK(shop.documents() == documents);
}

TEST_CASE("shifts, reports, cash and the drawer do what they are called", "[kkmserver]")
{
    KkmShop shop;
    const auto command = [&shop](const char* name, Json more = Json::object()) {
        more["Command"] = name;
        more["CashierName"] = "Иванова А.А.";
        const Json answer = shop.send(more);
        INFO(answer.dump());
        check_fine(answer);
        CHECK(answer.at("Command") == name);
        CHECK_FALSE(text_of(answer, "IdCommand").empty()); // one of its own
        return answer;
    };
    const Json opened = command("OpenShift");
    CHECK(shop.kkt().shift().open);
    CHECK(opened.at("SessionNumber") == shop.kkt().shift().number);
    CHECK(opened.at("CheckNumber") == shop.documents());
    CHECK(text_of(opened, "QRCode").find("&i=" + std::to_string(shop.documents())) != std::string::npos);
    command("DepositingCash", {{"Amount", 100.5}});
    CHECK(shop.kkt().cash() == 10050);
    command("PaymentCash", {{"Amount", "50,25"}});
    CHECK(shop.kkt().cash() == 5025);
    command("XReport");
    CHECK(shop.kkt().x_reports() == 1);
    command("OfdReport");
    CHECK(shop.kkt().fn().find(shop.documents())->type == 21);
    command("OpenCashDrawer");
    const auto number = shop.kkt().shift().number;
    const Json closed = command("ZReport");
    CHECK_FALSE(shop.kkt().shift().open);
    CHECK(closed.at("SessionNumber") == number);
    CHECK(closed.at("CheckNumber") == shop.documents());
}

TEST_CASE("a refusal for certain may speak of the shift", "[kkmserver]")
{
    KkmShop shop;
    const Json answer = shop.send({{"Command", "CloseShift"}, {"IdCommand", "close"}});
    CHECK(answer.at("Status") == 2);
    CHECK_FALSE(text_of(answer, "Error").empty());
    CHECK(answer.at("NumDevice") == 1);
}

TEST_CASE("what cannot be printed is said member by member, and nothing is made", "[kkmserver]")
{
    struct Row {
        const char* member; ///< that the error names
        Json change;
    };
    const Row rows[] = {
        Row{"Register[0].Quantity",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":-1,"Price":5,"Amount":-5,"Tax":-1}}]})"_json},
        Row{"Register[0].Quantity",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":-2,"PackageQuantity":20,"Price":5,"Tax":-1}}]})"_json},
        Row{"Register[0].Price",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":1,"Price":-5,"Tax":-1}}]})"_json},
        Row{"CheckStrings",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":9999999999,"Price":9999999999,"Tax":-1}}]})"_json},
        Row{"Register.Price",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":1,"Price":18446744073709551615,"Tax":-1}}]})"_json},
        Row{"Register[0].Name",
            R"({"CheckStrings":[{"Register":{"Name":"","Quantity":1,"Price":25,"Tax":-1}}]})"_json},
        Row{"CheckStrings[0].Register.Tax",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":1,"Price":25}}]})"_json},
        Row{"CheckStrings[0].Register.Tax",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":1,"Price":25,"Tax":18}}]})"_json},
        Row{"CheckStrings[0].Register.Price",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Quantity":1,"Price":"дорого","Tax":-1}}]})"_json},
        Row{"CheckStrings[0].Register.Quantity",
            R"({"CheckStrings":[{"Register":{"Name":"Чай","Price":25,"Tax":-1}}]})"_json},
        Row{"CheckStrings[0].PrintImage", R"({"CheckStrings":[{"PrintImage":{"Image":"Qk0="}}]})"_json},
        Row{"CheckStrings", R"({"CheckStrings":"строка"})"_json},
        Row{"CheckStrings[0]", R"({"CheckStrings":["строка"]})"_json},
        Row{"CheckStrings", R"({"CheckStrings":[]})"_json},
        Row{"Cash", R"({"Cash":-25})"_json},
        Row{"Cash", R"({"Cash":{}})"_json},
        Row{"Cash", R"({"Cash":null})"_json},
        Row{"Cash", R"({"Cash":1e300})"_json},
        Row{"ElectronicPayment", R"({"ElectronicPayment":9223372036854775807})"_json},
        Row{"ElectronicPayment", R"({"ElectronicPayment":[25]})"_json},
        Row{"TypeCheck", R"({"TypeCheck":8})"_json},
        Row{"TypeCheck", R"({"TypeCheck":7})"_json},
        Row{"TypeCheck", R"({"TypeCheck":"продажа"})"_json},
        Row{"IsFiscalCheck", R"({"IsFiscalCheck":null})"_json},
        Row{"IsFiscalCheck", R"({"IsFiscalCheck":null,"TypeCheck":null})"_json},
        Row{"IsFiscalCheck",
            R"({"IsFiscalCheck":null,"TypeCheck":null,"CheckStrings":[{"register":{"Name":"Чай"}}]})"_json},
        Row{"IsFiscalCheck", R"({"IsFiscalCheck":"да"})"_json},
        Row{"TaxVariant", R"({"TaxVariant":9})"_json},
        Row{"Timeout", R"({"Timeout":"долго"})"_json},
        Row{"Timeout", R"({"Timeout":-1})"_json},
        Row{"PayByProcessing", R"({"PayByProcessing":true})"_json},
        Row{"CheckProps", R"({"CheckProps":[{"Teg":1005,"Prop":"x"}]})"_json},
        Row{"NumDevice", R"({"NumDevice":"первая"})"_json},
        Row{"ClientAddress", R"({"ClientAddress":"не адрес"})"_json},
        Row{"CheckStrings",
            R"({"TypeCheck":2,"CheckStrings":[],"Amount":25,"SumTax20":4.17,"CorrectionType":0})"_json}};
    KkmShop shop;
    const auto documents = shop.documents();
    for (const Row& row : rows) {
        INFO(row.change.dump());
        Json check = small_check("bad");
        check.merge_patch(row.change);
        const Json answer = shop.send(check);
        CHECK(answer.at("Status") == 2);
        CHECK(answer.at("IdCommand") == "bad");
        INFO(answer.dump());
        CHECK(text_of(answer, "Error").find(row.member) != std::string::npos);
        CHECK(shop.jobs() == 0);
    }
    check_nothing_made(shop, documents, 0);
}

TEST_CASE("what is no command is answered as a failed one", "[kkmserver]")
{
    const std::string bodies[] = {
        std::string(""),
        "{",
        "null",
        "[]",
        "\"текст\"",
        "{\"Command\":\"List\"",
        "{\"Command\": 'List'}",
        "{\"Command\":\"\xD0\"}",
        "\xFF\xFE{\0}",
        "{}",
        R"({"Command":null})",
        R"({"Command":{}})",
        R"({"Command":"Фокус"})",
        R"({"Command":"PayByPaymentCard","Amount":1})",
        std::string(2000, '['),
        R"({"Command":"RegisterCheck","IdCommand":")" + std::string(200, 'k') + "\"}",
        R"({"Command":"RegisterCheck","Name":")" + std::string(10'000'000, 'x') + "\"}"};
    KkmShop shop;
    const auto documents = shop.documents();
    for (const std::string& body : bodies) {
        INFO(body.substr(0, 100));
        const auto response = shop.post(body);
        CHECK(response.status == 200);
        const Json answer = Json::parse(response.body);
        CHECK(answer.at("Status") == 2);
        CHECK_FALSE(text_of(answer, "Error").empty());
        for (const char* member : {"Command", "IdCommand", "UnitName", "Error"})
            CHECK(answer.at(member).is_string());
        CHECK(shop.jobs() == 0);
    }
    check_nothing_made(shop, documents, 0);
}

TEST_CASE("a command that is not served is named", "[kkmserver]")
{
    KkmShop shop;
    const Json answer = shop.send({{"Command", "KkmRegOfd"}, {"IdCommand", "x"}});
    CHECK(answer.at("Status") == 2);
    CHECK(text_of(answer, "Error").find("KkmRegOfd") != std::string::npos);
    CHECK(answer.at("Command") == "KkmRegOfd");
}

TEST_CASE("a register is chosen by number, factory number or owner, and no other one is taken instead",
          "[kkmserver]")
{
    KkmShop shop;
    const std::string serial = shop.shop.agent->device().sample().info.kkt_serial;
    const auto chosen = [&shop](Json by) {
        by["Command"] = "GetDataKKT";
        return shop.send(by).at("Status").get<int>();
    };
    CHECK(chosen({{"NumDevice", 0}}) == 0);
    CHECK(chosen({{"NumDevice", 1}}) == 0);
    CHECK(chosen({{"NumDevice", 2}}) == 3);
    CHECK(chosen({{"KktNumber", serial}}) == 0);
    CHECK(chosen({{"KktNumber", "0" + serial}}) == 0);
    CHECK(chosen({{"KktNumber", "1" + serial}}) == 3);
    CHECK(chosen({{"InnKkm", "7707000008"}}) == 0);
    CHECK(chosen({{"InnKkm", "7709000003"}}) == 3);
    CHECK(chosen({{"InnKkm", "7709000003"}, {"NumDevice", 1}}) == 3);
    const auto documents = shop.documents();
    Json check = small_check("elsewhere");
    check["InnKkm"] = "7709000003";
    const Json answer = shop.send(check);
    CHECK(answer.at("Status") == 3);
    CHECK_FALSE(text_of(answer, "Error").empty());
    check_nothing_made(shop, documents, 0);
}

TEST_CASE("a register that is away is a failure at once, and nothing is printed when it comes back",
          "[kkmserver]")
{
    KkmShop shop;
    const auto documents = shop.documents();
    shop.shop.agent->line().hang_up(600s);
    REQUIRE(shop.shop.run_until([&] { return !shop.shop.agent->device().reached(); }, 60s));
    const Json answer = shop.send(small_check("away"));
    CHECK(answer.at("Status") == 2);
    CHECK(text_of(answer, "Error").find("нет связи") != std::string::npos);
    check_nothing_made(shop, documents, 0);
    const Json told = shop.send({{"Command", "GetDataKKT"}});
    CHECK(told.at("Status") == 2);
    CHECK(told.at("Info").at("Active") == false);
}
