// All registers of this PC: one Device each, its own strand, and the search for one whose port has moved.
#pragma once

#include "agent/device.hpp"
#include "drivers/finder.hpp"
#include "drivers/transport/discovery.hpp"
#include "drivers/transport/tap.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kb::agent {

class DeviceManager {
public:
    DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs, const DeviceServices& services);

    void start();
    void stop();
    [[nodiscard]] bool ended() const;
    [[nodiscard]] const std::vector<std::shared_ptr<Device>>& devices() const { return devices_; }

    /// Hears the line of the device at `index`, whichever it has.
    [[nodiscard]] LineTap& tap(std::size_t index) { return *ports_[index].tap; }

    /// The journal has forgotten numbers of some FN: every device compares again.
    void compare_again();

private:
    /// What a device's port was, so that it can be known again under another name.
    struct Port {
        DeviceConfig config;
        std::optional<UsbId> usb;
        std::string usb_serial;
        std::string in_use; ///< real path it has open now
        std::shared_ptr<LineTap> tap = std::make_shared<LineTap>();
    };

    Task<Reached> connect(asio::any_io_executor strand, std::size_t index);
    Task<Reached> try_port(asio::any_io_executor strand, std::size_t index, PortUrl url);
    void remember(Port& port, const PortUrl& url);
    [[nodiscard]] std::vector<PortUrl> moved_to(const Port& port) const;

    Finder finder_;
    std::vector<Port> ports_;
    std::vector<std::shared_ptr<Device>> devices_;
};

} // namespace kb::agent
