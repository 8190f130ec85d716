// One coroutine on an io_context of its own; what a model does not know stays unknown.
#include "agent/kktctl/direct.hpp"

#include "agent/clock.hpp"
#include "agent/port_search.hpp"
#include "drivers/registry.hpp"

#include <algorithm>

namespace kb::agent::kktctl {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kOnePort{60};

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

asio::awaitable<void> ask(asio::io_context& io, ConnectRequest request, std::vector<PlaceToLook> places,
                          DeviceEvidence& evidence)
{
    Result<Connection> connection =
        fail(Errc::port_not_found, "no port that a register may be on; check its power and cable");
    std::optional<Error> failure;
    for (const PlaceToLook& place : places) {
        request.url = place.url;
        ConnectRequest one = request;
        connection = co_await connect_device(io.get_executor(), std::move(one));
        if (connection)
            break;
        if (!failure)
            failure = connection.error(); // of the likeliest place
    }
    if (!connection) {
        failure = failure.value_or(connection.error());
    } else {
        failure.reset();
        evidence.port = connection->url.text();
        auto sample = co_await sample_of(*connection->driver);
        if (sample)
            evidence.sample = *std::move(sample);
        else
            failure = sample.error();
    }
    if (failure) {
        evidence.reason = to_string(failure->code);
        evidence.detail = failure->context;
    }
}

} // namespace

DeviceEvidence ask_device(const DeviceConfig& device)
{
    DeviceEvidence evidence;
    evidence.port = device.port;
    evidence.name = device.name.empty() ? device.port : device.name;
    ConnectRequest request;
    std::vector<PlaceToLook> places;
    auto wait = kOnePort;
    if (device.port == "auto") {
        places = places_to_look(SearchedDevice{}, list_everything(), known_places());
        wait *= std::max<int>(1, static_cast<int>(places.size()));
    } else {
        auto url = parse_port_url(device.port);
        if (!url) {
            evidence.reason = to_string(url.error().code);
            evidence.detail = url.error().context;
            return evidence;
        }
        if (device.baud != 0 && url->kind == PortUrl::Kind::serial)
            url->baud = device.baud;
        places.push_back(PlaceToLook{*url, key_of(*url)});
    }
    request.family = device.family;
    request.options.password = device.password;

    asio::io_context io;
    bool finished = false;
    asio::co_spawn(io, ask(io, std::move(request), std::move(places), evidence),
                   [&](const std::exception_ptr&) { finished = true; });
    io.run_for(wait);
    if (!finished) {
        evidence.reason = to_string(Errc::timed_out);
        evidence.detail = device.port;
    }
    return evidence;
}

} // namespace kb::agent::kktctl
