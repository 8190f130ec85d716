// Tasks of POS programs, read into requests of this house.
#include "agent/api/atol/tasks.hpp"
#include "protocol/fiscal/request_checks.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent::awr;
using nlohmann::json;

namespace {

AtolTask read(const std::string& text)
{
    const auto tasks = read_tasks(std::vector<json>(1, json::parse(text)));
    if (!tasks)
        FAIL(tasks.error().fault.description());
    return tasks->front();
}

fiscal::Request request(const std::string& text)
{
    AtolTask task = read(text);
    REQUIRE(task.request);
    REQUIRE(fiscal::fill_in(*task.request));
    return *std::move(task.request);
}

TaskFault fault(const std::string& text)
{
    const auto tasks = read_tasks(std::vector<json>(1, json::parse(text)));
    REQUIRE_FALSE(tasks);
    return tasks.error().fault;
}

std::string sale_with(const std::string& item, const std::string& more = "")
{
    return R"({"type":"sell","items":[{"type":"position","name":"Чай","price":10,"quantity":2,"amount":20,
        "tax":{"type":"none"})" +
           item + R"(}],"payments":[{"type":"cash","sum":20}])" + more + "}";
}

} // namespace

TEST_CASE("the sale of ATOL's own description becomes the house's request", "[atol web]")
{
    const auto made = request(R"({"type":"sell","taxationType":"osn",
        "operator":{"name":"Кассир","vatin":"500100732259"},"clientInfo":{"emailOrPhone":"a@b.ru"},
        "items":[{"type":"position","name":"Кофе","price":18.0,"quantity":1,"amount":18.0,
                  "paymentMethod":"fullPayment","paymentObject":"commodity","tax":{"type":"vat20"}}],
        "payments":[{"type":"cash","sum":18.0}]})");
    CHECK(json::parse(fiscal::request_to_json(made)) == json::parse(R"({"kind":"receipt","cashier":"Кассир",
        "cashier_inn":"500100732259","operation":"sell","tax_system":"common",
        "items":[{"name":"Кофе","price":"18.00","quantity":"1","sum":"18.00","vat":"vat20",
                  "payment_method":"full_payment","item_kind":"goods"}],
        "payments":{"cash":"18.00"},"buyer":{"contact":"a@b.ru"}})"));
    CHECK(fiscal::check_request(made, {}).empty());
}

TEST_CASE("each kind of receipt has its operation, and corrections say of what", "[atol web]")
{
    struct Row {
        const char* type;
        fiscal::Operation operation;
        bool correction;
    };
    using fiscal::Operation;
    const Row row = GENERATE(
        Row{"sell", Operation::sell, false}, Row{"sellReturn", Operation::sell_return, false},
        Row{"buy", Operation::buy, false}, Row{"buyReturn", Operation::buy_return, false},
        Row{"sellCorrection", Operation::sell, true},
        Row{"sellReturnCorrection", Operation::sell_return, true}, Row{"buyCorrection", Operation::buy, true},
        Row{"buyReturnCorrection", Operation::buy_return, true});
    const auto made = request(R"({"type":")" + std::string(row.type) + R"(",
        "correctionType":"instruction","correctionBaseDate":"2024.03.01","correctionBaseNumber":"7-А",
        "items":[{"type":"position","name":"Чай","price":1,"quantity":1,"tax":{"type":"none"}}]})");
    REQUIRE(made.receipt);
    CHECK(made.receipt->operation == row.operation);
    CHECK(made.receipt->correction == row.correction);
    CHECK(made.receipt->receipt.correction_basis.has_value() == row.correction);
    if (row.correction) {
        CHECK(made.receipt->receipt.correction_type == std::uint8_t{1});
        CHECK(to_text(*made.receipt->receipt.correction_basis->date) == "2024-03-01T00:00:00");
        CHECK(made.receipt->receipt.correction_basis->number == "7-А");
    }
}

TEST_CASE("days are read however programs write them", "[atol web]")
{
    const std::string day = GENERATE("2024.03.01", "2024-03-01", "01.03.2024", "2024-03-01T10:00:00+03:00");
    const auto made = request(R"({"type":"sellCorrection","correctionBaseDate":")" + day +
                              R"(","items":[{"name":"Чай","price":1,"quantity":1,"tax":{"type":"none"}}]})");
    CHECK(to_text(*made.receipt->receipt.correction_basis->date) == "2024-03-01T00:00:00");
}

TEST_CASE("numbers of people and companies come as texts and as numbers", "[atol web]")
{
    const auto made = request(R"({"type":"closeShift","operator":{"name":"Иванова","vatin":500100732259}})");
    CHECK(made.cashier_inn == "500100732259");
    const auto lost_nought = request(R"({"type":"closeShift","operator":{"vatin":12345678905}})");
    CHECK(lost_nought.cashier_inn == "012345678905");
    CHECK(request(R"({"type":"closeShift"})").cashier.empty());
    CHECK(request(R"({"type":"openShift","operator":null})").cashier.empty());
}

TEST_CASE("a phone number that only lacks its form gets it", "[atol web]")
{
    struct Row {
        const char* json;
        const char* contact;
    };
    const Row row =
        GENERATE(Row{R"("+79161234567")", "+79161234567"}, Row{R"("89161234567")", "+79161234567"},
                 Row{"79161234567", "+79161234567"}, Row{R"("8 (916) 123-45-67")", "+79161234567"},
                 Row{R"("9161234567")", "+79161234567"}, Row{R"("a@b.ru")", "a@b.ru"}, Row{R"("")", ""},
                 Row{"null", ""}, Row{R"("12")", "12"});
    const auto made =
        request(sale_with("", R"(,"clientInfo":{"emailOrPhone":)" + std::string(row.json) + "}"));
    CHECK(made.receipt->receipt.buyer_contact == row.contact);
}

TEST_CASE("payments are taken by word and by number, and added up by kind", "[atol web]")
{
    const auto made = request(sale_with("", R"(,"payments":[{"type":"cash","sum":5},{"type":"0","sum":1.5},
        {"type":1,"sum":3},{"type":"prepaid","sum":4},{"type":"credit","sum":2},{"type":"other","sum":4.5}])"));
    const auto& paid = made.receipt->receipt.payments;
    CHECK(paid.cash == Kopecks{650});
    CHECK(paid.electronic == Kopecks{300});
    CHECK(paid.advance == Kopecks{400});
    CHECK(paid.credit == Kopecks{200});
    CHECK(paid.counter == Kopecks{450});
}

TEST_CASE("no payments and a total: all of it is cash", "[atol web]")
{
    const auto made = request(R"({"type":"sell","payments":[],"total":20,"items":[{"type":"position",
        "name":"Чай","price":10,"quantity":2,"tax":{"type":"none"}}]})");
    CHECK(made.receipt->receipt.payments.cash == Kopecks{2000});
    CHECK(made.receipt->total == Kopecks{2000});
}

TEST_CASE("VAT is taken by word, by percents and by the driver's numbers", "[atol web]")
{
    struct Row {
        const char* json;
        int code;
    };
    const Row row =
        GENERATE(Row{R"("none")", 6}, Row{R"("vat0")", 5}, Row{R"("vat10")", 2}, Row{R"("vat110")", 4},
                 Row{R"("vat20")", 1}, Row{R"("vat120")", 3}, Row{R"("vat5")", 7}, Row{R"("vat105")", 9},
                 Row{R"("vat7")", 8}, Row{R"("vat107")", 10}, Row{R"("vat22")", 11}, Row{R"("vat122")", 12},
                 Row{R"("20")", 1}, Row{"10", 2}, Row{"6", 6}, Row{"7", 1});
    const auto made = request(sale_with(R"(,"tax":{"type":)" + std::string(row.json) + "}"));
    CHECK(made.receipt->positions[0].item.vat_rate == std::uint8_t(row.code));
}

TEST_CASE("a rate that is none any more, and what is no rate, are told with those that are", "[atol web]")
{
    const std::string rate = GENERATE("vat18", "НДС", "99");
    const TaskFault why = fault(sale_with(R"(,"tax":{"type":")" + rate + R"("})"));
    CHECK(why.code == error::bad_data);
    CHECK(why.path == "request[0].items[0].tax.type");
    CHECK_THAT(why.text, Catch::Contains(rate) && Catch::Contains("vat20"));
}

TEST_CASE("units are words, codes and what people write", "[atol web]")
{
    struct Row {
        const char* json;
        std::optional<std::uint8_t> code;
        const char* text;
    };
    const Row row = GENERATE(Row{R"("piece")", 0, ""}, Row{R"("kilogram")", 11, ""}, Row{"11", 11, ""},
                             Row{R"("41")", 41, ""}, Row{R"("шт")", 0, "шт"}, Row{R"("кг")", 11, "кг"},
                             Row{R"("упак.")", std::nullopt, "упак."}, Row{R"("")", std::nullopt, ""});
    const auto made = request(sale_with(R"(,"measurementUnit":)" + std::string(row.json)));
    CHECK(made.receipt->positions[0].item.unit == row.code);
    CHECK(made.receipt->positions[0].item.unit_text == row.text);
}

TEST_CASE("what a position has besides is taken over", "[atol web]")
{
    const auto made = request(sale_with(R"(,"department":3,"paymentMethod":"advance","paymentObject":"33",
        "additionalAttribute":"по заказу 7","exciseSum":1.25,"countryCode":643,"customsDeclaration":"10/2",
        "supplierInfo":{"vatin":"7707083893","name":"Поставщик","phones":["+74951234567"]},
        "agentInfo":{"agents":["commissionAgent","attorney"],"payingAgent":{"operation":"Приём",
            "phones":["84951234567"]}},
        "imcParams":{"imcType":"auto","imc":"MDEwNDYwMDI2NjAxMTcyMjIxSjYpY1o=","itemEstimatedStatus":"itemDryForSale",
            "itemFractionalAmount":"1/2"})"));
    const auto& position = made.receipt->positions[0];
    CHECK(position.department == 3);
    CHECK(position.item.payment_method == std::uint8_t{3});
    CHECK(position.item.item_kind == std::uint8_t{33});
    CHECK(position.item.extra == "по заказу 7");
    CHECK(position.item.excise == Kopecks{125});
    CHECK(position.item.country == "643");
    CHECK(position.item.customs_declaration == "10/2");
    CHECK(position.item.supplier_inn == "7707083893");
    CHECK(position.item.supplier->phones == std::vector<std::string>{"+74951234567"});
    CHECK(position.item.agent_flags == std::uint32_t{48});
    CHECK(position.item.agent->agent_phones == std::vector<std::string>{"+74951234567"});
    REQUIRE(position.marking);
    CHECK(position.marking->code == "010460026601172221J6)cZ");
    CHECK(position.marking->planned_status == 2);
    CHECK(position.item.fraction->denominator == std::uint64_t{2});
}

TEST_CASE("the supplier of the whole receipt is that of positions without one", "[atol web]")
{
    const auto made = request(R"({"type":"sell","supplierInfo":{"vatin":"7707083893","name":"Общий"},
        "agentInfo":{"agents":["another"]},"items":[
        {"type":"position","name":"А","price":1,"quantity":1,"tax":{"type":"none"}},
        {"type":"position","name":"Б","price":1,"quantity":1,"tax":{"type":"none"},
         "supplierInfo":{"vatin":"500100732259"}}]})");
    CHECK(made.receipt->positions[0].item.supplier_inn == "7707083893");
    CHECK(made.receipt->positions[0].item.supplier->name == "Общий");
    CHECK(made.receipt->positions[1].item.supplier_inn == "500100732259");
    CHECK_FALSE(made.receipt->positions[1].item.supplier);
    CHECK(made.receipt->receipt.agent_flags == std::uint32_t{64});
}

TEST_CASE("lines around a receipt are printed, pictures are left out", "[atol web]")
{
    const auto made = request(R"({"type":"sell",
        "preItems":[{"type":"text","text":"Заказ 5\nСтол 7","alignment":"center","doubleWidth":true},
                    {"type":"pictureFromMemory","pictureNumber":1}],
        "items":[{"type":"text","text":"перед"},{"type":"position","name":"Чай","price":1,"quantity":1,
                  "tax":{"type":"none"}},{"type":"barcode","barcode":"4600000000008","barcodeType":"EAN13"},
                 {"type":"userAttribute","name":"Заказ","value":"5"},
                 {"type":"additionalAttribute","value":"внутренний 5","print":true}],
        "postItems":[{"type":"barcode","barcode":"https://a.ru","barcodeType":"QR","alignment":"center"},
                     {"type":"barcode","barcode":"0123","barcodeType":"ITF"},{"type":"text"}]})");
    using Kind = fiscal::PrintItem::Kind;
    const auto& before = made.receipt->before;
    REQUIRE(before.size() == 3);
    CHECK(before[0].text == "Заказ 5");
    CHECK(before[1].text == "Стол 7");
    CHECK(before[1].wide);
    CHECK(before[1].align == fiscal::PrintItem::Align::center);
    CHECK(before[2].text == "перед");
    const auto& after = made.receipt->after;
    REQUIRE(after.size() == 4);
    CHECK(after[0].kind == Kind::barcode);
    CHECK(after[1].kind == Kind::qr);
    CHECK(after[2].kind == Kind::text); // no register here prints it as a bar code
    CHECK(after[2].text == "0123");
    CHECK(after[3].text.empty());
    CHECK(made.receipt->receipt.user_attribute->value == "5");
    CHECK(made.receipt->receipt.extra == "внутренний 5");
}

TEST_CASE("texts are cleaned of what no receipt can have", "[atol web]")
{
    const auto made = request(sale_with(R"(,"name":" «Чай»\t— чёрный\n ")"));
    CHECK(made.receipt->positions[0].item.name == "\"Чай\" - чёрный");
}

TEST_CASE("the other tasks become their kinds", "[atol web]")
{
    using fiscal::RequestKind;
    struct Row {
        const char* json;
        RequestKind kind;
    };
    const Row row = GENERATE(
        Row{R"({"type":"openShift"})", RequestKind::shift_open},
        Row{R"({"type":"closeShift"})", RequestKind::shift_close},
        Row{R"({"type":"reportX"})", RequestKind::x_report},
        Row{R"({"type":"reportOfdExchangeStatus"})", RequestKind::state_report},
        Row{R"({"type":"cashIn","cashSum":100.5})", RequestKind::cash_in},
        Row{R"({"type":"cashOut","cashSum":100})", RequestKind::cash_out},
        Row{R"({"type":"nonFiscal","items":[{"type":"text","text":"а"}]})", RequestKind::text},
        Row{R"({"type":"printFnDocument","fiscalDocumentNumber":7})", RequestKind::copy},
        Row{R"({"type":"openCashDrawer"})", RequestKind::cash_drawer},
        Row{R"({"type":"setDateTime","dateTime":"2024-03-01T09:15:00+03:00"})", RequestKind::set_time},
        Row{R"({"type":"continuePrint"})", RequestKind::continue_printing});
    const auto made = request(row.json);
    CHECK(made.kind == row.kind);
    if (made.kind == RequestKind::cash_in)
        CHECK(made.sum == Kopecks{10050});
    if (made.kind == RequestKind::copy)
        CHECK(made.fd_number == 7);
    if (made.kind == RequestKind::set_time)
        CHECK(to_text(*made.time) == "2024-03-01T09:15:00");
}

TEST_CASE("what no task is, and what is missing in one, is told with its place", "[atol web]")
{
    struct Row {
        const char* json;
        int code;
        const char* path;
    };
    const Row row = GENERATE(
        Row{R"({"type":"beginMarkingCodeValidation"})", error::unsupported, "request[0].type"},
        Row{R"({"type":"registration"})", error::unsupported, "request[0].type"},
        Row{R"({"items":[]})", error::bad_data, "request[0].type"}, Row{"[]", error::bad_data, "request[0]"},
        Row{"5", error::bad_data, "request[0]"},
        Row{R"({"type":"cashIn"})", error::bad_data, "request[0].cashSum"},
        Row{R"({"type":"cashIn","cashSum":"много"})", error::bad_data, "request[0].cashSum"},
        Row{R"({"type":"cashIn","cashSum":1e300})", error::bad_data, "request[0].cashSum"},
        Row{R"({"type":"nonFiscal","items":[{"type":"pixels"}]})", error::bad_data, "request[0].items"},
        Row{R"({"type":"printFnDocument"})", error::bad_data, "request[0].fiscalDocumentNumber"},
        Row{R"({"type":"getFnDocument","fiscalDocumentNumber":-1})", error::bad_data,
            "request[0].fiscalDocumentNumber"},
        Row{R"({"type":"sell","items":{"type":"position","price":"x"}})", error::bad_data,
            "request[0].items.price"},
        Row{R"({"type":"sell","items":[{"type":"wheel"}]})", error::unsupported, "request[0].items[0].type"},
        Row{R"({"type":"sell","items":[1]})", error::bad_data, "request[0].items[0]"},
        Row{R"({"type":"sell","payments":[{"sum":1}]})", error::bad_data, "request[0].payments[0].type"},
        Row{R"({"type":"sell","payments":[{"type":"gold","sum":1}]})", error::bad_data,
            "request[0].payments[0].type"},
        Row{R"({"type":"sell","electronically":"yes"})", error::bad_data, "request[0].electronically"},
        Row{R"({"type":"sell","operator":"Иванова"})", error::bad_data, "request[0].operator"},
        Row{R"({"type":"setDateTime","dateTime":"вчера"})", error::bad_data, "request[0].dateTime"});
    INFO(row.json);
    const TaskFault why = fault(row.json);
    CHECK(why.code == row.code);
    CHECK(why.path == row.path);
    CHECK_FALSE(why.text.empty());
}

TEST_CASE("a request has one fiscal task at most, and no copy of the receipt it makes", "[atol web]")
{
    const json sell = json::parse(sale_with(""));
    const json open = {{"type", "openShift"}};
    const json text = json::parse(R"({"type":"nonFiscal","items":[{"type":"text","text":"а"}]})");
    const auto tasks = [](std::initializer_list<json> list) { return read_tasks(std::vector<json>(list)); };
    CHECK(tasks({text, sell, text}).has_value());
    const auto two = tasks({open, sell});
    REQUIRE_FALSE(two);
    CHECK(two.error().fault.code == error::bad_data);
    const json copies = {{"type", "printLastReceiptCopy"}};
    const auto copy = tasks({sell, copies});
    REQUIRE_FALSE(copy);
    CHECK(copy.error().index == 1);
    CHECK(copy.error().fault.code == error::unsupported);
    CHECK(tasks({copies}).has_value());
}

TEST_CASE("an envelope is an object with a uuid of any form and one task or several", "[atol web]")
{
    const auto one = read_envelope("\xEF\xBB\xBF"
                                   R"({"uuid":"a","request":{"type":"reportX"},"deviceID":7})");
    REQUIRE(one);
    CHECK(one->tasks.size() == 1);
    CHECK(one->device_id == "7");
    const auto two = read_envelope(R"({"uuid":"касса 1/2","request":[{"type":"a"},{"type":"b"}]})");
    REQUIRE(two);
    CHECK(two->tasks.size() == 2);
    CHECK(two->device_id.empty());
    for (const std::string body :
         {"", "{oops", "[]", "5", R"({"uuid":"a"})", R"({"uuid":"a","request":[]})",
          R"({"uuid":"a","request":{}})", R"({"uuid":"a","request":null})",
          R"({"uuid":"a","request":"sell"})", R"({"uuid":"","request":{"type":"a"}})",
          R"({"uuid":7,"request":{"type":"a"}})", R"({"request":{"type":"a"}})",
          "{\"uuid\":\"\xFF\",\"request\":{\"type\":\"a\"}}"}) {
        INFO(body);
        const auto refused = read_envelope(body);
        REQUIRE_FALSE(refused);
        CHECK_FALSE(refused.error().empty());
    }
    CHECK_FALSE(read_envelope(R"({"uuid":")" + std::string(121, 'u') + R"(","request":{"type":"a"}})"));
    CHECK_FALSE(read_envelope(std::string(100, '[')));
}

TEST_CASE("a plan is read as it was written", "[atol web]")
{
    const std::vector<TaskPlan> plan{{"sell", std::nullopt, 0, false, true},
                                     {"getFnDocument", Reading::fn_document, 7, true, true},
                                     {"getLastFiscalParams", Reading::last_fiscal_params, 0, false, false}};
    const auto read = plan_from_json(plan_to_json(plan));
    REQUIRE(read);
    REQUIRE(read->size() == 3);
    for (std::size_t i = 0; i < plan.size(); ++i) {
        CHECK((*read)[i].type == plan[i].type);
        CHECK((*read)[i].reading == plan[i].reading);
        CHECK((*read)[i].fd_number == plan[i].fd_number);
        CHECK((*read)[i].raw == plan[i].raw);
        CHECK((*read)[i].for_receipt == plan[i].for_receipt);
    }
    CHECK_FALSE(plan_from_json("").has_value());
    CHECK_FALSE(plan_from_json(R"({"tasks":[{"type":5}]})").has_value());
}
