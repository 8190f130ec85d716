#include "request_support.hpp"

#include "protocol/core/json_strict.hpp"
#include "protocol/fiscal/request_json.hpp"
#include "protocol/fiscal/request_words.hpp"
#include "tests/support/fixtures.hpp"

#include <nlohmann/json.hpp>

#include <functional>

using namespace kb;
using namespace kb::fiscal;
using namespace kb::test;

namespace {

Request read(std::string_view json)
{
    const auto request = request_from_json(json);
    INFO(json);
    INFO((request ? "" : request.error().context));
    REQUIRE(request);
    return *request;
}

std::string canonical(std::string_view json) { return request_to_json(read(json)); }

/// A sale whose position, and whose other members, are as given.
std::string sale_of(const std::string& item, const std::string& more = "")
{
    return R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":1,"quantity":1,"vat":"none")" +
           (item.empty() ? "" : "," + item) + "}]" + (more.empty() ? "" : "," + more) + "}";
}

} // namespace

TEST_CASE("every member of a receipt is read to its place", "[fiscal][request]")
{
    const Request request = read(read_fixture("requests/everything.json"));
    CHECK(request.kind == RequestKind::receipt);
    CHECK(request.cashier == "Иванова А.А.");
    CHECK(request.cashier_inn == "500100732259");
    const ReceiptRequest& asked = *request.receipt;
    CHECK(asked.operation == Operation::sell_return);
    CHECK(asked.correction);
    CHECK(asked.total == Kopecks{30000});
    CHECK(asked.electronic_only);

    const Receipt& receipt = asked.receipt;
    CHECK(receipt.correction_type == std::uint8_t{1});
    CHECK(receipt.correction_basis ==
          CorrectionBasis{"Акт", local_from_text("2026-11-01T00:00:00").value(), "12-34/5"});
    CHECK(receipt.tax_system == 4U);
    CHECK(receipt.payments ==
          Payments{Kopecks{10000}, Kopecks{5000}, Kopecks{5000}, Kopecks{5000}, Kopecks{5000}});
    CHECK(receipt.buyer_contact == "+79161234567");
    CHECK(receipt.buyer ==
          Buyer{"Петров П.П.", "500100732259", "01.02.1990", "643", "21", "4510 123456", "Тверь"});
    CHECK(receipt.internet_payment == true);
    CHECK(receipt.address == "Тверь, ул. Новая, 2");
    CHECK(receipt.place == "курьер");
    CHECK(receipt.machine_number == "0042");
    CHECK(receipt.sender_email == "shop@example.ru");
    CHECK(receipt.extra == "доп");
    CHECK(receipt.user_attribute == UserAttribute{"Заказ", "42"});
    CHECK(receipt.operational ==
          OperationalAttribute{local_from_text("2026-11-01T09:00:00").value(), 7, "ORDER-42"});
    CHECK(receipt.industry == std::vector<IndustryAttribute>{{"030", "21.11.2023", "1944", "UUID=1&Time=2"}});
    CHECK(receipt.agent_flags == 64U);
    CHECK(receipt.agent.operation == "оплата");
    CHECK(receipt.supplier_phones == std::vector<std::string>{"+74951234567"});

    REQUIRE(asked.positions.size() == 1);
    const Position& position = asked.positions[0];
    const Item& item = position.item;
    CHECK(item.name == "Сыр \"Тильзитер\"");
    CHECK(item.price == Kopecks{59600});
    CHECK(item.quantity == Quantity::units(1));
    CHECK(item.unit == std::uint8_t{0});
    CHECK(item.unit_text == "шт.");
    CHECK(item.sum == Kopecks{30000});
    CHECK(item.vat_rate == std::uint8_t{7});
    CHECK(item.vat_sum == Kopecks{1429});
    CHECK(item.payment_method == std::uint8_t{5});
    CHECK(item.item_kind == std::uint8_t{33});
    CHECK(position.department == 2);
    CHECK(position.marking == Marking{"0104600439931256215Abc\x1D"
                                      "93dGVz",
                                      4});
    CHECK(item.fraction == Fraction{"", 1, 2});
    CHECK(to_hex(item.product_code) == "444D0123");
    CHECK(item.agent_flags == 33U);
    CHECK(item.agent == Agent{{"+74951234561"},
                              "перевод",
                              {"+74951234562", "+74951234563"},
                              {"+74951234564"},
                              "Банк",
                              "Москва",
                              "7707000008"});
    CHECK(item.supplier == Supplier{{"+74951234565"}, "ООО"});
    CHECK(item.supplier_inn == "5000000017");
    CHECK(item.excise == Kopecks{150});
    CHECK(item.country == "643");
    CHECK(item.customs_declaration == "10702020/060520/0013422");
    CHECK(item.extra == "партия 7");
    CHECK(item.industry == std::vector<IndustryAttribute>{{"020", "22.11.2023", "1945", "x"}});

    REQUIRE(asked.before.size() == 3);
    CHECK(asked.before[0] ==
          PrintItem{PrintItem::Kind::text, "Спасибо", PrintItem::Align::center, true, "EAN13"});
    CHECK(asked.before[1] ==
          PrintItem{PrintItem::Kind::qr, "https://example.org", PrintItem::Align::left, false, "EAN13"});
    CHECK(asked.before[2] ==
          PrintItem{PrintItem::Kind::barcode, "96385074", PrintItem::Align::right, false, "EAN8"});
    CHECK(asked.after == std::vector<PrintItem>{PrintItem{}});
}

TEST_CASE("the canonical form of everything is the fixture on one line", "[fiscal][request]")
{
    const std::string fixture = read_fixture("requests/everything.json");
    // The fixture is written in canonical order and spelling, but for white space.
    CHECK(canonical(fixture) == nlohmann::ordered_json::parse(fixture).dump());
}

TEST_CASE("equal requests have one canonical form", "[fiscal][request]")
{
    const std::string form =
        R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":"12.50","quantity":"1.5",)"
        R"("unit":"kilogram","sum":"18.75","vat":"vat20","payment_method":"full_payment","item_kind":"goods"}],)"
        R"("payments":{"cash":"18.75"}})";
    for (
        const char* json :
        {R"({"kind":"receipt","operation":"sell","items":[{"name":"Чай","price":12.5,"quantity":1.5,"unit":11,"vat":"vat20"}]})",
         R"({"items":[{"vat":"vat20","quantity":"1.500","price":"12.5","unit":"kilogram","name":"\u0427\u0430\u0439"}],)"
         R"("operation":"sell","kind":"receipt"})",
         R"({"kind":"receipt","operation":"sell","cashier":"","total":null,"payments":{"cash":18.75,"electronic":0},)"
         R"("electronic_only":false,"buyer":{},"items":[{"name":"Чай","price":1250e-2,"quantity":15e-1,"unit":11,)"
         R"("sum":"18.750","vat":"vat20","item_kind":1,"payment_method":"full_payment","department":1,"agent_flags":[],)"
         R"("agent":{},"industry":[]}]})"})
        CHECK(canonical(json) == form);
    CHECK(canonical(form) == form);
}

TEST_CASE("the other kinds have their own members", "[fiscal][request]")
{
    const auto same = [](const std::string& json) { return canonical(json) == json; };
    CHECK(same(R"({"kind":"shift_open","cashier":"Иванова А.А.","cashier_inn":"500100732259"})"));
    CHECK(same(R"({"kind":"shift_close"})"));
    CHECK(same(R"({"kind":"x_report"})"));
    CHECK(same(R"({"kind":"state_report"})"));
    CHECK(same(R"({"kind":"cash_in","sum":"100.00"})"));
    CHECK(same(R"({"kind":"cash_out","cashier":"Иванова А.А.","sum":"0.01"})"));
    CHECK(same(R"({"kind":"copy","fd_number":17})"));
    CHECK(same(R"({"kind":"text","lines":[{"text":""},{"text":"раз","wide":true,"align":"right"}]})"));
    CHECK(same(R"({"kind":"cash_drawer"})"));
    CHECK(same(R"({"kind":"beep"})"));
    CHECK(same(R"({"kind":"cut"})"));
    CHECK(same(R"({"kind":"set_time","time":"2026-11-01T09:00:00"})"));
    CHECK(same(R"({"kind":"set_time"})"));
    CHECK(same(R"({"kind":"known_state"})"));
    CHECK(same(R"({"kind":"continue_printing"})"));
    CHECK(read(R"({"kind":"cash_in","sum":100})").sum == Kopecks{10000});
    CHECK(read(R"({"kind":"copy","fd_number":17})").fd_number == 17);
}

TEST_CASE("money and quantities are read digit by digit", "[fiscal][request]")
{
    const auto price = [](const std::string& digits) {
        const Request request = read(sale_of(R"("sum":1,"vat_sum":)" + digits));
        return request.receipt->positions[0].item.vat_sum->count();
    };
    CHECK(price("0.1") == 10);
    CHECK(price("0.29") == 29); // 28.999… in binary
    CHECK(price("1.005e2") == 10050);
    CHECK(price("4.35") == 435);
    CHECK(price("9999999999999.99") == 999'999'999'999'999);
    CHECK(price("\"92233720368547758.07\"") == INT64_MAX);
    CHECK(price("-0.05") == -5);
    CHECK(price("\"007.5\"") == 750);
    CHECK(price("\"7.500\"") == 750);
    CHECK(price("1e3") == 100'000);
    const auto quantity = [](const std::string& digits) {
        const std::string json =
            R"({"kind":"receipt","operation":"sell","items":[{"price":0,"quantity":)" + digits + "}]}";
        return read(json).receipt->positions[0].item.quantity->millionths();
    };
    CHECK(quantity("0.000001") == 1); // a number that is written with an exponent again
    CHECK(quantity("1e-6") == 1);
    CHECK(quantity("0.3") == 300'000);
    CHECK(quantity("\"1.2500000\"") == 1'250'000);
    CHECK(quantity("12345678.123456") == 12'345'678'123'456);
}

TEST_CASE("what cannot be read names its path, the reason and a cure", "[fiscal][request]")
{
    struct Bad {
        std::string json;
        Errc code;
        std::string context;
    };
    const std::vector<Bad> table{
        {"", Errc::bad_json, "request: "},
        {"[]", Errc::bad_json, "request: not an object; "},
        {"{", Errc::bad_json, "request: not JSON at byte "},
        {R"({"kind":"receipt"}x)", Errc::bad_json, "request: not JSON at byte "},
        {R"({"kind":"x_report","cashier":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{}}}}}}}}})", Errc::bad_json,
         "request: nested deeper than 8 levels; "},
        {"{\"kind\":\"x_report\",\"cashier\":\"\xFF\"}", Errc::bad_json, "request: not JSON at byte "},
        {"{}", Errc::bad_json, "kind: missing; "},
        {R"({"kind":5})", Errc::bad_json, "kind: not a text; "},
        {R"({"kind":"recepit"})", Errc::bad_value,
         R"(kind: "recepit" is no word for it; the nearest one is "receipt")"},
        {R"({"kind":"receipt"})", Errc::bad_json, "operation: missing; "},
        {R"({"kind":"receipt","operation":"sel"})", Errc::bad_value,
         R"(operation: "sel" is no word for it; the nearest one is "sell")"},
        {R"({"kind":"receipt","operation":"sell","itms":[]})", Errc::bad_value,
         R"(itms: nobody knows this member; the nearest one is "items")"},
        {R"({"kind":"shift_open","items":[]})", Errc::bad_value, "items: nobody knows this member; "},
        {sale_of(R"("vta_sum":1)"), Errc::bad_value,
         R"(items[0].vta_sum: nobody knows this member; the nearest one is "vat_sum")"},
        {sale_of(R"("marking":{"kod":"1"})"), Errc::bad_value,
         R"(items[0].marking.kod: nobody knows this member; the nearest one is "code")"},
        {R"({"kind":"cash_in","sum":1,"sum":2})", Errc::bad_json, "sum: there twice; "},
        {sale_of(R"("name":"Кофе")"), Errc::bad_json, "items[0].name: there twice; "},
        {sale_of(R"("sum":"1,50")"), Errc::bad_value, R"(items[0].sum: "1,50" is not a sum in rubles; )"},
        {sale_of(R"("sum":"")"), Errc::bad_value, R"(items[0].sum: "" is not a sum in rubles; )"},
        {sale_of(R"("sum":"1.")"), Errc::bad_value, R"(items[0].sum: "1." is not a sum in rubles; )"},
        {sale_of(R"("sum":"+1")"), Errc::bad_value, R"(items[0].sum: "+1" is not a sum in rubles; )"},
        {sale_of(R"("sum":true)"), Errc::bad_json, "items[0].sum: not a sum in rubles; "},
        {sale_of(R"("sum":1.005)"), Errc::not_representable,
         R"(items[0].sum: "1.005" has more than 2 decimals; )"},
        {sale_of(R"("sum":1e-3)"), Errc::not_representable,
         R"(items[0].sum: "0.001" has more than 2 decimals; )"},
        {sale_of(R"("sum":0.1000000000000001)"), Errc::not_representable,
         "items[0].sum: more digits than a JSON number keeps; "},
        {sale_of(R"("sum":90071992547409.93)"), Errc::not_representable,
         "items[0].sum: more digits than a JSON number keeps; "},
        {sale_of(R"("sum":"92233720368547758.08")"), Errc::overflow,
         R"(items[0].sum: "92233720368547758.08" is beyond any money; )"},
        {sale_of(R"("sum":1e300)"), Errc::bad_value, R"(items[0].sum: "1e+300" is not a sum in rubles; )"},
        {R"({"kind":"receipt","operation":"sell","items":[{"quantity":"0.0000001"}]})",
         Errc::not_representable, R"(items[0].quantity: "0.0000001" has more than 6 decimals; )"},
        {R"({"kind":"receipt","operation":"sell","items":[{"price":"92233720368547758.07","quantity":2}]})",
         Errc::overflow, "items[0].sum: price x quantity is beyond any money; "},
        {sale_of(R"("department":256)"), Errc::bad_value, "items[0].department: 256 is outside 0..255; "},
        {sale_of(R"("department":-1)"), Errc::bad_value, "items[0].department: -1 is outside 0..255; "},
        {sale_of(R"("department":1.0)"), Errc::bad_json, "items[0].department: not a whole number; "},
        {sale_of(R"("department":"1")"), Errc::bad_json, "items[0].department: not a whole number; "},
        {sale_of(R"("unit":"kg")"), Errc::bad_value, R"(items[0].unit: "kg" is no word for it; )"},
        {sale_of(R"("unit":256)"), Errc::bad_value, "items[0].unit: 256 is outside 0..255; "},
        {sale_of(R"("item_kind":null,"payment_method":4)"), Errc::bad_json,
         "items[0].payment_method: not a text; "},
        {sale_of(R"("agent_flags":["agent","agnet"])"), Errc::bad_value,
         R"(items[0].agent_flags[1]: "agnet" is no word for it; the nearest one is "agent")"},
        {sale_of(R"("agent_flags":"agent")"), Errc::bad_json, "items[0].agent_flags: not a list; "},
        {sale_of(R"("supplier":{"phones":["+7",8]})"), Errc::bad_json,
         "items[0].supplier.phones[1]: not a text"},
        {sale_of(R"("supplier":"ООО")"), Errc::bad_json, "items[0].supplier: not an object; "},
        {sale_of(R"("product_code":"44 4G")"), Errc::bad_value,
         R"(items[0].product_code: "44 4G" is no hex; )"},
        {sale_of(R"("marking":{"code":"1","planned_status":0})"), Errc::bad_value,
         "items[0].marking.planned_status: 0 is outside 1..255; "},
        {sale_of("", R"("total":"всё")"), Errc::bad_value, R"(total: "всё" is not a sum in rubles; )"},
        {sale_of("", R"("electronic_only":"true")"), Errc::bad_json,
         "electronic_only: neither true nor false; "},
        {sale_of("", R"("tax_system":1)"), Errc::bad_json, "tax_system: not a text; "},
        {sale_of("", R"("correction":{"date":"2026-11-31"})"), Errc::bad_value,
         R"(correction.date: "2026-11-31" is no day; )"},
        {sale_of("", R"("correction":{"date":"01.11.2026"})"), Errc::bad_value,
         R"(correction.date: "01.11.2026" is no day; )"},
        {sale_of("", R"("operational":{"time":"2026-11-01"})"), Errc::bad_value,
         R"(operational.time: "2026-11-01" is no time; )"},
        {sale_of("", R"("before":[{"text":"a"},{}])"), Errc::bad_json, "before[1].text: missing; "},
        {sale_of("", R"("before":["a"])"), Errc::bad_json, "before[0]: not an object; "},
        {sale_of("", R"("before":[{"text":"a","qr":"b"}])"), Errc::bad_value,
         "before[0].text: nobody knows "},
        {sale_of("", R"("after":[{"qr":"a","type":"EAN8"}])"), Errc::bad_value,
         "after[0].type: nobody knows "},
        {R"({"kind":"copy","fd_number":4294967296})", Errc::bad_value, "fd_number: 4294967296 is outside "},
        {R"({"kind":"set_time","time":"2026-11-01T25:00:00"})", Errc::bad_value, "time: "},
        {R"({"kind":"text","lines":[)" +
             [] {
                 std::string lines = "{\"text\":\"\"}";
                 for (int i = 0; i < 500; ++i)
                     lines += ",{\"text\":\"\"}";
                 return lines;
             }() +
             "]}",
         Errc::too_many, "lines: 501 elements, at most 500 are taken; "},
        {R"({"kind":"x_report","cashier":")" + std::string(1001, 'a') + "\"}", Errc::too_many,
         "cashier: 1001 bytes, at most 1000 are taken; "},
        {std::string(1'000'001, ' '), Errc::too_many, "request: 1000001 bytes, at most 1000000 are taken; "},
    };
    for (const Bad& bad : table) {
        INFO(bad.json.substr(0, 300));
        const auto request = request_from_json(bad.json);
        REQUIRE_FALSE(request);
        INFO(request.error().context);
        CHECK(request.error().code == bad.code);
        CHECK(request.error().outcome == Outcome::not_done);
        CHECK_THAT(request.error().context, Catch::StartsWith(bad.context));
        CHECK_THAT(request.error().context, Catch::Contains("; "));
    }
}

TEST_CASE("a word of the caller is told in one line and not in the middle of a character",
          "[fiscal][request]")
{
    const auto long_name = request_from_json("{\"kind\":\"x_report\",\"" + letters(100) + "\":1}");
    REQUIRE_FALSE(long_name);
    CHECK_THAT(long_name.error().context, Catch::StartsWith(letters(32) + ": nobody knows"));
    const auto of_lines = request_from_json("{\"kind\":\"x_report\",\"a\\nb\":1}");
    REQUIRE_FALSE(of_lines);
    CHECK_THAT(of_lines.error().context, Catch::StartsWith("a?b: nobody knows"));
}

TEST_CASE("JSON that reads in one way is told from JSON that does not", "[core]")
{
    CHECK(reads_in_one_way(R"({"a":[1,{"b":2},{"b":3}],"b":"a","c":{"a":null}})"));
    CHECK(reads_in_one_way(R"([123456789012345678, 1.00000000000000000, 0.00000000000000000001, 1e300])"));
    CHECK(reads_in_one_way("7"));
    const auto twice = reads_in_one_way(R"({"a":[0,{"b":1,"b":2}]})");
    REQUIRE_FALSE(twice);
    CHECK(twice.error().context == "a[1].b: there twice; leave one of them out");
    const auto digits = reads_in_one_way(R"({"a":[[1.5],[2.5,1234567890.123456]]})");
    REQUIRE_FALSE(digits);
    CHECK(digits.error().code == Errc::not_representable);
    CHECK_THAT(digits.error().context, Catch::StartsWith("a[1][1]: "));
}

TEST_CASE("the words and members of requests are in their description", "[fiscal][request]")
{
    const std::string description = read_fixture("../../docs/local-api.md");
    const auto check_is_there = [&](std::string_view word) {
        INFO(word);
        CHECK_THAT(description, Catch::Contains('`' + std::string(word) + '`') ||
                                    Catch::Contains('.' + std::string(word) + '`') ||
                                    Catch::Contains('"' + std::string(word) + "\":"));
    };
    for (const Words table : {Words(words::kKinds), Words(words::kAligns), Words(words::kOperations),
                              Words(words::kCorrectionTypes), Words(words::kTaxSystems),
                              Words(words::kVatRates), Words(words::kPaymentMethods),
                              Words(words::kItemKinds), Words(words::kUnits), Words(words::kAgents)})
        for (const Word& word : table)
            check_is_there(word.word);
    const std::function<void(const nlohmann::json&)> check_members = [&](const nlohmann::json& value) {
        if (value.is_object())
            for (const auto& member : value.items())
                check_is_there(member.key());
        if (value.is_structured())
            for (const auto& inner : value)
                check_members(inner);
    };
    check_members(nlohmann::json::parse(read_fixture("requests/everything.json")));
}
