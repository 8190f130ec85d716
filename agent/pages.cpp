// The JSON behind pages.hpp.
#include "agent/pages.hpp"

#include "kb_version.hpp"

#include "protocol/cabinet/messages.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr auto kTooOld = 1h;

std::int64_t oldest_age_s(const Picture& picture)
{
    const auto& oldest = picture.sync.outbox.oldest_unsent_at;
    return oldest ? std::chrono::duration_cast<std::chrono::seconds>(picture.now - *oldest).count() : 0;
}

bool syncs(const Picture& picture) { return picture.sync.state != SyncStatus::State::off; }

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json time_or_null(const std::optional<UtcMs>& time) { return time ? Json(to_text(*time)) : Json(nullptr); }

} // namespace

Page health_page(const Picture& picture)
{
    Json problems = Json::array();
    bool failing = false;
    if (picture.journal.state != "ready") {
        failing = true;
        problems.push_back("journal: storage is " + picture.journal.state +
                           (picture.journal.reason.empty()
                                ? ""
                                : " (" + picture.journal.reason + "): " + picture.journal.detail));
    }
    const std::int64_t age = oldest_age_s(picture);
    if (syncs(picture) && age > std::chrono::seconds(kTooOld).count()) {
        failing = true;
        problems.push_back("sync: the oldest unsent document waits for " + std::to_string(age) + " s");
    }
    if (syncs(picture) && picture.sync.state != SyncStatus::State::online) {
        problems.push_back("sync: " + std::string(to_string(picture.sync.state)) +
                           (picture.sync.reason.empty() ? "" : " (" + picture.sync.reason + ")"));
    }
    Json devices = Json::array();
    for (const DevicePicture& device : picture.devices) {
        const auto& sample = device.sample;
        devices.push_back(
            {{"name", device.name},
             {"port", device.port},
             {"kkt_serial", sample.info.kkt_serial},
             {"state", sample.state},
             {"reason", sample.state_reason},
             {"behind", device.behind ? Json(*device.behind) : Json(nullptr)},
             {"unread_documents", sample.unread_documents ? Json(*sample.unread_documents) : Json(nullptr)}});
        if (!sample.state_reason.empty() || sample.state == "absent" || sample.state == "blocked") {
            const std::uint64_t unread = sample.unread_documents.value_or(0);
            problems.push_back(
                "device " + device.configured_port + ": " + sample.state +
                (sample.state_reason.empty() ? "" : " (" + sample.state_reason + ")") +
                (unread == 0 ? "" : ", documents not yet read in full: " + std::to_string(unread)));
        }
    }
    const Json json = {{"status", failing            ? "failing"
                                  : problems.empty() ? "ok"
                                                     : "warning"},
                       {"problems", problems},
                       {"unsent_documents", picture.sync.outbox.unsent},
                       {"oldest_unsent_age_s", age},
                       {"sync", to_string(picture.sync.state)},
                       {"devices", devices}};
    Page page;
    page.status = failing ? 503 : 200;
    page.body = dump(json);
    return page;
}

Page status_page(const Picture& picture)
{
    Json devices = Json::array();
    for (const DevicePicture& device : picture.devices) {
        devices.push_back({{"name", device.name},
                           {"configured_port", device.configured_port},
                           {"port", device.port},
                           {"state_detail", device.state_detail},
                           {"behind", device.behind ? Json(*device.behind) : Json(nullptr)},
                           {"sample", Json::parse(cabinet_api::encode(device.sample), nullptr, false)}});
    }
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(picture.now - picture.started_at);
    const Json json = {
        {"agent",
         {{"version", kVersion}, {"started_at", to_text(picture.started_at)}, {"uptime_s", uptime.count()}}},
        {"devices", devices},
        {"sync",
         {{"state", to_string(picture.sync.state)},
          {"reason", picture.sync.reason},
          {"detail", picture.sync.detail},
          {"cabinet_url", picture.cabinet_url},
          {"cabinet_name", picture.sync.cabinet_name},
          {"last_success_at", time_or_null(picture.sync.last_success_at)},
          {"retry_at", time_or_null(picture.sync.retry_at)},
          {"acknowledged", picture.sync.acknowledged},
          {"rejected", picture.sync.rejected},
          {"unsent_documents", picture.sync.outbox.unsent},
          {"oldest_unsent_at", time_or_null(picture.sync.outbox.oldest_unsent_at)}}},
        {"journal",
         {{"file", picture.journal.file},
          {"state", picture.journal.state},
          {"reason", picture.journal.reason},
          {"detail", picture.journal.detail},
          {"bytes", picture.journal.bytes},
          {"set_aside", picture.sync.outbox.rejected},
          {"unsent_events", picture.journal.unsent_events},
          {"unsent_samples", picture.journal.unsent_samples}}}};
    Page page;
    page.body = dump(json);
    return page;
}

} // namespace kb::agent
