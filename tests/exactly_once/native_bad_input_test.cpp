// What comes to the native API's socket that is wrong, hostile or slow: everybody is told why in one form,
// nothing is printed, no key is spent, and others are served.
#include "tests/exactly_once/native_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>
#include <thread>
#include <vector>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

const std::string kJobs = "/api/v1/devices/default/jobs";

/// A shop whose register is ready, with its API served, and a receipt made before: the shift is open.
struct Served {
    explicit Served(std::chrono::milliseconds read_within = 10s) : shop("atol v3"), api(shop, read_within)
    {
        REQUIRE(shop.run_until([this] { return shop.agent->device().state() == agent::DeviceState::ready; },
                               60s));
        REQUIRE(api.say(NativeServer::post(tea(), "opens the shift")).status == 201);
        last = shop.device.kkt().fn().last_fd();
    }

    static std::string tea()
    {
        return R"({"kind":"receipt","operation":"sell","cashier":"Иванова А.А.",)"
               R"("items":[{"name":"Чай","price":"12.50","quantity":2,"vat":"none"}],)"
               R"("payments":{"electronic":"25.00"}})";
    }

    /// Nothing of it was made, and the next caller is served, under the key that was tried.
    void check_untouched(const std::string& key)
    {
        CHECK(shop.device.kkt().fn().last_fd() == last);
        CHECK_FALSE(shop.device.kkt().receipt());
        const auto served = api.say(NativeServer::post(tea(), key));
        INFO(served.body);
        CHECK(served.status == 201);
        CHECK(shop.device.kkt().fn().last_fd() == last + 1);
    }

    Shop shop;
    NativeServer api;
    std::uint32_t last = 0;
};

/// The form of every refusal.
void check_problem(const NativeServer::Reply& reply, int status, const std::string& code,
                   const std::string& says)
{
    INFO(reply.head << reply.body);
    CHECK(reply.status == status);
    CHECK_THAT(reply.head, Catch::Contains("application/problem+json"));
    const Json told = Json::parse(reply.body, nullptr, false);
    REQUIRE(told.is_object());
    CHECK(told.value("status", 0) == status);
    CHECK(told.value("code", "") == code);
    CHECK_THAT(reply.body, Catch::Contains(says));
}

std::string with(const std::string& member, const std::string& value)
{
    const std::string tea = Served::tea();
    const auto at = tea.find("\"" + member + "\":");
    REQUIRE(at != std::string::npos);
    const auto from = at + member.size() + 3;
    std::size_t to = from;
    for (int depth = 0; to < tea.size() && (depth > 0 || (tea[to] != ',' && tea[to] != '}')); ++to) {
        depth += tea[to] == '[' || tea[to] == '{' ? 1 : 0;
        depth -= tea[to] == ']' || tea[to] == '}' ? 1 : 0;
    }
    return tea.substr(0, from) + value + tea.substr(to);
}

} // namespace

TEST_CASE("bodies that are no request are refused with field, reason and cure", "[native-api][bad input]")
{
    Served served;
    struct Bad {
        std::string body;
        int status;
        std::string code;
        std::string says;
    };
    const std::vector<Bad> all{
        {"", 400, "bad_json", "request"},
        {"{", 400, "bad_json", "request"},
        {Served::tea().substr(0, Served::tea().size() - 1), 400, "bad_json", "request"},
        {Served::tea() + Served::tea(), 400, "bad_json", "request"},
        {"[" + Served::tea() + "]", 400, "bad_json", "request"},
        {"null", 400, "bad_json", "request"},
        {"\"receipt\"", 400, "bad_json", "request"},
        {std::string("\0\0\0\0", 4), 400, "bad_json", "request"},
        // wrong types
        {with("kind", "5"), 400, "bad_json", "kind"},
        {with("kind", "\"lottery\""), 400, "bad_value", "kind"},
        {with("operation", "null"), 400, "bad_json", "operation"},
        {with("operation", "\"steal\""), 400, "bad_value", "operation"},
        {with("cashier", "{}x"), 400, "bad_json", "request"},
        {with("cashier", "[1]"), 400, "bad_json", "cashier"},
        {with("items", "7"), 400, "bad_json", "items"},
        {with("items", "[7]"), 400, "bad_json", "items[0]"},
        {with("price", "true"), 400, "bad_json", "items[0].price"},
        {with("price", "\"twelve\""), 400, "bad_value", "items[0].price"},
        {with("price", "NaN"), 400, "bad_json", "request"},
        {with("price", "\"12,50\""), 400, "bad_value", "items[0].price"},
        {with("quantity", "[2]"), 400, "bad_json", "items[0].quantity"},
        {with("payments", "[1]"), 400, "bad_json", "payments"},
        // sums
        {with("price", "\"-12.50\""), 422, "bad_value", "items[0].price"},
        {with("price", "-12.5"), 422, "bad_value", "items[0].price"},
        {with("price", "\"12.505\""), 400, "not_representable", "items[0].price"},
        {with("price", "\"99999999999999999999999999\""), 400, "overflow", "items[0].price"},
        {with("price", "\"92233720368547758.07\""), 400, "overflow", "items[0].sum"},
        {with("price", "1e300"), 400, "", "items[0].price"},
        {with("quantity", "\"9999999999999999999999\""), 400, "overflow", "items[0].quantity"},
        {with("quantity", "-1"), 422, "bad_value", "items[0].quantity"},
        {with("quantity", "0"), 422, "bad_value", "items[0].quantity"},
        {with("electronic", "\"-25.00\""), 422, "bad_value", "payments.electronic"},
        // texts and members
        {with("cashier", "\"\xFF\xFE\""), 400, "bad_json", "request"},
        {with("name", "\"\xC3\""), 400, "bad_json", "request"},
        {with("name", "\"\xED\xA0\x80\""), 400, "bad_json", "request"},
        {with("name", "\"\\ud800\""), 400, "bad_json", "request"},
        {with("name", "\"a\\u0000b\""), 422, "bad_value", "items[0].name"},
        {with("name", "\"" + std::string(5'000, 'x') + "\""), 413, "too_many", "items[0].name"},
        {with("kind", "\"receipt\",\"kind\":\"cut\""), 400, "bad_json", "kind"},
        {with("kind", "\"receipt\",\"itmes\":[1]"), 400, "bad_value", "itmes"},
        // deep
        {with("cashier", std::string(100'000, '[') + std::string(100'000, ']')), 400, "bad_json", "nested"},
        {std::string(900'000, '['), 400, "bad_json", "nested"},
        {std::string(900'000, '{'), 400, "bad_json", "nested"},
    };
    for (const Bad& bad : all) {
        INFO(bad.body.substr(0, 120));
        const auto reply = served.api.say(NativeServer::post(bad.body, "tried"));
        INFO(reply.body.substr(0, 600));
        CHECK(reply.status == bad.status);
        CHECK_THAT(reply.head, Catch::Contains("application/problem+json"));
        const Json told = Json::parse(reply.body, nullptr, false);
        REQUIRE(told.is_object());
        if (!bad.code.empty())
            CHECK(told.value("code", "") == bad.code);
        CHECK_THAT(reply.body, Catch::Contains(bad.says));
    }
    served.check_untouched("tried");
}

TEST_CASE("keys, waits and paths that are none are refused", "[native-api][bad input]")
{
    Served served;
    const auto post = [&](const std::string& target, const std::string& key, const std::string& more = "") {
        NativeServer::Headers headers;
        headers.key = key;
        headers.more = more;
        return served.api.say(NativeServer::request("POST", target, Served::tea(), headers));
    };
    check_problem(post(kJobs, ""), 400, "bad_value", "Idempotency-Key");
    check_problem(post(kJobs, std::string(129, 'k')), 400, "bad_value", "key");
    check_problem(post(kJobs, "\xFF\xFE"), 400, "bad_value", "key");
    check_problem(post(kJobs + "?wait=soon", "tried"), 400, "bad_value", "wait");
    check_problem(post(kJobs + "?wait=61", "tried"), 400, "bad_value", "wait");
    check_problem(post(kJobs + "?wait=-1", "tried"), 400, "bad_value", "wait");
    check_problem(post(kJobs + "?expires_in=99999999999999999999", "tried"), 400, "bad_value", "expires_in");
    check_problem(post("/api/v1/devices/00000000/jobs", "tried"), 404, "not_found", "device");
    check_problem(post("/api/v1/devices/%00/jobs", "tried"), 400, "bad_value", "");
    check_problem(post("/api/v1/devices/%FF/jobs", "tried"), 400, "bad_value", "");
    check_problem(post("/api/v1/nothing", "tried"), 404, "not_found", "");
    check_problem(served.api.say(NativeServer::request("PUT", kJobs, "{}", {})), 405, "unsupported", "");
    check_problem(served.api.say(NativeServer::get("/api/v1/jobs/nobody")), 404, "not_found", "nobody");
    check_problem(served.api.say(NativeServer::get("/api/v1/jobs?state=wet")), 400, "bad_value", "state");
    check_problem(served.api.say(NativeServer::get("/api/v1/documents/1/0")), 400, "bad_value", "fd_number");
    served.check_untouched("tried");
}

TEST_CASE("who may not ask is refused on his socket, and a foreign page cannot read why",
          "[native-api][bad input]")
{
    Served served;
    const auto post = [&](NativeServer::Headers headers) {
        headers.key = "tried";
        return served.api.say(NativeServer::request("POST", kJobs, Served::tea(), headers));
    };
    const auto from = [](const std::string& origin) {
        NativeServer::Headers headers;
        headers.more = "Origin: " + origin + "\r\n";
        return headers;
    };
    NativeServer::Headers headers;
    headers.token.clear();
    check_problem(post(headers), 401, "unauthorised", "Authorization");
    headers.token = "0123456789abcdef0123456789abcdee";
    check_problem(post(headers), 401, "unauthorised", "Authorization");
    headers.token = std::string(NativeServer::kToken) + "0";
    check_problem(post(headers), 401, "unauthorised", "Authorization");
    headers = {};
    headers.token.clear();
    headers.more = std::string("Authorization: Basic ") + NativeServer::kToken + "\r\n";
    check_problem(post(headers), 401, "unauthorised", "Authorization");
    for (const char* host : {"evil.example", "127.0.0.1.evil.example", "192.168.0.5:8760", ""}) {
        headers = {};
        headers.host = host;
        check_problem(post(headers), 403, "unauthorised", "Host");
    }
    for (const char* origin :
         {"https://evil.example", "null", "http://pos.example", "https://pos.example.evil.example"}) {
        const auto refused = post(from(origin));
        check_problem(refused, 403, "unauthorised", "Origin");
        CHECK_THAT(refused.head, !Catch::Contains("Access-Control-Allow-Origin"));
    }
    served.check_untouched("tried");
    const auto granted = post(from(NativeServer::kOrigin)); // its key leads to the receipt made just now
    CHECK(granted.status == 200);
    CHECK_THAT(granted.head, Catch::Contains("Access-Control-Allow-Origin: https://pos.example"));
}

TEST_CASE("a body of 10 MB is refused before it is read, and others are served meanwhile",
          "[native-api][bad input]")
{
    Served served;
    NativeServer::Headers headers;
    headers.key = "tried";
    const auto big = served.api.client();
    SECTION("its length is told")
    {
        headers.more = "Content-Length: 10000000\r\n";
        std::string head = NativeServer::request("POST", kJobs, "", headers);
        head.erase(head.find("Content-Length: 0\r\n"), 19);
        big->send(head);
        check_problem(served.api.reply(*big), 413, "too_many", "body");
    }
    SECTION("it comes in chunks")
    {
        headers.more = "Transfer-Encoding: chunked\r\n";
        std::string head = NativeServer::request("POST", kJobs, "", headers);
        head.erase(head.find("Content-Length: 0\r\n"), 19);
        std::thread sender([&] {
            big->send(head);
            for (int i = 0; i < 100 && big->send("186A0\r\n" + std::string(100'000, 'x') + "\r\n"); ++i) {
            }
        });
        const auto refused = served.api.reply(*big);
        check_problem(refused, 413, "too_many", "body");
        CHECK(served.api.say(NativeServer::get("/api/v1/devices")).status == 200);
        big->shut();
        sender.join();
    }
    SECTION("more than the form takes, less than the server does")
    {
        const std::string body = Served::tea() + std::string(1'000'000, ' ');
        std::thread sender([&] { big->send(NativeServer::post(body, "tried")); });
        check_problem(served.api.reply(*big), 413, "too_many", "1000000");
        sender.join();
    }
    served.check_untouched("tried");
}

TEST_CASE("clients that trickle on every place there is are cut off, and a cashier is served",
          "[native-api][bad input]")
{
    Served served(500ms);
    std::vector<std::unique_ptr<NativeServer::Client>> slow;
    for (std::size_t i = 0; i < agent::HttpServerOptions{}.max_connections; ++i) {
        slow.push_back(served.api.client());
        const std::string whole = NativeServer::post(Served::tea(), "tried");
        slow.back()->send(whole.substr(0, i % 2 == 0 ? 60 : whole.size() - 1)); // in the head; in the body
    }
    served.check_untouched("tried"); // waits for a place, and gets it
    for (const auto& client : slow) {
        const auto told = served.api.reply(*client);
        CHECK(told.status == 408);
        CHECK_THAT(told.body, Catch::Contains(R"("code":"timed_out")"));
    }
    CHECK(served.shop.device.kkt().fn().last_fd() == served.last + 1);
}

TEST_CASE("a caller who goes before his request is whole has asked for nothing", "[native-api][bad input]")
{
    Served served;
    const std::string whole = NativeServer::post(Served::tea(), "tried");
    for (const std::size_t part :
         {std::size_t{1}, std::size_t{40}, whole.find("\r\n\r\n") + 4, whole.size() - 1}) {
        const auto gone = served.api.client();
        gone->send(whole.substr(0, part));
        static_cast<void>(served.shop.run_until([] { return false; }, 5s));
        gone->reset();
        static_cast<void>(served.shop.run_until([] { return false; }, 60s));
    }
    served.check_untouched("tried");
}

TEST_CASE("a caller who goes while he waits has his receipt made once, and finds it under its key",
          "[native-api]")
{
    Served served;
    const auto gone = served.api.client();
    gone->send(NativeServer::post(Served::tea(), "gone"));
    REQUIRE(served.shop.run_until([&] { return served.shop.stored("gone").has_value(); }, 60s));
    SECTION("his program died") { gone->reset(); }
    SECTION("he ended his side") { gone->end_sending(); }
    REQUIRE(
        served.shop.run_until([&] { return storage::is_final(served.shop.stored("gone")->state); }, 10min));
    const auto again = served.api.say(NativeServer::post(Served::tea(), "gone"));
    INFO(again.body);
    CHECK(again.status == 200);
    CHECK(Json::parse(again.body)["document"]["fd_number"] == served.last + 1);
    CHECK(served.shop.device.kkt().fn().last_fd() == served.last + 1);
}

TEST_CASE("another body under a key that is taken is a conflict that names field and job", "[native-api]")
{
    Served served;
    const auto first = served.api.say(NativeServer::post(Served::tea(), "key"));
    REQUIRE(first.status == 201);
    const auto other = served.api.say(NativeServer::post(with("quantity", "1"), "key"));
    check_problem(other, 409, "conflict", Json::parse(first.body)["id"].get<std::string>());
    CHECK(served.shop.device.kkt().fn().last_fd() == served.last + 1);
}

TEST_CASE("two callers with one key at the same moment are told of one receipt", "[native-api]")
{
    Served served;
    const auto first = served.api.client();
    const auto second = served.api.client();
    first->send(NativeServer::post(Served::tea(), "key"));
    second->send(NativeServer::post(Served::tea(), "key"));
    const auto one = served.api.reply(*first);
    const auto two = served.api.reply(*second);
    INFO(one.body << two.body);
    CHECK(std::set{one.status, two.status} == std::set{200, 201}); // 201 for whoever was first
    CHECK(Json::parse(one.body)["id"] == Json::parse(two.body)["id"]);
    CHECK(Json::parse(one.body)["document"]["fd_number"] == served.last + 1);
    CHECK(Json::parse(two.body)["document"]["fd_number"] == served.last + 1);
    CHECK(served.shop.device.kkt().fn().last_fd() == served.last + 1);
}

TEST_CASE("a full disk under the journal is told as such, and the same key is served when there is room",
          "[native-api]")
{
    Served served;
    served.shop.disk.fill_up_after(0);
    const auto refused = served.api.say(NativeServer::post(Served::tea(), "key"));
    check_problem(refused, 503, "storage_full", "");
    CHECK_THAT(refused.head, Catch::Contains("Retry-After"));
    CHECK(served.shop.device.kkt().fn().last_fd() == served.last);
    served.shop.disk.free_up();
    served.check_untouched("key");
}
