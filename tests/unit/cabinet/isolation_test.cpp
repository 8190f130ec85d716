#include "cabinet/store/registers.hpp"
#include "tests/unit/cabinet/api_support.hpp"

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

namespace {

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
