// What the configuration says of how to talk to a device.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace kb {

/// How to talk to a device, from the configuration. A vendor takes what it knows.
struct DriverOptions {
    std::uint32_t password =
        30; ///< of the operator who may do everything the driver does (30: system administrator)
    /// For families that speak through their maker's library: its file; empty: the usual places.
    std::string library;
    /// Who carries the register's messages to the OFD, where the driver has a part in it.
    enum class OfdChannel { automatic, none, usb };
    OfdChannel ofd_channel = OfdChannel::automatic;
    /// How long the state system may take to answer about one marking code before it is sold unanswered.
    std::chrono::seconds marking_wait{5};
    /// What becomes of a sale with a code that the FN or the state system refuses.
    enum class MarkingRefused { refuse, sell };
    MarkingRefused marking_refused = MarkingRefused::refuse;
    /// The vendors' own sections: "vendor.key" to its value, checked. What is absent has its default.
    std::map<std::string, std::string, std::less<>> vendor_keys;
};

} // namespace kb
