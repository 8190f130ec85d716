#include "agent/recorder.hpp"

#include "kb_version.hpp"

#include "agent/log.hpp"
#include "drivers/registry.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace kb::agent {
namespace {

using Json = nlohmann::ordered_json;

// Ten minutes of a line at 115200 baud that never rests are some seven megabytes.
constexpr std::size_t kMostBytes = 4U << 20U;

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

std::string ffd_text(fiscal::FfdVersion version)
{
    constexpr std::array kNames = {"unknown", "1.0", "1.05", "1.1", "1.2"};
    return kNames[static_cast<std::size_t>(version)];
}

} // namespace

std::vector<std::pair<std::string, std::string>>
recording_head(const fiscal::DeviceInfo& info, const std::string& vendor, const std::string& origin)
{
    return {{"device", info.model.empty() ? "unknown" : info.model},
            {"firmware", info.firmware_version + "." + std::to_string(info.firmware_build)},
            {"ffd", ffd_text(info.ffd)},
            {"protocol", info.protocol},
            {"vendor", vendor},
            {"origin", origin}};
}

Result<ExchangeFile> finish_recording(std::vector<ExchangeLine> lines, const fiscal::DeviceInfo& info,
                                      const std::string& vendor, const std::string& origin)
{
    const Vendor* row = find_vendor(vendor);
    if (row == nullptr || row->traffic == nullptr) {
        return fail(Errc::unsupported,
                    "recording: nobody knows how to take personal data out of the line of \"" +
                        (vendor.empty() ? "a register not reached yet" : vendor) +
                        "\", so nothing of it is kept");
    }
    if (lines.empty()) {
        return fail(Errc::no_data, "recording: nothing passed the line; is the register switched on?");
    }
    ExchangeFile heard;
    heard.head = recording_head(info, vendor, origin);
    heard.lines = std::move(lines);
    return row->traffic->mask(heard);
}

Recorder::Recorder(asio::io_context& io, DeviceManager& devices, const Clock& clock)
    : timer_(io),
      devices_(devices),
      clock_(clock)
{}

Page Recorder::start(const std::string& body)
{
    const Json request = Json::parse(body, nullptr, false);
    const auto number = [&](const char* name) -> std::int64_t {
        return request.is_object() && request.contains(name) && request[name].is_number_integer()
                   ? request[name].get<std::int64_t>()
                   : 0;
    };
    const std::int64_t device = number("device");
    const std::int64_t seconds = number("seconds");
    if (seconds < 1 || seconds > kLongest.count()) {
        return refusal(400, Errc::bad_value, "seconds: not 1.." + std::to_string(kLongest.count()),
                       "say how long to record");
    }
    const auto known = static_cast<std::int64_t>(devices_.devices().size());
    if (device < 1 || device > known) {
        return refusal(404, Errc::not_found,
                       "device: there are " + std::to_string(known) + " in the configuration",
                       "give its place there, from 1");
    }
    if (running_) {
        return refusal(409, Errc::conflict, "a recording runs", "wait for its end");
    }
    running_ = static_cast<std::size_t>(device - 1);
    seconds_ = seconds;
    result_.reset();
    devices_.tap(*running_).begin(kMostBytes);
    devices_.devices()[*running_]->tell_everything();
    log::info("recording: begun", {{"device", devices_.devices()[*running_]->port()}, {"seconds", seconds}});
    timer_.expires_after(std::chrono::seconds(seconds));
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) {
            finish();
        }
    });
    return answer(202, {{"state", "recording"}, {"seconds_left", seconds}});
}

void Recorder::finish()
{
    if (!running_) {
        return;
    }
    const Device& device = *devices_.devices()[*running_];
    LineTap& tap = devices_.tap(*running_);
    const bool full = tap.full();
    const std::string origin = "recorded " + to_text(clock_.now()) + " by kkt-agent " + kVersion + ", " +
                               std::to_string(seconds_) + " s" +
                               (full ? ", the end is missing for its size" : "");
    result_ = finish_recording(tap.end(), device.sample().info, device.vendor(), origin);
    running_.reset();
    log::info("recording: ended",
              {{"device", device.port()}, {"result", *result_ ? "done" : result_->error().message()}});
}

void Recorder::stop()
{
    timer_.cancel();
    if (running_) {
        devices_.tap(*running_).end();
        running_.reset();
    }
}

Page Recorder::look() const
{
    if (running_) {
        const auto left =
            std::chrono::ceil<std::chrono::seconds>(timer_.expiry() - std::chrono::steady_clock::now());
        return answer(200, {{"state", "recording"},
                            {"seconds_left", std::max<std::int64_t>(left.count(), 0)},
                            {"bytes", devices_.tap(*running_).bytes()}});
    }
    if (!result_) {
        return refusal(404, Errc::not_found, "no recording was started", "POST /recording");
    }
    if (!*result_) {
        return answer(200, {{"state", "failed"},
                            {"code", to_string(result_->error().code)},
                            {"reason", result_->error().context}});
    }
    return answer(200, {{"state", "done"}, {"file", write_exchange(**result_)}});
}

} // namespace kb::agent
