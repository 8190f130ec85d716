// One coroutine on an io_context of its own.
#include "agent/kktctl/direct_recording.hpp"

#include "drivers/registry.hpp"

#include <utility>

namespace kb::agent::kktctl {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostBytes = 4'000'000; // as the agent keeps at most
constexpr std::uint32_t kDocuments = 3;
constexpr auto kPoll = 500ms;

/// Everything a driver can ask without changing anything. What a model does not know is in the recording as
/// its refusal; only a line that is gone ends it.
Task<fiscal::DeviceInfo> ask_everything(Driver& driver)
{
    auto info = co_await driver.identify();
    if (!info)
        co_return info;
    const auto status = co_await driver.status();
    if (!status)
        co_return pass(status);
    [[maybe_unused]] const auto shift = co_await driver.shift_state();
    [[maybe_unused]] const auto ofd = co_await driver.ofd_status();
    [[maybe_unused]] const auto clock = co_await driver.clock();
    [[maybe_unused]] const auto cash = co_await driver.cash_in_drawer();
    if (driver.capabilities().sd_card) {
        [[maybe_unused]] const auto card = co_await driver.sd_card();
    }
    const auto fn = co_await driver.fn_status(true);
    const std::uint32_t last = fn ? fn->last_fd_number : 0;
    for (std::uint32_t back = 0; back < kDocuments && back < last; ++back) {
        [[maybe_unused]] const auto document = co_await driver.read_document(last - back);
    }
    co_return info;
}

asio::awaitable<void> record(asio::io_context& io, ConnectRequest request, std::chrono::seconds length,
                             const std::function<void(double)>& progress, Result<DirectRecording>& result)
{
    const auto tap = std::make_shared<LineTap>();
    tap->begin(kMostBytes);
    request.tap = tap;
    auto connection = co_await connect_device(io.get_executor(), std::move(request));
    if (!connection) {
        result = pass(connection);
        co_return;
    }
    DirectRecording recording;
    recording.origin.vendor = connection->vendor;
    if (const auto tools = traffic_tools(connection->vendor); !tools) {
        result = pass(tools);
        co_return;
    }
    const auto begun = Steady::now();
    auto info = co_await ask_everything(*connection->driver);
    if (info)
        recording.origin.info = *std::move(info);
    asio::steady_timer timer(io);
    for (auto now = begun; now - begun < length && !tap->full(); now = Steady::now()) {
        progress(std::chrono::duration<double>(now - begun) / length);
        [[maybe_unused]] const auto status = co_await connection->driver->status();
        timer.expires_after(std::min<Steady::duration>(kPoll, length));
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    connection->driver->close();
    recording.full = tap->full();
    recording.heard = tap->end();
    result = std::move(recording);
}

} // namespace

Result<DirectRecording> record_directly(const DeviceConfig& device, std::chrono::seconds length,
                                        const std::function<void(double)>& progress)
{
    auto url = parse_port_url(device.port);
    if (!url)
        return pass(url);
    // A family whose line nobody can mask is not even opened.
    if (const auto tools = traffic_tools(device.family); !tools && tools.error().code == Errc::unsupported)
        return pass(tools);
    ConnectRequest request;
    request.url = *std::move(url);
    if (device.baud != 0)
        request.url.baud = device.baud;
    request.family = device.family;
    request.options = device.driver_options();

    asio::io_context io;
    Result<DirectRecording> result = fail(Errc::timed_out, device.port);
    asio::co_spawn(io, record(io, std::move(request), length, progress, result), asio::detached);
    io.run_for(length + 120s); // every speed of a silent port, and a line that breaks in the middle
    return result;
}

} // namespace kb::agent::kktctl
