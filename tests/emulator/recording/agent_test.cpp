// The agent's calls for recordings: who may make them, what they refuse, what comes out.
#include "protocol/core/exchange_file.hpp"
#include "tests/emulator/recording/recorded_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

namespace {

std::string device_at(const std::string& port) { return "[[device]]\nport = \"" + port + "\"\n"; }

} // namespace

TEST_CASE("a recording is started, ended and fetched by who holds the local token", "[recording]")
{
    const RegisterThread device(way_named("shtrih v2 over TCP"));
    RecordedShop shop(device_at(device.port()));
    shop.start_agent();
    shop.until_read();
    const std::string whole = R"({"device": 1, "seconds": 600})";

    // Nobody else, and nothing before there is something.
    for (const char* call :
         {"POST /recording", "GET /recording", "DELETE /recording", "GET /recording/file"}) {
        const std::string text = call;
        const std::size_t space = text.find(' ');
        CHECK(shop.call(text.substr(0, space), text.substr(space + 1), whole).status == 401);
        CHECK(shop.call(text.substr(0, space), text.substr(space + 1), whole, "no token").status == 401);
    }
    CHECK(shop.ask("GET", "/recording").body["state"] == "none");
    CHECK(shop.ask("GET", "/recording/file").status == 404);
    CHECK(shop.ask("DELETE", "/recording").status == 409);
    CHECK(shop.ask("PUT", "/recording", whole).status == 405);

    // What is refused says which field it is.
    const std::tuple<const char*, int, const char*> wrong[] = {
        {"", 400, "seconds"},
        {"[]", 400, "seconds"},
        {R"({"device": 1})", 400, "seconds"},
        {R"({"device": 1, "seconds": 0})", 400, "seconds"},
        {R"({"device": 1, "seconds": 601})", 400, "seconds"},
        {R"({"device": 1, "seconds": "60"})", 400, "seconds"},
        {R"({"device": 1, "seconds": 60, "bytes": 0})", 400, "bytes"},
        {R"({"device": 1, "seconds": 60, "bytes": 4000001})", 400, "bytes"},
        {R"({"device": 0, "seconds": 60})", 404, "device"},
        {R"({"device": 2, "seconds": 60})", 404, "device"},
        {R"({"seconds": 60})", 404, "device"},
    };
    for (const auto& [body, status, field] : wrong) {
        INFO(body);
        const auto page = shop.ask("POST", "/recording", body);
        CHECK(page.status == status);
        CHECK_THAT(page.text, Catch::Contains(field) && Catch::Contains("cure"));
    }

    // One at a time; the end by hand keeps what was heard.
    const auto begun = shop.ask("POST", "/recording", whole);
    CHECK(begun.status == 202);
    CHECK(begun.body["state"] == "recording");
    CHECK(begun.body["device"] == 1);
    CHECK(shop.ask("POST", "/recording", whole).status == 409);
    CHECK(shop.ask("GET", "/recording/file").status == 404);
    while (shop.ask("GET", "/recording").body["bytes"].get<int>() < 3'000) {
    }
    const auto done = shop.ask("DELETE", "/recording");
    CHECK(done.status == 200);
    CHECK(done.body["state"] == "done");
    CHECK(done.body["full"] == false);
    CHECK(shop.ask("DELETE", "/recording").status == 409);

    const auto fetched = shop.ask("GET", "/recording/file");
    REQUIRE(fetched.status == 200);
    const auto file = parse_exchange(fetched.text);
    REQUIRE(file);
    CHECK(file->lines.size() == done.body["lines"]);
    CHECK(file->about("vendor") == "shtrih");
    CHECK_FALSE(file->about("masked").empty());
    CHECK_THAT(file->about("origin"), Catch::Contains("by kkt-agent"));
    Bytes all;
    for (const ExchangeLine& line : file->lines)
        all.insert(all.end(), line.bytes.begin(), line.bytes.end());
    CHECK(all.size() >= 3'000);
    for (const std::string& secret : secrets()) {
        INFO(secret);
        CHECK_FALSE(hints(all, secret));
    }

    // Its greatest size ends it as well.
    CHECK(shop.ask("POST", "/recording", R"({"device": 1, "seconds": 600, "bytes": 500})").status == 202);
    while (shop.ask("GET", "/recording").body["state"] == "recording") {
    }
    const auto full = shop.ask("GET", "/recording");
    CHECK(full.body["state"] == "done");
    CHECK(full.body["full"] == true);
}

TEST_CASE("a register whose line nobody can mask is not recorded, and one that never answered leaves nothing",
          "[recording]")
{
    RecordedShop shop("[[device]]\nport = \"serial:/dev/no-such-port\"\nfamily = \"atol-fptr\"\n"
                      "[[device]]\nport = \"serial:/dev/no-other-port\"\n");
    shop.start_agent();
    const auto refused = shop.ask("POST", "/recording", R"({"device": 1, "seconds": 60})");
    CHECK(refused.status == 422);
    CHECK_THAT(refused.text, Catch::Contains("unsupported"));
    CHECK(shop.ask("GET", "/recording").body["state"] == "none");

    CHECK(shop.ask("POST", "/recording", R"({"device": 2, "seconds": 600})").status == 202);
    const auto ended = shop.ask("DELETE", "/recording");
    CHECK(ended.body["state"] == "failed");
    CHECK(ended.body["code"] == "not_found");
    CHECK(shop.ask("GET", "/recording/file").status == 404);
}
