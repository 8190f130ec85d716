// Who this PC is to the cabinet: refused, forgotten, begun anew, and another cabinet altogether.
#include "tests/unit/agent/syncing_shop.hpp"

#include <catch2/catch.hpp>

#include <atomic>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;

TEST_CASE("401 is a state of its own, and a new enrolment ends it", "[sync]")
{
    Store store;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (asked.header("Authorization") != "Bearer renewed") {
            Answer no;
            no.status = 401;
            return no;
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    shop.append({sale(1)});
    Sync& sync = shop.start();
    shop.run_until([&] { return sync.status().state == SyncStatus::State::not_enrolled; });
    CHECK(sync.status().reason == "unauthorised");
    CHECK(shop.unsent() == 1);
    shop.enrol("renewed");
    shop.drain();
    CHECK(store.documents.size() == 1);
}

TEST_CASE("a token refused for a while is tried again by itself", "[sync]")
{
    Store store;
    std::atomic<int> refused = 0;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (refused < 4) {
            ++refused;
            Answer no;
            no.status = 401;
            return no;
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    shop.append({sale(1)});
    Sync& sync = shop.start();
    shop.run_until([&] { return sync.status().state == SyncStatus::State::online; });
    shop.drain();
    CHECK(store.documents.size() == 1);
}

TEST_CASE("a cabinet begun anew gets everything without waiting for the next sale", "[sync]")
{
    Store store;
    std::atomic<bool> lost = false;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (lost && asked.header("Authorization") != "Bearer renewed") {
            Answer no;
            no.status = 401;
            return no;
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    shop.append(sales({1, 20}));
    Sync& sync = shop.start();
    shop.drain();
    store.documents.clear();
    lost = true;
    storage::EventRow row;
    row.kind = "device_state";
    REQUIRE(shop.journal([row](storage::Journal& open) { return open.telemetry().add_event(row); }));
    sync.on_telemetry();
    shop.run_until([&] { return sync.status().state == SyncStatus::State::not_enrolled; });
    shop.enrol("renewed");
    shop.run_until([&] { return store.documents.size() == 20; });
}

TEST_CASE("an enrolment of another cabinet is never shown to this one", "[sync]")
{
    int asked_times = 0;
    FakeCabinet cabinet([&](const Asked&) {
        ++asked_times;
        return Answer{};
    });
    Shop shop(cabinet);
    shop.config_.url = "http://127.0.0.1:1";
    Sync& sync = shop.start();
    shop.run_until([&] { return sync.status().state == SyncStatus::State::not_enrolled; });
    CHECK(asked_times == 0);
}
