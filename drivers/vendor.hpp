// What a vendor folder hands to the registry.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/driver_options.hpp"
#include "drivers/transport/discovery.hpp"
#include "drivers/transport/transport.hpp"
#include "protocol/core/traffic.hpp"
#include "protocol/fiscal/abilities.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb {

/// A library of the maker's that a vendor's driver speaks through.
struct MakersLibrary {
    std::string path;
    std::string version; ///< as it tells it itself
};

/// One key of a vendor's own section in the configuration, `[device.<vendor>]`: what its documents leave
/// open.
struct VendorKey {
    std::string_view name;
    std::string_view usual;              ///< its default, without quotes
    std::vector<std::string_view> words; ///< what may be written; empty: a whole number
    std::int64_t least = 0;
    std::int64_t most = 0;
};

/// What can be done with a recording of a vendor's line.
struct TrafficTools {
    std::vector<TrafficItem> (*read)(const ExchangeFile& file);
    std::vector<TrafficCommand> (*commands)(const ExchangeFile& file);
    /// Without people, marking codes and passwords, and still to be replayed.
    ExchangeFile (*mask)(const ExchangeFile& file);
    /// A line that answers the vendor's driver as the recording did.
    std::unique_ptr<Transport> (*replay)(const ExchangeFile& file);
};

struct Vendor {
    std::string_view name;                  ///< the folder
    std::vector<std::string_view> families; ///< names in the configuration that mean this protocol
    std::vector<UsbId> usb_ids;             ///< of its registers, not of general adapters
    std::vector<UsbId> boot_loaders;        ///< what its registers are while their firmware is changed
    std::vector<PortUrl> usual_addresses;   ///< where its registers answer by default on TCP
    std::vector<VendorKey> keys;            ///< of `[device.<vendor>]`
    std::unique_ptr<Driver> (*make)(std::unique_ptr<Transport> line, const DriverOptions& options) = nullptr;
    /// Asks whether a device of this vendor answers. If so, takes the line and is its driver; if nobody
    /// speaks this protocol there, Errc::no_answer; any error of the line as it is. Bounded to a few seconds,
    /// asks only, changes nothing.
    Task<std::unique_ptr<Driver>> (*find)(std::unique_ptr<Transport>& line, DriverOptions options) = nullptr;
    /// Instead of `make` and `find`, for a vendor that opens its port itself (through its maker's library):
    /// there are no bytes to see on the way, and family "auto" never asks it. Errors of the port as those of
    /// opening a Transport. Bounded like every call of a driver.
    Task<std::unique_ptr<Driver>> (*open)(asio::any_io_executor executor, PortUrl url,
                                          DriverOptions options) = nullptr;
    /// The library it needs, found by the configured file or in the usual places; nullptr: it needs none.
    /// Errc::not_found naming the places and the cure, Errc::unsupported for one that cannot be used.
    Result<MakersLibrary> (*library)(const std::string& configured) = nullptr;
    /// What works with a register of this vendor, by its tables and what it told; nullopt: it is another's.
    std::optional<fiscal::Abilities> (*abilities)(const fiscal::DeviceInfo& info) = nullptr;
    /// nullptr: its recordings cannot be read, so none are made.
    const TrafficTools* traffic = nullptr;
};

} // namespace kb
