// What else goes between agent and cabinet: events, samples, commands, configuration.
#include "tests/unit/agent/syncing_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;

TEST_CASE("events and samples reach the cabinet, a refusal does not stop them", "[sync]")
{
    Store store;
    bool refuse = true;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (asked.target == "/api/agent/v1/events" && refuse) {
            refuse = false;
            Answer answer;
            answer.status = 400;
            return answer;
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    const auto tell = [&](const std::string& text) {
        storage::EventRow row;
        row.kind = "device_state";
        row.text = text;
        REQUIRE(shop.journal([row](storage::Journal& open) { return open.telemetry().add_event(row); }));
    };
    tell("first");
    fiscal::DeviceSample sample;
    sample.state = "ready";
    sample.info.kkt_serial = "0000000001011546";
    storage::SampleRow row;
    row.kkt_serial = sample.info.kkt_serial;
    row.body = cabinet_api::encode(sample);
    REQUIRE(shop.journal([row](storage::Journal& open) { return open.telemetry().add_sample(row); }));
    Sync& sync = shop.start();
    shop.run_until([&] { return store.samples == 1 && !refuse; });
    tell("second");
    sync.on_telemetry();
    shop.run_until([&] { return store.events().size() == 1; });
}

TEST_CASE("unknown commands are refused, late ones not done, and the configuration is kept", "[sync]")
{
    Store store;
    std::map<std::string, std::string> results;
    bool given = false;
    FakeCabinet cabinet([&](const Asked& asked) {
        Answer answer;
        if (asked.target.starts_with("/api/agent/v1/commands?wait=")) {
            answer.body = given ? R"({"commands":[]})" : R"({"commands":[
                {"id":"c1","kind":"dance","kkt_serial":"","args":{},"expires_at":"2999-01-01T00:00:00Z"},
                {"id":"c2","kind":"dance","kkt_serial":"","args":{},"expires_at":"2001-01-01T00:00:00Z"}]})";
            given = true;
            return answer;
        }
        if (asked.target.starts_with("/api/agent/v1/commands/")) {
            results[asked.target] = asked.body;
            return answer;
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    shop.start();
    shop.run_until([&] { return results.size() == 2; });
    const auto outcome = [&](const std::string& id) {
        return cabinet_api::decode_command_result(results["/api/agent/v1/commands/" + id + "/result"])
            ->outcome;
    };
    CHECK(outcome("c1") == cabinet_api::CommandOutcome::refused);
    CHECK(outcome("c2") == cabinet_api::CommandOutcome::not_done);
    const auto version =
        shop.journal([](storage::Journal& open) { return open.settings().get("cabinet.config.version"); });
    CHECK(**version == "3");
}
