// Where to look for one register, and in which order.
#pragma once

#include "agent/known_device.hpp"
#include "drivers/registry.hpp"
#include "drivers/transport/hotplug.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

/// The port of a section with its speed; nullopt: kAnyPort.
std::optional<PortUrl> configured_port(const DeviceConfig& config);

struct SearchedDevice {
    std::optional<PortUrl> configured; ///< nullopt: anywhere
    KnownDevice known;
    std::vector<PortUrl> of_others; ///< ports of the other sections: cables are exchanged
};

/// One port to open.
struct PlaceToLook {
    PortUrl url;
    std::string key;    ///< key_of(url)
    bool guess = false; ///< nothing says that the register is there: of no interest to people when it is not
    bool anybodys = false; ///< nor that any register is: to be left in peace for a while when none answers
};
/// One name for a port however it is spelled: the real path, or the URL's text.
std::string key_of(const PortUrl& url);

/// Where the register was, where it is configured to be, where its USB device is now, where the other
/// sections' registers were, where registers of its kind are; with "auto" also the makers' usual addresses
/// and, last, every serial port. A configured name that now belongs to another USB device comes after the
/// places where the register may have moved. A register that was never reached is looked for where it is
/// configured, and nowhere else.
std::vector<PlaceToLook> places_to_look(const SearchedDevice& device, const PortPicture& around,
                                        const KnownPlaces& known_places);

/// The USB device behind a port; nullptr: none, or the system does not tell.
const ListedPort* listed_port(const PortUrl& url, const PortPicture& around);
const ListedUsb* listed_usb(const PortUrl& url, const PortPicture& around);

/// A boot loader is never asked anything: a byte too many may spoil the firmware.
bool is_boot_loader(const PortUrl& url, const PortPicture& around, const KnownPlaces& known_places);
/// A port of a register that is not the one it exchanges on carries what must not be disturbed: its traffic
/// to the OFD. Not so for who was met on it; and who was never met is where the configuration says.
bool is_further_port(const PortUrl& url, const KnownDevice& known, const PortPicture& around,
                     const KnownPlaces& known_places);
/// Whether the register sits in its boot loader: such a device where it was, or the only one there is when
/// nobody knows where it was.
bool in_boot_loader(const KnownDevice& known, const PortPicture& around, const KnownPlaces& known_places);

} // namespace kb::agent
