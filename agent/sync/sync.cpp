// What the conversations share: the token, the address, the state people see.
#include "agent/sync/sync.hpp"

#include "kb_version.hpp"

#include "agent/log.hpp"
#include "agent/metrics.hpp"

#include <algorithm>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookForToken = 5s;

Backoff::Limits limits(const CabinetConfig& config) { return {config.retry_first, config.retry_cap, 100ms}; }

std::uint64_t seed() { return std::random_device{}(); }

} // namespace

std::string_view to_string(SyncStatus::State state)
{
    switch (state) {
    case SyncStatus::State::off:
        return "off";
    case SyncStatus::State::not_enrolled:
        return "not_enrolled";
    case SyncStatus::State::connecting:
        return "connecting";
    case SyncStatus::State::online:
        return "online";
    case SyncStatus::State::waiting:
        return "waiting";
    }
    return "off";
}

Sync::Sync(asio::any_io_executor executor, CabinetConfig config, std::filesystem::path data_dir,
           SyncServices services)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      data_dir_(std::move(data_dir)),
      services_(std::move(services)),
      documents_(executor_),
      telemetry_(executor_),
      commands_(executor_),
      results_(executor_),
      documents_stop_(executor_),
      telemetry_stop_(executor_),
      results_stop_(executor_),
      documents_backoff_(limits(config_), seed()),
      telemetry_backoff_(limits(config_), seed()),
      commands_backoff_(limits(config_), seed()),
      results_backoff_(limits(config_), seed()),
      batch_size_({std::max<std::size_t>(1, config_.batch_documents),
                   std::clamp<std::size_t>(config_.batch_documents, 1, 50)})
{
    while (!config_.url.empty() && config_.url.back() == '/') {
        config_.url.pop_back();
    }
}

void Sync::start()
{
    if (config_.url.empty()) {
        return;
    }
    status_.state = SyncStatus::State::connecting;
    spawn(&Sync::documents_loop);
    spawn(&Sync::telemetry_loop);
    spawn(&Sync::commands_loop);
    if (services_.commands != nullptr) {
        spawn(&Sync::results_loop);
    }
}

void Sync::stop()
{
    stopping_ = true;
    for (Signal* signal : {&documents_, &telemetry_, &commands_, &results_, &documents_stop_,
                           &telemetry_stop_, &results_stop_}) {
        signal->raise();
    }
}

void Sync::spawn(Loop loop)
{
    ++running_;
    asio::co_spawn(
        executor_,
        [this, loop]() -> asio::awaitable<void> {
            while (!stopping_) {
                try {
                    co_await (this->*loop)();
                } catch (const std::exception& error) {
                    log::error("sync: a conversation broke off", {{"error", error.what()}});
                }
                if (!stopping_) {
                    Signal wait(executor_);
                    co_await wait.wait(1s);
                }
            }
            --running_;
        },
        asio::detached);
}

asio::awaitable<bool> Sync::enrolled(Signal& wake)
{
    if (enrolment_) {
        co_return true;
    }
    auto found = load_enrolment(data_dir_);
    std::string why = "no enrolment yet; take a code from the cabinet and run: kktctl enroll CODE";
    if (!found) {
        why = found.error().message();
    } else if (*found) {
        std::string url = (*found)->cabinet_url;
        while (!url.empty() && url.back() == '/') {
            url.pop_back();
        }
        if (url != config_.url) {
            why = "the enrolment belongs to " + url + "; enrol in the configured cabinet";
        } else if ((*found)->token == refused_token_ && Steady::now() < refused_until_) {
            why = "the cabinet does not know this agent any more; enrol again";
        } else {
            enrolment_ = **std::move(found);
            status_.cabinet_name = enrolment_->cabinet_name;
            if (enrolment_->token != refused_token_) {
                status_.state = SyncStatus::State::connecting;
                services_.metrics.enrolled(true);
            }
            probe_due_ = true;
            documents_.raise(); // it may be waiting for new documents
            answered_.clear();  // perhaps another cabinet, or the same one without its memory
            unanswered_due_ = true;
            co_return true;
        }
    }
    if (status_.state != SyncStatus::State::not_enrolled || status_.detail != why) {
        log::warning("sync: not enrolled", {{"why", why}});
        status_.state = SyncStatus::State::not_enrolled;
        status_.reason = to_string(Errc::unauthorised);
        status_.detail = why;
        services_.metrics.enrolled(false);
    }
    const std::chrono::milliseconds wait =
        std::min<std::chrono::milliseconds>(kLookForToken, config_.retry_cap);
    co_await wake.wait(wait);
    co_return false;
}

http::Request Sync::request(std::string method, const std::string& path, std::string body)
{
    http::Request request;
    request.method = std::move(method);
    request.url = config_.url + path;
    // Another conversation may have lost the token meanwhile: asked without one, the cabinet says 401.
    const std::string token = enrolment_ ? enrolment_->token : std::string();
    request.headers = {{"Authorization", "Bearer " + token},
                       {"Accept", "application/json"},
                       {"User-Agent", std::string("kkt-agent/") + kVersion}};
    if (!body.empty()) {
        request.headers.emplace_back("Content-Type", "application/json");
    }
    request.body = std::move(body);
    request.at_most = config_.request_timeout;
    return request;
}

void Sync::succeeded()
{
    if (status_.state != SyncStatus::State::online) {
        log::info("sync: the cabinet answers", {{"url", config_.url}});
        services_.metrics.enrolled(true);
    }
    refused_token_.clear();
    status_.state = SyncStatus::State::online;
    status_.reason.clear();
    status_.detail.clear();
    status_.retry_at.reset();
    status_.last_success_at = services_.clock.now();
}

std::chrono::milliseconds Sync::failed(const http::Reply& reply, Backoff& backoff)
{
    const Error& error = reply.result.error();
    const auto wait = backoff.next(reply.retry_after);
    if (error.code == Errc::cancelled) {
        return wait;
    }
    const std::string reason(to_string(error.code));
    services_.metrics.sync_failed(reason);
    // An outage of days is one line, not thousands.
    if (status_.reason != reason) {
        log::warning("sync: a call failed", {{"error", error.message()}, {"wait_ms", wait.count()}});
    }
    status_.reason = reason;
    status_.detail = error.message();
    if (error.code == Errc::unauthorised) {
        // Not for ever: a cabinet may be restored from an older backup and then from a newer one, and what
        // refuses may be something in between.
        if (enrolment_) {
            refused_token_ = enrolment_->token;
            refused_until_ = Steady::now() + config_.retry_cap;
            enrolment_.reset();
        }
        return wait; // enrolled() tells the rest
    }
    status_.state = SyncStatus::State::waiting;
    status_.retry_at = services_.clock.now() + wait;
    return wait;
}

asio::awaitable<void> Sync::pause(Signal& stop, std::chrono::milliseconds wait)
{
    if (!stopping_) {
        co_await stop.wait(wait);
    }
}

} // namespace kb::agent
