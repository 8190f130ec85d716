// A shop's journal and sender before a cabinet: a good one, with whatever trouble a test puts in front of it.
#pragma once

#include "agent/clock.hpp"
#include "agent/http/gzip.hpp"
#include "agent/metrics.hpp"
#include "agent/sync/sync.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/agent/fake_cabinet.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <mutex>
#include <set>

namespace kb::agent::test {

using namespace std::chrono_literals;
using storage::test::kFn;
using storage::test::sale;
using storage::test::sales;

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
            const auto request = cabinet_api::decode_events_request(asked.body);
            const std::lock_guard lock(mutex_);
            events_.insert(events_.end(), request->events.begin(), request->events.end());
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

inline bool is_documents(const Asked& asked) { return asked.target == "/api/agent/v1/documents"; }

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

    ~Shop() { stop(); }

    void stop()
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

    void append(const std::vector<storage::JournalDocument>& batch)
    {
        REQUIRE(journal([&batch](storage::Journal& open) { return open.documents().append(batch); }));
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
        SyncServices services{*client_, worker_, clock_, metrics_, [this] { ++compared_again; }, commands};
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

    asio::any_io_executor executor() { return io_.get_executor(); }
    storage::Worker& worker() { return worker_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }

    int compared_again = 0;
    CommandDesk* commands = nullptr;
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

} // namespace kb::agent::test
