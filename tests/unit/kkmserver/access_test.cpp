// Who may ask, and what a browser is told.
#include "tests/unit/kkmserver/kkm_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;

namespace {

kb::http::Request sale(std::vector<std::pair<std::string, std::string>> headers)
{
    kb::http::Request request;
    request.method = "POST";
    request.path = "/Execute";
    request.headers = std::move(headers);
    request.body = small_check("access").dump();
    return request;
}

/// What a browser asks before it lets a page call.
kb::http::Request question(const char* origin)
{
    kb::http::Request request;
    request.method = "OPTIONS";
    request.path = "/Execute";
    request.headers = {{"host", "localhost:5893"},
                       {"origin", origin},
                       {"access-control-request-method", "POST"},
                       {"access-control-request-headers", "authorization,content-type"},
                       {"access-control-request-private-network", "true"}};
    return request;
}

std::string header(const kb::http::Response& response, const std::string& name)
{
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return {};
}

} // namespace

TEST_CASE("only by the names of this computer", "[kkmserver]")
{
    KkmShop shop;
    for (const char* host : {"evil.example", "evil.example:5893", "192.168.0.1:5893", ""}) {
        INFO(host);
        const auto response = shop.ask(sale({{"host", host}}));
        CHECK(response.status == 403);
        CHECK(Json::parse(response.body).at("Status") == 2);
        CHECK(shop.jobs() == 0);
    }
}

TEST_CASE("only with name and password, where they are configured", "[kkmserver]")
{
    KkmShop::Options options;
    options.user = "Admin";
    options.password = "тайна";
    KkmShop shop(options);
    // Admin:admin | User:тайна | Admin: | no colon | no base64
    for (const char* wrong : {"", "Basic QWRtaW46YWRtaW4=", "Basic VXNlcjrRgtCw0LnQvdCw", "Basic QWRtaW46",
                              "Basic QWRtaW4=", "Basic !", "Bearer x"}) {
        INFO(wrong);
        const auto response = shop.ask(sale({{"host", "localhost:5893"}, {"authorization", wrong}}));
        CHECK(response.status == 401);
        CHECK(header(response, "WWW-Authenticate").starts_with("Basic"));
        CHECK(Json::parse(response.body).at("Status") == 2);
        CHECK(shop.jobs() == 0);
    }
    // Admin:тайна | admin:тайна, since clients write the name in capitals or not
    for (const char* right : {"Basic QWRtaW460YLQsNC50L3QsA==", "basic YWRtaW460YLQsNC50L3QsA=="}) {
        INFO(right);
        const auto response = shop.ask(sale({{"host", "localhost:5893"}, {"authorization", right}}));
        CHECK(response.status == 200);
        CHECK(Json::parse(response.body).at("Status") == 0);
    }
    CHECK(shop.jobs() == 1);
}

TEST_CASE("a name without a password is met by an empty one", "[kkmserver]")
{
    KkmShop::Options options;
    options.user = "User";
    KkmShop shop(options);
    CHECK(shop.ask(sale({{"host", "localhost"}, {"authorization", "Basic VXNlcjo="}})).status == 200);
    CHECK(shop.ask(sale({{"host", "localhost"}, {"authorization", "Basic VXNlcjp4"}})).status == 401);
}

TEST_CASE("with a password alone the users are Admin and User, as the original has them", "[kkmserver]")
{
    KkmShop::Options options;
    options.password = "tea";
    KkmShop shop(options);
    // Root:tea | Admin: | :tea
    for (const char* wrong : {"", "Basic Um9vdDp0ZWE=", "Basic QWRtaW46", "Basic OnRlYQ=="}) {
        INFO(wrong);
        CHECK(shop.ask(sale({{"host", "localhost"}, {"authorization", wrong}})).status == 401);
        CHECK(shop.jobs() == 0);
    }
    // Admin:tea | User:tea
    for (const char* right : {"Basic QWRtaW46dGVh", "Basic VXNlcjp0ZWE="}) {
        INFO(right);
        CHECK(shop.ask(sale({{"host", "localhost"}, {"authorization", right}})).status == 200);
    }
}

TEST_CASE("a page that knows the password may call from a browser, as with the original", "[kkmserver]")
{
    KkmShop::Options options;
    options.user = "User"; // asked for with the call itself, not with the question before it
    options.password = "tea";
    KkmShop shop(options);
    const auto granted = shop.ask(question("https://shop.example"));
    CHECK(granted.status == 204);
    CHECK(header(granted, "Access-Control-Allow-Origin") == "https://shop.example");
    CHECK(header(granted, "Access-Control-Allow-Headers") == "authorization,content-type");
    CHECK(header(granted, "Access-Control-Allow-Private-Network") == "true");
    auto call = sale({{"host", "localhost:5893"}, {"origin", "https://shop.example"}});
    CHECK(shop.ask(call).status == 401);
    CHECK(shop.jobs() == 0);
    call.headers.emplace_back("authorization", "Basic VXNlcjp0ZWE=");
    const auto response = shop.ask(call);
    CHECK(response.status == 200);
    CHECK(header(response, "Access-Control-Allow-Origin") == "https://shop.example");
    CHECK(header(response, "Cache-Control").starts_with("no-store"));
    CHECK(header(response, "Content-Type").starts_with("application/json"));
}

TEST_CASE("without a password only the pages that are configured may call", "[kkmserver]")
{
    KkmShop::Options options;
    const bool configured = GENERATE(false, true);
    if (configured)
        options.origins = {"https://shop.example"};
    KkmShop shop(options);
    for (const char* foreign : {"https://evil.example", "http://localhost", "null"}) {
        INFO(foreign);
        CHECK(shop.ask(question(foreign)).status == 403);
        const auto response = shop.ask(sale({{"host", "localhost"}, {"origin", foreign}}));
        CHECK(response.status == 403);
        CHECK(header(response, "Access-Control-Allow-Origin").empty());
        CHECK(Json::parse(response.body).at("Error").get<std::string>().find("origins") != std::string::npos);
        CHECK(shop.jobs() == 0);
    }
    const auto response = shop.ask(sale({{"host", "localhost"}, {"origin", "https://shop.example"}}));
    CHECK(response.status == (configured ? 200 : 403));
    CHECK(shop.jobs() == (configured ? 1 : 0));
}

TEST_CASE("where origins are configured, the password is not enough", "[kkmserver]")
{
    KkmShop::Options options;
    options.password = "tea";
    options.origins = {"https://shop.example"};
    KkmShop shop(options);
    const auto response = shop.ask(sale({{"host", "localhost"},
                                         {"origin", "https://evil.example"},
                                         {"authorization", "Basic QWRtaW46dGVh"}}));
    CHECK(response.status == 403);
    CHECK(shop.jobs() == 0);
}

TEST_CASE("another address or method is said to be wrong, in JSON", "[kkmserver]")
{
    KkmShop shop;
    kb::http::Request request;
    request.headers = {{"host", "localhost"}};
    request.method = "GET";
    request.path = "/Execute";
    auto response = shop.ask(request);
    CHECK(response.status == 405);
    CHECK(Json::parse(response.body).at("Status") == 2);
    request.method = "POST";
    request.path = "/Print";
    response = shop.ask(request);
    CHECK(response.status == 404);
    CHECK(Json::parse(response.body).at("Error").is_string());
}
