// What else goes between agent and cabinet: events, samples, commands, configuration.
#include "tests/unit/agent/syncing_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;

namespace {

void tell(Shop& shop, const std::string& text)
{
    storage::EventRow row;
    row.kind = "device_state";
    row.text = text;
    REQUIRE(shop.journal([row](storage::Journal& open) { return open.telemetry().add_event(row); }));
}

void sample(Shop& shop, const std::string& state)
{
    fiscal::DeviceSample told;
    told.state = state;
    told.info.kkt_serial = "0000000001011546";
    storage::SampleRow row;
    row.kkt_serial = told.info.kkt_serial;
    row.body = cabinet_api::encode(told);
    REQUIRE(shop.journal([row](storage::Journal& open) { return open.telemetry().add_sample(row); }));
}

/// A cabinet that does not bear a request with "poison" in it.
Answer squeamish(Store& store, const Asked& asked)
{
    if (asked.body.find("poison") == std::string::npos) {
        return store.take(asked);
    }
    Answer answer;
    answer.status = 422;
    return answer;
}

} // namespace

TEST_CASE("an event and a sample the cabinet refuses do not take the others with them", "[sync]")
{
    Store store;
    FakeCabinet cabinet([&](const Asked& asked) { return squeamish(store, asked); });
    Shop shop(cabinet);
    for (int i = 0; i < 10; ++i) {
        tell(shop, i == 3 ? "poison" : "event");
        sample(shop, i == 7 ? "poison" : "ready");
    }
    Sync& sync = shop.start();
    shop.run_until([&] { return store.events().size() == 9 && store.samples == 9; });
    tell(shop, "later");
    sync.on_telemetry();
    shop.run_until([&] { return store.events().size() == 10; });
}

TEST_CASE("an agent that carries no command out refuses each, and keeps the configuration", "[sync]")
{
    Store store;
    std::map<std::string, std::string> results;
    bool given = false;
    FakeCabinet cabinet([&](const Asked& asked) {
        Answer answer;
        if (asked.target.starts_with("/api/agent/v1/commands?wait=")) {
            answer.body = given ? R"({"commands":[]})" : R"({"commands":[
                {"id":"c1","kind":"dance","kkt_serial":"","args":{},"expires_at":"2999-01-01T00:00:00Z"}]})";
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
    shop.run_until([&] { return results.size() == 1; });
    const auto result = cabinet_api::decode_command_result(results["/api/agent/v1/commands/c1/result"]);
    REQUIRE(result);
    CHECK(result->outcome == cabinet_api::CommandOutcome::refused);
    CHECK(result->code == "not_allowed");
    const auto version =
        shop.journal([](storage::Journal& open) { return open.settings().get("cabinet.config.version"); });
    CHECK(**version == "3");
}
