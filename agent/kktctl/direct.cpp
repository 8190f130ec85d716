// One coroutine on an io_context of its own; what a model does not know stays unknown.
#include "agent/kktctl/direct.hpp"

#include "agent/clock.hpp"
#include "drivers/registry.hpp"

namespace kb::agent::kktctl {

namespace {

using namespace std::chrono_literals;

Task<fiscal::DeviceSample> sample_of(Driver& driver)
{
    const SystemClock clock;
    fiscal::DeviceSample sample;
    auto info = co_await driver.identify();
    if (!info)
        co_return pass(info);
    sample.info = *std::move(info);
    auto status = co_await driver.status();
    if (!status)
        co_return pass(status);
    sample.status = *status;
    if (auto shift = co_await driver.shift_state())
        sample.shift = *shift;
    if (auto fn = co_await driver.fn_status(true))
        sample.fn = *std::move(fn);
    if (auto ofd = co_await driver.ofd_status())
        sample.ofd = *std::move(ofd);
    if (driver.capabilities().sd_card)
        if (auto card = co_await driver.sd_card())
            sample.sd_card = *card;
    if (auto time = co_await driver.clock()) {
        sample.device_clock = *time;
        sample.clock_drift_s = (*time - std::chrono::floor<std::chrono::seconds>(clock.local_now())).count();
    }
    sample.taken_at = clock.now();
    co_return sample;
}

asio::awaitable<void> ask(asio::io_context& io, ConnectRequest request, DeviceEvidence& evidence)
{
    auto connection = co_await connect_device(io.get_executor(), std::move(request));
    std::optional<Error> failure;
    if (!connection) {
        failure = connection.error();
    } else {
        evidence.port = connection->url.text();
        auto sample = co_await sample_of(*connection->driver);
        if (sample)
            evidence.sample = *std::move(sample);
        else
            failure = sample.error();
    }
    if (failure) {
        evidence.reason = to_string(failure->code);
        evidence.detail = failure->details();
    }
}

} // namespace

DeviceEvidence ask_device(const DeviceConfig& device)
{
    DeviceEvidence evidence;
    evidence.port = device.port;
    evidence.name = device.name.empty() ? device.port : device.name;
    ConnectRequest request;
    auto url = parse_port_url(device.port);
    if (!url) {
        evidence.reason = to_string(url.error().code);
        evidence.detail = url.error().details();
        return evidence;
    }
    request.url = *std::move(url);
    if (device.baud != 0)
        request.url.baud = device.baud;
    request.family = device.family;
    request.options = device.driver_options();
    request.diagnose = true;

    asio::io_context io;
    bool finished = false;
    asio::co_spawn(io, ask(io, std::move(request), evidence),
                   [&](const std::exception_ptr&) { finished = true; });
    io.run_for(180s); // every speed of a silent port, in every protocol, takes its time
    if (!finished) {
        evidence.reason = to_string(Errc::timed_out);
        evidence.detail = device.port;
    }
    return evidence;
}

} // namespace kb::agent::kktctl
