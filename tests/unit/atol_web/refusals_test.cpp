// What cannot be served: told in ATOL's envelope, and nothing printed.
#include "agent/api/http_server.hpp"
#include "drivers/asio.hpp"
#include "tests/unit/atol_web/atol_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::string sale(const std::string& from, const std::string& to)
{
    std::string text = coffee();
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

void nothing_came_of_it(AtolShop& shop)
{
    shop.run(10s);
    CHECK(shop.documents() == 1); // of the registration
    CHECK(shop.get("/stat/requests").json()["not_ready_count"] == 0);
}

} // namespace

TEST_CASE("what is no request is refused in the envelope", "[atol web][bad input]")
{
    AtolShop shop;
    for (const std::string& body :
         {std::string("{oops"), std::string(), std::string("[]"), std::string("null"),
          std::string(R"({"uuid":"u"})"), std::string(R"({"uuid":"u","request":[]})"),
          std::string(R"({"uuid":5,"request":)") + coffee() + "}",
          std::string("{\"uuid\":\"\xC3\x28\",\"request\":") + coffee() + "}",
          std::string(R"({"uuid":"u","request":)") + std::string(1'000, '[')}) {
        for (const char* path : {"/api/v2/requests", "/requests"}) {
            const Reply reply = shop.post(path, body);
            CHECK(reply.status == 400);
            CHECK(reply.error_code() == 505);
            CHECK_FALSE(reply.error_text().empty());
            CHECK_THAT(reply.header("Content-Type"), Catch::StartsWith("application/json"));
        }
    }
    CHECK(shop.post("/api/v2/requests", R"({"uuid":"u"})").error_text() ==
          "Поле 'request' не задано или пустое");
    nothing_came_of_it(shop);
}

TEST_CASE("wrong values are refused with field, reason and cure", "[atol web][bad input]")
{
    struct Row {
        const char* from;
        const char* to;
        const char* told;
    };
    AtolShop shop;
    int number = 0;
    for (const Row& row : {
             Row{R"("price":18.0)", R"("price":-18.0)", "отрицательная сумма"},
             Row{R"("price":18.0)", R"("price":"дорого")", "items[0].price"},
             Row{R"("price":18.0)", R"("price":18.005)", "items[0].price"},
             Row{R"("price":18.0)", R"("price":1e40)", "items[0].price"},
             Row{R"("price":18.0)", R"("price":92233720368547759)", "больше любых денег"},
             Row{R"("price":18.0,"quantity":1,"amount":18.0)", R"("price":90000000000000,"quantity":1000000)",
                 "больше любых денег"},
             Row{R"("quantity":1)", R"("quantity":0)", "количество"},
             Row{R"("quantity":1)", R"("quantity":-1)", "количество"},
             Row{R"("quantity":1)", R"("quantity":{})", "items[0].quantity"},
             Row{R"("sum":18.0)", R"("sum":-18.0)", "отрицательная сумма"},
             Row{R"("sum":18.0)", R"("sum":17.0)", "оплачено"},
             Row{R"("type":"vat20")", R"("type":"vat18")", "vat20"},
             Row{R"("taxationType":"osn")", R"("taxationType":"всё")", "taxationType"},
             Row{R"("vatin":"500100732259")", R"("vatin":"500100732258")", "ИНН"},
             Row{R"("emailOrPhone":"a@b.ru")", R"("emailOrPhone":"никак")", "никак"},
             Row{R"("name":"Кофе")", R"("name":"")", "наименование"},
             Row{R"("name":"Кофе")", R"("name":["Кофе"])", "items[0].name"},
             Row{R"("items":[)", R"("items":5,"other":[)", "items"},
             Row{R"("type":"sell")", R"("type":"validateMarks")", "не поддерживается"},
         }) {
        INFO(row.to);
        const Reply reply = shop.ask("u" + std::to_string(++number), sale(row.from, row.to));
        CHECK(reply.status == 400);
        CHECK_THAT(reply.error_text(), Catch::Contains(row.told) && Catch::StartsWith("request[0]"));
        CHECK((reply.error_code() == 5 || reply.error_code() == 11 || reply.error_code() == 16));
        CHECK(shop.get("/api/v2/requests/u" + std::to_string(number)).status == 404);
    }
    CHECK(shop.ask("x", sale(R"("type":"sell")", R"("type":"validateMarks")")).error_code() == 11);
    nothing_came_of_it(shop);
}

TEST_CASE("where it is set so, what is wrong with a task is told as its result", "[atol web][bad input]")
{
    AtolShop shop;
    REQUIRE(shop.call("PUT", "/api/v2/settings", R"({"validateRequestsOnAdd":false})").status == 200);
    const std::string wrong = sale(R"("price":18.0)", R"("price":-18.0)");
    REQUIRE(shop.ask("u1", R"([{"type":"nonFiscal","items":[{"type":"text","text":"а"}]},)" + wrong +
                               R"(,{"type":"reportX"}])")
                .status == 201);
    const json results = shop.results("u1");
    REQUIRE(results.size() == 3);
    CHECK(results[0]["status"] == "interrupted"); // nothing is begun of what cannot be done whole
    CHECK(results[1]["status"] == "error");
    CHECK(results[1]["error"]["code"] == 5);
    CHECK(results[2]["status"] == "interrupted");
    CHECK(shop.ask("u1", coffee()).status == 409);
    CHECK(shop.call("DELETE", "/api/v2/requests/u1").status == 409);
    REQUIRE(shop.ask("u2", R"({"type":"pingIsm"})").status == 201);
    CHECK(shop.results("u2")[0]["error"]["code"] == 11);
    nothing_came_of_it(shop);
}

TEST_CASE("a page that asks under a name of its own is refused", "[atol web][bad input]")
{
    AtolShop shop;
    const std::string body = R"({"uuid":"u1","request":)" + coffee() + "}";
    for (const std::string host :
         {"evil.example", "evil.example:16732", "127.0.0.1.evil.example", "localhost@evil"}) {
        const Reply reply = shop.call("POST", "/api/v2/requests", body, {{"host", host}});
        CHECK(reply.status == 403);
        CHECK(reply.error_code() == 505);
    }
    nothing_came_of_it(shop);
    for (const std::string host : {"localhost", "LOCALHOST:16732", "[::1]:16732", "127.0.0.1"})
        CHECK(shop.call("GET", "/api/v2/serverInfo", "", {{"host", host}}).status == 200);
    CHECK(shop.call("GET", "/api/v2/serverInfo", "", {}).status == 200); // HTTP/1.0
}

TEST_CASE("where there is a user, nobody prints without the password", "[atol web][bad input]")
{
    AtolShop shop;
    shop.set_user("касса", "s3cret:слово");
    const std::string body = R"({"uuid":"u1","request":)" + coffee() + "}";
    const auto with = [&](const std::string& authorization) {
        return shop.call("POST", "/api/v2/requests", body,
                         {{"host", "localhost"}, {"authorization", authorization}});
    };
    for (const std::string wrong : {"", "Basic", "Basic !!!", "Basic 0LrQsNGB0YHQsDpzM2NyZXQ=", "Bearer x",
                                    "0LrQsNGB0YHQsDpzM2NyZXQ60YHQu9C+0LLQvg=="}) {
        const Reply reply = with(wrong);
        CHECK(reply.status == 401);
        CHECK(reply.error_code() == 505);
        CHECK_THAT(reply.header("WWW-Authenticate"), Catch::StartsWith("Basic realm="));
    }
    for (const char* path : {"/api/v2/devices", "/api/v2/settings", "/requests/u1",
                             "/api/v2/getRequestsQueueStatus", "/stat/requests", "//api/v2/devices"})
        CHECK(shop.get(path).status == 401);
    shop.run(10s);
    CHECK(shop.documents() == 1);
    // A ping and the server's own description are open, and so is what a browser asks first.
    CHECK(shop.get("/").status == 200);
    CHECK(shop.get("/api/v2/serverInfo").status == 200);
    CHECK(shop.call("OPTIONS", "/api/v2/requests").status == 204);
    CHECK(with("basic 0LrQsNGB0YHQsDpzM2NyZXQ60YHQu9C+0LLQvg==").status == 201);
}

TEST_CASE("a page prints only where it is named, or where it has to know the password",
          "[atol web][bad input]")
{
    AtolShop shop;
    const std::string body = R"({"uuid":"u1","request":)" + coffee() + "}";
    const auto post = [&](const std::string& origin, const std::string& authorization = "") {
        // What a page may send to any address without asking first.
        return shop.call("POST", "/api/v2/requests", body,
                         {{"host", "127.0.0.1:16732"},
                          {"origin", origin},
                          {"content-type", "text/plain"},
                          {"authorization", authorization}});
    };
    const auto asks = [&](const std::string& origin) {
        return shop.call(
            "OPTIONS", "/api/v2/requests", "",
            {{"host", "localhost"}, {"origin", origin}, {"access-control-request-method", "POST"}});
    };
    const auto is_refused = [&](const std::string& origin) {
        const Reply reply = post(origin);
        CHECK(reply.status == 403);
        CHECK(reply.error_code() == 505);
        CHECK_THAT(reply.error_text(), Catch::Contains("origins"));
        CHECK(reply.header("Access-Control-Allow-Origin").empty());
        CHECK(asks(origin).status == 403);
    };
    for (const char* origin : {"https://evil.example", "null", "http://localhost:3000"})
        is_refused(origin);
    shop.set_origins({"https://pos.example"});
    is_refused("https://evil.example");
    is_refused("https://pos.example.evil");
    shop.run(10s);
    CHECK(shop.documents() == 1); // of the registration
    CHECK(asks("https://pos.example").status == 204);
    CHECK(post("https://pos.example").status == 201);
    // Whoever knows the password may be any page, but where pages are named no other.
    shop.set_user("pos", "s3cret");
    CHECK(post("https://evil.example", "Basic cG9zOnMzY3JldA==").status == 403);
    shop.set_origins({});
    CHECK(asks("https://any.example").status == 204);
    CHECK(post("https://any.example").status == 401);
    CHECK(post("https://any.example", "Basic cG9zOnMzY3JldA==").status == 409); // it is there already
}

TEST_CASE("a password without a name lets in whoever knows it", "[atol web][bad input]")
{
    AtolShop shop;
    shop.set_user("", "s3cret");
    const auto with = [&](const std::string& authorization) {
        return shop
            .call("GET", "/api/v2/settings", "", {{"host", "localhost"}, {"authorization", authorization}})
            .status;
    };
    CHECK(with("") == 401);
    CHECK(with("Basic czNjcmV0") == 401); // no name and no colon
    CHECK(with("Basic cG9zOndyb25n") == 401);
    CHECK(with("Basic cG9zOnMzY3JldA==") == 200);
}

TEST_CASE("browsers are told that pages may call", "[atol web]")
{
    AtolShop shop;
    shop.set_origins({"https://pos.example"});
    const Headers asked{{"host", "localhost:16732"},
                        {"origin", "https://pos.example"},
                        {"access-control-request-method", "POST"},
                        {"access-control-request-headers", "authorization,content-type"},
                        {"access-control-request-private-network", "true"}};
    const Reply reply = shop.call("OPTIONS", "/api/v2/requests", "", asked);
    CHECK(reply.status == 204);
    CHECK(reply.header("Access-Control-Allow-Origin") == "https://pos.example");
    CHECK(reply.header("Access-Control-Allow-Headers") == "authorization,content-type");
    CHECK_THAT(reply.header("Access-Control-Allow-Methods"), Catch::Contains("POST"));
    CHECK(reply.header("Access-Control-Allow-Private-Network") == "true");
    // A page may not use what the browser remembers of a password.
    CHECK(reply.header("Access-Control-Allow-Credentials").empty());
    const Reply got =
        shop.call("GET", "/api/v2/devices", "", {{"host", "localhost"}, {"origin", "https://pos.example"}});
    CHECK(got.header("Access-Control-Allow-Origin") == "https://pos.example");
    const Reply refused =
        shop.call("GET", "/api/v2/nothing", "", {{"host", "localhost"}, {"origin", "https://pos.example"}});
    CHECK(refused.status == 404);
    CHECK(refused.header("Access-Control-Allow-Origin") == "https://pos.example");
    CHECK(shop.call("OPTIONS", "/requests").status == 204);
}

TEST_CASE("unknown paths and methods are told in the envelope", "[atol web][bad input]")
{
    AtolShop shop;
    for (const auto& [method, path, status] :
         {std::tuple{"GET", "/api/v2/nothing", 404}, std::tuple{"GET", "/api/v3/requests", 404},
          std::tuple{"GET", "/api/v2/requests", 405}, std::tuple{"PUT", "/api/v2/requests/u1", 405},
          std::tuple{"GET", "/api/v2/requests/%FF", 400}, std::tuple{"POST", "/", 405}}) {
        const Reply reply = shop.call(method, path);
        INFO(method << ' ' << path);
        CHECK(reply.status == status);
        CHECK(reply.error_code() == 505);
    }
}

TEST_CASE("ten megabytes are refused by the server that stands before this API, in the envelope",
          "[atol web][bad input]")
{
    AtolShop shop;
    agent::HttpServerOptions options;
    http::RequestParser parser(options.limits);
    const std::string head = "POST /requests HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n\r\n";
    parser.feed(head);
    REQUIRE(parser.fault());
    const http::Response refused = shop.refusal(*parser.fault());
    CHECK(refused.status == 413);
    CHECK(json::parse(refused.body)["error"]["code"] == 505);
}
