// Lists serial ports by libserialport and orders the places to look at.
#include "drivers/transport/discovery.hpp"

#include "drivers/transport/discovery_platform.hpp"

#include <libserialport.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace kb {
namespace {

std::string text_of(const char* text) { return text == nullptr ? std::string() : std::string(text); }

std::string real_path(const std::string& path)
{
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? path : real.string();
}

} // namespace

Result<std::vector<ListedPort>> list_serial_ports()
{
    sp_port** list = nullptr;
    if (sp_list_ports(&list) != SP_OK) {
        return fail(Errc::port_not_found, "list serial ports: the system does not tell them");
    }
    const std::unique_ptr<sp_port*, void (*)(sp_port**)> owner(list, &sp_free_port_list);
    std::vector<ListedPort> ports;
    for (sp_port** at = list; *at != nullptr; ++at) {
        ListedPort port;
        port.path = text_of(sp_get_port_name(*at)); // as the kernel names it: never a link
        port.description = text_of(sp_get_port_description(*at));
        int vid = 0;
        int pid = 0;
        if (sp_get_port_transport(*at) == SP_TRANSPORT_USB &&
            sp_get_port_usb_vid_pid(*at, &vid, &pid) == SP_OK) {
            port.usb = UsbId{static_cast<std::uint16_t>(vid), static_cast<std::uint16_t>(pid)};
            port.usb_serial = text_of(sp_get_port_usb_serial(*at));
            detail::add_usb_facts(port);
        }
        ports.push_back(std::move(port));
    }
    std::sort(ports.begin(), ports.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return ports;
}

bool is_exchange_port(const ListedPort& port, std::span<const ListedPort> listed)
{
    return std::none_of(listed.begin(), listed.end(), [&](const ListedPort& other) {
        return port.usb_address != 0 && other.usb_address == port.usb_address &&
               other.usb_interface < port.usb_interface;
    });
}

std::vector<Candidate> candidates(const std::optional<PortUrl>& saved, const Surroundings& around)
{
    using Kind = Candidate::Kind;
    const auto holds = [](std::span<const UsbId> ids, const std::optional<UsbId>& id) {
        return id && std::find(ids.begin(), ids.end(), *id) != ids.end();
    };
    std::vector<Candidate> found;
    std::vector<std::string> named;
    const auto add_serial = [&](const ListedPort& port, Kind kind, std::string why) {
        if (!holds(around.boot_loaders, port.usb) && is_exchange_port(port, around.ports) &&
            std::find(named.begin(), named.end(), port.path) == named.end()) {
            named.push_back(port.path);
            PortUrl url;
            url.path = port.path;
            found.push_back({std::move(url), kind, std::move(why)});
        }
    };
    if (saved) {
        found.push_back({*saved, Kind::saved, "saved port"});
        named.push_back(real_path(saved->path));
    }
    for (const ListedPort& port : around.ports) {
        if (holds(around.registers, port.usb)) {
            add_serial(port, Kind::register_usb, "USB " + to_string(*port.usb));
        }
    }
    for (const ListedUsb& device : around.devices) {
        const bool has_port =
            std::any_of(around.ports.begin(), around.ports.end(),
                        [&](const ListedPort& port) { return port.usb_address == device.address; });
        PortUrl url;
        url.kind = PortUrl::Kind::usb;
        url.usb = device.id;
        url.usb_serial = device.serial;
        if (holds(around.registers, device.id) && !has_port && !(saved && *saved == url)) {
            found.push_back({std::move(url), Kind::register_usb, "USB " + to_string(device.id)});
        }
    }
    for (const PortUrl& address : around.usual_addresses) {
        if (!saved || !(*saved == address)) {
            found.push_back({address, Kind::usual_address, "usual address"});
        }
    }
    for (const ListedPort& port : around.ports) {
        add_serial(port, Kind::any_serial_port, port.usb ? "USB " + to_string(*port.usb) : "serial port");
    }
    return found;
}

std::vector<unsigned> speeds_to_try(const PortUrl& url)
{
    if (url.kind != PortUrl::Kind::serial) {
        return {kDefaultBaud};
    }
    if (url.baud) {
        return {*url.baud};
    }
    if (real_path(url.path).starts_with("/dev/ttyACM")) {
        return {kDefaultBaud};
    }
    return {115200, 4800, 9600, 19200, 38400, 57600, 2400};
}

} // namespace kb
