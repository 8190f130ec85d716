// Starting and stopping all registers, and who is woken when something is plugged in.
#include "agent/device_manager.hpp"

#include "agent/log.hpp"

#include <algorithm>

namespace kb::agent {

DeviceManager::DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs,
                             const DeviceServices& services)
    : DeviceManager(io, std::move(configs), services, Machine{})
{}

DeviceManager::DeviceManager(asio::io_context& io, std::vector<DeviceConfig> configs,
                             const DeviceServices& services, Machine machine)
    : executor_(io.get_executor()),
      machine_(std::move(machine)),
      finder_(machine_.tools),
      memory_(services.journal)
{
    const std::vector<std::string> sections = section_names(configs);
    for (std::size_t index = 0; index < configs.size(); ++index) {
        asio::any_io_executor strand = asio::make_strand(io);
        auto slot = std::make_shared<Slot>();
        slot->config = configs[index];
        slot->section = sections[index];
        slots_.push_back(std::move(slot));
        devices_.push_back(std::make_shared<Device>(
            strand, sections[index], std::move(configs[index]),
            [this, strand, index] { return connect(strand, index); }, services));
    }
}

void DeviceManager::start()
{
    watch_ = std::make_unique<PortWatch>(
        executor_, [this](const PortChange& change) { on_ports_changed(change); }, machine_.list);
    for (const auto& device : devices_) {
        device->start();
    }
}

void DeviceManager::stop()
{
    stopping_ = true;
    watch_.reset();
    for (const auto& slot : slots_) {
        if (slot->asked != nullptr) {
            slot->asked->cancel();
        }
    }
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

void DeviceManager::on_ports_changed(const PortChange& change)
{
    const auto tell = [](const char* what, const std::vector<ListedPort>& ports) {
        for (const ListedPort& port : ports) {
            log::info(what, {{"port", port.path}, {"description", port.description}});
        }
    };
    tell("port: gone", change.left.ports);
    tell("port: plugged in", change.arrived.ports);
    for (const auto* ports : {&change.left.ports, &change.arrived.ports}) {
        for (const ListedPort& port : *ports) {
            duplicates_.erase(port.path);
            promised_.erase(port.path);
            for (const auto& slot : slots_) {
                slot->silent.erase(port.path);
            }
        }
    }
    for (std::size_t index = 0; index < slots_.size(); ++index) {
        const Slot& slot = *slots_[index];
        Device& device = *devices_[index];
        const bool lost = std::any_of(change.left.ports.begin(), change.left.ports.end(),
                                      [&](const ListedPort& port) { return port.path == slot.in_use; }) ||
                          std::any_of(change.left.usb.begin(), change.left.usb.end(), [&](const auto& left) {
                              return slot.usb_address != 0 && left.address == slot.usb_address;
                          });
        // Opening a USB device may itself cause news that the list does not show. Only the wait for a right
        // ends by such, so that a silent device is not asked for ever because it was asked.
        const bool may_help = !change.empty() || device.sample().state_reason == to_string(Errc::port_denied);
        if (serves(index) ? lost : may_help) {
            device.look_now();
        }
    }
}

} // namespace kb::agent
