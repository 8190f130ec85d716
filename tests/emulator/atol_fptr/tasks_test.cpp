// Requests as tasks of the library, against tasks.txt (its head tells where they are from), and what is read
// out of its answers.
#include "drivers/atol_fptr/task_parts.hpp"
#include "drivers/atol_fptr/tasks.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>

using namespace kb;
using namespace kb::atol_fptr;
using Catch::Matchers::Contains;
using fiscal::FfdVersion;
using fiscal::PrintItem;
using fiscal::RequestKind;

namespace {

/// The tasks of the fixture by their names.
const std::map<std::string, nlohmann::json>& fixture()
{
    static const auto all = [] {
        std::map<std::string, std::string> texts;
        std::istringstream lines(test::read_fixture("atol_fptr/tasks.txt"));
        std::string name;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("== ")) {
                name = line.substr(3);
            } else if (!line.starts_with("#")) {
                texts[name] += line + "\n";
            }
        }
        texts.erase("");
        std::map<std::string, nlohmann::json> tasks;
        for (const auto& [key, text] : texts) {
            tasks[key] = nlohmann::json::parse(text);
        }
        return tasks;
    }();
    return all;
}

void check_task(const std::string& name, const fiscal::Request& request, FfdVersion ffd = FfdVersion::v1_2,
                std::vector<fiscal::MarkCheck> marks = {})
{
    INFO(name);
    TaskFacts facts;
    facts.ffd = ffd;
    facts.marks = std::move(marks);
    const auto task = task_of(request, facts);
    INFO((task ? task->json : task.error().message()));
    REQUIRE(task);
    const auto expected = fixture().find(name);
    REQUIRE(expected != fixture().end());
    const auto made = nlohmann::json::parse(task->json);
    CHECK(made == expected->second);
    CHECK(nlohmann::json::diff(expected->second, made) == nlohmann::json::array());
    CHECK(task->name == made["type"]);
    CHECK(task->at_most >= kLongestTask);
}

fiscal::Position position_of(const std::string& name, std::int64_t price, Quantity quantity, std::int64_t sum,
                             std::uint8_t vat)
{
    fiscal::Position one;
    one.item.name = name;
    one.item.price = Kopecks{price};
    one.item.quantity = quantity;
    one.item.sum = Kopecks{sum};
    one.item.vat_rate = vat;
    one.item.payment_method = 4;
    one.item.item_kind = 1;
    return one;
}

fiscal::Request receipt_of(std::vector<fiscal::Position> positions)
{
    fiscal::Request request;
    request.receipt.emplace();
    request.receipt->positions = std::move(positions);
    return request;
}

fiscal::Request by_cashier(RequestKind kind)
{
    fiscal::Request request;
    request.kind = kind;
    request.cashier = "Иванова А.А.";
    request.cashier_inn = "500100732259";
    return request;
}

fiscal::Position full_position()
{
    fiscal::Position apples =
        position_of("Яблоки \"Антоновка\"", 9'990, Quantity::from_millionths(1'250'000), 12'488, 10);
    fiscal::Item& item = apples.item;
    apples.department = 3;
    item.unit = 11;
    item.vat_sum = Kopecks{817};
    item.payment_method = 3;
    item.item_kind = 30;
    item.agent_flags = 4 | 32;
    item.agent.emplace();
    item.agent->operation = "Платёж";
    item.agent->agent_phones = {"+74950000001"};
    item.agent->payment_operator_phones = {"+74950000002"};
    item.agent->transfer_operator_phones = {"+74950000003"};
    item.agent->transfer_operator_name = "Банк";
    item.agent->transfer_operator_address = "Казань";
    item.agent->transfer_operator_inn = "7707083893";
    item.supplier.emplace();
    item.supplier->phones = {"+74950000004"};
    item.supplier->name = "ООО Сад";
    item.supplier_inn = "7707083893";
    item.industry = {{"020", "31.12.2025", "9", "x"}};
    item.excise = Kopecks{1'205};
    item.country = "643";
    item.customs_declaration = "10702030/060520/0013422";
    item.extra = "сорт 1";
    return apples;
}

fiscal::Request full_sale()
{
    fiscal::Request request = by_cashier(RequestKind::receipt);
    request.receipt.emplace();
    request.receipt->positions = {full_position()};
    request.receipt->total = Kopecks{12'450};
    fiscal::Receipt& receipt = request.receipt->receipt;
    receipt.tax_system = 2;
    receipt.buyer_contact = "+79161234567";
    receipt.buyer =
        fiscal::Buyer{"Петров Пётр", "500100732259", "01.02.1990", "643", "21", "4500 123456", "Москва"};
    receipt.internet_payment = true;
    receipt.sender_email = "shop@example.org";
    receipt.place = "https://shop.example";
    receipt.address = "Москва, ул. Тестовая, 1";
    receipt.machine_number = "A-17";
    receipt.industry = {{"030", "01.03.2026", "123", "ид1=знач1"}};
    receipt.operational.emplace();
    receipt.operational->time = *local_from_text("2026-03-25T14:05:00");
    receipt.operational->id = std::uint8_t{7};
    receipt.operational->data = "данные";
    receipt.user_attribute = fiscal::UserAttribute{"Номер заказа", "А-77"};
    receipt.extra = "KB-0123456789ab";
    receipt.payments.cash = Kopecks{88};
    receipt.payments.electronic = Kopecks{10'000};
    receipt.payments.advance = Kopecks{1'000};
    receipt.payments.credit = Kopecks{1'300};
    receipt.payments.counter = Kopecks{100};
    PrintItem welcome;
    welcome.text = "Добро пожаловать";
    welcome.align = PrintItem::Align::center;
    welcome.wide = true;
    request.receipt->before = {welcome};
    PrintItem link;
    link.kind = PrintItem::Kind::qr;
    link.text = "https://example.org";
    PrintItem code;
    code.kind = PrintItem::Kind::barcode;
    code.text = "4606224047775";
    code.align = PrintItem::Align::right;
    request.receipt->after = {link, code};
    return request;
}

} // namespace

TEST_CASE("a sale becomes the task of the documents' example, with its total", "[atol-fptr][fixture]")
{
    fiscal::Request request = receipt_of({position_of("Кофе", 1'800, Quantity::units(1), 1'800, 1)});
    request.cashier = "Кассир";
    request.cashier_inn = "500100732259";
    request.receipt->receipt.tax_system = 1;
    request.receipt->receipt.buyer_contact = "a@b.ru";
    request.receipt->receipt.payments.cash = Kopecks{1'800};
    check_task("sell-smallest", request);
}

TEST_CASE("everything a receipt of FFD 1.2 can say is in its task", "[atol-fptr][fixture]")
{
    check_task("sell-everything", full_sale());
}

TEST_CASE("before FFD 1.2 the receipt has the agent, the unit is a text and the mark a product code",
          "[atol-fptr][fixture]")
{
    fiscal::Request request = receipt_of({position_of("Сигареты", 15'000, Quantity::units(2), 30'000, 6)});
    request.receipt->operation = fiscal::Operation::buy_return;
    request.receipt->electronic_only = true;
    request.receipt->before.resize(1); // nothing is printed
    fiscal::Item& item = request.receipt->positions[0].item;
    item.item_kind = 2;
    item.unit_text = "пач";
    item.product_code = test::hex("444D04A53E1DF695414243313233");
    fiscal::Receipt& receipt = request.receipt->receipt;
    receipt.buyer_contact = "a@b.ru";
    receipt.buyer_name = "Петров Пётр";
    receipt.buyer_inn = "500100732259";
    receipt.agent_flags = 1;
    receipt.agent.operation = "Перевод";
    receipt.agent.agent_phones = {"+74950000001"};
    receipt.supplier_phones = {"+74950000004"};
    receipt.payments.cash = Kopecks{30'000};
    check_task("buyReturn-before-1.2", request, FfdVersion::v1_05);
}

TEST_CASE("a mark goes with its position, and with what its check came to", "[atol-fptr][fixture]")
{
    fiscal::Position milk = position_of("Молоко", 8'000, Quantity::units(1), 8'000, 2);
    milk.item.item_kind = 33;
    milk.item.unit = 0;
    milk.marking = fiscal::Marking{"010460622404777521abc\x1D"
                                   "93XYZ",
                                   3};
    fiscal::Position pills = position_of("Таблетки", 10'000, Quantity::units(1), 5'000, 2);
    pills.item.item_kind = 33;
    pills.item.unit = 0;
    pills.item.fraction.emplace();
    pills.item.fraction->numerator = 1;
    pills.item.fraction->denominator = 2;
    pills.marking = fiscal::Marking{"010460622404777521abc", 4};
    fiscal::Request request = receipt_of({milk, pills});
    request.receipt->operation = fiscal::Operation::sell_return;
    request.receipt->receipt.payments.electronic = Kopecks{13'000};
    std::vector<fiscal::MarkCheck> marks(2);
    marks[0].result = 0x0F;
    marks[1].position = 1;
    marks[1].result = 0x10;
    check_task("sellReturn-marked", request, FfdVersion::v1_2, marks);
}

TEST_CASE("a correction has positions from FFD 1.1 on, and sums by rate before", "[atol-fptr][fixture]")
{
    fiscal::Request request = receipt_of({position_of("Чай", 12'000, Quantity::units(1), 12'000, 11)});
    request.cashier = "Иванова А.А.";
    request.receipt->correction = true;
    fiscal::Receipt& receipt = request.receipt->receipt;
    receipt.correction_type = std::uint8_t{1};
    receipt.correction_basis.emplace();
    receipt.correction_basis->date = *local_from_text("2026-03-20T00:00:00");
    receipt.correction_basis->number = "12-34/5";
    receipt.extra = "KB-0123456789ab";
    receipt.payments.electronic = Kopecks{12'000};
    check_task("sellCorrection", request);
    check_task("sellCorrection", request, FfdVersion::v1_1);

    request.cashier.clear();
    request.receipt->operation = fiscal::Operation::buy;
    request.receipt->positions = {position_of("а", 12'200, Quantity::units(1), 12'200, 1),
                                  position_of("б", 10'000, Quantity::units(1), 10'000, 2),
                                  position_of("в", 5'000, Quantity::units(1), 5'000, 6)};
    receipt.tax_system = 1;
    receipt.correction_type = std::uint8_t{0};
    receipt.correction_basis->number.clear();
    receipt.correction_basis->name = "Акт";
    receipt.payments.electronic = Kopecks{10'000};
    receipt.payments.cash = Kopecks{20'000}; // 28 rubles of change: they are no payment of the correction
    check_task("buyCorrection-by-rates", request, FfdVersion::v1_05);
}

TEST_CASE("shifts, reports, cash and paper are the tasks of their names", "[atol-fptr][fixture]")
{
    check_task("openShift", by_cashier(RequestKind::shift_open));
    check_task("closeShift", by_cashier(RequestKind::shift_close));
    check_task("reportX", by_cashier(RequestKind::x_report));
    check_task("reportOfdExchangeStatus", by_cashier(RequestKind::state_report));
    fiscal::Request cash = by_cashier(RequestKind::cash_in);
    cash.sum = Kopecks{100'010};
    check_task("cashIn", cash);
    cash.kind = RequestKind::cash_out;
    cash.sum = Kopecks{7};
    check_task("cashOut", cash);
    fiscal::Request text;
    text.kind = RequestKind::text;
    text.lines.resize(3);
    text.lines[1].text = "Привет";
    text.lines[1].align = PrintItem::Align::right;
    text.lines[2].kind = PrintItem::Kind::barcode;
    text.lines[2].text = "ABC-1";
    text.lines[2].barcode_type = "CODE39";
    text.lines[2].align = PrintItem::Align::center;
    check_task("nonFiscal", text);
    fiscal::Request copy;
    copy.kind = RequestKind::copy;
    copy.fd_number = 138;
    check_task("printFnDocument", copy);
    fiscal::Request drawer;
    drawer.kind = RequestKind::cash_drawer;
    check_task("openCashDrawer", drawer);
}

TEST_CASE("the fixture has as many tasks as are asked for above", "[atol-fptr][fixture]")
{
    CHECK(fixture().size() == 15);
}

TEST_CASE("sums and quantities keep their digits, far beyond what a double can", "[atol-fptr]")
{
    fiscal::Request request =
        receipt_of({position_of("а", 9'007'199'254'740'993, Quantity::from_millionths(1), 10, 6),
                    position_of("б", 5, Quantity::from_millionths(123'456'789), 617, 6)});
    request.receipt->receipt.payments.cash = Kopecks{627};
    const auto task = task_of(request, TaskFacts{});
    REQUIRE(task);
    for (const char* written :
         {R"("price":90071992547409.93)", R"("quantity":0.000001)", R"("amount":0.10)", R"("price":0.05)",
          R"("quantity":123.456789)", R"("amount":6.17)", R"("sum":6.27)", R"("total":6.27)"}) {
        CHECK_THAT(task->json, Contains(written));
    }
}

TEST_CASE("texts are escaped, and broken ones do not break the task", "[atol-fptr]")
{
    fiscal::Request request = receipt_of({position_of("a\"b\\c\n\xD0", 100, Quantity::units(1), 100, 6)});
    request.receipt->receipt.payments.cash = Kopecks{100};
    const auto task = task_of(request, TaskFacts{});
    REQUIRE(task);
    const auto json = nlohmann::json::parse(task->json);
    CHECK(json["items"][0]["name"] == "a\"b\\c\n\xEF\xBF\xBD");
}

TEST_CASE("a receipt that was paid with nothing still names a payment", "[atol-fptr]")
{
    fiscal::Request request = receipt_of({position_of("Подарок", 0, Quantity::units(1), 0, 6)});
    request.receipt->receipt.payments.cash = Kopecks{};
    const auto task = task_of(request, TaskFacts{});
    REQUIRE(task);
    CHECK_THAT(task->json, Contains(R"("payments":[{"type":"cash","sum":0.00}])"));
}

TEST_CASE("the receipt after one with lines behind it gets its header back", "[atol-fptr]")
{
    fiscal::Request request = receipt_of({position_of("Чай", 100, Quantity::units(1), 100, 6)});
    request.receipt->receipt.payments.cash = Kopecks{100};
    TaskFacts facts;
    const auto plain = task_of(request, facts);
    REQUIRE(plain);
    CHECK_THAT(plain->json, !Contains("postItems"));
    facts.cliche_may_be_off = true;
    const auto after = task_of(request, facts);
    REQUIRE(after);
    CHECK_THAT(after->json, Contains(R"("postItems":[])"));
}

TEST_CASE("each code of the formats has its word, and one without is named with its field", "[atol-fptr]")
{
    const std::map<std::uint8_t, std::string> taxes = {
        {1, "vat20"}, {2, "vat10"}, {3, "vat120"}, {4, "vat110"},  {5, "vat0"},   {6, "none"},
        {7, "vat5"},  {8, "vat7"},  {9, "vat105"}, {10, "vat107"}, {11, "vat22"}, {12, "vat122"}};
    for (const auto& [code, word] : taxes) {
        CHECK(tax_word(code, "") == word);
    }
    const auto error_of = [](fiscal::Position position) {
        fiscal::Request request = receipt_of({std::move(position)});
        const auto task = task_of(request, TaskFacts{FfdVersion::v1_2, false});
        REQUIRE_FALSE(task);
        CHECK(task.error().code == Errc::not_representable);
        return task.error().context;
    };
    const fiscal::Position good = position_of("Чай", 100, Quantity::units(1), 100, 1);
    fiscal::Position bad = good;
    bad.item.vat_rate = 13;
    CHECK_THAT(error_of(bad), Contains("items[0].vat"));
    bad = good;
    bad.item.payment_method = 8;
    CHECK_THAT(error_of(bad), Contains("items[0].payment_method"));
    bad = good;
    bad.item.item_kind = 28;
    CHECK_THAT(error_of(bad), Contains("items[0].item_kind"));
    bad = good;
    bad.marking = fiscal::Marking{"0104", 9};
    CHECK_THAT(error_of(bad), Contains("items[0].marking.planned_status"));
    fiscal::Request request = receipt_of({good});
    request.receipt->receipt.tax_system = 3;
    const auto task = task_of(request, TaskFacts{});
    REQUIRE_FALSE(task);
    CHECK_THAT(task.error().context, Contains("tax_system"));
}

TEST_CASE("a correction by rates that is not paid in full has no task", "[atol-fptr]")
{
    fiscal::Request request = receipt_of({position_of("Чай", 100, Quantity::units(1), 100, 1)});
    request.receipt->correction = true;
    for (const auto& [cash, electronic] : {std::pair(0, 99), std::pair(0, 101)}) {
        request.receipt->receipt.payments.cash = Kopecks{cash};
        request.receipt->receipt.payments.electronic = Kopecks{electronic};
        const auto task = task_of(request, TaskFacts{});
        REQUIRE_FALSE(task);
        CHECK(task.error().code == Errc::not_representable);
    }
}

TEST_CASE("what the library has no task for is told so", "[atol-fptr]")
{
    for (const RequestKind kind :
         {RequestKind::beep, RequestKind::cut, RequestKind::set_time, RequestKind::known_state}) {
        fiscal::Request request;
        request.kind = kind;
        const auto task = task_of(request, TaskFacts{});
        REQUIRE_FALSE(task);
        CHECK(task.error().code == Errc::unsupported);
    }
}

TEST_CASE("an answer tells the document's number, its sign and whether it was printed", "[atol-fptr]")
{
    const TaskAnswer whole = answer_of(
        R"({"fiscalParams":{"total":18.0,"fiscalDocumentNumber":138,"fiscalDocumentSign":"2917556123",
            "fiscalDocumentDateTime":"2025-12-31T14:26:00+03:00","shiftNumber":4},"warnings":null})");
    CHECK(whole.fd_number == 138U);
    CHECK(whole.fiscal_sign == 2'917'556'123U);
    CHECK(whole.printed);
    CHECK_FALSE(answer_of(R"({"warnings":{"notPrinted":true}})").printed);
    CHECK(answer_of(R"({"warnings":{"notPrinted":false,"dataForSendIsEmpty":true}})").printed);
    for (const char* strange :
         {"", "null", "[]", "{", R"({"fiscalParams":7})", R"({"fiscalParams":{"fiscalDocumentNumber":"x"}})",
          R"({"fiscalParams":{"fiscalDocumentNumber":-1,"fiscalDocumentSign":[]}})",
          R"({"fiscalParams":{"fiscalDocumentNumber":4294967296}})", R"({"warnings":"none"})"}) {
        INFO(strange);
        const TaskAnswer answer = answer_of(strange);
        CHECK_FALSE(answer.fd_number);
        CHECK(answer.fiscal_sign == 0);
        CHECK(answer.printed);
    }
}
