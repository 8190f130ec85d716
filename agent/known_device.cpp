// The JSON of known_device.hpp.
#include "agent/known_device.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& object, const char* key)
{
    const auto value = object.find(key);
    return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

} // namespace

std::string encode(const KnownDevices& devices)
{
    Json all = Json::object();
    for (const auto& [section, device] : devices) {
        all[section] = {{"kkt_serial", device.kkt_serial},
                        {"fn_serial", device.fn_serial},
                        {"configured", device.configured},
                        {"port", device.port},
                        {"usb", device.usb ? to_string(*device.usb) : ""},
                        {"usb_serial", device.usb_serial},
                        {"usb_place", device.usb_place}};
    }
    // Whatever a device puts into its serial number, a setting stays JSON.
    return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

KnownDevices decode_known_devices(std::string_view json)
{
    KnownDevices devices;
    const Json all = Json::parse(json, nullptr, false);
    if (!all.is_object()) {
        return devices;
    }
    for (const auto& [section, object] : all.items()) {
        if (!object.is_object()) {
            continue;
        }
        KnownDevice device;
        device.kkt_serial = text_at(object, "kkt_serial");
        device.fn_serial = text_at(object, "fn_serial");
        device.configured = text_at(object, "configured");
        device.port = text_at(object, "port");
        device.usb_serial = text_at(object, "usb_serial");
        device.usb_place = text_at(object, "usb_place");
        if (const auto url = parse_port_url("usb:" + text_at(object, "usb"))) {
            device.usb = url->usb;
        }
        devices[section] = std::move(device);
    }
    return devices;
}

std::vector<std::string> section_names(const std::vector<DeviceConfig>& configs)
{
    std::vector<std::string> names;
    std::map<std::string, unsigned> used;
    for (const DeviceConfig& config : configs) {
        std::string name = config.name.empty() ? config.port : config.name;
        if (const unsigned times = ++used[name]; times > 1) {
            name += " #" + std::to_string(times);
        }
        names.push_back(std::move(name));
    }
    return names;
}

} // namespace kb::agent
