#include "request_support.hpp"

#include "protocol/fiscal/plain_text.hpp"
#include "protocol/fiscal/request.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::marked_water;
using kb::test::tea;
using kb::test::tea_sold;

TEST_CASE("every kind of request has its word", "[fiscal][request]")
{
    for (const Word& word : words::kKinds) {
        INFO(word.word);
        const auto kind = request_kind_of(word.word);
        REQUIRE(kind);
        CHECK(to_string(*kind) == word.word);
    }
    CHECK(to_string(RequestKind::receipt) == "receipt");
    CHECK(to_string(RequestKind::set_time) == "set_time");
    CHECK(to_string(RequestKind::continue_printing) == "continue_printing");
    CHECK_FALSE(request_kind_of("Receipt"));
    CHECK_FALSE(request_kind_of(""));
}

TEST_CASE("the nearest word is the one with the fewest letters changed", "[fiscal][request]")
{
    CHECK(distance("items", "items") == 0);
    CHECK(distance("itms", "items") == 1);
    CHECK(distance("", "items") == 5);
    CHECK(distance("kitten", "sitting") == 3);
    CHECK(nearest_word(words::kPaymentMethods, "full_paiment") == "full_payment");
    CHECK(nearest_word(words::kUnits, "kilogramm") == "kilogram");
}

TEST_CASE("a kind that the FN makes a document of knows its type", "[fiscal][request]")
{
    Request request = tea_sold();
    CHECK(document_type_of(request) == DocumentType::receipt);
    CHECK(document_type_of(request, true) == DocumentType::bso);
    request.receipt->correction = true;
    CHECK(document_type_of(request) == DocumentType::receipt_correction);
    CHECK(document_type_of(request, true) == DocumentType::bso_correction);
    for (const Word& word : words::kKinds) {
        INFO(word.word);
        Request other;
        other.kind = *request_kind_of(word.word);
        CHECK(document_type_of(other).has_value() == makes_document(other.kind));
    }
    request.kind = RequestKind::shift_close;
    CHECK(document_type_of(request) == DocumentType::shift_close);
}

TEST_CASE("what a caller leaves out is filled in", "[fiscal][request]")
{
    Request request = tea_sold();
    request.receipt->positions.push_back(marked_water());
    REQUIRE(fill_in(request));
    const Position& plain = request.receipt->positions[0];
    CHECK(plain.item.sum == Kopecks{1875});
    CHECK(plain.item.payment_method == std::uint8_t{4});
    CHECK(plain.item.item_kind == std::uint8_t{1});
    const Position& marked = request.receipt->positions[1];
    CHECK(marked.item.item_kind == std::uint8_t{33});
    CHECK(marked.marking->planned_status == 1);
    CHECK(request.receipt->receipt.payments.cash == Kopecks{1875 + 1250});
    CHECK(total_of(*request.receipt).value() == Kopecks{1875 + 1250});

    const Request once = request;
    REQUIRE(fill_in(request));
    CHECK(request == once);
}

TEST_CASE("what a caller says is not filled over", "[fiscal][request]")
{
    Request request = tea_sold();
    Item& item = request.receipt->positions[0].item;
    item.sum = Kopecks{1500}; // a discount
    item.payment_method = 1;
    item.item_kind = 4;
    request.receipt->total = Kopecks{1400};
    const Request before = request;
    REQUIRE(fill_in(request));
    CHECK(item.sum == Kopecks{1500});
    CHECK(item.payment_method == std::uint8_t{1});
    CHECK(item.item_kind == std::uint8_t{4});
    CHECK(request.receipt->receipt.payments.cash == Kopecks{1400}); // the total, not the sum

    request = before;
    request.receipt->receipt.payments.electronic = Kopecks{1500};
    REQUIRE(fill_in(request));
    CHECK_FALSE(request.receipt->receipt.payments.cash);
}

TEST_CASE("a payment of nothing is no payment, unless there is no other", "[fiscal][request]")
{
    Request request = tea_sold();
    request.receipt->receipt.payments.cash = Kopecks{};
    request.receipt->receipt.payments.electronic = Kopecks{1875};
    REQUIRE(fill_in(request));
    CHECK(request.receipt->receipt.payments == Payments{{}, Kopecks{1875}, {}, {}, {}});

    request.receipt->receipt.payments = {};
    request.receipt->receipt.payments.credit = Kopecks{};
    REQUIRE(fill_in(request));
    CHECK(request.receipt->receipt.payments ==
          Payments{Kopecks{}, {}, {}, {}, {}}); // asked for, and not paid
}

TEST_CASE("the sum of a part of a pack is left to the caller", "[fiscal][request]")
{
    Request request = tea_sold();
    request.receipt->positions[0] = marked_water();
    request.receipt->positions[0].item.fraction = Fraction{"", 1, 2};
    REQUIRE(fill_in(request));
    CHECK_FALSE(request.receipt->positions[0].item.sum);
    CHECK(request.receipt->receipt.payments == Payments{});
    CHECK(request.receipt->positions[0].marking->planned_status == 2);
}

TEST_CASE("the planned status of a mark follows operation and unit", "[fiscal][request]")
{
    const auto status = [](Operation operation, std::optional<std::uint8_t> unit) {
        Request request = tea_sold();
        request.receipt->operation = operation;
        request.receipt->positions[0] = marked_water();
        request.receipt->positions[0].item.unit = unit;
        REQUIRE(fill_in(request));
        return int{request.receipt->positions[0].marking->planned_status};
    };
    CHECK(status(Operation::sell, std::nullopt) == 1);
    CHECK(status(Operation::sell, words::kPiece) == 1);
    CHECK(status(Operation::sell, 11) == 2);
    CHECK(status(Operation::sell_return, std::nullopt) == 3);
    CHECK(status(Operation::sell_return, 41) == 4);
}

TEST_CASE("what says nothing is taken out", "[fiscal][request]")
{
    Request request = tea_sold();
    Receipt& receipt = request.receipt->receipt;
    receipt.buyer.emplace();
    receipt.operational.emplace();
    receipt.user_attribute.emplace();
    receipt.correction_basis.emplace();
    receipt.internet_payment = false;
    receipt.agent_flags = 0;
    Item& item = request.receipt->positions[0].item;
    item.agent.emplace();
    item.supplier.emplace();
    item.fraction.emplace();
    item.agent_flags = 0;
    REQUIRE(fill_in(request));
    Request plain = tea_sold();
    REQUIRE(fill_in(plain));
    CHECK(request == plain);
}

TEST_CASE("sums beyond any money are an error with their place", "[fiscal][request]")
{
    Request request = tea_sold();
    request.receipt->positions[0].item.price = Kopecks{INT64_MAX};
    auto filled = fill_in(request);
    REQUIRE_FALSE(filled);
    CHECK(filled.error().code == Errc::overflow);
    CHECK_THAT(filled.error().context, Catch::StartsWith("items[0].sum: "));

    request.receipt->positions[0].item.sum = Kopecks{INT64_MAX};
    request.receipt->positions.push_back(tea());
    filled = fill_in(request);
    REQUIRE_FALSE(filled);
    CHECK(filled.error().code == Errc::overflow);
    CHECK_THAT(filled.error().context, Catch::StartsWith("items: "));
}

TEST_CASE("a request is fitted to the format of its register", "[fiscal][request]")
{
    Request asked = tea_sold();
    ReceiptRequest& receipt = *asked.receipt;
    receipt.receipt.buyer.emplace();
    receipt.receipt.buyer->name = "Иванов И.И.";
    receipt.receipt.buyer->inn = "500100732259";
    receipt.positions[0].item.unit = 11;
    receipt.positions.push_back(tea());
    receipt.positions[1].item.unit_text = "упак.";

    Request old = asked;
    fit_to(old, FfdVersion::v1_05);
    CHECK_FALSE(old.receipt->receipt.buyer);
    CHECK(old.receipt->receipt.buyer_name == "Иванов И.И.");
    CHECK(old.receipt->receipt.buyer_inn == "500100732259");
    CHECK_FALSE(old.receipt->positions[0].item.unit);
    CHECK(old.receipt->positions[0].item.unit_text == "кг");
    CHECK(old.receipt->positions[1].item.unit_text == "упак.");

    Request present = asked;
    fit_to(present, FfdVersion::v1_2);
    CHECK(present.receipt->receipt.buyer == receipt.receipt.buyer);
    CHECK(present.receipt->positions[0].item.unit == std::uint8_t{11});
    CHECK(present.receipt->positions[1].item.unit == words::kOtherUnit);
    CHECK(present.receipt->positions[1].item.unit_text.empty());

    // there and back, and twice
    Request round = old;
    fit_to(round, FfdVersion::v1_2);
    CHECK(round == present);
    fit_to(round, FfdVersion::v1_2);
    CHECK(round == present);
}

TEST_CASE("what a format has no place for is left for the checks", "[fiscal][request]")
{
    Request asked = tea_sold();
    asked.receipt->receipt.buyer.emplace();
    asked.receipt->receipt.buyer->name = "Иванов И.И.";
    asked.receipt->receipt.buyer->address = "Тверь";
    asked.receipt->positions[0].item.unit = 13; // no unit
    fit_to(asked, FfdVersion::v1_05);
    REQUIRE(asked.receipt->receipt.buyer);
    CHECK(asked.receipt->receipt.buyer->address == "Тверь");
    CHECK(asked.receipt->receipt.buyer->name.empty());
    CHECK(asked.receipt->positions[0].item.unit == std::uint8_t{13});
}

TEST_CASE("in FFD 1.2 the agent of the receipt becomes each position's", "[fiscal][request]")
{
    Request asked = tea_sold();
    ReceiptRequest& receipt = *asked.receipt;
    receipt.receipt.agent_flags = 32;
    receipt.receipt.agent.operation = "оплата";
    receipt.receipt.supplier_phones = {"+74951234567"};
    receipt.positions.push_back(tea());
    receipt.positions[1].item.agent_flags = 16;
    receipt.positions[1].item.supplier = Supplier{{"+78121234567"}, "ООО"};

    Request old = asked;
    fit_to(old, FfdVersion::v1_1);
    CHECK(old == asked);

    fit_to(asked, FfdVersion::v1_2);
    CHECK_FALSE(receipt.receipt.agent_flags);
    CHECK(receipt.receipt.agent == Agent{});
    CHECK(receipt.receipt.supplier_phones.empty());
    CHECK(receipt.positions[0].item.agent_flags == 32U);
    CHECK(receipt.positions[0].item.agent->operation == "оплата");
    CHECK(receipt.positions[0].item.supplier == Supplier{{"+74951234567"}, ""});
    CHECK(receipt.positions[1].item.agent_flags == 16U); // what it says of itself stays
    CHECK(receipt.positions[1].item.supplier == Supplier{{"+78121234567"}, "ООО"});
}

TEST_CASE("typographic characters have plain forms", "[fiscal][request]")
{
    CHECK(plain_text("Чай «Майский» — 100 г…") == "Чай \"Майский\" - 100 г...");
    CHECK(plain_text("a\u00A0b\u200Bc") == "a bc");
    CHECK(plain_text("日本") == "日本"); // nothing alike: for the checks
    CHECK(plain_text("a\xFF") == "a\xFF");
    CHECK_FALSE(plain_form(U'Ж'));
}
