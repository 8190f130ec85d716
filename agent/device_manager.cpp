// Registers by configuration, ports by what the system says of them.
#include "agent/device_manager.hpp"

#include "agent/log.hpp"
#include "drivers/registry.hpp"

#include <algorithm>
#include <filesystem>

namespace kb::agent {
namespace {

std::string real_path(const std::string& path)
{
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? path : real.string();
}

} // namespace

DeviceManager::DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs,
                             const DeviceServices& services)
{
    for (std::size_t index = 0; index < configs.size(); ++index) {
        asio::any_io_executor strand = asio::make_strand(io);
        Port port;
        port.config = configs[index];
        ports_.push_back(std::move(port));
        devices_.push_back(std::make_shared<Device>(
            strand, std::move(configs[index]), [this, strand, index] { return connect(strand, index); },
            services));
    }
}

void DeviceManager::start()
{
    for (const auto& device : devices_) {
        device->start();
    }
}

void DeviceManager::stop()
{
    for (const auto& device : devices_) {
        device->stop();
    }
}

bool DeviceManager::ended() const
{
    return std::all_of(devices_.begin(), devices_.end(), [](const auto& device) { return device->ended(); });
}

void DeviceManager::compare_again()
{
    for (const auto& device : devices_) {
        device->compare_again();
    }
}

Task<Reached> DeviceManager::connect(asio::any_io_executor strand, std::size_t index)
{
    ports_[index].in_use.clear();
    auto url = parse_port_url(ports_[index].config.port);
    if (!url) {
        co_return pass(url);
    }
    if (ports_[index].config.baud != 0) {
        url->baud = ports_[index].config.baud;
    }
    PortUrl configured = *url;
    auto reached = co_await try_port(strand, index, std::move(configured));
    if (reached || reached.error().code != Errc::port_not_found) {
        co_return reached;
    }
    // The name is gone: the same USB device may have come back under another.
    for (PortUrl& elsewhere : moved_to(ports_[index])) {
        log::info("device: looked for on another port",
                  {{"device", ports_[index].config.port}, {"port", elsewhere.text()}});
        auto found = co_await try_port(strand, index, std::move(elsewhere));
        if (found) {
            co_return found;
        }
    }
    co_return reached;
}

Task<Reached> DeviceManager::try_port(asio::any_io_executor strand, std::size_t index, PortUrl url)
{
    ConnectRequest request;
    request.url = url;
    request.family = ports_[index].config.family;
    request.options = ports_[index].config.driver_options();
    request.tap = ports_[index].tap;
    auto connection = co_await finder_.connect(strand, std::move(request));
    if (!connection) {
        co_return pass(connection);
    }
    remember(ports_[index], url);
    Reached reached;
    reached.driver = std::move(connection->driver);
    reached.port = connection->url.text();
    reached.vendor = connection->vendor;
    co_return reached;
}

void DeviceManager::remember(Port& port, const PortUrl& url)
{
    if (url.kind != PortUrl::Kind::serial) {
        return;
    }
    port.in_use = real_path(url.path);
    const auto listed = list_serial_ports();
    if (!listed) {
        return; // a pty, or a system that cannot list: found by its name only
    }
    for (const ListedPort& candidate : *listed) {
        if (candidate.path == port.in_use) {
            port.usb = candidate.usb;
            port.usb_serial = candidate.usb_serial;
        }
    }
}

std::vector<PortUrl> DeviceManager::moved_to(const Port& port) const
{
    std::vector<PortUrl> urls;
    const auto listed = list_serial_ports();
    if (!port.usb || !listed) {
        return urls;
    }
    for (const ListedPort& candidate : *listed) {
        const bool same = candidate.usb == port.usb && candidate.usb_serial == port.usb_serial;
        // Nobody's open line is disturbed, nor a port that the configuration gives to another register.
        const bool taken = std::any_of(ports_.begin(), ports_.end(), [&](const Port& other) {
            const auto url = parse_port_url(other.config.port);
            return &other != &port &&
                   (other.in_use == candidate.path || (url && real_path(url->path) == candidate.path));
        });
        if (same && !taken) {
            PortUrl url;
            url.path = candidate.path;
            url.baud = port.config.baud == 0 ? std::nullopt : std::optional(port.config.baud);
            urls.push_back(std::move(url));
        }
    }
    return urls;
}

} // namespace kb::agent
