// The agent's side of the cabinet: documents, samples and events out, commands and configuration in.
#pragma once

#include "agent/async.hpp"
#include "agent/config.hpp"
#include "agent/enrolment.hpp"
#include "agent/http/client.hpp"
#include "agent/sync/policy.hpp"
#include "protocol/cabinet/messages.hpp"
#include "protocol/core/time.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kb::agent {

class CommandDesk;
class Metrics;

struct SyncStatus {
    enum class State {
        off,          ///< no cabinet in the configuration: the journal keeps everything
        not_enrolled, ///< no token, or the cabinet refuses it: `kktctl enroll`
        connecting,   ///< not heard from yet since the start
        online,       ///< the last call was answered
        waiting,      ///< the last call failed; another follows
    };
    State state = State::off;
    std::string reason; ///< Errc name of the last failure; empty while online
    std::string detail; ///< the same for people
    std::string cabinet_name;
    std::optional<UtcMs> last_success_at;
    std::optional<UtcMs> retry_at;
    std::uint64_t acknowledged = 0; ///< documents, since the start
    std::uint64_t rejected = 0;
    storage::OutboxState outbox; ///< as of the last look, seconds ago
};
std::string_view to_string(SyncStatus::State state);

struct SyncServices {
    http::Client& client;
    storage::Worker& journal;
    const Clock& clock;
    Metrics& metrics;
    /// The journal has forgotten numbers that the cabinet misses: read them from the FN again.
    std::function<void()> compare_again;
    CommandDesk* commands = nullptr; ///< nullptr: this agent carries no command out
};

/// The conversations with one cabinet: documents, telemetry, commands, their results. Each has its own
/// backoff; all share the token. Everything runs on the given executor.
class Sync {
public:
    Sync(asio::any_io_executor executor, CabinetConfig config, std::filesystem::path data_dir,
         SyncServices services);
    Sync(const Sync&) = delete;
    Sync& operator=(const Sync&) = delete;

    void start();
    /// No new call; those under way end when the client is stopped.
    void stop();
    [[nodiscard]] bool ended() const { return running_ == 0; }

    /// Something new lies in the journal.
    void on_documents() { documents_.raise(); }
    void on_telemetry() { telemetry_.raise(); }
    /// Something became of a command.
    void on_command_news() { results_.raise(); }

    [[nodiscard]] const SyncStatus& status() const { return status_; }

private:
    /// A batch, packed and ready to be sent.
    struct Prepared {
        storage::OutboxBatch batch;
        std::string body;
    };
    /// A request under way while its coroutine prepares the next one.
    struct Flight {
        explicit Flight(const asio::any_io_executor& executor) : landed(executor) {}
        Signal landed;
        std::optional<http::Reply> reply;
    };
    /// A document the cabinet refuses.
    struct Aside {
        std::string fn_serial;
        std::uint32_t fd_number = 0;
        std::string kkt_serial;
        std::string code;
        std::string reason;
    };
    /// What became of samples or events.
    enum class Delivery {
        done_with, ///< taken, or the one there was is refused for what it is
        too_many,  ///< one of them is refused: send fewer, to find it
        failed,    ///< the pause is over, the same once more
    };
    /// How many rows go out at once: half as many until the refused one is alone, then more again.
    class AtOnce {
    public:
        [[nodiscard]] std::size_t now() const { return now_; }
        void narrow(std::size_t sent) { now_ = std::max<std::size_t>(sent / 2, 1); }
        void widen() { now_ = std::min(now_ * 2, kMost); }

    private:
        static constexpr std::size_t kMost = 200;
        std::size_t now_ = kMost;
    };
    using Loop = asio::awaitable<void> (Sync::*)();

    // sync.cpp
    void spawn(Loop loop);
    asio::awaitable<bool> enrolled(Signal& wake);
    http::Request request(std::string method, const std::string& path, std::string body = {});
    void succeeded();
    /// Notes the failure and returns how long to wait.
    std::chrono::milliseconds failed(const http::Reply& reply, Backoff& backoff);
    asio::awaitable<void> pause(Signal& stop, std::chrono::milliseconds wait);

    // document_sender.cpp
    asio::awaitable<void> documents_loop();
    asio::awaitable<std::optional<Prepared>> prepare(const storage::OutboxBatch* under_way);
    asio::awaitable<http::Reply> send(const Prepared& prepared, std::optional<Prepared>& next);
    asio::awaitable<void> on_answer(const Prepared& sent, const http::Reply& reply,
                                    std::chrono::milliseconds elapsed);
    asio::awaitable<void> acknowledge(const Prepared& sent, cabinet_api::DocumentsResponse response);
    asio::awaitable<void> look_at_outbox();
    asio::awaitable<void> heal();
    asio::awaitable<bool> probe();

    // refusals.cpp
    asio::awaitable<void> on_refusal(const Prepared& sent, const http::Reply& reply);
    asio::awaitable<void> take_back();
    static std::vector<Aside> refused_of(const storage::OutboxBatch& sent,
                                         const cabinet_api::DocumentsResponse& response);
    [[nodiscard]] storage::EventRow event_of(const char* kind, const Aside& refused) const;
    asio::awaitable<void> tell_rejected(std::vector<Aside> rejected);

    // telemetry_sender.cpp
    asio::awaitable<void> telemetry_loop();
    asio::awaitable<bool> send_samples();
    asio::awaitable<bool> send_events();
    asio::awaitable<Delivery> deliver(const char* path, const std::string& body, std::size_t rows);

    // commands.cpp
    asio::awaitable<void> commands_loop();
    asio::awaitable<void> fetch_config();
    asio::awaitable<std::optional<cabinet_api::CommandsResponse>> ask_for_commands();
    asio::awaitable<void> results_loop();
    enum class Told {
        yes,
        refused,   ///< the cabinet does not want to hear it; nothing to repeat
        not_known, ///< it knows no such command, or something on the way says so; the pause is over
        later,
    };
    asio::awaitable<Told> tell_result(std::string command_id, cabinet_api::CommandResult result,
                                      Backoff& backoff, Signal& stop);
    asio::awaitable<std::optional<Told>> answer(cabinet_api::Command command, std::chrono::milliseconds left);

    asio::any_io_executor executor_;
    CabinetConfig config_;
    std::filesystem::path data_dir_;
    SyncServices services_;
    SyncStatus status_;
    std::optional<Enrolment> enrolment_;
    std::string refused_token_; ///< the cabinet does not know it: wait for another, or try it again later
    std::chrono::steady_clock::time_point refused_until_{};

    bool stopping_ = false;
    int running_ = 0;
    Signal documents_;
    Signal telemetry_;
    Signal commands_;
    Signal results_;
    Signal documents_stop_; ///< only stop() raises these: a pause ends by time, not by new work
    Signal telemetry_stop_;
    Signal results_stop_;
    Backoff documents_backoff_;
    Backoff telemetry_backoff_;
    Backoff commands_backoff_;
    Backoff results_backoff_;
    /// The cabinet is asked of which commands it lacks the result: after the start, and whenever an answer
    /// may have been lost on the way.
    bool unanswered_due_ = true;
    BatchSize batch_size_;
    AtOnce samples_at_once_;
    AtOnce events_at_once_;
    unsigned poisoned_in_a_row_ = 0;
    std::vector<Aside> poisoned_;                          ///< set aside since the last acknowledgement
    std::map<std::string, cabinet_api::FnAnswer> answers_; ///< the last one of each FN
    std::map<std::string, std::vector<storage::FdRange>> healed_; ///< asked for again already
    std::set<std::string> answered_; ///< FNs of which this cabinet has told what it holds
    bool probe_due_ = true;
    std::chrono::steady_clock::time_point probed_at_ = Steady::now();
    std::chrono::steady_clock::time_point config_asked_{};
};

} // namespace kb::agent
