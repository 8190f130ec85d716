#include "http/problem.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kb;
using namespace kb::http;
using nlohmann::json;

TEST_CASE("a problem says what is known and leaves out what is not", "[http][problem]")
{
    const Response bare = problem(400, Errc::bad_value, "not a number");
    CHECK(bare.status == 400);
    CHECK(bare.headers.front() ==
          std::pair<std::string, std::string>("Content-Type", "application/problem+json"));
    CHECK(json::parse(bare.body) == json{{"type", "about:blank"},
                                         {"title", "Bad Request"},
                                         {"status", 400},
                                         {"code", "bad_value"},
                                         {"detail", "not a number"}});
    const json whole = json::parse(problem(400, Errc::bad_value, "not a number", {"limit", "1..200"}).body);
    CHECK(whole.at("field") == "limit");
    CHECK(whole.at("cure") == "1..200");
}

TEST_CASE("a problem carries the members that its API adds", "[http][problem]")
{
    ProblemText more;
    more.members = {{"faults", R"([{"field":"items[0].price","reason":"negative"}])"}, {"retry", "false"}};
    const json body = json::parse(problem(422, Errc::bad_value, "1 fault", more).body);
    CHECK(body.at("title") == "Unprocessable Content");
    CHECK(body.at("faults").at(0).at("field") == "items[0].price");
    CHECK(body.at("retry") == false);
}

TEST_CASE("an error becomes a problem: its code gives the status, its context the field", "[http][problem]")
{
    const auto told = [](Errc code, const std::string& context) {
        const Error error{code, Outcome::not_done, context, std::nullopt};
        return json::parse(problem(error).body);
    };
    CHECK(told(Errc::bad_value, "items[0].price: negative").at("field") == "items[0].price");
    CHECK(told(Errc::bad_value, "items[0].price: negative").at("detail") == "negative");
    CHECK_FALSE(told(Errc::bad_json, "not JSON: at 3").contains("field"));
    CHECK(told(Errc::bad_json, "not JSON: at 3").at("status") == 400);
    CHECK(told(Errc::unauthorised, "").at("status") == 401);
    CHECK(told(Errc::not_found, "").at("status") == 404);
    CHECK(told(Errc::conflict, "").at("status") == 409);
    CHECK(told(Errc::too_many, "").at("status") == 413);
    CHECK(told(Errc::overflow, "items[0].price: beyond any money").at("status") == 400);
    CHECK(told(Errc::storage_full, "").at("status") == 503);
    CHECK(told(Errc::storage_busy, "").at("status") == 503);
    CHECK(told(Errc::port_lost, "").at("status") == 500);
}

TEST_CASE("whoever is to come again is told when", "[http][problem]")
{
    const auto has = [](const Response& response) {
        for (const auto& [name, value] : response.headers)
            if (name == "Retry-After")
                return true;
        return false;
    };
    CHECK(has(problem(429, Errc::too_many, "")));
    CHECK(has(problem(503, Errc::storage_full, "")));
    CHECK_FALSE(has(problem(400, Errc::bad_value, "")));
}

TEST_CASE("text that is not UTF-8 leaves as JSON all the same", "[http][problem]")
{
    CHECK(json::parse(problem(400, Errc::bad_value, "bad\xFF").body).at("detail") == "bad\xEF\xBF\xBD");
}
