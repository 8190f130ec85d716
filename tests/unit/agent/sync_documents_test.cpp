// The sender of documents against a cabinet that behaves badly in every way it can: nothing lost, nothing
// stuck.
#include "tests/unit/agent/syncing_shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::test;
using namespace std::chrono_literals;

TEST_CASE("a backlog drains in batches and arrives byte for byte", "[sync]")
{
    Store store;
    FakeCabinet cabinet([&](const Asked& asked) { return store.take(asked); });
    Shop shop(cabinet, 100);
    shop.append(sales({1, 1000}));
    shop.start();
    shop.drain();
    REQUIRE(store.documents.size() == 1000);
    for (const auto& [number, raw] : store.documents) {
        CHECK(raw == sale(number).document.raw);
    }
    CHECK(*std::max_element(store.batches.begin(), store.batches.end()) == 100); // it grew
    CHECK(store.batches.front() <= 50);
}

TEST_CASE("a new document is sent at once, before the old ones", "[sync]")
{
    Store store;
    FakeCabinet cabinet([&](const Asked& asked) { return store.take(asked); });
    Shop shop(cabinet);
    Sync& sync = shop.start();
    shop.run_until([&] { return sync.status().state == SyncStatus::State::online; });
    shop.append({sale(7)});
    shop.drain();
    CHECK(store.documents.contains(7));
    CHECK(sync.status().acknowledged == 1);
    CHECK(sync.status().last_success_at);
}

TEST_CASE("a lost answer costs a repetition, nothing else", "[sync]")
{
    Store store;
    int lost = 0;
    FakeCabinet cabinet([&](const Asked& asked) {
        Answer answer = store.take(asked);
        if (is_documents(asked) && lost < 3) {
            ++lost;
            answer.how = Answer::How::drop; // taken, but the agent never learns of it
        }
        return answer;
    });
    Shop shop(cabinet);
    shop.append(sales({1, 30}));
    shop.start();
    shop.drain();
    CHECK(store.documents.size() == 30);
}

TEST_CASE("503 with a wish to wait is honoured", "[sync]")
{
    Store store;
    std::vector<std::chrono::steady_clock::time_point> asked_at;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (is_documents(asked)) {
            asked_at.push_back(std::chrono::steady_clock::now());
            if (asked_at.size() == 1) {
                Answer busy;
                busy.status = 503;
                busy.headers = {{"Retry-After", "1"}};
                return busy;
            }
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    shop.append({sale(1)});
    shop.start();
    shop.drain();
    REQUIRE(asked_at.size() >= 2);
    CHECK(asked_at[1] - asked_at[0] >= 1s);
}

TEST_CASE("garbage for an answer acknowledges nothing", "[sync]")
{
    Store store;
    int garbage = 0;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (is_documents(asked) && garbage < 4) {
            const char* const bodies[] = {"", "<html>", R"({"fns":7})", R"({"fns":[{"fn_serial":1}]})"};
            Answer answer;
            answer.body = bodies[garbage++];
            return answer;
        }
        return store.take(asked);
    });
    Shop shop(cabinet);
    shop.append(sales({1, 5}));
    Sync& sync = shop.start();
    shop.run_until([&] { return garbage == 4; });
    shop.drain();
    CHECK(store.documents.size() == 5);
    CHECK(sync.status().acknowledged == 5);
}

TEST_CASE("a rejected document is set aside and shown, the others get through", "[sync]")
{
    Store store;
    store.rejects[4] = "conflict";
    FakeCabinet cabinet([&](const Asked& asked) { return store.take(asked); });
    Shop shop(cabinet);
    shop.append(sales({1, 9}));
    Sync& sync = shop.start();
    shop.drain();
    CHECK(store.documents.size() == 8);
    const auto rejected = *shop.journal([](storage::Journal& open) { return open.documents().rejected(); });
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].fd_number == 4);
    CHECK(rejected[0].code == "conflict");
    shop.run_until([&] { return !store.events().empty(); });
    CHECK(sync.status().rejected == 1);
    CHECK(store.events().front().kind == "document_rejected");
    CHECK_FALSE(store.events().front().kkt_serial.empty()); // it shows on the register's page
}

TEST_CASE("a document the cabinet cannot even name is set aside by its place, the others get through",
          "[sync]")
{
    Store store;
    store.unreadable = {4, 9};
    FakeCabinet cabinet([&](const Asked& asked) { return store.take(asked); });
    Shop shop(cabinet, GENERATE(std::size_t{10}, std::size_t{1}));
    shop.append(sales({1, 9}));
    shop.start();
    shop.drain();
    CHECK(store.documents.size() == 7);
    const auto rejected = *shop.journal([](storage::Journal& open) { return open.documents().rejected(); });
    REQUIRE(rejected.size() == 2);
    for (const auto& one : rejected) {
        CHECK(store.unreadable.contains(one.fd_number));
        CHECK(one.code == "bad_json");
        CHECK(one.reason == "because");
    }
    shop.run_until([&] { return store.events().size() >= 2; });
    CHECK(store.events().size() == 2);
}

TEST_CASE("a batch refused as a whole is narrowed down to the one document", "[sync]")
{
    Store store;
    FakeCabinet cabinet([&](const Asked& asked) {
        if (is_documents(asked)) {
            const auto json = http::gunzip(asked.body, 32U << 20U);
            const auto request = cabinet_api::decode_documents_request(*json);
            for (const auto& message : request->documents) {
                if (message.document.fd_number == 13) {
                    Answer refused;
                    refused.status = 422;
                    refused.body = R"({"title":"no","status":422,"code":"bad_tlv","detail":"x"})";
                    return refused;
                }
            }
        }
        return store.take(asked);
    });
    Shop shop(cabinet, 50);
    shop.append(sales({1, 40}));
    shop.start();
    shop.drain();
    CHECK(store.documents.size() == 39);
    CHECK_FALSE(store.documents.contains(13));
    CHECK(shop.journal([](storage::Journal& open) { return open.documents().rejected(); })->size() == 1);
    // The cabinet could not note what it would not read: it is told, so that it can show it.
    shop.run_until([&] { return !store.events().empty(); });
    const auto told = cabinet_api::set_aside_of(store.events().front());
    REQUIRE(told);
    CHECK(told->fd_number == 13);
    CHECK(told->code == "peer_refused");
}

TEST_CASE("a cabinet that refuses everything empties no outbox", "[sync]")
{
    int refused = 0;
    FakeCabinet cabinet([&](const Asked& asked) {
        Answer answer;
        answer.status = 400;
        refused += is_documents(asked) ? 1 : 0;
        return answer;
    });
    Shop shop(cabinet, 4);
    shop.append(sales({1, 100}));
    Sync& sync = shop.start();
    shop.run_until([&] { return refused > 8; });
    shop.run_until([&] { return shop.unsent() == 100; });
    CHECK(shop.journal([](storage::Journal& open) { return open.documents().rejected(); })->empty());
    CHECK(sync.status().state == SyncStatus::State::waiting);
}

TEST_CASE("what the cabinet has lost is sent again", "[sync]")
{
    Store store;
    FakeCabinet cabinet([&](const Asked& asked) { return store.take(asked); });
    Shop shop(cabinet);
    shop.append(sales({1, 20}));
    shop.start();
    shop.drain();
    REQUIRE(store.documents.size() == 20);
    for (const std::uint32_t lost : {1U, 2U, 10U, 11U}) {
        store.documents.erase(lost); // restored from a backup, say
    }
    shop.append({sale(21)});
    shop.run_until([&] { return store.documents.size() == 21; });
    CHECK(shop.compared_again == 1);
}

TEST_CASE("stopping in the middle of a hanging call ends at once and loses nothing", "[sync]")
{
    std::atomic<bool> asked = false;
    FakeCabinet cabinet([&](const Asked&) {
        asked = true;
        return Answer{Answer::How::hang};
    });
    Shop shop(cabinet);
    shop.config_.request_timeout = 1h;
    shop.append(sales({1, 5}));
    shop.start();
    shop.run_until([&] { return asked.load(); });
    CHECK(shop.unsent() == 5);
} // ~Shop stops and waits
