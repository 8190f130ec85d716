// Comparing numbers, and the JSON they are kept as.
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

std::optional<std::uint8_t> byte_at(const Json& object, const char* key)
{
    const auto value = object.find(key);
    const bool told = value != object.end() && value->is_number_unsigned() && *value <= 0xFF;
    return told ? std::optional(value->get<std::uint8_t>()) : std::nullopt;
}

bool both_told(const std::string& one, const std::string& other) { return !one.empty() && !other.empty(); }

} // namespace

void forget_zero_serial(fiscal::DeviceInfo& info)
{
    if (info.kkt_serial.find_first_not_of('0') == std::string::npos) {
        info.kkt_serial.clear();
    }
}

bool is_known_as(const RegisterNumbers& known, const RegisterNumbers& told)
{
    if (both_told(known.kkt_serial, told.kkt_serial)) {
        return known.kkt_serial == told.kkt_serial;
    }
    return both_told(known.fn_serial, told.fn_serial) && known.fn_serial == told.fn_serial;
}

bool same_register(const RegisterNumbers& one, const RegisterNumbers& other)
{
    // An FN that was moved over to another register is no reason to leave that one unread.
    if (both_told(one.kkt_serial, other.kkt_serial) && one.kkt_serial != other.kkt_serial) {
        return false;
    }
    if (both_told(one.fn_serial, other.fn_serial)) {
        return one.fn_serial == other.fn_serial;
    }
    return both_told(one.kkt_serial, other.kkt_serial);
}

std::string encode(const KnownDevices& devices)
{
    Json all = Json::object();
    for (const auto& [section, device] : devices) {
        all[section] = {{"kkt_serial", device.numbers.kkt_serial},
                        {"fn_serial", device.numbers.fn_serial},
                        {"configured", device.configured},
                        {"port", device.port},
                        {"usb", device.usb ? to_string(*device.usb) : ""},
                        {"usb_serial", device.usb_serial},
                        {"usb_interface", device.usb_interface ? Json(*device.usb_interface) : Json()},
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
        device.numbers.kkt_serial = text_at(object, "kkt_serial");
        device.numbers.fn_serial = text_at(object, "fn_serial");
        device.configured = text_at(object, "configured");
        device.port = text_at(object, "port");
        device.usb_serial = text_at(object, "usb_serial");
        device.usb_place = text_at(object, "usb_place");
        device.usb_interface = byte_at(object, "usb_interface");
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
