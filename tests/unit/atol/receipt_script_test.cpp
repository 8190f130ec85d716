// Requests as the commands they become: what is known before the first byte leaves.
#include "protocol/atol/codec.hpp"
#include "protocol/atol/receipt_script.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::atol;
using fiscal::Operation;
using kb::test::hex;

namespace {

const TaxRow kUnified[] = {{1, 2000, "НДС 20%"},    {2, 1000, "НДС 10%"}, {3, 2000, "НДС 20/120"},
                           {4, 1000, "НДС 10/110"}, {5, 0, "НДС 0%"},     {6, 0, "БЕЗ НДС"}};

ScriptFacts facts()
{
    ScriptFacts out;
    out.vat = VatTable(kUnified);
    return out;
}

fiscal::Request sale(std::int64_t price = 1800)
{
    fiscal::Request request;
    fiscal::ReceiptRequest& receipt = request.receipt.emplace();
    fiscal::Position& position = receipt.positions.emplace_back();
    position.department = 0;
    position.item.name = "Кофе";
    position.item.price = Kopecks{price};
    position.item.quantity = Quantity::units(1);
    position.item.sum = Kopecks{price};
    position.item.vat_rate = 1;
    position.item.payment_method = 4;
    position.item.item_kind = 1;
    receipt.receipt.payments.cash = Kopecks{price};
    return request;
}

template <class Step>
std::vector<std::string> bytes_of(const std::vector<Step>& steps)
{
    std::vector<std::string> out;
    for (const Step& step : steps)
        out.push_back(std::visit(
            [](const auto& command) { return to_hex(encode_request(command, Dialect{}).value()); }, step));
    return out;
}

std::string joined(const std::vector<std::string>& parts)
{
    std::string out;
    for (const std::string& part : parts)
        out += part + "\n";
    return out;
}

} // namespace

TEST_CASE("the receipt of the vectors is made of their bytes", "[atol][printing][fixture]")
{
    fiscal::Request request = sale();
    request.cashier = "Иванов";
    request.receipt->receipt.buyer_contact = "a@b.ru";
    const auto script = receipt_script(request, facts());
    REQUIRE(script);
    // Vectors 13, 17, 16, 14, 15 and 20.
    const auto goods = bytes_of(script->goods);
    CHECK(goods.size() == 5);
    CHECK_THAT(joined(goods), Catch::StartsWith("0000920001\n"));
    CHECK_THAT(joined(goods), Catch::Contains("0000E8000100FD03060088A2A0ADAEA2\n"));
    CHECK_THAT(joined(goods), Catch::Contains("0000E8010100F00306006140622E7275\n"));
    CHECK_THAT(
        joined(goods),
        Catch::EndsWith("0000EA000100\n0000EB000000000000180000000010000000000000180001000000000000000001"
                        "0400000000000000000000"
                        "8AAEE4A5\n"));
    CHECK(to_hex(encode_request(script->close, Dialect{}).value()) == "00004A00010000000000");
    CHECK(script->payments.empty());
    CHECK(script->subtotal.count() == 1800);
}

TEST_CASE("payments go by the dearest way to be wrong last: cash, and what is left exactly as nothing",
          "[atol][printing]")
{
    fiscal::Request request = sale(1000);
    fiscal::Payments& paid = request.receipt->receipt.payments;
    paid.cash = Kopecks{700};
    paid.electronic = Kopecks{300};
    auto script = receipt_script(request, facts());
    REQUIRE(script);
    REQUIRE(script->payments.size() == 1);
    CHECK(script->payments[0].type == PaymentType::electronic);
    CHECK(script->payments[0].sum.count() == 300);
    CHECK(script->close.type == PaymentType::cash);
    CHECK(script->close.sum.count() == 0);
    paid.cash = Kopecks{1000}; // 3.00 are given back
    script = receipt_script(request, facts());
    CHECK(script->close.sum.count() == 1000);
    paid.cash.reset();
    paid.counter = Kopecks{700};
    script = receipt_script(request, facts());
    CHECK(script->close.type == PaymentType::counter);
    CHECK(script->close.sum.count() == 0);
}

TEST_CASE("only a total in whole roubles is rounded to", "[atol][printing]")
{
    fiscal::Request request = sale(1855);
    request.receipt->total = Kopecks{1800};
    request.receipt->receipt.payments.cash = Kopecks{1800};
    const auto script = receipt_script(request, facts());
    REQUIRE(script);
    CHECK(bytes_of(script->goods).back() == "00004300000100"
                                            "0000000000");
    CHECK(script->total.count() == 1800);
    for (const std::int64_t total : {1856, 1750, 1700, 1854}) {
        request.receipt->total = Kopecks{total};
        const auto none = receipt_script(request, facts());
        REQUIRE_FALSE(none);
        CHECK(none.error().code == Errc::not_representable);
        CHECK(none.error().outcome == Outcome::not_done);
    }
}

TEST_CASE("money that leaves the drawer without cash needs none in it", "[atol][printing]")
{
    const auto flags = [](Operation operation, bool card) {
        fiscal::Request request = sale();
        request.receipt->operation = operation;
        if (card)
            request.receipt->receipt.payments.electronic =
                std::exchange(request.receipt->receipt.payments.cash, std::nullopt);
        return std::get<EndItem>(receipt_script(request, facts())->goods.back()).flags;
    };
    CHECK(flags(Operation::sell_return, true) == kNoCashControl);
    CHECK(flags(Operation::buy, true) == kNoCashControl);
    CHECK(flags(Operation::sell_return, false) == 0);
    CHECK(flags(Operation::sell, true) == 0);
    CHECK(flags(Operation::buy_return, true) == 0);
}

TEST_CASE("the tax table is read by its rates, and by its names where two rows have one rate",
          "[atol][printing]")
{
    const auto rows = [](const VatTable& table) {
        std::vector<int> out;
        for (std::uint8_t code = 1; code <= 12; ++code)
            out.push_back(table.row_of(code).value_or(0));
        return out;
    };
    CHECK(rows(VatTable(kUnified)) == std::vector<int>{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0});
    // The order of older firmware, its names changed by its owner.
    const TaxRow old[] = {{1, 0, "A"}, {2, 1000, "B"}, {3, 2000, "C"},
                          {4, 0, "D"}, {5, 1000, "E"}, {6, 2000, "F"}};
    CHECK(rows(VatTable(old)) == std::vector<int>{3, 2, 6, 5, 1, 4, 0, 0, 0, 0, 0, 0});
    // Names decide, whatever the order; 18 % is no rate any more.
    const TaxRow named[] = {
        {1, 2200, "НДС 22/122"}, {2, 2200, "НДС 22%"}, {3, 0, "Без НДС"}, {4, 1800, "НДС 18%"},
        {5, 500, "НДС 5%"},      {6, 700, "7/107"},    {7, 0, "0%"}};
    CHECK(rows(VatTable(named)) == std::vector<int>{0, 0, 0, 0, 7, 3, 5, 0, 0, 6, 2, 1});
    CHECK_FALSE(VatTable().row_of(1));
    CHECK_FALSE(VatTable(kUnified).row_of(13));
}

TEST_CASE("lines are wrapped, placed and widened by the register's own signs", "[atol][printing]")
{
    const auto lines = [](fiscal::PrintItem item, std::size_t width = 10) {
        const auto steps = paper_script({std::move(item)}, width, Dialect{});
        REQUIRE(steps);
        std::vector<std::string> out;
        for (const PaperStep& step : *steps)
            out.push_back(std::get<PrintLine>(step).text);
        return out;
    };
    using Lines = std::vector<std::string>;
    fiscal::PrintItem item;
    CHECK(lines(item) == Lines{" "}); // some print nothing for nothing
    item.text = "Абвгдежзик";
    CHECK(lines(item) == Lines{"Абвгдежзик"});
    item.text = "Абвгдежзикл";
    CHECK(lines(item) == Lines{"Абвгдежзик", "л"});
    item.align = fiscal::PrintItem::Align::right;
    CHECK(lines(item) == Lines{"Абвгдежзик", "         л"});
    item.text = "аб";
    item.align = fiscal::PrintItem::Align::center;
    CHECK(lines(item) == Lines{"    аб"});
    item.wide = true;
    CHECK(lines(item) == Lines{"\t \tа\tб"});
    fiscal::PrintItem code;
    code.kind = fiscal::PrintItem::Kind::qr;
    code.text = std::string(101, 'x');
    CHECK(paper_script({code}, 10, Dialect{}).error().code == Errc::not_representable);
    code.text.pop_back();
    CHECK(paper_script({code}, 10, Dialect{}));
    item.text = "咖";
    CHECK(paper_script({item}, 10, Dialect{}).error().code == Errc::not_representable);
}

TEST_CASE("requisites nobody has shown are refused by their number", "[atol][printing]")
{
    fiscal::Request request = sale();
    fiscal::Buyer buyer;
    buyer.name = "Иванов";
    request.receipt->receipt.buyer = buyer;
    ScriptFacts newer = facts();
    newer.ffd = fiscal::FfdVersion::v1_2;
    const auto none = receipt_script(request, newer);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::unsupported);
    CHECK_THAT(none.error().context, Catch::Contains("1256") && Catch::Contains("atol-fptr"));
    fiscal::fit_to(request, facts().ffd); // before, it is 1227
    CHECK(receipt_script(request, facts()));
}
