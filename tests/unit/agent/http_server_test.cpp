// The agent's HTTP server over real sockets: what clients send, well and badly, and what they hear. Nothing
// timed.
#include "tests/unit/agent/http_support.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;

namespace {

web::Router echoing()
{
    web::Router router;
    router.add_plain("GET", "/word/{word}",
                     [](const web::Request&, const web::PathParts& parts) { return text(parts.at("word")); });
    router.add_plain("POST", "/length", [](const web::Request& request, const web::PathParts&) {
        return text(std::to_string(request.body.size()));
    });
    return router;
}

} // namespace

TEST_CASE("requests on one connection are answered in their order, sent singly or at once", "[http server]")
{
    Loop loop;
    Held held;
    web::Router router = echoing();
    router.add("GET", "/late", held.handler());
    Serving serving(loop, router);
    Client client(serving.port);
    CHECK(client.get("/word/one").body == "one");
    CHECK(client.post("/length", std::string(100'000, 'x')).body == "100000");
    CHECK(client.get("/nothing").status == 404);

    const std::string end = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.send("GET /late" + end + "GET /word/two" + end + "GET /word/%D1%82%D1%80%D0%B8" + end + "GET /wo");
    held.take()->send(text("late"));
    CHECK(client.reply().body == "late");
    CHECK(client.reply().body == "two");
    CHECK(client.reply().body == "три");
    client.send("rd/four" + end);
    CHECK(client.reply().body == "four");
    CHECK(serving.connections() == 1);
}

TEST_CASE("many requests at once, more than any buffer holds, are all answered", "[http server]")
{
    Loop loop;
    const web::Router router = echoing();
    Serving serving(loop, router);
    Client client(serving.port);
    std::thread sender([&] {
        for (int i = 0; i < 1'000; ++i)
            client.send("GET /word/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    });
    int right = 0;
    for (int i = 0; i < 1'000; ++i)
        right += client.reply().body == std::to_string(i) ? 1 : 0;
    sender.join();
    CHECK(right == 1'000);
}

TEST_CASE("a connection ends with the client's wish, and old clients' with the answer", "[http server]")
{
    Loop loop;
    web::Router router = echoing();
    router.add_plain("HEAD", "/word/{word}",
                     [](const web::Request&, const web::PathParts& parts) { return text(parts.at("word")); });
    Serving serving(loop, router);
    Client closing(serving.port);
    closing.send("GET /word/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const std::string last = closing.rest();
    CHECK_THAT(last, Catch::Contains("Connection: close\r\n") && Catch::EndsWith("\r\n\r\na"));
    Client old(serving.port);
    old.send("GET /word/a HTTP/1.0\r\n\r\n");
    CHECK_THAT(old.rest(), Catch::EndsWith("\r\n\r\na"));
    Client half(serving.port);
    half.send("GET /word/a HTTP/1.1\r\n\r\nGET /word/b HTTP/1.1\r\n\r\nGET /word/unfini");
    half.end_sending();
    CHECK(half.reply().body == "a");
    CHECK(half.reply().body == "b");
    CHECK(half.rest().empty());
    Client head(serving.port);
    head.send("HEAD /word/abc HTTP/1.1\r\nConnection: close\r\n\r\n");
    CHECK_THAT(head.rest(), Catch::Contains("Content-Length: 3") && Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("a client that waits for leave to send its body gets it", "[http server]")
{
    Loop loop;
    const web::Router router = echoing();
    HttpServerOptions options;
    options.limits.body_bytes = 10;
    Serving serving(loop, router, options);
    const auto head = [](int length) {
        return "POST /length HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(length) +
               "\r\n\r\n";
    };
    Client client(serving.port);
    client.send(head(5));
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    CHECK(client.reply().body == "5");
    client.send(head(11));
    CHECK(client.reply().status == 413);
}

TEST_CASE("a body of 10 MB is refused while it is sent, and its sender reads why", "[http server][bad input]")
{
    Loop loop;
    const web::Router router = echoing();
    Serving serving(loop, router);
    Client client(serving.port);
    SECTION("its length is told")
    {
        client.send("POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n" +
                    std::string(10'000'000, 'x'));
    }
    SECTION("it comes in chunks")
    {
        client.send("POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 100; ++i)
            client.send("186A0\r\n" + std::string(100'000, 'x') + "\r\n");
    }
    const Reply refused = client.reply();
    CHECK(refused.status == 413);
    CHECK_THAT(refused.head, Catch::Contains("application/problem+json"));
    CHECK_THAT(refused.body, Catch::Contains(R"("code":"too_many")") && Catch::Contains(R"("field":"body")"));
    CHECK(client.rest().empty());
    CHECK(Client(serving.port).get("/word/a").body == "a");
}

TEST_CASE("a client that trickles its request is told so and cut off", "[http server][bad input]")
{
    Loop loop;
    const web::Router router = echoing();
    HttpServerOptions options;
    options.read_within = 300ms;
    Serving serving(loop, router, options);
    Client client(serving.port);
    SECTION("in its head") { client.send("GET /word/a HTTP/1.1\r\nX: "); }
    SECTION("in its body") { client.send("POST /length HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"); }
    SECTION("in chunks")
    {
        client.send("POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nF4240\r\n");
    }
    while (client.send("a") && !client.has_heard())
        std::this_thread::sleep_for(20ms);
    const Reply told = client.reply();
    CHECK(told.status == 408);
    CHECK_THAT(told.body, Catch::Contains(R"("code":"timed_out")"));
    CHECK(client.rest().empty());
}

TEST_CASE("a client that says nothing is let go without a word", "[http server]")
{
    Loop loop;
    const web::Router router = echoing();
    HttpServerOptions options;
    options.idle_for = 50ms;
    Serving serving(loop, router, options);
    CHECK(Client(serving.port).rest().empty());
    serving.wait_for_connections(0);
}

TEST_CASE("foreign names, foreign origins and missing keys are refused before any handler", "[http server]")
{
    Loop loop;
    const web::Router router = echoing();
    const web::Origins origins({"https://pos.example"});
    HttpServerOptions options;
    options.guard = [&](const web::Request& request) -> std::optional<web::Response> {
        if (!web::is_loopback_name(request.header("host")))
            return web::problem(403, Errc::unauthorised, "not by this name", {"Host"});
        if (auto granted = origins.preflight(request))
            return granted;
        if (const auto origin = request.header("origin"); !origin.empty() && !origins.allow(origin))
            return web::problem(403, Errc::unauthorised, "not from this origin", {"Origin"});
        if (!web::same_secret(web::bearer_token(request), "key"))
            return web::problem(401, Errc::unauthorised, "not without the key", {"Authorization"});
        return std::nullopt;
    };
    options.finish = [&](const web::Request& request, web::Response& response) {
        origins.let_read(request, response);
    };
    Serving serving(loop, router, options);
    const auto ask = [&](const std::string& method, const std::string& headers) {
        Client client(serving.port);
        client.send(method + " /word/a HTTP/1.1\r\n" + headers + "\r\n");
        return client.reply();
    };
    const std::string key = "Authorization: Bearer key\r\n";
    const std::string ours = "Host: 127.0.0.1:8760\r\n";
    const std::string page = "Origin: https://pos.example\r\n";
    CHECK(ask("GET", ours + key).body == "a");
    CHECK(ask("GET", "Host: evil.example\r\n" + key).status == 403);
    CHECK(ask("GET", key).status == 403);
    CHECK(ask("GET", ours + key + "Origin: https://evil.example\r\n").status == 403);
    CHECK(ask("GET", ours + key + "Origin: null\r\n").status == 403);
    CHECK(ask("GET", ours).status == 401);
    CHECK(ask("GET", ours + "Authorization: Bearer kez\r\n").status == 401);
    CHECK(ask("GET", ours + "Authorization: Basic key\r\n").status == 401);

    // A page hears what it did wrong, too: without this header its browser would keep the answer from it.
    const std::string readable = "Access-Control-Allow-Origin: https://pos.example\r\n";
    CHECK_THAT(ask("GET", ours + key + page).head, Catch::Contains(readable));
    CHECK_THAT(ask("GET", ours + page).head, Catch::Contains(readable));
    CHECK_THAT(ask("GET", ours + page + "Content-Length: 99999999\r\n").head, Catch::Contains(readable));
    const Reply asked = ask("OPTIONS", ours + page + "Access-Control-Request-Method: POST\r\n");
    CHECK(asked.status == 204);
    CHECK_THAT(asked.head, Catch::Contains("Access-Control-Allow-Methods: POST\r\n"));
}

TEST_CASE("a guard that throws is answered for, and the next request is served", "[http server]")
{
    Loop loop;
    const web::Router router = echoing();
    HttpServerOptions options;
    options.guard = [](const web::Request& request) -> std::optional<web::Response> {
        if (request.path == "/word/bad")
            throw std::runtime_error("broken guard");
        return std::nullopt;
    };
    Serving serving(loop, router, options);
    Client client(serving.port);
    const Reply refused = client.get("/word/bad");
    CHECK(refused.status == 500);
    CHECK(refused.body.find("broken") == std::string::npos);
    CHECK(client.get("/word/good").body == "good");
}

TEST_CASE("two servers at once tell the same faults in their own forms", "[http server][bad input]")
{
    Loop loop;
    web::Router atol = echoing();
    atol.set_fault_writer([](const web::Fault& fault) {
        return web::json_response(R"({"error":{"code":)" + std::to_string(fault.status) +
                                      R"(,"description":")" + fault.detail + "\"}}",
                                  fault.status);
    });
    web::Router kkm_server = echoing();
    kkm_server.set_fault_writer([](const web::Fault& fault) {
        return web::json_response(R"({"Status":2,"Error":")" + fault.detail + "\"}");
    });
    HttpServerOptions options;
    options.limits.body_bytes = 10;
    Serving first(loop, atol, options);
    Serving second(loop, kkm_server, options);
    const std::vector<std::pair<std::string, int>> faults = {
        {"NONSENSE\r\n\r\n", 400},
        {"\x16\x03\x01\x02", 400},
        {"GET /word/a HTTP/3.0\r\n\r\n", 505},
        {"GET http://localhost/word/a HTTP/1.1\r\n\r\n", 400},
        {"GET /word/a HTTP/1.1\r\nbroken header\r\n\r\n", 400},
        {"GET /word/%zz HTTP/1.1\r\n\r\n", 400},
        {"GET /word/%FF HTTP/1.1\r\n\r\n", 400},
        {"GET /word/%00 HTTP/1.1\r\n\r\n", 400},
        {"GET /nothing HTTP/1.1\r\n\r\n", 404},
        {"DELETE /length HTTP/1.1\r\n\r\n", 405},
        {"POST /length HTTP/1.1\r\nContent-Length: 11\r\n\r\n", 413},
        {"GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n\r\n", 414},
        {"GET / HTTP/1.1\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n", 431},
    };
    for (const auto& [bytes, status] : faults) {
        CAPTURE(bytes.substr(0, 60));
        Client client(first.port);
        client.send(bytes);
        const Reply reply = client.reply();
        CHECK(reply.status == status);
        CHECK_THAT(reply.body, Catch::StartsWith(R"({"error":{"code":)" + std::to_string(status)));
        Client other(second.port);
        other.send(bytes);
        const Reply kkm = other.reply();
        CHECK(kkm.status == 200);
        CHECK_THAT(kkm.body, Catch::StartsWith(R"({"Status":2,"Error":")"));
    }
    CHECK(Client(first.port).get("/word/a").body == "a");
    CHECK(Client(second.port).get("/word/a").body == "a");
}

TEST_CASE("an Upgrade is not taken, the request is served", "[http server]")
{
    Loop loop;
    const web::Router router = echoing();
    Serving serving(loop, router);
    Client client(serving.port);
    // What Java's client sends with every request over plain HTTP.
    const std::string offer =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    CHECK(client.get("/word/a", offer).body == "a");
    CHECK(client.post("/length", "hello", offer).body == "5");
}

TEST_CASE("a server listens on loopback only, unless its owner wants more", "[http server]")
{
    asio::io_context io;
    const web::Router router = echoing();
    const auto start = [&](const std::string& address, bool any, std::uint16_t port = 0) {
        HttpServerOptions options;
        options.name = "native API";
        options.address = address;
        options.port = port;
        options.allow_any_address = any;
        HttpServer server(io, router, options);
        return server.start();
    };
    CHECK(start("127.0.0.1", false));
    CHECK(start("127.1.2.3", false));
    CHECK(start("0.0.0.0", true));
    for (const auto* address : {"0.0.0.0", "192.0.2.1", "::", "localhost", ""}) {
        CAPTURE(address);
        const auto refused = start(address, false);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::bad_config);
        CHECK_THAT(refused.error().context, Catch::StartsWith("native API"));
    }
    CHECK(start("192.0.2.1", true).error().code == Errc::bad_config); // no address of this computer
    Loop loop;
    Serving taken(loop, router);
    CHECK(start("127.0.0.1", false, taken.port).error().code == Errc::port_busy);
}
