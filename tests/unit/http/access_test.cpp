// Who may ask, by name, key and origin.
#include "http/access.hpp"
#include "tests/unit/http/header_of.hpp"

#include <catch2/catch.hpp>

using namespace kb::http;
using kb::http::test::header_of;

namespace {

Request preflight_of(const std::string& origin)
{
    Request request;
    request.method = "OPTIONS";
    request.headers = {{"origin", origin},
                       {"access-control-request-method", "PUT"},
                       {"access-control-request-headers", "authorization,content-type"},
                       {"access-control-request-private-network", "true"}};
    return request;
}

} // namespace

TEST_CASE("only names of this computer are loopback names", "[http][access]")
{
    for (const auto* name :
         {"localhost", "LocalHost:8760", "127.0.0.1", "127.0.0.1:16732", "[::1]", "[::1]:5893"}) {
        CAPTURE(name);
        CHECK(is_loopback_name(name));
    }
    for (const auto* name : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                             "evil.example:127.0.0.1", "localhost:evil", "127.0.0.1@evil.example", "[::1",
                             "[::1].evil.example", "[::2]", "::1", "0.0.0.0", " localhost"}) {
        CAPTURE(name);
        CHECK_FALSE(is_loopback_name(name));
    }
}

TEST_CASE("a secret is met by itself only, and an empty one by nothing", "[http][access]")
{
    CHECK(same_secret("abc", "abc"));
    for (const auto* wrong : {"", "ab", "abcd", "abd", "ABC"}) {
        CAPTURE(wrong);
        CHECK_FALSE(same_secret(wrong, "abc"));
    }
    CHECK_FALSE(same_secret("", ""));
}

TEST_CASE("a bearer token is read from its header alone", "[http][access]")
{
    Request request;
    CHECK(bearer_token(request).empty());
    request.headers = {{"authorization", "Basic YTpi"}};
    CHECK(bearer_token(request).empty());
    request.headers = {{"authorization", "Bearer"}};
    CHECK(bearer_token(request).empty());
    request.headers = {{"authorization", "Bearer abc"}};
    CHECK(bearer_token(request) == "abc");
    request.headers = {{"authorization", "bearer abc"}};
    CHECK(bearer_token(request) == "abc");
}

TEST_CASE("a page of an allowed origin is told that it may call, another one nothing", "[http][access]")
{
    const Origins origins({"https://pos.example"});
    const auto granted = origins.preflight(preflight_of("https://pos.example"));
    REQUIRE(granted);
    CHECK(granted->status == 204);
    CHECK(header_of(*granted, "Access-Control-Allow-Methods") == "PUT");
    CHECK(header_of(*granted, "Access-Control-Allow-Headers") == "authorization,content-type");
    CHECK(header_of(*granted, "Access-Control-Allow-Private-Network") == "true");
    for (const auto* other : {"https://pos.example.evil", "http://pos.example", "null", ""}) {
        CAPTURE(other);
        CHECK_FALSE(origins.preflight(preflight_of(other)));
    }
    CHECK(Origins({"*"}).preflight(preflight_of("null")));
    CHECK_FALSE(Origins({}).preflight(preflight_of("https://pos.example")));

    auto call = preflight_of("https://pos.example");
    call.method = "POST";
    CHECK_FALSE(origins.preflight(call));
}

TEST_CASE("an answer names the origin that may read it, and no other", "[http][access]")
{
    const Origins origins({"https://pos.example"});
    Request request;
    request.headers = {{"origin", "https://pos.example"}};
    Response answer;
    origins.let_read(request, answer);
    CHECK(header_of(answer, "Access-Control-Allow-Origin") == "https://pos.example");
    CHECK(header_of(answer, "Vary") == "Origin");

    request.headers = {{"origin", "https://evil.example"}};
    Response other;
    origins.let_read(request, other);
    CHECK(header_of(other, "Access-Control-Allow-Origin").empty());
    CHECK(header_of(other, "Vary") == "Origin");
}
