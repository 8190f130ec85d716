#include "cabinet/store/registers.hpp"
#include "tests/unit/cabinet/commands_support.hpp"

#include <soci/soci.h>

#include <fstream>
#include <set>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

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

TEST_CASE("an open shift is shown with the time of its opening report", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    auto opening = receipt(1);
    opening.type = 2;
    (void)cabinet.send_documents(alice, {full_document(opening), full_document(receipt(2))});
    for (const int shift : {1, 2}) {
        auto status = nlohmann::json::parse(sample_json("00106900000001", kFn, 2));
        status["samples"][0]["shift"] = {
            {"open", true}, {"over_24h", false}, {"receipt_number", 1}, {"shift_number", shift}};
        status["samples"][0]["taken_at"] = "2024-03-01T07:00:0" + std::to_string(shift) + ".000Z";
        CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", status.dump()).status == 200);
        const auto shown = body_of(cabinet.get(alice, "/api/v1/registers/00106900000001"))["shift"];
        CHECK(shown["opened_at"] == (shift == 1 ? nlohmann::json("2024-03-01T09:16:00") : nlohmann::json()));
    }
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
    CHECK(totals["completeness"][0]["missing_at_most"] == 0);
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
    check_problem(cabinet.agent_post(alice, "/api/agent/v1/documents", R"({"documents":7})"), 400, "bad_json",
                  "documents");
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
    CHECK(body_of(timed_out->get())["commands"].empty());

    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const auto woken = cabinet.start(ask);
    const auto sent = send(cabinet, alice, "k1");
    CHECK(body_of(woken->get())["commands"][0]["id"] == body_of(sent)["id"]);
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

TEST_CASE("a store that does not answer is not taken for a refused token", "[cabinet][api]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const std::string documents = encode(cabinet_api::DocumentsRequest{});
    REQUIRE(cabinet.agent_post(alice, "/api/agent/v1/documents", documents).status == 200);
    REQUIRE(cabinet.writer.run(
        [](store::Connection& db) { db.sql() << "ALTER TABLE agent RENAME TO out_of_reach"; }));
    const auto answer = cabinet.agent_post(alice, "/api/agent/v1/documents", documents);
    CHECK(answer.status == 503);
    CHECK_FALSE(header_of(answer, "Retry-After").empty());
}
