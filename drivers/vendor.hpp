// What a vendor folder hands to the registry.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/transport/discovery.hpp"
#include "drivers/transport/transport.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kb {

/// How to talk to a device, from the configuration. A vendor takes what it knows.
struct DriverOptions {
    std::uint32_t password =
        30; ///< of the operator who may do everything the driver does (30: system administrator)
};

struct Vendor {
    std::string_view name;                  ///< the folder
    std::vector<std::string_view> families; ///< names in the configuration that mean this protocol
    std::vector<UsbId> usb_ids;             ///< of its registers, not of general adapters
    std::vector<PortUrl> usual_addresses;   ///< where its registers answer by default on TCP
    std::unique_ptr<Driver> (*make)(std::unique_ptr<Transport> line, const DriverOptions& options);
    /// Asks whether a device of this vendor answers. If so, takes the line and is its driver; if nobody
    /// speaks this protocol there, Errc::no_answer; any error of the line as it is. Bounded to a few seconds,
    /// asks only, changes nothing.
    Task<std::unique_ptr<Driver>> (*find)(std::unique_ptr<Transport>& line, DriverOptions options);
};

} // namespace kb
