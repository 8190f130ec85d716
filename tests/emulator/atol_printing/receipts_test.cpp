// Receipts and corrections: what is asked for and what the FN holds afterwards.
#include "tests/emulator/atol_printing/shop.hpp"
#include "tests/support/fixtures.hpp"

using namespace kb;
using namespace kb::test;
using fiscal::Operation;
using fiscal::RequestKind;

namespace {

fiscal::PrintItem line_of(const char* text)
{
    fiscal::PrintItem line;
    line.text = text;
    return line;
}

std::size_t place_of(const emulator::VirtualKkt& kkt, const std::string& text)
{
    const auto& strip = kkt.strip();
    for (std::size_t i = 0; i < strip.size(); ++i)
        if (strip[i].find(text) != std::string::npos)
            return i;
    FAIL(text << " is not printed");
    return 0;
}

fiscal::Request correction_of(std::vector<fiscal::Position> positions)
{
    fiscal::Request request = receipt_of(Operation::sell, std::move(positions));
    request.receipt->correction = true;
    request.receipt->receipt.correction_type = 0;
    fiscal::CorrectionBasis basis;
    basis.date = *local_from_text("2026-03-20T00:00:00");
    basis.number = "17";
    request.receipt->receipt.correction_basis = basis;
    return request;
}

} // namespace

TEST_CASE("a sale is in the FN as it was asked for", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        fiscal::Request sale = receipt_of(Operation::sell, {position("Кофе №1 \"Тёплый\"", 1800, "2"),
                                                            position("Сыр весовой", 99990, "0.25", 2)});
        sale.cashier = "Иванов И.И.";
        sale.cashier_inn = "500100732259";
        fiscal::ReceiptRequest& receipt = *sale.receipt;
        receipt.receipt.tax_system = 2;
        receipt.receipt.buyer_contact = "a@b.ru";
        receipt.receipt.buyer_name = "ООО \"Покупатель\"";
        receipt.receipt.buyer_inn = "7707083893";
        receipt.receipt.extra = "KB-0123456789AB";
        receipt.receipt.sender_email = "shop@example.org";
        receipt.receipt.place = "Лоток";
        fiscal::UserAttribute attribute;
        attribute.name = "Заказ";
        attribute.value = "17/3";
        receipt.receipt.user_attribute = attribute;
        fiscal::Item& cheese = receipt.positions[1].item;
        cheese.unit_text = "кг";
        cheese.extra = "сорт 1";
        cheese.agent_flags = 64;
        fiscal::Agent agent;
        agent.operation = "приём";
        agent.agent_phones = {"+79001112233"};
        cheese.agent = agent;
        fiscal::Supplier supplier;
        supplier.name = "Ферма";
        supplier.phones = {"+79004445566"};
        cheese.supplier = supplier;
        cheese.supplier_inn = "7707083893";
        receipt.positions[1].department = 3;
        receipt.receipt.payments.electronic = Kopecks{20000};
        receipt.receipt.payments.cash = Kopecks{10000}; // 85.98 of it is due

        const fiscal::Document document = shop.made(sale);
        CHECK(document.head.type == fiscal::DocumentType::receipt);
        CHECK(document.head.operation == Operation::sell);
        CHECK(document.head.total->count() == 28598);
        CHECK(document.head.cashier == "Иванов И.И.");
        const fiscal::Receipt& made = *document.receipt;
        CHECK(made.cashier_inn == "500100732259");
        CHECK(made.tax_system == 2U);
        CHECK(made.buyer_contact == "a@b.ru");
        CHECK(made.buyer_name == "ООО \"Покупатель\"");
        CHECK(made.buyer_inn == "7707083893");
        CHECK(made.extra == "KB-0123456789AB");
        CHECK(made.sender_email == "shop@example.org");
        CHECK(made.place == "Лоток");
        CHECK(made.user_attribute->name == "Заказ");
        CHECK(made.user_attribute->value == "17/3");
        CHECK(made.payments.electronic->count() == 20000);
        CHECK(made.payments.cash->count() == 8598);
        REQUIRE(made.items.size() == 2);
        CHECK(made.items[0].name == "Кофе №1 \"Тёплый\"");
        CHECK(made.items[0].price->count() == 1800);
        CHECK(made.items[0].quantity == Quantity::units(2));
        CHECK(made.items[0].sum->count() == 3600);
        CHECK(made.items[0].vat_rate == 1);
        CHECK(made.items[1].name == "Сыр весовой");
        CHECK(made.items[1].quantity->to_text() == "0.25");
        CHECK(made.items[1].sum->count() == 24998);
        CHECK(made.items[1].vat_rate == 2);
        CHECK(made.items[1].unit_text == "кг");
        CHECK(made.items[1].extra == "сорт 1");
        CHECK(made.items[1].agent_flags == 64U);
        CHECK(made.items[1].agent->operation == "приём");
        CHECK(made.items[1].agent->agent_phones == std::vector<std::string>{"+79001112233"});
        CHECK(made.items[1].supplier->name == "Ферма");
        CHECK(made.items[1].supplier_inn == "7707083893");
        CHECK(shop.kkt.cash() == 8598);
        // The register is left as it was found, and the drive may be read at once.
        const auto read = run_now(shop.io, shop.driver->read_document(shop.kkt.fn().last_fd()));
        REQUIRE(read);
        CHECK(read->fiscal_sign == document.head.fiscal_sign);
    });
}

TEST_CASE("each payment and each VAT rate of the register's table goes where it belongs", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        fiscal::Request sale =
            receipt_of(Operation::sell,
                       {position("a", 100, "1", 1), position("b", 200, "1", 2), position("c", 300, "1", 3),
                        position("d", 400, "1", 4), position("e", 500, "1", 5), position("f", 600, "1", 6)});
        fiscal::Payments& paid = sale.receipt->receipt.payments;
        paid.cash = Kopecks{100};
        paid.electronic = Kopecks{200};
        paid.advance = Kopecks{300};
        paid.credit = Kopecks{400};
        paid.counter = Kopecks{1100};
        const fiscal::Document document = shop.made(sale);
        CHECK(document.receipt->payments == paid);
        for (std::size_t i = 0; i < 6; ++i) {
            CHECK(document.receipt->items.at(i).vat_rate == i + 1);
        }
        const fiscal::Request by_card = [] {
            fiscal::Request request = coffee();
            request.receipt->receipt.payments.electronic =
                std::exchange(request.receipt->receipt.payments.cash, std::nullopt);
            return request;
        }();
        CHECK(shop.made(by_card).receipt->payments.electronic->count() == 1800);
    });
}

TEST_CASE("a rate is found in the row where the register has it", "[atol][printing]")
{
    // As a firmware might have it that got the rates of 2026 and another order.
    Shop shop;
    const auto row = [&shop](int number, const char* rate, const Bytes& name) {
        const std::string place = "atol:13." + std::to_string(number);
        Bytes padded = name;
        padded.resize(64, 0);
        shop.kkt.set_setting(place + ".2", rate);
        shop.kkt.set_setting(place + ".1", to_hex(padded));
    };
    row(1, "1000", hex("8D 84 91 20 31 30 25"));       // НДС 10%
    row(2, "2200", hex("8D 84 91 20 32 32 25"));       // НДС 22%
    row(3, "2200", hex("32 32 2F 31 32 32"));          // 22/122
    row(4, "0500", hex("8D 84 91 20 35 2F 31 30 35")); // НДС 5/105
    shop.connect();
    CHECK(shop.driver->request_limits().vat_22);
    CHECK(shop.driver->request_limits().vat_5_7);
    shop.open_shift();
    constexpr std::uint8_t kThere[] = {2, 11, 12, 9, 5, 6};
    for (const std::uint8_t rate : kThere) {
        const auto made = shop.made(receipt_of(Operation::sell, {position("a", 100, "1", rate)}));
        CHECK(made.receipt->items.at(0).vat_rate == rate);
    }
    const Error none = shop.refused(receipt_of(Operation::sell, {position("a", 100, "1", 1)}));
    CHECK(none.code == Errc::unsupported);
    CHECK_THAT(none.context, Catch::Contains("items[0].vat") && Catch::Contains("table 13"));
}

TEST_CASE("returns and purchases are of their own kind", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        shop.made(receipt_of(Operation::sell, {position("Кофе", 5000, "1")}));
        const std::vector<fiscal::Position> tea{position("Чай", 1000, "1")};
        for (const Operation operation : {Operation::sell_return, Operation::buy, Operation::buy_return}) {
            const fiscal::Document document = shop.made(receipt_of(operation, tea));
            CHECK(document.head.operation == operation);
            CHECK(document.head.total->count() == 1000);
        }
        CHECK(shop.kkt.cash() == 4000);
        // More than the drawer has: by card it does not matter, in cash it does.
        fiscal::Request dear = receipt_of(Operation::sell_return, {position("Шуба", 1'000'000, "1")});
        const Error short_of_cash = shop.refused(dear);
        CHECK(short_of_cash.outcome == Outcome::refused);
        CHECK(short_of_cash.device_code == 0x98);
        dear.receipt->receipt.payments.electronic =
            std::exchange(dear.receipt->receipt.payments.cash, std::nullopt);
        CHECK(shop.made(dear).head.operation == Operation::sell_return);
    });
}

TEST_CASE("kopecks are rounded off the total, not off the items", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        fiscal::Request sale =
            receipt_of(Operation::sell, {position("Кофе", 1855, "1"), position("Чай", 1000, "1")});
        sale.receipt->total = Kopecks{2800};
        sale.receipt->receipt.payments.cash = Kopecks{2800};
        const fiscal::Document document = shop.made(sale);
        CHECK(document.head.total->count() == 2800);
        CHECK(document.receipt->items.at(0).sum->count() == 1855);
        CHECK(document.receipt->payments.cash->count() == 2800);
    });
}

TEST_CASE("a receipt for the buyer's mail needs no paper", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        shop.kkt.set_paper(false);
        fiscal::Request sale = coffee();
        sale.receipt->electronic_only = true;
        sale.receipt->receipt.buyer_contact = "+79001234567";
        sale.receipt->before = {line_of("НЕ ДЛЯ БУМАГИ")};
        const fiscal::Document document = shop.made(sale);
        CHECK(document.receipt->buyer_contact == "+79001234567");
        CHECK_FALSE(printed(shop.kkt, "НЕ ДЛЯ БУМАГИ"));
        CHECK_FALSE(printed(shop.kkt, "Кофе"));
    });
    ShopOptions other;
    other.quirks = {"no_print_02"};
    other.keys = {{"atol.no_print_flag", "2"}};
    Shop shop(other);
    shop.open_shift();
    shop.kkt.set_paper(false);
    fiscal::Request sale = coffee();
    sale.receipt->electronic_only = true;
    sale.receipt->receipt.buyer_contact = "a@b.ru";
    shop.made(sale);
}

TEST_CASE("requisites go in the page of printed lines where the configuration says so", "[atol][printing]")
{
    ShopOptions options;
    options.quirks = {"requisites_in_wire_page", "bcd_item_kind"};
    options.keys = {{"atol.requisite_text", "wire"}, {"atol.item_codes", "bcd"}};
    Shop shop(options);
    shop.open_shift();
    fiscal::Request sale = coffee();
    sale.receipt->receipt.extra = "№ 5 за $7";
    sale.receipt->positions[0].item.item_kind = 13;
    const fiscal::Document document = shop.made(sale);
    CHECK(document.receipt->extra == "№ 5 за $7");
    CHECK(document.receipt->items.at(0).item_kind == 13);
}

TEST_CASE("lines stand inside a receipt where the register prints them there, else before and behind it",
          "[atol][printing]")
{
    for (const bool inside : {true, false}) {
        DYNAMIC_SECTION((inside ? "inside" : "outside"))
        {
            Shop shop;
            shop.kkt.set_setting("atol:2.1.51", inside ? "01" : "00");
            shop.open_shift();
            fiscal::Request sale = coffee();
            sale.receipt->before = {line_of("ДОБРО ПОЖАЛОВАТЬ")};
            sale.receipt->after = {line_of("ЖДЁМ ВАС СНОВА")};
            shop.made(sale);
            const std::size_t receipt = place_of(shop.kkt, "Кофе");
            CHECK(place_of(shop.kkt, "ДОБРО ПОЖАЛОВАТЬ") < receipt);
            // The emulator prints a receipt whole when it is closed: lines inside come before it.
            CHECK((place_of(shop.kkt, "ЖДЁМ ВАС СНОВА") < receipt) == inside);
        }
    }
}

TEST_CASE("a correction before FFD 1.2 is one sum of one rate", "[atol][printing]")
{
    over_both_transports([](const ShopOptions& options) {
        Shop shop(options);
        shop.open_shift();
        const fiscal::Document one = shop.made(correction_of({position("Кофе", 1800, "2")}));
        CHECK(one.head.type == fiscal::DocumentType::receipt_correction);
        CHECK(one.head.operation == Operation::sell);
        CHECK(one.head.total->count() == 3600);
        CHECK(one.receipt->correction_type == 0);
        CHECK(one.receipt->correction_basis->number == "17");
        CHECK(to_text(*one.receipt->correction_basis->date) == "2026-03-20T00:00:00");

        fiscal::Request several = correction_of({position("Кофе", 1800, "2"), position("Чай", 1000, "1")});
        several.receipt->operation = Operation::buy_return;
        const fiscal::Document sum = shop.made(several);
        CHECK(sum.head.operation == Operation::buy_return);
        CHECK(sum.head.total->count() == 4600);
        CHECK(sum.receipt->vat.vat_20->count() == 767);

        const Error mixed =
            shop.refused(correction_of({position("Кофе", 1800, "2"), position("Хлеб", 1000, "1", 2)}));
        CHECK(mixed.code == Errc::unsupported);
        CHECK(mixed.outcome == Outcome::not_done);
        CHECK_THAT(mixed.context, Catch::Contains("VAT rate") && Catch::Contains("atol-fptr"));
    });
}

TEST_CASE("FFD 1.2: a receipt has its unit, and its correction keeps its items", "[atol][printing]")
{
    ShopOptions options;
    options.ffd = 4;
    options.model = "22ptk";
    Shop shop(options);
    shop.open_shift();
    CHECK(shop.driver->request_limits().ffd == fiscal::FfdVersion::v1_2);
    CHECK_FALSE(shop.driver->request_limits().marking_check);
    fiscal::Request correction = correction_of({position("Кофе", 1800, "2"), position("Хлеб", 1000, "1", 2)});
    correction.receipt->positions[0].item.unit = 11;
    const fiscal::Document document = shop.made(correction);
    REQUIRE(document.receipt->items.size() == 2);
    CHECK(document.receipt->items[0].unit == 11);
}
