// A marked item as the bytes a Shtrih-M register takes: rows C83 to C85 of tests/fixtures/shtrih/frames.txt.
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/receipt_script.hpp"
#include "tests/support/exchange_script.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace kb;
using namespace kb::shtrih;
using namespace kb::test;

namespace {

const std::string kCode = "0104600439931256215000000000001\x1D"
                          "93dGVz";

fiscal::Request marked_sale()
{
    fiscal::Position one;
    one.item.name = "Вода";
    one.item.price = Kopecks{19'900};
    one.item.quantity = Quantity::units(1);
    one.item.sum = Kopecks{19'900};
    one.item.vat_rate = 11;
    one.item.payment_method = 4;
    one.item.item_kind = 33;
    one.item.unit = 0;
    one.marking = fiscal::Marking{kCode, 1};
    fiscal::Request request;
    request.receipt.emplace();
    request.receipt->positions = {one};
    request.receipt->receipt.payments.cash = Kopecks{19'900};
    request.receipt->receipt.tax_system = 1;
    return request;
}

std::string frame_of_row(const std::string& id)
{
    for (const Row& row : load_rows("shtrih/frames.txt"))
        if (row[0] == id)
            return to_hex(hex(row[4]));
    throw std::runtime_error("no row " + id);
}

template <class Command>
std::string bytes_on_line(const Command& command)
{
    return to_hex(v1::encode_frame(*encode_request(command)));
}

/// Where the first step of this sort is; -1: there is none.
template <class Command>
std::ptrdiff_t place_of(const ReceiptScript& script)
{
    const auto at = std::find_if(script.steps.begin(), script.steps.end(), [](const ReceiptStep& step) {
        return std::holds_alternative<Command>(step);
    });
    return at == script.steps.end() ? -1 : at - script.steps.begin();
}

} // namespace

TEST_CASE("a mark is checked, accepted and bound by the commands of the vendor's layouts",
          "[shtrih][marking][fixture]")
{
    const auto script = receipt_script(marked_sale(), ScriptFacts{});
    INFO((script ? "" : script.error().message()));
    REQUIRE(script);
    REQUIRE(script->marks.size() == 1);
    CHECK(script->marks[0].position == 0);
    CHECK(bytes_on_line(script->marks[0].command) == frame_of_row("C83"));
    const std::ptrdiff_t bind = place_of<BindMark>(*script);
    REQUIRE(bind >= 0);
    CHECK(bytes_on_line(std::get<BindMark>(script->steps[static_cast<std::size_t>(bind)])) ==
          frame_of_row("C84"));
    CHECK(bytes_on_line(AcceptMark{}) == frame_of_row("C85"));
}

TEST_CASE("the code is bound behind its item and all tags of the item, in either order of these",
          "[shtrih][marking]")
{
    for (const ItemTlv order : {ItemTlv::after_operation, ItemTlv::before_operation}) {
        ScriptFacts facts;
        facts.item_tlv = order;
        const auto script = receipt_script(marked_sale(), facts);
        REQUIRE(script);
        CHECK(place_of<BindMark>(*script) > place_of<Operation>(*script));
        CHECK(place_of<BindMark>(*script) > place_of<SendOperationTlv>(*script));
    }
}

TEST_CASE("a receipt without marks has nothing to check", "[shtrih][marking]")
{
    fiscal::Request request = marked_sale();
    request.receipt->positions[0].marking.reset();
    const auto script = receipt_script(request, ScriptFacts{});
    REQUIRE(script);
    CHECK(script->marks.empty());
    CHECK(place_of<BindMark>(*script) == -1);
}

TEST_CASE("what is sold in part is checked with its measure, its quantity and its part", "[shtrih][marking]")
{
    fiscal::Request request = marked_sale();
    fiscal::Position& position = request.receipt->positions[0];
    position.item.fraction = fiscal::Fraction{"", 1, 2};
    position.marking->planned_status = 2;
    const auto script = receipt_script(request, ScriptFacts{});
    REQUIRE(script);
    // 2108 = 0 | 1023 = 1 | 1291 {1293 = 1, 1294 = 2}
    CHECK(to_hex(script->marks[0].command.tlv) == "3C08010000FF03020000010B050A000D050100010E05010002");
}

TEST_CASE("a code that no frame holds is refused before anything is sent, by its place", "[shtrih][marking]")
{
    fiscal::Request request = marked_sale();
    request.receipt->positions[0].marking->code.assign(246, 'A');
    const auto script = receipt_script(request, ScriptFacts{});
    REQUIRE_FALSE(script);
    CHECK(script.error().code == Errc::not_representable);
    CHECK_THAT(script.error().context, Catch::Contains("items[0].marking.code: 246 bytes"));
    request.receipt->positions[0].marking->code.assign(245, 'A');
    CHECK(receipt_script(request, ScriptFacts{}));
}

TEST_CASE("the result of a check is what the register keeps, with what the state system said beside it",
          "[shtrih][marking]")
{
    CheckMarkReply checked;
    checked.local_result = 3;
    checked.online = hex("00 0F 39 08 01 00 00 3D 08 01 00 01"); // 2105 = 0, 2109 = 1
    AcceptMarkReply kept;
    kept.result = 0x0F;
    const auto check = to_mark_check(checked, kept);
    CHECK(check.state == fiscal::MarkCheck::State::passed);
    CHECK(check.result == 0x0F);
    CHECK(check.request_result == std::uint8_t{0});
    CHECK(check.status_answer == std::uint8_t{1});

    // Nobody answered in time.
    checked.online = hex("FF 03");
    kept.result = 0x03;
    CHECK(to_mark_check(checked, kept).state == fiscal::MarkCheck::State::offline);
    // The two bytes in the other order: the kept result decides.
    checked.online = hex("0F 00");
    kept.result = 0x0F;
    CHECK(to_mark_check(checked, kept).state == fiscal::MarkCheck::State::passed);
    // Only where none is told, the answer's own; a register without an OFD asks nobody.
    kept.result.reset();
    checked.online = hex("00 07");
    CHECK(to_mark_check(checked, kept).state == fiscal::MarkCheck::State::refused);
    checked.online.clear();
    CHECK(to_mark_check(checked, kept).result == 3);
    // The FN's reason, or no answer in time: what stands there is no result.
    for (const char* online : {"20 0F", "20 04", "05 00", "FF 0F"}) {
        INFO(online);
        checked.online = hex(online);
        CHECK(to_mark_check(checked, kept).result == 3);
    }
    // What is no tag there says nothing.
    checked.online = hex("00 0F 39 08");
    CHECK_FALSE(to_mark_check(checked, kept).request_result);
}
