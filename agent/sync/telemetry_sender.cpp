// Samples and events out of the journal into the cabinet, in order, by a cursor on disk.
#include "agent/http/ask.hpp"
#include "agent/log.hpp"
#include "agent/sync/sync.hpp"

namespace kb::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAtTelemetry = 60s;

/// A register that was never identified has no serial number, and the cabinet nothing to file it under.
bool is_identified(const storage::SampleRow& row) { return row.kkt_serial.find(':') == std::string::npos; }

cabinet_api::Severity severity_of(storage::Severity severity)
{
    switch (severity) {
    case storage::Severity::info:
        return cabinet_api::Severity::info;
    case storage::Severity::warning:
        return cabinet_api::Severity::warning;
    case storage::Severity::error:
        return cabinet_api::Severity::error;
    }
    return cabinet_api::Severity::info;
}

} // namespace

asio::awaitable<void> Sync::telemetry_loop()
{
    while (!stopping_) {
        if (!co_await enrolled(telemetry_stop_)) {
            continue;
        }
        const bool samples = co_await send_samples();
        bool events = false;
        if (!stopping_ && enrolment_) {
            events = co_await send_events();
        }
        if (!samples && !events) {
            co_await telemetry_.wait(kLookAtTelemetry);
        }
    }
}

// Both return true when there may be more to send at once.
asio::awaitable<bool> Sync::send_samples()
{
    auto work = [at_once = samples_at_once_.now()](storage::Journal& journal) {
        return journal.telemetry().unsent_samples(at_once);
    };
    const auto rows = co_await in_journal(services_.journal, std::move(work));
    if (!rows || rows->empty()) {
        co_return false;
    }
    std::string body = R"({"samples":[)"; // each row's body is one encoded sample already
    bool any = false;
    for (const storage::SampleRow& row : *rows) {
        if (is_identified(row)) {
            body += any ? "," : "";
            body += row.body;
            any = true;
        }
    }
    body += "]}";
    if (any) {
        switch (co_await deliver("/api/agent/v1/status", body, rows->size())) {
        case Delivery::failed:
            co_return false;
        case Delivery::too_many:
            samples_at_once_.narrow(rows->size());
            co_return true;
        case Delivery::done_with:
            break;
        }
    }
    auto mark = [last = rows->back().id](storage::Journal& journal) {
        return journal.telemetry().mark_samples_sent(last);
    };
    const auto marked = co_await in_journal(services_.journal, std::move(mark));
    const bool more = rows->size() == samples_at_once_.now();
    samples_at_once_.widen();
    co_return marked&& more;
}

asio::awaitable<bool> Sync::send_events()
{
    auto work = [at_once = events_at_once_.now()](storage::Journal& journal) {
        return journal.telemetry().unsent_events(at_once);
    };
    const auto rows = co_await in_journal(services_.journal, std::move(work));
    if (!rows || rows->empty()) {
        co_return false;
    }
    cabinet_api::EventsRequest message;
    for (const storage::EventRow& row : *rows) {
        cabinet_api::EventMessage event;
        event.id = row.event_id;
        event.at = row.at;
        event.kkt_serial = row.kkt_serial;
        event.kind = row.kind;
        event.severity = severity_of(row.severity);
        event.text = row.text;
        event.data_json = row.data.empty() ? "{}" : row.data;
        message.events.push_back(std::move(event));
    }
    std::string body = cabinet_api::encode(message);
    switch (co_await deliver("/api/agent/v1/events", body, rows->size())) {
    case Delivery::failed:
        co_return false;
    case Delivery::too_many:
        events_at_once_.narrow(rows->size());
        co_return true;
    case Delivery::done_with:
        break;
    }
    auto mark = [last = rows->back().id](storage::Journal& journal) {
        return journal.telemetry().mark_events_sent(last);
    };
    const auto marked = co_await in_journal(services_.journal, std::move(mark));
    const bool more = rows->size() == events_at_once_.now();
    events_at_once_.widen();
    co_return marked&& more;
}

// A row refused for what it is, is dropped: it is no fiscal document, and the queue must not stop for it.
// Among others it has to be found first. After a failure this waits out the pause.
asio::awaitable<Sync::Delivery> Sync::deliver(const char* path, const std::string& body, std::size_t rows)
{
    http::Request call = request("POST", path, body);
    const http::Reply reply = co_await http::ask(services_.client, std::move(call));
    if (reply.result) {
        telemetry_backoff_.reset();
        succeeded();
        co_return Delivery::done_with;
    }
    const int status = reply.result.error().device_code.value_or(0);
    if (status == 400 || status == 413 || status == 422) {
        if (rows > 1) {
            co_return Delivery::too_many;
        }
        log::error("sync: the cabinet refuses a sample or an event; it is dropped",
                   {{"error", reply.result.error().message()}});
        // Who refuses every single one is not to be asked without a pause.
        co_await pause(telemetry_stop_, telemetry_backoff_.next());
        co_return Delivery::done_with;
    }
    co_await pause(telemetry_stop_, failed(reply, telemetry_backoff_));
    telemetry_.raise(); // look again at once: the pause is over
    co_return Delivery::failed;
}

} // namespace kb::agent
