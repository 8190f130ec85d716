#include "tlv_fixture.hpp"

#include "protocol/fiscal/json.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kb;
using namespace kb::fiscal;
using kb::test::hex;
using kb::test::load_tlv;

TEST_CASE("every example has the JSON of its source, value by value", "[fiscal][fixture]")
{
    for (const auto& fixture : test::all_tlv_fixtures()) {
        INFO(fixture.name);
        const auto tree = read_document_tlv(fixture.bytes).value();
        const std::string text = to_json(tree);
        INFO(text);
        CHECK(nlohmann::json::parse(text) == nlohmann::json::parse(fixture.json));
    }
}

TEST_CASE("the JSON of every example makes its bytes again", "[fiscal][fixture]")
{
    for (const auto& fixture : test::all_tlv_fixtures()) {
        INFO(fixture.name);
        const auto tree = read_document_tlv(fixture.bytes).value();
        const auto back = from_json(to_json(tree), tree.tag);
        REQUIRE(back);
        const Bytes bytes = write_tlv(*back).value();
        if (fixture.name == "e1") {
            // Its service bytes of 1077 are 21 04, and JSON has only the number.
            CHECK(nlohmann::json::parse(to_json(*back)) == nlohmann::json::parse(fixture.json));
        } else {
            CHECK(to_hex(bytes) == to_hex(fixture.bytes));
        }
        CHECK(nlohmann::json::parse(to_json(from_json(fixture.json, tree.tag).value())) ==
              nlohmann::json::parse(fixture.json));
    }
}

TEST_CASE("both spellings of the correction basis are read", "[fiscal]")
{
    for (const char* key : {"correctionBase", "сorrectionBase"}) {
        const std::string text = std::string(R"({")") + key + R"(": {"correctionDocumentNumber": "17"}})";
        const auto tree = from_json(text, tag::correction_receipt).value();
        REQUIRE(tree.children.size() == 1);
        CHECK(tree.children[0].tag == tag::correction_basis);
    }
}

TEST_CASE("quantities pass through JSON digit by digit", "[fiscal]")
{
    const auto round = [](const std::string& digits) {
        const auto tree = from_json(R"({"items": [{"quantity": )" + digits + "}]}", tag::receipt).value();
        return to_json(tree);
    };
    CHECK(round("72057594037927935") == R"({"items": [{"quantity": 72057594037927935}]})");
    CHECK(round("0.1") == R"({"items": [{"quantity": 0.1}]})");
    CHECK(round("720575940379.27935") == R"({"items": [{"quantity": 720575940379.27935}]})");
    CHECK(round("1e-06") == R"({"items": [{"quantity": 0.000001}]})");
    CHECK(round("1.25e+2") == R"({"items": [{"quantity": 125}]})");
    CHECK(round("12.5e2") == R"({"items": [{"quantity": 1250}]})");
}

TEST_CASE("a value that is not of its tag's type goes through JSON as hex", "[fiscal]")
{
    const Bytes document = hex("0300"
                               "1900"
                               "1004 0300 010203"
                               "3504 0400 31040102"
                               "0F27 0200 BEEF"
                               "1E04 0000");
    const auto tree = read_document_tlv(document).value();
    const std::string text = to_json(tree);
    CHECK(text == R"({"tag1040": "010203", "tag1077": "31040102", "tag9999": "beef", "tag1054": ""})");
    CHECK(write_tlv(from_json(text, tag::receipt).value()).value() == document);
}

TEST_CASE("JSON that is no document is refused with the member's name", "[fiscal]")
{
    const auto error = [](const char* text) {
        const auto tree = from_json(text, tag::receipt);
        REQUIRE_FALSE(tree);
        return tree.error().context;
    };
    CHECK(error("{") == "not JSON at byte 2");
    CHECK(error("[]") == "document: not an object");
    CHECK(error(R"({"nosuch": 1})") == "nosuch: unknown name");
    CHECK(error(R"({"items": [{"name": "a"}, {"price": -1}]})") ==
          "items[1].price: -1 is not a whole number in range");
    CHECK(error(R"({"items": [{"name": 5}]})") == "items[0].name: 1030: a string takes no number");
    CHECK(error(R"({"operator": "€"})").starts_with("operator: 1021: text: character U+20AC"));
    CHECK(error(R"({"fiscalSign": 4294967296})") == "fiscalSign: a fiscal sign has 32 bits");
    CHECK(error(R"({"code": 4})") == "code: 4, but 3 is wanted");
    CHECK(error(R"({"operator": {"a": 1}})") == "operator: an object, but the tag is no structure");
    CHECK(error(R"({"operator": [["a"]]})") == "operator[0]: neither a number, a text nor an object");
    CHECK(error((std::string(100'000, '[')).c_str()) == "nested deeper than 16");
    CHECK(from_json(R"({"code": 3, "rawData": "AA==", "messageFiscalSign": 12})", tag::receipt)
              ->children.empty());
}
