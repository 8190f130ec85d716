// What the cabinet wants of the agent: commands by long poll, and its configuration.
#include "agent/http/ask.hpp"
#include "agent/log.hpp"
#include "agent/sync/command_desk.hpp"
#include "agent/sync/sync.hpp"

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kConfigSeldom = 10min;
constexpr auto kAnswerRoom = 10s;  // beyond the long poll's own time
constexpr auto kAskAgain = 5s;     // what could not be answered at once
constexpr auto kLookAtTimes = 15s; // of commands that wait for their register

} // namespace

asio::awaitable<void> Sync::commands_loop()
{
    while (!stopping_) {
        if (!co_await enrolled(commands_)) {
            continue;
        }
        co_await fetch_config();
        if (stopping_ || !enrolment_) {
            continue;
        }
        const bool all = unanswered_due_;
        const auto received = co_await ask_for_commands();
        if (!received) {
            continue;
        }
        const UtcMs cabinet_now = received->now.value_or(services_.clock.now());
        const auto came = Steady::now();
        bool ask_again = false;
        for (const cabinet_api::Command& command : received->commands) {
            // Telling of the one before may have taken long.
            const auto since = std::chrono::ceil<std::chrono::milliseconds>(Steady::now() - came);
            const auto told = co_await answer(command, command.expires_at - cabinet_now - since);
            ask_again = ask_again || !told || *told == Told::not_known;
            unanswered_due_ = unanswered_due_ || !told || *told == Told::later;
            if (told && (*told == Told::later || *told == Told::not_known)) {
                break; // a pause has passed: what else may be begun is asked for anew
            }
        }
        if (stopping_) {
            continue;
        }
        if (ask_again) {
            co_await pause(commands_, kAskAgain);
        } else if (!all || !received->commands.empty()) {
            // A cabinet that does not hold the long poll, or gives again what was answered, must not make
            // this a busy loop.
            co_await pause(commands_, 1s);
        }
    }
}

// nullopt: it did not come about, and the pause is over.
asio::awaitable<std::optional<cabinet_api::CommandsResponse>> Sync::ask_for_commands()
{
    const bool all = std::exchange(unanswered_due_, false); // due again while this one is open: once more
    const auto wait = all ? std::chrono::seconds(0) : config_.command_wait;
    http::Request call = request("GET", "/api/agent/v1/commands?wait=" + std::to_string(wait.count()) +
                                            (all ? "&unanswered=true" : ""));
    call.at_most = config_.command_wait + kAnswerRoom;
    const http::Reply reply = co_await http::ask(services_.client, std::move(call));
    if (!reply.result) {
        // A cabinet from before there were results to ask for knows nothing of the question.
        const bool older = all && reply.result.error().device_code == 400;
        unanswered_due_ = unanswered_due_ || !older;
        if (!older) {
            co_await pause(commands_, failed(reply, commands_backoff_));
        }
        co_return std::nullopt;
    }
    auto received = cabinet_api::decode_commands_response(reply.result->body);
    if (!received) {
        unanswered_due_ = true;
        const http::Reply garbage{pass(received), std::nullopt};
        co_await pause(commands_, failed(garbage, commands_backoff_));
        co_return std::nullopt;
    }
    commands_backoff_.reset();
    succeeded();
    co_return *std::move(received);
}

// nullopt: it cannot be answered now; the cabinet gives it again.
asio::awaitable<std::optional<Sync::Told>> Sync::answer(cabinet_api::Command command,
                                                        std::chrono::milliseconds left)
{
    const std::string id = command.id;
    const std::string kind = command.kind;
    std::optional<cabinet_api::CommandResult> result;
    if (services_.commands != nullptr) {
        result = co_await services_.commands->take(std::move(command), left);
    } else {
        result.emplace();
        result->outcome = cabinet_api::CommandOutcome::refused;
        result->code = "not_allowed";
        result->detail =
            "на компьютере магазина не разрешено ни одной команды: ключ cabinet_commands в agent.toml";
    }
    if (!result || !enrolment_ || stopping_) {
        co_return std::nullopt;
    }
    log::info("sync: a command was answered", {{"id", id},
                                               {"kind", kind},
                                               {"outcome", cabinet_api::to_string(result->outcome)},
                                               {"code", result->code}});
    co_return co_await tell_result(id, *std::move(result), commands_backoff_, commands_);
}

asio::awaitable<Sync::Told> Sync::tell_result(std::string command_id, cabinet_api::CommandResult result,
                                              Backoff& backoff, Signal& stop)
{
    // The decoder lets only ids through that fit an address as they are.
    http::Request call =
        request("POST", "/api/agent/v1/commands/" + command_id + "/result", cabinet_api::encode(result));
    const http::Reply reply = co_await http::ask(services_.client, std::move(call));
    if (reply.result) {
        backoff.reset();
        co_return Told::yes;
    }
    const int status = reply.result.error().device_code.value_or(0);
    if (status == 404) {
        // Perhaps the word of a proxy while the cabinet is being updated: of what it knows, it asks again.
        log::warning("sync: the cabinet does not know of a command", {{"id", command_id}});
        unanswered_due_ = true;
        co_await pause(stop, backoff.next(reply.retry_after));
        co_return Told::not_known;
    }
    if (status == 400 || status == 422) {
        log::error("sync: the cabinet does not want the result of a command",
                   {{"id", command_id}, {"error", reply.result.error().message()}});
        co_return Told::refused;
    }
    co_await pause(stop, failed(reply, backoff));
    co_return Told::later;
}

// What becomes of commands after they were taken. What is lost here with the process is asked for by the next
// one (unanswered_due_).
asio::awaitable<void> Sync::results_loop()
{
    CommandDesk& commands = *services_.commands;
    while (!stopping_) {
        if (!co_await enrolled(results_stop_)) {
            continue;
        }
        auto news = commands.take_news();
        if (!news) {
            co_await results_.wait(kLookAtTimes);
            if (!stopping_ && commands.under_way()) {
                co_await commands.expire();
            }
            continue;
        }
        const Told told =
            co_await tell_result(news->command_id, news->result, results_backoff_, results_stop_);
        if (told == Told::later) {
            commands.put_back(*std::move(news));
        }
    }
}

asio::awaitable<void> Sync::fetch_config()
{
    const auto now = Steady::now();
    if (config_asked_ != std::chrono::steady_clock::time_point{} && now - config_asked_ < kConfigSeldom) {
        co_return;
    }
    http::Request call = request("GET", "/api/agent/v1/config");
    const http::Reply reply = co_await http::ask(services_.client, std::move(call));
    if (!reply.result) {
        co_return; // the long poll that follows meets the same trouble and waits
    }
    auto received = cabinet_api::decode_config_response(reply.result->body);
    if (!received) {
        log::warning("sync: the configuration is not readable; the old one is kept",
                     {{"error", received.error().message()}});
        co_return;
    }
    config_asked_ = now;
    // Only kept for now: no key of it has an effect yet. Three rows of one table, never the journal.
    auto work = [config = *std::move(received)](storage::Journal& journal) -> Result<bool> {
        auto& settings = journal.settings();
        const auto known = settings.get("cabinet.config.hash");
        if (!known) {
            return pass(known);
        }
        if (*known == config.hash) {
            return false;
        }
        // The hash last: after a power cut in between the configuration is fetched again.
        for (const auto& [key, value] :
             {std::pair<const char*, std::string>{"cabinet.config.body", config.config_json},
              {"cabinet.config.version", std::to_string(config.version)},
              {"cabinet.config.hash", config.hash}}) {
            if (const auto set = settings.set(key, value); !set) {
                return pass(set);
            }
        }
        return true;
    };
    const auto stored = co_await in_journal(services_.journal, std::move(work));
    if (stored && *stored) {
        log::info("sync: a new configuration was stored");
    }
}

} // namespace kb::agent
