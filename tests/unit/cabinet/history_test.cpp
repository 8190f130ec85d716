// When did it go away, when did the paper run out: a register's state as changes, bounded in time and number.
#include "cabinet/store/history.hpp"
#include "cabinet/store/registers.hpp"
#include "tests/unit/cabinet/api_support.hpp"

#include <soci/soci.h>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kKkt = "00106900000001";

/// A shop whose register is sampled once a minute of its own time.
struct Shop {
    /// Sends a sample with these members replaced: a merge patch.
    void sample(const nlohmann::json& change)
    {
        status.merge_patch(change);
        send();
    }
    void send()
    {
        cabinet.clock.step(1min);
        status["taken_at"] = to_text(cabinet.clock.now());
        REQUIRE(
            cabinet.agent_post(alice, "/api/agent/v1/status", nlohmann::json{{"samples", {status}}}.dump())
                .status == 200);
    }
    nlohmann::json changes()
    {
        return body_of(cabinet.get(alice, "/api/v1/registers/" + std::string(kKkt) + "/history"))["changes"];
    }
    /// "paper: present -> absent", newest first, of one thing or of all.
    std::vector<std::string> told(const std::string& what = "")
    {
        std::vector<std::string> lines;
        for (const auto& change : changes())
            if (what.empty() || change["what"] == what)
                lines.push_back(change["what"].get<std::string>() + ": " +
                                (change["was"].is_null() ? "?" : change["was"].get<std::string>()) + " -> " +
                                change["value"].get<std::string>());
        return lines;
    }

    TestCabinet cabinet;
    TestCabinet::Owner alice = cabinet.add_owner("alice");
    nlohmann::json status = nlohmann::json::parse(sample_json(kKkt, kFn, 5))["samples"][0];
};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("the first sample tells how things stood, the same again tells nothing", "[cabinet][history]")
{
    Shop shop;
    shop.sample({{"status", {{"paper", "present"}, {"cover", "closed"}}}});
    const auto first = shop.told();
    CHECK(first == Lines{"cover: ? -> closed", "firmware: ? -> 2020-01-15", "fn: ? -> 9999078900001234",
                         "paper: ? -> present", "register: ? -> reached", "sd_card: ? -> missing"});
    shop.send();
    shop.send();
    CHECK(shop.told() == first);
}

TEST_CASE("each change is one row with its time", "[cabinet][history]")
{
    Shop shop;
    shop.sample({{"status", {{"paper", "present"}}}});
    shop.sample({{"status", {{"paper", "absent"}}}});
    const std::string ran_out = to_text(shop.cabinet.clock.now());
    shop.send();
    shop.sample({{"status", {{"paper", "present"}}}, {"sd_card", {{"state", "failing"}}}});
    CHECK(shop.told("paper") ==
          Lines{"paper: absent -> present", "paper: present -> absent", "paper: ? -> present"});
    CHECK(shop.told("sd_card") == Lines{"sd_card: missing -> failing", "sd_card: ? -> missing"});
    for (const auto& change : shop.changes())
        if (change["what"] == "paper" && change["value"] == "absent")
            CHECK(change["at"] == ran_out);
}

TEST_CASE("what a sample does not say has not changed", "[cabinet][history]")
{
    Shop shop;
    shop.sample({{"status", {{"paper", "present"}}}});
    shop.sample(
        {{"state", "absent"}, {"status", {{"paper", "unknown"}}}, {"sd_card", nullptr}, {"fn", nullptr}});
    shop.sample({{"state", "connecting"}});
    shop.sample({{"state", "identifying"}});
    shop.sample({{"state", "ready"},
                 {"status", {{"paper", "present"}}},
                 {"fn", nlohmann::json::parse(sample_json(kKkt, kFn, 5))["samples"][0]["fn"]}});
    CHECK(shop.told("paper").size() == 1);
    CHECK(shop.told("fn").size() == 1);
    CHECK(shop.told("sd_card").size() == 1);
    CHECK(shop.told("register") ==
          Lines{"register: absent -> reached", "register: reached -> absent", "register: ? -> reached"});
    shop.sample({{"state", "busy"}});
    shop.sample({{"state", "reconciling"}});
    CHECK(shop.told("register").size() == 3); // all of them mean: it can be reached
}

TEST_CASE("a sample that comes late changes nothing", "[cabinet][history]")
{
    Shop shop;
    shop.sample({{"status", {{"paper", "present"}}}});
    const auto before = shop.told();
    shop.status["taken_at"] = to_text(shop.cabinet.clock.now() - 1h);
    shop.status["status"]["paper"] = "absent";
    CHECK(
        shop.cabinet
            .agent_post(shop.alice, "/api/agent/v1/status", nlohmann::json{{"samples", {shop.status}}}.dump())
            .status == 200);
    CHECK(shop.told() == before);
}

TEST_CASE("an agent that was silent for a while is told when it is back, a short silence is not",
          "[cabinet][history]")
{
    Shop shop;
    shop.send();
    shop.cabinet.clock.step(14min);
    shop.send();
    CHECK(shop.told("agent").empty());
    const std::string last = to_text(shop.cabinet.clock.now());
    shop.cabinet.clock.step(5h);
    shop.send();
    CHECK(shop.told("agent") == Lines{"agent: silent -> heard", "agent: heard -> silent"});
    for (const auto& change : shop.changes())
        if (change["value"] == "silent")
            CHECK(change["at"] == last);
}

TEST_CASE("the cabinet's own absence is no silence of the agent", "[cabinet][history]")
{
    Shop shop;
    shop.send();
    shop.cabinet.clock.step(5h);
    live::Hub hub; // a cabinet that was just started knows nobody
    api::Context started{shop.cabinet.readers, shop.cabinet.writer,    hub,
                         shop.cabinet.workers, shop.cabinet.catalogue, shop.cabinet.clock};
    http::Router router;
    add_all_routes(router, started);
    auto call = request("GET", "/api/agent/v1/config");
    call.headers.emplace_back("authorization", "Bearer " + shop.alice.token);
    const auto answer = std::make_shared<Answer>();
    router.dispatch(call, answer);
    CHECK(answer->get().status == 200);
    CHECK(shop.told("agent").empty());
    hub.close();
}

TEST_CASE("history is bounded in time, but the last word on each thing stays", "[cabinet][history]")
{
    Shop shop;
    shop.sample({{"status", {{"paper", "present"}}}});
    shop.sample({{"status", {{"paper", "absent"}}}});
    shop.sample({{"status", {{"paper", "present"}}}});
    shop.cabinet.clock.step(store::kHistoryKept + 24h);
    shop.cabinet.log_in_again(shop.alice);
    shop.sample({{"status", {{"paper", "absent"}}}});
    CHECK(shop.told("paper") == Lines{"paper: present -> absent"});
    CHECK(shop.told("sd_card") == Lines{"sd_card: ? -> missing"});
    shop.send();
    CHECK(shop.told("sd_card").size() == 1); // so it is not told again as news
}

TEST_CASE("history is bounded in number, however a sensor flaps", "[cabinet][history]")
{
    TempDir dir;
    REQUIRE(store::prepare_database(database_file(dir.path())));
    store::Connection connection(database_file(dir.path()));
    const store::TenantId tenant{7};
    SteppedClock clock;
    fiscal::DeviceSample sample;
    sample.state = "ready";
    sample.info.kkt_serial = kKkt;
    connection.sql() << "BEGIN"; // one transaction: it is about rows, not about the disk
    for (std::size_t i = 0; i < store::kHistoryMost + 500; ++i) {
        clock.step(1s);
        sample.taken_at = clock.now();
        sample.status.paper = i % 2 == 0 ? fiscal::Paper::present : fiscal::Paper::absent;
        store::note_changes(connection, tenant, sample, clock.now());
    }
    connection.sql() << "COMMIT";
    const auto kept = store::list_changes(connection, tenant, kKkt, 100'000);
    CHECK(kept.size() == store::kHistoryMost + 1); // and the one word on "register", which never changed
    CHECK(kept.front().what == "paper");
    CHECK(kept.back().what == "register");
}
