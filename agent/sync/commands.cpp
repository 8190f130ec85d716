// What the cabinet wants of the agent: commands by long poll, and its configuration.
#include "agent/http/ask.hpp"
#include "agent/log.hpp"
#include "agent/sync/sync.hpp"

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kConfigSeldom = 10min;
constexpr auto kAnswerRoom = 10s; // beyond the long poll's own time

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
        const std::string wait = std::to_string(config_.command_wait.count());
        http::Request call = request("GET", "/api/agent/v1/commands?wait=" + wait);
        call.at_most = config_.command_wait + kAnswerRoom;
        const http::Reply reply = co_await http::ask(services_.client, std::move(call));
        if (!reply.result) {
            co_await pause(commands_, failed(reply, commands_backoff_));
            continue;
        }
        auto received = cabinet_api::decode_commands_response(reply.result->body);
        if (!received) {
            const http::Reply garbage{pass(received), std::nullopt};
            co_await pause(commands_, failed(garbage, commands_backoff_));
            continue;
        }
        commands_backoff_.reset();
        succeeded();
        for (cabinet_api::Command& command : received->commands) {
            co_await answer(std::move(command));
        }
        if (received->commands.empty() && !stopping_) {
            // A cabinet that does not hold the long poll must not make this a busy loop.
            co_await pause(commands_, 1s);
        }
    }
}

// This version carries no command out yet: each is answered, so that nobody waits for it until it expires.
asio::awaitable<void> Sync::answer(cabinet_api::Command command)
{
    cabinet_api::CommandResult result;
    if (command.expires_at <= services_.clock.now()) {
        result.outcome = cabinet_api::CommandOutcome::not_done;
        result.detail = "the command had expired when it came";
    } else {
        result.outcome = cabinet_api::CommandOutcome::refused;
        result.detail = "this agent does not know the command \"" + command.kind + "\"; update it";
    }
    log::info(
        "sync: a command was answered",
        {{"id", command.id}, {"kind", command.kind}, {"outcome", cabinet_api::to_string(result.outcome)}});
    if (!enrolment_ || stopping_) {
        co_return;
    }
    // The decoder lets only ids through that fit an address as they are.
    http::Request call =
        request("POST", "/api/agent/v1/commands/" + command.id + "/result", cabinet_api::encode(result));
    const http::Reply reply = co_await http::ask(services_.client, std::move(call));
    if (!reply.result) {
        co_await pause(commands_, failed(reply, commands_backoff_)); // the cabinet gives it again
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
