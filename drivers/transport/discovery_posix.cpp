// USB devices and ports as Linux's sysfs shows them: plain files, read without opening a device.
#include "drivers/transport/discovery_platform.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace kb {
namespace {

namespace fs = std::filesystem;

std::string attribute(const fs::path& folder, const char* name)
{
    std::string text;
    std::getline(std::ifstream(folder / name), text);
    const auto end = text.find_last_not_of(" \r\n");
    text.erase(end == std::string::npos ? 0 : end + 1);
    return text;
}

std::optional<unsigned> number(const std::string& text, int base)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

unsigned address_of(const fs::path& device)
{
    const auto bus = number(attribute(device, "busnum"), 10);
    const auto address = number(attribute(device, "devnum"), 10);
    return bus && address ? *bus << 8U | *address : 0;
}

} // namespace

Result<std::vector<ListedUsb>> list_usb_devices()
{
    std::vector<ListedUsb> devices;
    std::error_code error;
    fs::directory_iterator folders("/sys/bus/usb/devices", error);
    for (; !error && folders != fs::directory_iterator(); folders.increment(error)) {
        const fs::path folder = folders->path();
        const auto vid = number(attribute(folder, "idVendor"), 16); // interfaces are listed, too, without one
        const auto pid = number(attribute(folder, "idProduct"), 16);
        if (!vid || !pid) {
            continue;
        }
        ListedUsb device;
        device.id = UsbId{static_cast<std::uint16_t>(*vid), static_cast<std::uint16_t>(*pid)};
        device.serial = attribute(folder, "serial");
        device.product = attribute(folder, "product");
        device.place = folder.filename().string();
        device.address = address_of(folder);
        devices.push_back(std::move(device));
    }
    std::sort(devices.begin(), devices.end(),
              [](const auto& a, const auto& b) { return a.address < b.address; });
    return devices; // a machine without USB has none
}

namespace detail {

// /sys/class/tty/ttyACM0/device leads to the interface ".../1-1.4/1-1.4:1.0", for an adapter to a folder in
// it; the device is the folder above.
void add_usb_facts(ListedPort& port)
{
    std::error_code error;
    const fs::path tty = fs::path("/sys/class/tty") / fs::path(port.path).filename() / "device";
    fs::path folder = fs::canonical(tty, error);
    if (error) {
        return;
    }
    for (int up = 0; up < 2 && !port.usb_interface; ++up) {
        if (const auto interface = number(attribute(folder, "bInterfaceNumber"), 16)) {
            port.usb_interface = static_cast<std::uint8_t>(*interface);
        }
        folder = folder.parent_path();
    }
    if (port.usb_interface) {
        port.usb_place = folder.filename().string();
        port.usb_address = address_of(folder);
    }
}

} // namespace detail
} // namespace kb
