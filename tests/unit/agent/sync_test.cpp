// The sender against a cabinet that behaves badly in every way it can: nothing lost, nothing stuck.
#include "agent/clock.hpp"
#include "agent/http/gzip.hpp"
#include "agent/metrics.hpp"
#include "agent/sync/sync.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_cabinet.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

using namespace kb;
using namespace kb::agent;
using namespace std::chrono_literals;
using kb::agent::test::Answer;
using kb::agent::test::Asked;
using kb::agent::test::FakeCabinet;
using kb::storage::test::kFn;
using kb::storage::test::sale;
using kb::storage::test::sales;

namespace {

/// What a good cabinet keeps; tests put trouble in front of it.
struct Store {
    std::map<std::uint32_t, Bytes> documents; // of kFn
    std::map<std::uint32_t, std::string> rejects;
    std::set<std::uint32_t> unreadable; // so broken that only their place in the batch can be told
    std::vector<std::size_t> batches;
    std::size_t samples = 0;

    Answer take(const Asked& asked)
    {
        Answer answer;
        if (asked.target == "/api/agent/v1/events") {
            const std::lock_guard lock(mutex_);
            for (auto& event : cabinet_api::decode_events_request(asked.body)->events) {
                events_.push_back(std::move(event));
            }
            answer.body = R"({"accepted":1})";
        } else if (asked.target == "/api/agent/v1/status") {
            samples += cabinet_api::decode_status_request(asked.body)->samples.size();
            answer.body = R"({"accepted":1})";
        } else if (asked.target == "/api/agent/v1/config") {
            answer.body = R"({"version":3,"hash":"abc","config":{}})";
        } else if (asked.target.starts_with("/api/agent/v1/commands")) {
            answer.body = R"({"commands":[]})";
        } else if (asked.target == "/api/agent/v1/documents") {
            answer.body = keep(asked);
        } else {
            answer.status = 404;
        }
        return answer;
    }

    std::string keep(const Asked& asked)
    {
        const auto json = http::gunzip(asked.body, 32U << 20U);
        const auto request = cabinet_api::decode_documents_request(*json);
        batches.push_back(request->documents.size());
        cabinet_api::FnAnswer fn;
        cabinet_api::DocumentsResponse response;
        fn.fn_serial = kFn;
        for (std::uint32_t i = 0; i < request->documents.size(); ++i) {
            const auto& message = request->documents[i];
            const std::uint32_t number = message.document.fd_number;
            if (unreadable.contains(number)) {
                response.unnamed.push_back({i, "bad_json", "because"});
            } else if (const auto bad = rejects.find(number); bad != rejects.end()) {
                fn.rejected.push_back({number, bad->second, "because"});
            } else {
                documents[number] = message.document.raw;
            }
        }
        storage::FdRanges held;
        for (const auto& [number, raw] : documents) {
            held.add({number, number});
        }
        if (!held.empty()) {
            fn.contiguous_from = held.runs().front().first;
            fn.contiguous_through = held.runs().front().last;
            for (const auto& gap : held.missing({fn.contiguous_from, held.runs().back().last})) {
                fn.missing.push_back({gap.first, gap.last});
            }
        }
        if (response.unnamed.size() < request->documents.size()) {
            response.fns = {fn};
        }
        return cabinet_api::encode(response);
    }

    /// What it was told so far; it is told on the connection's thread.
    std::vector<cabinet_api::EventMessage> events()
    {
        const std::lock_guard lock(mutex_);
        return events_;
    }

private:
    std::mutex mutex_;
    std::vector<cabinet_api::EventMessage> events_;
};

bool is_documents(const Asked& asked) { return asked.target == "/api/agent/v1/documents"; }

class Shop {
public:
    explicit Shop(const FakeCabinet& cabinet, std::size_t batch = 10) : client_(http::make_client({}))
    {
        config_.url = cabinet.url() + "/";
        config_.batch_documents = static_cast<std::uint32_t>(batch);
        config_.retry_first = 1ms;
        config_.retry_cap = 1s;
        config_.request_timeout = 1s;
        enrol("secret");
    }

    ~Shop()
    {
        if (sync_) {
            sync_->stop();
            client_->stop();
            run_until([&] { return sync_->ended(); });
        }
    }

    void enrol(const std::string& token)
    {
        REQUIRE(save_enrolment(dir_.path(), {"agent-1", token, "Магазин", config_.url}));
    }

    template <class Work>
    auto journal(Work work)
    {
        std::optional<std::invoke_result_t<Work&, storage::Journal&>> result;
        asio::co_spawn(
            io_,
            [&]() -> asio::awaitable<void> {
                Work moved = work;
                result = co_await in_journal(worker_, std::move(moved));
            },
            asio::detached);
        run_until([&] { return result.has_value(); });
        return *std::move(result);
    }

    void append(std::vector<storage::JournalDocument> batch)
    {
        REQUIRE(journal([batch](storage::Journal& open) { return open.documents().append(batch); }));
        if (sync_) {
            sync_->on_documents();
        }
    }

    std::uint64_t unsent()
    {
        return journal([](storage::Journal& open) { return open.outbox().state(); })->unsent;
    }

    Sync& start()
    {
        SyncServices services{*client_, worker_, clock_, metrics_, [this] { ++compared_again; }};
        sync_.emplace(io_.get_executor(), config_, dir_.path(), std::move(services));
        sync_->start();
        return *sync_;
    }

    template <class Condition>
    void run_until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (!condition()) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            io_.run_one_for(50ms);
        }
    }

    /// Runs until the journal says that everything is acknowledged.
    void drain()
    {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (unsent() > 0) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            io_.run_one_for(5ms);
        }
    }

    int compared_again = 0;
    CabinetConfig config_;

private:
    kb::test::TempDir dir_;
    SystemClock clock_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
    Metrics metrics_;
    storage::Worker worker_{storage::test::open_journal(dir_.path())};
    std::unique_ptr<http::Client> client_;
    std::optional<Sync> sync_;
};

} // namespace

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
    // The cabinet could not note what it would not read: it is told so that it can show it.
    shop.run_until([&] { return !store.events().empty(); });
    const auto told = cabinet_api::set_aside_of(store.events().front());
    REQUIRE(told);
    CHECK(told->fd_number == 13);
    CHECK(told->code == "bad_tlv");
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
