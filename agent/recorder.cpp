#include "agent/recorder.hpp"

#include "kb_version.hpp"

#include "agent/log.hpp"
#include "drivers/recording.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent {
namespace {

using Json = nlohmann::ordered_json;

Page answer(int status, const Json& json)
{
    Page page;
    page.status = status;
    page.body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    return page;
}

Page refusal(int status, Errc code, const std::string& reason, const std::string& cure)
{
    return answer(status, {{"code", to_string(code)}, {"reason", reason}, {"cure", cure}});
}

/// The number under that name; nullopt: it is something else.
std::optional<std::int64_t> number_in(const Json& request, const char* name,
                                      std::optional<std::int64_t> usual)
{
    if (!request.is_object() || !request.contains(name)) {
        return usual;
    }
    return request[name].is_number_integer() ? std::optional(request[name].get<std::int64_t>())
                                             : std::nullopt;
}

/// Whose protocol it is, as far as that is known: the one that answered, else the configured one.
std::string vendor_of(const Device& device)
{
    return device.vendor().empty() ? device.config().family : device.vendor();
}

} // namespace

Recorder::Recorder(asio::io_context& io, DeviceManager& devices, const Clock& clock)
    : timer_(io),
      devices_(devices),
      clock_(clock)
{}

std::map<std::string, std::function<Page(const std::string& body)>> Recorder::calls()
{
    return {{"POST /recording", [this](const std::string& body) { return start(body); }},
            {"GET /recording", [this](const std::string&) { return look(); }},
            {"DELETE /recording", [this](const std::string&) { return end(); }},
            {"GET /recording/file", [this](const std::string&) { return file(); }}};
}

Page Recorder::start(const std::string& body)
{
    const Json request = Json::parse(body, nullptr, false);
    const auto seconds = number_in(request, "seconds", std::nullopt);
    const auto bytes = number_in(request, "bytes", kMostBytes);
    const auto place = number_in(request, "device", std::nullopt);
    if (!seconds || *seconds < 1 || *seconds > kLongest.count()) {
        return refusal(400, Errc::bad_value, "seconds: not 1.." + std::to_string(kLongest.count()),
                       "say for how long to record");
    }
    if (!bytes || *bytes < 1 || *bytes > kMostBytes) {
        return refusal(400, Errc::bad_value, "bytes: not 1.." + std::to_string(kMostBytes),
                       "say how many bytes to keep at most, or leave it out");
    }
    const auto known = static_cast<std::int64_t>(devices_.devices().size());
    if (!place || *place < 1 || *place > known) {
        return refusal(404, Errc::not_found, "device: there are " + std::to_string(known),
                       "give its place in /status, from 1");
    }
    if (runs()) {
        return refusal(409, Errc::conflict, "a recording runs already",
                       "wait for its end, or end it: DELETE /recording");
    }
    const auto index = static_cast<std::size_t>(*place - 1);
    Device& device = *devices_.devices()[index];
    // "auto" is no vendor: who it is may be found out while it is recorded.
    const auto tools = traffic_tools(vendor_of(device));
    if (!tools && tools.error().code == Errc::unsupported) {
        return refusal(422, Errc::unsupported, tools.error().context,
                       "nothing unmasked is ever written down; a maker's library keeps a log of its own");
    }
    recording_.emplace();
    recording_->device = index;
    recording_->seconds = *seconds;
    recording_->ends = Steady::now() + std::chrono::seconds(*seconds);
    devices_.tap(index).begin(static_cast<std::size_t>(*bytes));
    device.tell_everything();
    log::info("recording: begun", {{"device", device.port()}, {"seconds", *seconds}});
    timer_.expires_at(recording_->ends);
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) {
            finish();
        }
    });
    Page page = look();
    page.status = 202;
    return page;
}

void Recorder::finish()
{
    if (!runs()) {
        return;
    }
    const Device& device = *devices_.devices()[recording_->device];
    LineTap& tap = devices_.tap(recording_->device);
    recording_->full = tap.full();
    RecordingOrigin origin;
    origin.vendor = vendor_of(device);
    origin.info = device.sample().info;
    origin.made = "recorded " + to_text(clock_.now()) + " by kkt-agent " + kVersion + ", " +
                  std::to_string(recording_->seconds) + " s" +
                  (recording_->full ? ", broken off at its greatest size" : "");
    recording_->file = make_recording(tap.end(), origin);
    log::info("recording: ended",
              {{"device", device.port()},
               {"result", *recording_->file ? "done" : recording_->file->error().message()}});
}

void Recorder::stop()
{
    timer_.cancel();
    if (runs()) {
        devices_.tap(recording_->device).end();
        recording_.reset();
    }
}

Page Recorder::look()
{
    if (!recording_) {
        return answer(200, {{"state", "none"}});
    }
    if (runs() && devices_.tap(recording_->device).full()) {
        timer_.cancel();
        finish();
    }
    Json json{{"state", "recording"}, {"device", recording_->device + 1}};
    if (runs()) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(recording_->ends - Steady::now());
        json["seconds_left"] = std::max<std::int64_t>(left.count(), 0);
        json["bytes"] = devices_.tap(recording_->device).bytes();
        return answer(200, json);
    }
    const Result<ExchangeFile>& file = *recording_->file;
    if (!file) {
        json["state"] = "failed";
        json["code"] = to_string(file.error().code);
        json["reason"] = file.error().context;
        return answer(200, json);
    }
    json["state"] = "done";
    json["lines"] = file->lines.size();
    json["full"] = recording_->full;
    return answer(200, json);
}

Page Recorder::end()
{
    if (!runs()) {
        return refusal(409, Errc::conflict, "no recording runs", "start one: POST /recording");
    }
    timer_.cancel();
    finish();
    return look();
}

Page Recorder::file() const
{
    if (!recording_ || !recording_->file || !*recording_->file) {
        return refusal(404, Errc::not_found, "there is no finished recording",
                       "start one: POST /recording, then wait for state \"done\"");
    }
    Page page;
    page.type = "text/plain; charset=utf-8";
    page.body = write_exchange(**recording_->file);
    return page;
}

} // namespace kb::agent
