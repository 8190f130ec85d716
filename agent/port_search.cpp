// The order of asking, from lists alone.
#include "agent/port_search.hpp"

#include <algorithm>
#include <filesystem>

namespace kb::agent {
namespace {

using Kind = PortUrl::Kind;

bool holds(const std::vector<UsbId>& ids, const std::optional<UsbId>& id)
{
    return id && std::find(ids.begin(), ids.end(), *id) != ids.end();
}

std::optional<UsbId> usb_of(const PortUrl& url)
{
    return url.kind == Kind::usb ? std::optional(url.usb) : std::nullopt;
}

bool is_same_usb(const ListedPort& port, const KnownDevice& known)
{
    return port.usb && port.usb == known.usb && port.usb_serial == known.usb_serial;
}

// The port that it was on, of a USB device like its own.
bool is_its_function(const ListedPort& port, const KnownDevice& known, const PortPicture& around)
{
    return known.usb_interface ? port.usb_interface == known.usb_interface
                               : is_exchange_port(port, around.ports);
}

// The port's name leads to another USB device than the one that was there, or to another port of it: somebody
// else, most likely.
bool is_somebody_else(const PortUrl& url, const KnownDevice& known, const PortPicture& around)
{
    const ListedPort* port = listed_port(url, around);
    return port != nullptr && port->usb && known.usb &&
           (!is_same_usb(*port, known) ||
            (known.usb_interface && port->usb_interface != known.usb_interface));
}

// Each port once, and no boot loader.
class Places {
public:
    Places(const PortPicture& around, const KnownPlaces& places) : around_(around), places_(places) {}

    void add(const PortUrl& url, bool guess = false, bool anybodys = false)
    {
        std::string key = key_of(url);
        const bool named = std::any_of(list_.begin(), list_.end(),
                                       [&](const PlaceToLook& other) { return other.key == key; });
        if (!named && !is_boot_loader(url, around_, places_)) {
            list_.push_back(PlaceToLook{url, std::move(key), guess, anybodys});
        }
    }
    std::vector<PlaceToLook> take() { return std::move(list_); }

private:
    const PortPicture& around_;
    const KnownPlaces& places_;
    std::vector<PlaceToLook> list_;
};

} // namespace

std::optional<PortUrl> configured_port(const DeviceConfig& config)
{
    auto url = parse_port_url(config.port);
    if (!url) {
        return std::nullopt; // kAnyPort; anything else was refused with the configuration
    }
    if (config.baud != 0 && url->kind == PortUrl::Kind::serial) {
        url->baud = config.baud;
    }
    return *std::move(url);
}

std::string key_of(const PortUrl& url)
{
    if (url.kind != Kind::serial) {
        return url.text();
    }
    std::error_code error;
    const auto real = std::filesystem::canonical(url.path, error);
    return error ? url.path : real.string();
}

const ListedPort* listed_port(const PortUrl& url, const PortPicture& around)
{
    if (url.kind != Kind::serial) {
        return nullptr;
    }
    const std::string path = key_of(url);
    const auto found = std::find_if(around.ports.begin(), around.ports.end(),
                                    [&](const ListedPort& port) { return port.path == path; });
    return found == around.ports.end() ? nullptr : &*found;
}

const ListedUsb* listed_usb(const PortUrl& url, const PortPicture& around)
{
    const ListedPort* port = listed_port(url, around);
    const auto found = std::find_if(around.usb.begin(), around.usb.end(), [&](const ListedUsb& device) {
        if (url.kind == Kind::usb) {
            return device.id == url.usb && (url.usb_serial.empty() || device.serial == url.usb_serial);
        }
        return port != nullptr && port->usb_address != 0 && device.address == port->usb_address;
    });
    return found == around.usb.end() ? nullptr : &*found;
}

bool is_boot_loader(const PortUrl& url, const PortPicture& around, const KnownPlaces& known_places)
{
    const ListedPort* port = listed_port(url, around);
    return holds(known_places.boot_loaders, port != nullptr && port->usb ? port->usb : usb_of(url));
}

bool is_further_port(const PortUrl& url, const KnownDevice& known, const PortPicture& around,
                     const KnownPlaces& known_places)
{
    const ListedPort* port = listed_port(url, around);
    return known.met() && port != nullptr && holds(known_places.registers, port->usb) &&
           !is_exchange_port(*port, around.ports) &&
           !(is_same_usb(*port, known) && is_its_function(*port, known, around));
}

std::vector<PlaceToLook> places_to_look(const SearchedDevice& device, const PortPicture& around,
                                        const KnownPlaces& known_places)
{
    Places places(around, known_places);
    const KnownDevice& known = device.known;
    const bool met = known.met();
    const auto speed = device.configured ? device.configured->baud : std::nullopt;
    const auto add = [&](PortUrl url, bool guess, bool anybodys) {
        if (url.kind == Kind::serial) {
            url.baud = speed; // as configured now, wherever it is
        }
        places.add(url, guess, anybodys);
    };
    const auto last = parse_port_url(known.port);
    if (met && last && !is_somebody_else(*last, known, around)) {
        add(*last, false, false);
    }
    if (device.configured && !(met && is_somebody_else(*device.configured, known, around))) {
        places.add(*device.configured);
    }
    if (device.configured && !met) {
        return places.take();
    }
    for (const ListedPort& port : around.ports) {
        if (met && is_same_usb(port, known) && is_its_function(port, known, around)) {
            PortUrl url;
            url.path = port.path;
            // Adapters of one make without serial numbers look alike, whoever is behind them.
            const bool alike = port.usb_serial.empty() && !holds(known_places.registers, port.usb);
            add(std::move(url), alike, alike);
        }
    }
    for (const PortUrl& url : device.of_others) {
        if (met) {
            add(url, true, false);
        }
    }
    const Surroundings surroundings{around.ports, around.usb, known_places.registers,
                                    known_places.boot_loaders, known_places.usual_addresses};
    for (const Candidate& candidate : candidates(std::nullopt, surroundings)) {
        const bool of_a_register = candidate.kind == Candidate::Kind::register_usb;
        if (of_a_register || !device.configured) {
            add(candidate.url, !of_a_register, candidate.kind == Candidate::Kind::any_serial_port);
        }
    }
    if (device.configured) {
        places.add(*device.configured);
    }
    return places.take();
}

bool in_boot_loader(const KnownDevice& known, const PortPicture& around, const KnownPlaces& known_places)
{
    if (known.met() && !holds(known_places.registers, known.usb)) {
        return false; // it is on a cable or a network that its boot loader does not speak over
    }
    return std::any_of(around.usb.begin(), around.usb.end(), [&](const ListedUsb& device) {
        return holds(known_places.boot_loaders, device.id) &&
               (known.usb_place.empty() || known.usb_place == device.place);
    });
}

} // namespace kb::agent
