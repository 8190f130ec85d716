#include "cabinet/auth/secrets.hpp"
#include "cabinet/store/accounts.hpp"
#include "cabinet/store/registers.hpp"
#include "protocol/cabinet/json_reader.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <set>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using nlohmann::json;

namespace {

constexpr const char* kFn = "9999078900001234";

json body_of(const http::Response& response) { return json::parse(response.body); }

std::string header_of(const http::Response& response, const std::string& name)
{
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return {};
}

ReceiptPlan receipt(std::uint32_t fd_number)
{
    ReceiptPlan plan;
    plan.fd_number = fd_number;
    plan.fiscal_sign = 1000 + fd_number;
    plan.datetime += std::chrono::minutes(fd_number);
    return plan;
}

void check_problem(const http::Response& response, int status, const std::string& code,
                   const std::string& field)
{
    CAPTURE(response.body);
    CHECK(response.status == status);
    CHECK(header_of(response, "Content-Type") == "application/problem+json");
    const auto problem = cabinet_api::decode_problem(response.body);
    REQUIRE(problem);
    CHECK(problem->status == status);
    CHECK(problem->code == code);
    CHECK(problem->field == field);
}

/// A route's pattern with something in its placeholders.
std::string target_of(std::string pattern)
{
    for (const auto& [name, value] : {std::pair{"{fn_serial}", kFn},
                                      {"{fd_number}", "1"},
                                      {"{kkt_serial}", "00106900000001"},
                                      {"{id}", "c-1"}})
        if (const std::size_t at = pattern.find(name); at != std::string::npos)
            pattern.replace(at, std::string(name).size(), value);
    if (pattern == "/api/v1/totals")
        pattern += "?from=2024-01-01&to=2024-12-31";
    return pattern;
}

/// Texts that must never reach a stranger.
const std::vector<std::string> kSecrets{kFn, "00106900000001", "Чайник", "Кассир", "alice"};

} // namespace

TEST_CASE("the contract names every route of the server, and the server has every route of the contract",
          "[cabinet][api]")
{
    TestCabinet cabinet;
    std::set<std::string> served;
    for (const auto& route : cabinet.router.routes())
        served.insert(route.method + " " + route.pattern);
    std::set<std::string> written;
    std::ifstream yaml(KB_CABINET_API_YAML);
    REQUIRE(yaml);
    std::string path;
    bool in_paths = false;
    for (std::string line; std::getline(yaml, line);) {
        if (!line.empty() && line.front() != ' ' && line.front() != '#')
            in_paths = line == "paths:";
        if (!in_paths)
            continue;
        if (line.starts_with("  /"))
            path = line.substr(2, line.size() - 3);
        for (const auto& [key, method] : {std::pair{"    get:", "GET "}, {"    post:", "POST "}})
            if (line == key)
                written.insert(method + path);
    }
    CHECK(served == written);
}

TEST_CASE("nothing but health, login and enrolment answers without a session or token",
          "[cabinet][api][isolation]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    (void)cabinet.send_documents(alice, {full_document(receipt(1))});
    for (const auto& route : cabinet.router.routes()) {
        if (route.pattern == "/health" || route.pattern == "/api/v1/login" ||
            route.pattern == "/api/agent/v1/enroll")
            continue;
        CAPTURE(route.method, route.pattern);
        for (const std::string cookie : {"", "kkt_session=", "kkt_session=AAAA", "other=1; kkt_session=x"}) {
            auto made = request(route.method, target_of(route.pattern), "{}");
            made.headers.emplace_back("cookie", cookie);
            made.headers.emplace_back("authorization", "Bearer " + alice.csrf);
            const auto response = cabinet.call(made);
            CHECK(response.status == 401);
            for (const auto& secret : kSecrets)
                CHECK(response.body.find(secret) == std::string::npos);
        }
    }
}

TEST_CASE("another owner's session reaches nothing on any route", "[cabinet][api][isolation]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto mallory = cabinet.add_owner("mallory");
    (void)cabinet.send_documents(alice, {full_document(receipt(1)), full_document(receipt(2))});
    CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", sample_json("00106900000001", kFn, 5)).status ==
          200);
    auto forged = receipt(1);
    forged.cash = 1;
    (void)cabinet.send_documents(alice, {full_document(forged)});
    for (const auto& route : cabinet.router.routes()) {
        if (!route.pattern.starts_with("/api/v1/") || route.pattern == "/api/v1/login" ||
            route.pattern == "/api/v1/logout" || route.pattern == "/api/v1/events")
            continue;
        CAPTURE(route.method, route.pattern);
        const std::string target = target_of(route.pattern);
        const auto hers =
            route.method == "GET" ? cabinet.get(mallory, target) : cabinet.post(mallory, target);
        for (const auto& secret : kSecrets)
            CHECK(hers.body.find(secret) == std::string::npos);
        if (route.pattern.find('{') != std::string::npos)
            CHECK(hers.status == 404);
        // The same call by the owner does answer, so the test above is not about an empty cabinet.
        const auto own = route.method == "GET" ? cabinet.get(alice, target) : cabinet.post(alice, target);
        CHECK(own.status == 200);
    }
    CHECK(body_of(cabinet.get(mallory, "/api/v1/documents?register=00106900000001&fn=" +
                                           std::string(kFn)))["documents"]
              .empty());
    CHECK(body_of(cabinet.get(mallory, "/api/v1/totals?from=2024-01-01&to=2024-12-31"))["total"]["revenue"] ==
          0);
}

TEST_CASE("another owner's agent cannot see or finish commands, nor write into documents",
          "[cabinet][api][isolation]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto mallory = cabinet.add_owner("mallory");
    const cabinet_api::Command command{"c-1", "read_again", "00106900000001", R"({"from":1})",
                                       cabinet.clock.now() + std::chrono::hours(1)};
    REQUIRE(cabinet.writer.run([&](store::Connection& db) {
        store::add_command(db, alice.tenant, alice.agent_id, command, cabinet.clock.now());
    }));
    auto ask = request("GET", "/api/agent/v1/commands");
    ask.headers.emplace_back("authorization", "Bearer " + mallory.token);
    CHECK(body_of(cabinet.call(ask))["commands"].empty());
    const std::string result = R"({"outcome":"done","detail":""})";
    CHECK(cabinet.agent_post(mallory, "/api/agent/v1/commands/c-1/result", result).status == 404);
    ask.headers.back().second = "Bearer " + alice.token;
    CHECK(body_of(cabinet.call(ask))["commands"].size() == 1);
    CHECK(cabinet.agent_post(alice, "/api/agent/v1/commands/c-1/result", result).status == 200);
    CHECK(body_of(cabinet.call(ask))["commands"].empty());

    (void)cabinet.send_documents(alice, {full_document(receipt(1))});
    auto other = receipt(1);
    other.cash = 5;
    CHECK(cabinet.send_documents(mallory, {full_document(other)}).fns.at(0).rejected.empty());
    const auto kept = body_of(cabinet.get(alice, "/api/v1/documents/" + std::string(kFn) + "/1"));
    CHECK(kept["head"]["total_sum"] == 10000);
    CHECK(body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"].empty());
}

TEST_CASE("live events stay with their owner", "[cabinet][api][isolation][live]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto mallory = cabinet.add_owner("mallory");
    const auto listen = [&](const TestCabinet::Owner& owner) {
        auto made = request("GET", "/api/v1/events");
        made.headers.emplace_back("cookie", owner.cookie);
        auto answer = cabinet.start(made);
        CHECK(header_of(answer->get(), "Content-Type") == "text/event-stream");
        return answer;
    };
    const auto own = listen(alice);
    const auto strange = listen(mallory);
    (void)cabinet.send_documents(alice, {full_document(receipt(1))});
    CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", sample_json("00106900000001", kFn, 5)).status ==
          200);
    cabinet.workers.stop(); // everything published by now
    const std::string heard = own->streamed();
    CHECK_THAT(heard, Catch::Contains("event: document\ndata: {"));
    CHECK_THAT(heard, Catch::Contains("event: register\n"));
    CHECK_THAT(heard, Catch::Contains("event: sample\n"));
    CHECK(strange->streamed() == ": welcome\n\n");
    cabinet.hub.heartbeat();
    CHECK_THAT(strange->streamed(), Catch::Contains(": still here"));
}

TEST_CASE("a stream that does not keep up is dropped", "[cabinet][live]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto made = request("GET", "/api/v1/events");
    made.headers.emplace_back("cookie", alice.cookie);
    const auto slow = cabinet.start(made);
    CHECK(cabinet.hub.has_listeners(alice.tenant));
    slow->stop_reading();
    cabinet.hub.publish(alice.tenant, "alarm", "{}");
    CHECK_FALSE(cabinet.hub.has_listeners(alice.tenant));
}

TEST_CASE("login opens a session, logout ends it", "[cabinet][auth]")
{
    TestCabinet cabinet;
    REQUIRE(cabinet.writer.run([&](store::Connection& db) {
        store::add_tenant(db, "ООО Ромашка", "owner@example.org", auth::hash_password("right horse battery"));
    }));
    const auto login = cabinet.call(request(
        "POST", "/api/v1/login", R"({"email":"Owner@Example.org","password":"right horse battery"})"));
    REQUIRE(login.status == 200);
    CHECK(body_of(login)["tenant"]["name"] == "ООО Ромашка");
    const std::string cookie = header_of(login, "Set-Cookie");
    for (const auto* flag : {"HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=43200"})
        CHECK_THAT(cookie, Catch::Contains(flag));
    TestCabinet::Owner owner;
    owner.cookie = cookie.substr(0, cookie.find(';'));
    owner.csrf = body_of(login)["csrf"].get<std::string>();
    CHECK(body_of(cabinet.get(owner, "/api/v1/session"))["user"]["email"] == "owner@example.org");

    auto without_csrf = owner;
    without_csrf.csrf = "";
    check_problem(cabinet.post(without_csrf, "/api/v1/enrolment-codes"), 403, "unauthorised", "X-CSRF-Token");
    without_csrf.csrf = owner.csrf + "x";
    check_problem(cabinet.post(without_csrf, "/api/v1/logout"), 403, "unauthorised", "X-CSRF-Token");
    CHECK(cabinet.post(owner, "/api/v1/logout").status == 204);
    CHECK(cabinet.get(owner, "/api/v1/session").status == 401);
}

TEST_CASE("a session ends by itself after twelve hours", "[cabinet][auth]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    cabinet.clock.step(std::chrono::hours(12) - std::chrono::seconds(1));
    CHECK(cabinet.get(alice, "/api/v1/session").status == 200);
    cabinet.clock.step(std::chrono::seconds(1));
    CHECK(cabinet.get(alice, "/api/v1/session").status == 401);
}

TEST_CASE("after five failed logins even the right password waits", "[cabinet][auth]")
{
    TestCabinet cabinet;
    REQUIRE(cabinet.writer.run([&](store::Connection& db) {
        store::add_tenant(db, "A", "owner@example.org", auth::hash_password("right horse battery"));
    }));
    const std::string wrong = R"({"email":"owner@example.org","password":"guess"})";
    const std::string right = R"({"email":"owner@example.org","password":"right horse battery"})";
    for (int i = 0; i < 5; ++i)
        check_problem(cabinet.call(request("POST", "/api/v1/login", wrong)), 401, "unauthorised", "");
    const auto refused = cabinet.call(request("POST", "/api/v1/login", right));
    check_problem(refused, 429, "too_many", "");
    CHECK_FALSE(header_of(refused, "Retry-After").empty());
    cabinet.clock.step(std::chrono::minutes(15));
    CHECK(cabinet.call(request("POST", "/api/v1/login", right)).status == 200);
}

TEST_CASE("an enrolment code enrols one agent, for two hours", "[cabinet][auth]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto enroll = [&](const std::string& code) {
        return cabinet.call(request("POST", "/api/agent/v1/enroll",
                                    encode(cabinet_api::EnrollRequest{code, "kassa-1", "0.1.0"})));
    };
    const auto code = body_of(cabinet.post(alice, "/api/v1/enrolment-codes"))["code"].get<std::string>();
    CHECK(code.size() == 8);
    std::string lower = code.substr(0, 4) + "-" + code.substr(4);
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto enrolled = cabinet_api::decode_enroll_response(enroll(lower).body);
    REQUIRE(enrolled);
    CHECK(enrolled->cabinet_name == "alice");
    CHECK(enrolled->token.size() == 43);
    check_problem(enroll(code), 401, "unauthorised", "code");
    auto agent = alice;
    agent.token = enrolled->token;
    CHECK(cabinet.agent_post(agent, "/api/agent/v1/events", R"({"events":[]})").status == 200);
    CHECK(body_of(cabinet.get(alice, "/api/v1/agents"))["agents"].size() == 2);

    const auto late = body_of(cabinet.post(alice, "/api/v1/enrolment-codes"))["code"].get<std::string>();
    cabinet.clock.step(std::chrono::hours(2));
    check_problem(enroll(late), 401, "unauthorised", "code");
}

TEST_CASE("guessing enrolment codes is slowed down", "[cabinet][auth]")
{
    TestCabinet cabinet;
    const auto guess = [&] {
        return cabinet.call(request("POST", "/api/agent/v1/enroll",
                                    R"({"code":"AAAA2222","hostname":"h","agent_version":"1"})"));
    };
    for (int i = 0; i < 20; ++i)
        CHECK(guess().status == 401);
    check_problem(guess(), 429, "too_many", "code");
}

TEST_CASE("pages of documents are in order, complete and without repetition", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    std::vector<cabinet_api::DocumentMessage> all;
    for (std::uint32_t fd = 1; fd <= 95; ++fd) {
        auto plan = receipt(fd);
        plan.datetime = receipt(fd / 4).datetime; // many at the same minute
        plan.operation = fd % 10 == 0 ? 2 : 1;
        plan.item = fd == 33 ? "Ёлка новогодняя" : "Чайник";
        all.push_back(full_document(plan));
    }
    (void)cabinet.send_documents(alice, all);
    std::vector<std::uint32_t> seen;
    std::string cursor;
    do {
        const auto page = body_of(
            cabinet.get(alice, "/api/v1/documents?limit=10" + (cursor.empty() ? "" : "&before=" + cursor)));
        for (const auto& document : page["documents"])
            seen.push_back(document["fd_number"].get<std::uint32_t>());
        cursor = page["next"].is_null() ? "" : page["next"].get<std::string>();
    } while (!cursor.empty());
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t fd = 95; fd >= 1; --fd)
        wanted.push_back(fd);
    CHECK(seen == wanted);

    const auto count = [&](const std::string& filter) {
        return body_of(cabinet.get(alice, "/api/v1/documents?limit=200&" + filter))["documents"].size();
    };
    CHECK(count("operation=sell_return") == 9);
    CHECK(count("type=3,31") == 95);
    CHECK(count("type=31") == 0);
    CHECK(count("text=%D0%95%D0%9B%D0%9A%D0%90") == 1); // ЕЛКА finds Ёлка
    CHECK(count("text=100%25") == 0);
    CHECK(count("min_sum=10000&max_sum=10000") == 95);
    CHECK(count("min_sum=10001") == 0);
    CHECK(count("fn=" + std::string(kFn)) == 95);
    CHECK(count("fn=1") == 0);
    CHECK(count("register=00106900000001&from=2024-03-01&to=2024-03-01") == 95);
    CHECK(count("from=2024-03-02") == 0);
}

TEST_CASE("one document comes with its items, tax service's JSON, paper and QR code", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto record = receipt(2);
    (void)cabinet.send_documents(alice, {full_document(receipt(1)), short_record(record)});
    const std::string place = "/api/v1/documents/" + std::string(kFn) + "/";
    const auto document = body_of(cabinet.get(alice, place + "1"));
    CHECK(document["head"]["operation"] == "sell");
    CHECK(document["head"]["payments"]["cash"] == 10000);
    CHECK(document["items"][0]["name"] == "Чайник");
    CHECK(document["items"][0]["quantity"] == "1");
    CHECK(document["json"]["fiscalDriveNumber"] == kFn);
    CHECK(document["tlv_hex"] == to_hex(receipt_bytes(receipt(1))));
    CHECK(document["qr"] == "t=20240301T0916&s=100.00&fn=9999078900001234&i=1&fp=1001&n=1");
    CHECK(document["paper"].dump().find("Чайник") != std::string::npos);
    const auto svg = cabinet.get(alice, place + "1/qr.svg");
    CHECK(header_of(svg, "Content-Type") == "image/svg+xml");
    CHECK(svg.body.starts_with("<svg "));
    const auto short_one = body_of(cabinet.get(alice, place + "2"));
    CHECK(short_one["head"]["form"] == "short");
    CHECK(short_one["head"]["payments"].is_null());
    CHECK(short_one["json"].is_null());
    check_problem(cabinet.get(alice, place + "3"), 404, "not_found", "");
    check_problem(cabinet.get(alice, place + "x"), 400, "bad_value", "fd_number");
}

TEST_CASE("a register shows its state, what is missing, and the verdicts", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    (void)cabinet.send_documents(alice, {full_document(receipt(2)), full_document(receipt(3))});
    CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", sample_json("00106900000001", kFn, 5)).status ==
          200);
    const auto all = body_of(cabinet.get(alice, "/api/v1/registers"))["registers"];
    REQUIRE(all.size() == 1);
    const auto& one = all[0];
    CHECK(one["model"] == "ШТРИХ-М-02Ф");
    CHECK(one["online"] == true);
    CHECK(one["firmware"]["verdict"] == "too_old");
    CHECK_FALSE(one["firmware"]["cost"].get<std::string>().empty());
    CHECK(one["sd_card"]["verdict"] == "missing");
    const auto& completeness = one["completeness"];
    CHECK(completeness["documents_expected"] == 5);
    CHECK(completeness["documents_received"] == 2);
    CHECK(completeness["complete"] == false);
    CHECK(
        completeness["missing_ranges"].dump() ==
        R"([{"fn_serial":"9999078900001234","from":1,"to":1},{"fn_serial":"9999078900001234","from":4,"to":5}])");
    CHECK(one["last_document"]["fd_number"] == 3);
    cabinet.clock.step(std::chrono::seconds(91));
    const auto detail = body_of(cabinet.get(alice, "/api/v1/registers/00106900000001"));
    CHECK(detail["online"] == false);
    CHECK(detail["fns"][0]["documents_received"] == 2);
    check_problem(cabinet.get(alice, "/api/v1/registers/0"), 404, "not_found", "");
}

TEST_CASE("totals tell revenue, payments, VAT and what is missing", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto back = receipt(2);
    back.operation = 2;
    back.cash = 4000;
    back.vat_20 = 667;
    auto card = receipt(3);
    card.cash = 0;
    card.electronic = 5000;
    card.vat_20 = 833;
    card.datetime += std::chrono::hours(24);
    (void)cabinet.send_documents(alice,
                                 {full_document(receipt(1)), full_document(back), full_document(card)});
    const auto totals = body_of(cabinet.get(alice, "/api/v1/totals?from=2024-03-01&to=2024-03-31&group=day"));
    CHECK(totals["total"]["revenue"] == 11000);
    CHECK(totals["total"]["returns"] == 4000);
    CHECK(totals["total"]["receipts"] == 2);
    CHECK(totals["total"]["payments"]["cash"] == 6000);
    CHECK(totals["total"]["payments"]["electronic"] == 5000);
    CHECK(totals["total"]["vat"][0]["sum"] == 1667 - 667 + 833);
    REQUIRE(totals["buckets"].size() == 2);
    CHECK(totals["buckets"][0]["key"] == "2024-03-01");
    CHECK(totals["buckets"][1]["key"] == "2024-03-02");
    CHECK(totals["completeness"][0]["complete"] == true);
    const auto by_register =
        body_of(cabinet.get(alice, "/api/v1/totals?from=2024-03-01&to=2024-03-31&group=register"));
    CHECK(by_register["buckets"][0]["key"] == "00106900000001");
    const auto by_hour =
        body_of(cabinet.get(alice, "/api/v1/totals?from=2024-03-02&to=2024-03-02&group=hour"));
    CHECK(by_hour["buckets"][0]["key"] == "2024-03-02T09");
}

TEST_CASE("wrong queries are refused with the name of the parameter", "[cabinet][api][bad input]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto [target, field] = GENERATE(table<std::string, std::string>({
        {"/api/v1/documents?limit=0", "limit"},
        {"/api/v1/documents?limit=x", "limit"},
        {"/api/v1/documents?limit=201", "limit"},
        {"/api/v1/documents?limit=1&limit=2", "limit"},
        {"/api/v1/documents?from=yesterday", "from"},
        {"/api/v1/documents?to=2024-02-30", "to"},
        {"/api/v1/documents?type=3,,31", "type"},
        {"/api/v1/documents?type=-1", "type"},
        {"/api/v1/documents?operation=steal", "operation"},
        {"/api/v1/documents?before=now", "before"},
        {"/api/v1/documents?before=1--1", "before"},
        {"/api/v1/documents?text=%FF", "text"},
        {"/api/v1/documents?text=%2", "text"},
        {"/api/v1/documents?min_sum=1.5", "min_sum"},
        {"/api/v1/documents?colour=red", "colour"},
        {"/api/v1/totals?to=2024-01-01", "from"},
        {"/api/v1/totals?from=2024-01-01", "to"},
        {"/api/v1/totals?from=2024-01-02&to=2024-01-01", "to"},
        {"/api/v1/totals?from=2000-01-01&to=2024-01-01", "to"},
        {"/api/v1/totals?from=2024-01-01&to=2024-12-01&group=hour", "to"},
        {"/api/v1/totals?from=2024-01-01&to=2024-01-01&group=year", "group"},
    }));
    CAPTURE(target);
    check_problem(cabinet.get(alice, target), 400, "bad_value", field);
}

TEST_CASE("wrong bodies are refused with the path of the field, and the next request is answered",
          "[cabinet][api][bad input]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    check_problem(cabinet.agent_post(alice, "/api/agent/v1/documents", "{"), 400, "bad_json", "");
    check_problem(cabinet.agent_post(alice, "/api/agent/v1/documents", R"({"documents":[{}]})"), 400,
                  "bad_json", "documents[0].fn_serial");
    check_problem(cabinet.agent_post(alice, "/api/agent/v1/status", R"({"samples":7})"), 400, "bad_json",
                  "samples");
    check_problem(cabinet.agent_post(alice, "/api/agent/v1/events", R"({})"), 400, "bad_json", "events");
    check_problem(cabinet.agent_post(alice, "/api/agent/v1/commands/c-1/result", R"({"outcome":"well"})"),
                  400, "bad_value", "outcome");
    check_problem(cabinet.call(request("POST", "/api/v1/login", "[]")), 400, "bad_json", "");
    check_problem(cabinet.call(request("POST", "/api/v1/login", R"({"email":"a"})")), 400, "bad_json",
                  "password");
    auto form = request("POST", "/api/v1/login", "email=a");
    form.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    check_problem(cabinet.call(form), 415, "bad_value", "Content-Type");
    auto zipped = request("POST", "/api/agent/v1/documents", "not gzip");
    zipped.headers = {{"authorization", "Bearer " + alice.token}, {"content-encoding", "gzip"}};
    check_problem(cabinet.call(zipped), 400, "bad_encoding", "body");
    zipped.headers.back().second = "br";
    check_problem(cabinet.call(zipped), 400, "bad_value", "Content-Encoding");
    check_problem(cabinet.call(request("DELETE", "/api/v1/session")), 405, "unsupported", "");
    check_problem(cabinet.call(request("GET", "/api/v1/nothing")), 404, "not_found", "");
    check_problem(cabinet.get(alice, "/api/v1/registers/%FF"), 400, "bad_value", "path");
    CHECK(cabinet.call(request("GET", "/health")).status == 200);
}

TEST_CASE("a poisoned document is set aside, shown, and forgotten once it comes whole", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto broken = full_document(receipt(2));
    broken.document.raw.resize(broken.document.raw.size() - 1);
    const auto answer =
        cabinet.send_documents(alice, {full_document(receipt(1)), broken, full_document(receipt(3))});
    REQUIRE(answer.fns.size() == 1);
    CHECK(answer.fns[0].contiguous_through == 1);
    REQUIRE(answer.fns[0].rejected.size() == 1);
    CHECK(answer.fns[0].rejected[0].fd_number == 2);
    CHECK(answer.fns[0].rejected[0].code == "bad_tlv");
    const auto shown = body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"];
    REQUIRE(shown.size() == 1);
    CHECK(shown[0]["fd_number"] == 2);
    CHECK(cabinet.send_documents(alice, {full_document(receipt(2))}).fns.at(0).contiguous_through == 3);
    CHECK(body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"].empty());
}

TEST_CASE("events are stored once by their id and alarm at error and above", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto made = request("GET", "/api/v1/events");
    made.headers.emplace_back("cookie", alice.cookie);
    const auto stream = cabinet.start(made);
    cabinet_api::EventMessage event;
    event.id = "e-1";
    event.at = cabinet.clock.now();
    event.kkt_serial = "00106900000001";
    event.kind = "fn_critical";
    event.severity = cabinet_api::Severity::critical;
    event.text = "ФН неисправен";
    CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", sample_json("00106900000001", kFn, 0)).status ==
          200);
    for (int i = 0; i < 2; ++i)
        CHECK(cabinet.agent_post(alice, "/api/agent/v1/events", encode(cabinet_api::EventsRequest{{event}}))
                  .body == R"({"accepted":1})");
    const auto shown = body_of(cabinet.get(alice, "/api/v1/registers/00106900000001"))["events"];
    CHECK(shown.size() == 1);
    const std::string heard = stream->streamed();
    const std::size_t alarm = heard.find("event: alarm");
    REQUIRE(alarm != std::string::npos);
    CHECK(heard.find("event: alarm", alarm + 1) == std::string::npos);
}

TEST_CASE("a long poll is answered by a command, by its deadline, and only once", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto ask = request("GET", "/api/agent/v1/commands?wait=25");
    ask.headers.emplace_back("authorization", "Bearer " + alice.token);
    const auto timed_out = cabinet.start(ask);
    CHECK_FALSE(timed_out->answered());
    cabinet.clock.step(std::chrono::seconds(24));
    cabinet.hub.expire_waits(cabinet.clock.now());
    CHECK_FALSE(timed_out->answered());
    cabinet.clock.step(std::chrono::seconds(1));
    cabinet.hub.expire_waits(cabinet.clock.now());
    CHECK(timed_out->get().body == R"({"commands":[]})");

    const auto woken = cabinet.start(ask);
    REQUIRE(cabinet.writer.run([&](store::Connection& db) {
        store::add_command(db, alice.tenant, alice.agent_id,
                           {"c-9", "sync", "", "{}", cabinet.clock.now() + std::chrono::hours(1)},
                           cabinet.clock.now());
    }));
    cabinet.hub.wake(alice.agent_id);
    CHECK_THAT(woken->get().body, Catch::Contains("c-9"));
    ask.query = "wait=31";
    check_problem(cabinet.call(ask), 400, "bad_value", "wait");
}

TEST_CASE("configuration is version zero of nothing, with its hash", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto ask = request("GET", "/api/agent/v1/config");
    ask.headers.emplace_back("authorization", "Bearer " + alice.token);
    const auto config = cabinet_api::decode_config_response(cabinet.call(ask).body);
    REQUIRE(config);
    CHECK(config->version == 0);
    CHECK(config->hash == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}
