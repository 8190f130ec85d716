// Where to look for one register, in which order, and what of that nobody else may be disturbed for.
#pragma once

#include "agent/known_device.hpp"
#include "drivers/registry.hpp"
#include "drivers/transport/hotplug.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

struct SearchedDevice {
    std::optional<PortUrl> configured; ///< empty: "auto"
    KnownDevice known;
};

/// One port to open, and one name for it however it is spelled: the real path, or the URL's text.
struct PlaceToLook {
    PortUrl url;
    std::string key;
    bool anybodys = false; ///< nothing says that a register is there
};
std::string key_of(const PortUrl& url);

/// Where the register was, where its USB device is now, where registers of its kind are, where it is
/// configured to be; with "auto" also the makers' usual addresses and, last, every serial port. A configured
/// name that now belongs to another USB device comes after the places where the register may have moved.
/// A register that was never reached is looked for where it is configured, and nowhere else.
std::vector<PlaceToLook> places_to_look(const SearchedDevice& device, const PortPicture& around,
                                        const KnownPlaces& known_places);

/// The USB device behind an open port; nullptr: none, or the system does not tell.
const ListedPort* listed_port(const PortUrl& url, const PortPicture& around);
const ListedUsb* listed_usb(const PortUrl& url, const PortPicture& around);

/// Whether the register sits in its boot loader: such a device where it was, or the only one there is when
/// nobody knows where it was.
bool in_boot_loader(const KnownDevice& known, const PortPicture& around, const KnownPlaces& known_places);

} // namespace kb::agent
