// Events and samples: in order, once, over restarts; settings; retention of all of them.
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

EventRow event(const std::string& text, int second)
{
    EventRow row;
    row.at = at(second);
    row.kkt_serial = kKkt;
    row.kind = "device_state";
    row.severity = Severity::warning;
    row.text = text;
    row.data = R"({"state":"ready"})";
    return row;
}

} // namespace

TEST_CASE("events are sent in order and once, also over a restart", "[telemetry]")
{
    TempDir dir;
    std::string first_id;
    {
        Journal journal = open_journal(dir.path());
        first_id = journal.telemetry().add_event(event("нет бумаги", 1))->event_id;
        REQUIRE(journal.telemetry().add_event(event("бумага есть", 2)));
        REQUIRE(journal.telemetry().add_event(event("смена открыта", 3)));
        const auto unsent = journal.telemetry().unsent_events(2);
        REQUIRE(unsent->size() == 2);
        CHECK(unsent->front().event_id == first_id);
        CHECK(unsent->front().text == "нет бумаги");
        CHECK(unsent->front().severity == Severity::warning);
        CHECK(unsent->front().data == R"({"state":"ready"})");
        REQUIRE(journal.telemetry().mark_events_sent(unsent->back().id));
        REQUIRE(journal.telemetry().mark_events_sent(unsent->front().id)); // a late answer
    }
    Journal journal = open_journal(dir.path());
    const auto unsent = journal.telemetry().unsent_events(10);
    REQUIRE(unsent->size() == 1);
    CHECK(unsent->front().text == "смена открыта");
    CHECK(journal.telemetry().counts()->unsent_events == 1);
    CHECK(journal.telemetry().recent_events(10)->front().text == "смена открыта");
}

TEST_CASE("event ids of two journals never meet", "[telemetry]")
{
    TempDir one;
    TempDir two;
    const auto first = open_journal(one.path()).telemetry().add_event(event("a", 1));
    const auto second = open_journal(two.path()).telemetry().add_event(event("a", 1));
    CHECK(first->id == second->id);
    CHECK(first->event_id != second->event_id);
}

TEST_CASE("samples are queued, and the latest of each register is at hand", "[telemetry]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.telemetry().add_sample({0, at(1), kKkt, R"({"n":1})"}));
    REQUIRE(journal.telemetry().add_sample({0, at(2), "serial:/dev/ttyS0", R"({"n":2})"}));
    const auto id = journal.telemetry().add_sample({0, at(3), kKkt, R"({"n":3})"});
    const auto latest = journal.telemetry().latest_samples();
    REQUIRE(latest->size() == 2);
    CHECK(latest->at(0).body == R"({"n":3})");
    CHECK(latest->at(1).body == R"({"n":2})");
    CHECK(journal.telemetry().unsent_samples(10)->size() == 3);
    REQUIRE(journal.telemetry().mark_samples_sent(*id - 1));
    CHECK(journal.telemetry().unsent_samples(10)->size() == 1);
    CHECK(journal.telemetry().counts()->unsent_samples == 1);
}

TEST_CASE("settings outlive a restart", "[telemetry]")
{
    TempDir dir;
    {
        Journal journal = open_journal(dir.path());
        CHECK_FALSE(journal.settings().get("agent_id").value());
        REQUIRE(journal.settings().set("agent_id", "a-1"));
        REQUIRE(journal.settings().set("agent_id", "a-2"));
        REQUIRE(journal.settings().set("gone", "x"));
        REQUIRE(journal.settings().remove("gone"));
    }
    Journal journal = open_journal(dir.path());
    CHECK(journal.settings().get("agent_id").value() == "a-2");
    CHECK_FALSE(journal.settings().get("gone").value());
}

TEST_CASE("retention removes the old and acknowledged, never the unsent or rejected", "[telemetry]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 100})));
    OutboxBatch batch = *journal.outbox().next_batch({});
    // 1..49 and 51..100 go out; 50 stays unsent, 10 is refused.
    batch.items.erase(batch.items.begin() + 49);
    REQUIRE(journal.outbox().acknowledge(batch, {{kFn, {}, {{10, "conflict", "x"}}}}, at(1)));
    REQUIRE(journal.telemetry().add_event(event("alt", 1)));
    REQUIRE(journal.telemetry().add_sample({0, at(1), kKkt, "{}"}));

    RetentionPolicy policy;
    policy.keep_documents = std::chrono::days{0};
    policy.keep_telemetry = std::chrono::days{0};
    const auto report = journal.retain(policy, at(1000), sale(61).document.datetime);
    REQUIRE(report);
    CHECK(report->documents == 58);
    CHECK(report->events == 0);
    CHECK(report->samples == 0);
    CHECK_FALSE(report->more);
    CHECK(journal.documents().find(kFn, 50));
    CHECK(journal.documents().find(kFn, 10));
    CHECK(journal.documents().find(kFn, 61));
    CHECK_FALSE(journal.documents().find(kFn, 60));
    CHECK(journal.documents().fn_progress(kFn)->contiguous_through == 100);
    CHECK(journal.documents().append({sale(60)})->unchanged == 1);

    REQUIRE(journal.telemetry().mark_events_sent(1));
    REQUIRE(journal.telemetry().mark_samples_sent(1));
    const auto second = journal.retain(policy, at(1000), sale(61).document.datetime);
    CHECK(second->events == 1);
    CHECK(second->samples == 1);
}

TEST_CASE("retention by size works in slices and gives the room back", "[telemetry]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 2500})));
    for (;;) {
        const auto batch = journal.outbox().next_batch({});
        if (batch->empty())
            break;
        REQUIRE(journal.outbox().acknowledge(*batch, {all_there()}, at(1)));
    }
    RetentionPolicy policy;
    policy.max_bytes = 1024 * 1024;
    const auto first = journal.retain(policy, at(1), sale(1).document.datetime);
    REQUIRE(first);
    CHECK(first->documents == 1000);
    CHECK(first->more);
    while (journal.retain(policy, at(1), sale(1).document.datetime)->documents > 0) {
    }
    CHECK(*journal.documents().count() > 0);
    CHECK(*journal.documents().count() < 1500);
    CHECK(journal.documents().find(kFn, 2500));
    const auto file = journal.file();
    {
        const Journal closed = std::move(journal);
    }
    CHECK(std::filesystem::file_size(file) < 1200 * 1024);
}
