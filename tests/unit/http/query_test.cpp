#include "http/query.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::http;

TEST_CASE("percent-decoding gives text or nothing", "[http][query]")
{
    CHECK(percent_decode("a%20b+c", false) == "a b+c");
    CHECK(percent_decode("a+b", true) == "a b");
    CHECK(percent_decode("%D0%A7%d0%b5%D0%BA", false) == "Чек");
    CHECK(percent_decode("", false) == "");
    for (const auto* broken : {"%", "%2", "%zz", "a%2", "%00", "%FF", "%D0", "%C0%80", "%ED%A0%80"}) {
        CAPTURE(broken);
        CHECK_FALSE(percent_decode(broken, false));
    }
}

TEST_CASE("parameters are read by name and form", "[http][query]")
{
    Query query("limit=200&q=%D1%87%D0%B0%D0%B9+1&from=2024-03-01&to=2024-03-01&empty=");
    CHECK(query.integer("limit", 1, 200) == 200);
    CHECK(query.text("q", 64) == "чай 1");
    CHECK(query.local_time("from", false) == local_from_text("2024-03-01T00:00:00").value());
    CHECK(query.local_time("to", true) == local_from_text("2024-03-01T23:59:59").value());
    CHECK_FALSE(query.text("empty", 64));
    CHECK_FALSE(query.text("absent", 64));
    CHECK_FALSE(query.fault());
}

TEST_CASE("the first fault of a query is kept, with the name of its parameter", "[http][query]")
{
    const auto fault = [](const std::string& text) {
        Query query(text);
        query.integer("limit", 1, 200);
        query.text("q", 5);
        query.local_time("from", false);
        REQUIRE(query.fault());
        CHECK(query.fault()->status == 400);
        CHECK(query.fault()->code == Errc::bad_value);
        return query.fault()->field;
    };
    CHECK(fault("limit=0") == "limit");
    CHECK(fault("limit=201") == "limit");
    CHECK(fault("limit=2x") == "limit");
    CHECK(fault("limit=99999999999999999999") == "limit");
    CHECK(fault("q=123456") == "q");
    CHECK(fault("from=2024-13-01") == "from");
    CHECK(fault("q=%zz") == "q");
    CHECK(fault("q=1&q=2") == "q");
    CHECK(fault("unknown=1") == "unknown");
    CHECK(fault("unknown=1&limit=0") == "limit");
}
