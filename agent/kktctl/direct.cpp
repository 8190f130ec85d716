// One coroutine on an io_context of its own; what a model does not know stays unknown.
#include "agent/kktctl/direct.hpp"

#include "agent/clock.hpp"
#include "agent/port_search.hpp"
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

/// A register that told everything, and where.
struct Found {
    std::string port;
    std::string key;
    fiscal::DeviceSample sample;
};

Task<Found> ask(asio::any_io_executor executor, ConnectRequest request)
{
    Found found;
    found.key = key_of(request.url);
    auto connection = co_await connect_device(executor, std::move(request));
    if (!connection)
        co_return pass(connection);
    found.port = connection->url.text();
    auto sample = co_await sample_of(*connection->driver);
    if (!sample)
        co_return pass(sample);
    found.sample = *std::move(sample);
    forget_zero_serial(found.sample.info);
    co_return found;
}

// As the agent: the wanted register wherever it is, another one only where the configuration points.
Task<Found> find_register(asio::any_io_executor executor, DeviceConfig device,
                          std::vector<PlaceToLook> places, RegisterNumbers wanted)
{
    const auto configured = configured_port(device);
    std::optional<Error> first;
    std::optional<Found> another;
    for (const PlaceToLook& place : places) {
        ConnectRequest request;
        request.url = place.url;
        request.family = device.family;
        request.options = device.driver_options();
        request.diagnose = !place.guess;
        auto found = co_await ask(executor, std::move(request));
        if (!found) {
            if (!first && !place.guess)
                first = found.error();
            continue;
        }
        RegisterNumbers told;
        told.kkt_serial = found->sample.info.kkt_serial;
        told.fn_serial = found->sample.fn ? found->sample.fn->fn_serial : std::string();
        if (wanted.none() || is_known_as(wanted, told))
            co_return found;
        if (!another && (!configured || key_of(*configured) == place.key))
            another = *std::move(found);
    }
    if (another)
        co_return std::move(*another);
    if (first)
        co_return tl::unexpected<Error>(*first);
    co_return fail(Errc::port_not_found, "no register on any port; check its power and cable");
}

asio::awaitable<void> tell(Task<Found> finding, DeviceEvidence& evidence, std::set<std::string>& taken)
{
    auto found = co_await std::move(finding);
    if (found) {
        evidence.port = found->port;
        evidence.sample = std::move(found->sample);
        taken.insert(found->key);
    } else {
        evidence.reason = to_string(found.error().code);
        evidence.detail = found.error().details();
    }
}

} // namespace

DeviceEvidence ask_device(const DeviceConfig& device, const KnownDevice& known, std::set<std::string>& taken)
{
    DeviceEvidence evidence;
    evidence.port = device.port;
    evidence.name = device.name.empty() ? device.port : device.name;
    SearchedDevice searched;
    searched.configured = configured_port(device);
    if (known.configured == device.port)
        searched.known = known;
    const PortPicture around = list_everything();
    std::vector<PlaceToLook> places = places_to_look(searched, around, known_places());
    std::erase_if(places, [&](const PlaceToLook& place) { return taken.contains(place.key); });

    asio::io_context io;
    bool finished = false;
    const auto most =
        180s + 30s * static_cast<int>(places.size()); // every speed of a silent port, in every protocol
    asio::co_spawn(io,
                   tell(find_register(io.get_executor(), device, std::move(places), searched.known.numbers),
                        evidence, taken),
                   [&](const std::exception_ptr&) { finished = true; });
    io.run_for(most);
    if (!finished) {
        evidence.reason = to_string(Errc::timed_out);
        evidence.detail = device.port;
    }
    if (!evidence.sample && in_boot_loader(searched.known, around, known_places())) {
        evidence.reason = to_string(Errc::in_boot_loader);
        evidence.detail.clear();
    }
    return evidence;
}

} // namespace kb::agent::kktctl
