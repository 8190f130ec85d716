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

// The port's name leads to another USB device than the one that was there: somebody else, most likely.
bool is_somebody_else(const PortUrl& url, const KnownDevice& known, const PortPicture& around)
{
    const ListedPort* port = listed_port(url, around);
    return port != nullptr && port->usb && known.usb &&
           (port->usb != known.usb || port->usb_serial != known.usb_serial);
}

class Places {
public:
    Places(const PortPicture& around, const KnownPlaces& places) : around_(around), places_(places) {}

    void add(const PortUrl& url, bool anybodys = false)
    {
        const ListedPort* port = listed_port(url, around_);
        if (port != nullptr && holds(places_.boot_loaders, port->usb)) {
            return;
        }
        PlaceToLook place{url, key_of(url), anybodys};
        const bool named = std::any_of(list_.begin(), list_.end(),
                                       [&](const PlaceToLook& other) { return other.url == url; });
        // The same port at another speed is worth another try.
        const bool asked_at_any_speed =
            std::any_of(list_.begin(), list_.end(),
                        [&](const PlaceToLook& other) { return other.key == place.key && !other.url.baud; });
        if (!named && !asked_at_any_speed) {
            list_.push_back(std::move(place));
        }
    }
    std::vector<PlaceToLook> take() { return std::move(list_); }

private:
    const PortPicture& around_;
    const KnownPlaces& places_;
    std::vector<PlaceToLook> list_;
};

} // namespace

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

std::vector<PlaceToLook> places_to_look(const SearchedDevice& device, const PortPicture& around,
                                        const KnownPlaces& known_places)
{
    Places places(around, known_places);
    const KnownDevice& known = device.known;
    const bool met = known.met();
    const auto last = parse_port_url(known.port);
    if (met && last && !is_somebody_else(*last, known, around)) {
        places.add(*last);
    }
    if (device.configured && !(met && is_somebody_else(*device.configured, known, around))) {
        places.add(*device.configured);
    }
    if (device.configured && !met) {
        return places.take();
    }
    const auto speed = device.configured ? device.configured->baud : std::nullopt;
    const auto add_port = [&](const ListedPort& port) {
        PortUrl url;
        url.path = port.path;
        url.baud = speed;
        places.add(url);
    };
    for (const ListedPort& port : around.ports) {
        if (met && port.usb && port.usb == known.usb && port.usb_serial == known.usb_serial &&
            is_exchange_port(port, around.ports)) {
            add_port(port);
        }
    }
    const Surroundings surroundings{around.ports, around.usb, known_places.registers,
                                    known_places.boot_loaders, known_places.usual_addresses};
    for (const Candidate& candidate : candidates(std::nullopt, surroundings)) {
        const bool of_a_register = candidate.kind == Candidate::Kind::register_usb;
        const bool anybodys = candidate.kind == Candidate::Kind::any_serial_port;
        if (of_a_register || !device.configured) {
            PortUrl url = candidate.url;
            url.baud = url.kind == Kind::serial ? speed : std::nullopt;
            places.add(url, anybodys);
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
