#include "tests/unit/cabinet/commands_support.hpp"

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

/// What such a route takes.
std::string body_for(const std::string& pattern)
{
    if (pattern.ends_with("/permission"))
        return R"({"permitted":true})";
    if (pattern.ends_with("/commands"))
        return R"({"kind":"x_report"})";
    if (pattern.ends_with("/print"))
        return R"({"kind":"receipt","operation":"sell",)"
               R"("items":[{"name":"Чай","price":1,"quantity":1,"vat":"none"}]})";
    return "";
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
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string command = body_of(send(cabinet, alice, "first"))["id"];
    auto forged = receipt(1);
    forged.cash = 1;
    (void)cabinet.send_documents(alice, {full_document(forged)});
    for (const auto& route : cabinet.router.routes()) {
        if (!route.pattern.starts_with("/api/v1/") || route.pattern == "/api/v1/login" ||
            route.pattern == "/api/v1/logout" || route.pattern == "/api/v1/events")
            continue;
        CAPTURE(route.method, route.pattern);
        std::string target = target_of(route.pattern);
        if (const std::size_t at = target.find("/commands/c-1"); at != std::string::npos)
            target.replace(at, std::string::npos, "/commands/" + command);
        const auto ask = [&](const TestCabinet::Owner& owner) {
            return route.method == "GET"
                       ? cabinet.get(owner, target)
                       : send(cabinet, owner, route.pattern, body_for(route.pattern), target);
        };
        const auto hers = ask(mallory);
        for (const auto& secret : kSecrets)
            CHECK(hers.body.find(secret) == std::string::npos);
        if (route.pattern.find('{') != std::string::npos)
            CHECK(hers.status == 404);
        // The same call by the owner does answer, so the test above is not about an empty cabinet.
        CHECK(ask(alice).status == 200);
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
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    const std::string id = body_of(send(cabinet, alice, "k1"))["id"];
    cabinet_api::CommandResult result;
    // Neither one that was never given, nor one that was.
    for (const bool unanswered : {false, true}) {
        CHECK(given(cabinet, mallory, unanswered).commands.empty());
        CHECK(tell_result(cabinet, mallory, id, result) == 404);
        result.outcome = cabinet_api::CommandOutcome::taken;
        CHECK(tell_result(cabinet, mallory, id, result) == 404);
        CHECK(given(cabinet, alice, unanswered).commands.size() == 1);
    }
    CHECK(shown(cabinet, alice, id)["state"] == "sent");
    result.outcome = cabinet_api::CommandOutcome::done;
    CHECK(tell_result(cabinet, alice, id, result) == 200);
    CHECK(given(cabinet, alice, true).commands.empty());

    (void)cabinet.send_documents(alice, {full_document(receipt(1))});
    auto other = receipt(1);
    other.cash = 5;
    CHECK(cabinet.send_documents(mallory, {full_document(other)}).fns.at(0).rejected.empty());
    const auto kept = body_of(cabinet.get(alice, "/api/v1/documents/" + std::string(kFn) + "/1"));
    CHECK(kept["head"]["total_sum"] == 10000);
    CHECK(body_of(cabinet.get(alice, "/api/v1/rejected"))["rejected"].empty());
}

TEST_CASE("a register of the same number in another owner's shop gets none of the commands",
          "[cabinet][api][isolation]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    const auto mallory = cabinet.add_owner("mallory");
    tell_register(cabinet, alice);
    permit(cabinet, alice);
    check_problem(send(cabinet, mallory, "k1"), 404, "not_found", "");
    check_problem(cabinet.post(mallory, kPermission, R"({"permitted":true})"), 404, "not_found", "");
    // She gets herself an agent that tells of a register with that number.
    tell_register(cabinet, mallory);
    check_problem(send(cabinet, mallory, "k1"), 403, "unauthorised", ""); // her own, and not permitted by her
    permit(cabinet, mallory);
    const std::string hers = body_of(send(cabinet, mallory, "k1"))["id"];
    const std::string own = body_of(send(cabinet, alice, "k1"))["id"];
    CHECK(hers != own);
    REQUIRE(given(cabinet, alice).commands.size() == 1);
    CHECK(given(cabinet, alice).commands[0].id == own);
    REQUIRE(given(cabinet, mallory).commands.size() == 1);
    CHECK(given(cabinet, mallory).commands[0].id == hers);
    CHECK(cabinet.get(mallory, kCommands + "/" + own).status == 404);
    permit(cabinet, mallory, false);
    CHECK(body_of(cabinet.get(alice, kCommands))["permitted"] == true);
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
