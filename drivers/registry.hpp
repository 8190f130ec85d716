// From a family's name and a port to a driver.
#pragma once

#include "drivers/transport/tap.hpp"
#include "drivers/vendor.hpp"

#include <optional>

namespace kb {

/// The rows of vendors.def.
const std::vector<Vendor>& vendors();
/// Every name `family` may have in the configuration, "auto" first.
std::vector<std::string_view> driver_families();
/// Errc::bad_config naming the known families when there is no such one.
Result<void> check_family(std::string_view family);

/// A driver of a named family (not "auto") over an open line. Errc::bad_config for an unknown one, and for
/// one that opens its port itself.
Result<std::unique_ptr<Driver>> make_driver(std::string_view family, std::unique_ptr<Transport> line,
                                            const DriverOptions& options);

/// The vendor whose folder has that name (Connection::vendor) or that serves that family; nullptr: none.
const Vendor* find_vendor(std::string_view name_or_family);

/// What works with a register that was identified, by its vendor's tables; nullopt: no vendor knows it for
/// its own.
std::optional<fiscal::Abilities> abilities_of(const fiscal::DeviceInfo& info);

/// The maker's library a family speaks through; nullopt: it needs none. Errors as of Vendor::library.
Result<std::optional<MakersLibrary>> find_library(std::string_view family, const std::string& configured);

struct ConnectRequest {
    PortUrl url;
    std::string family = "auto";
    DriverOptions options;
    /// When nobody answers as configured: find out whether a register answers at another speed or in another
    /// vendor's protocol. Takes up to a minute more.
    bool diagnose = false;
    std::shared_ptr<LineTap> tap; ///< hears the line, may be nullptr; nothing is heard of a maker's library
};

struct Connection {
    std::unique_ptr<Driver> driver;
    PortUrl url;        ///< with the speed that was found
    std::string vendor; ///< the folder that speaks to it
};

/// Opens the port and finds who answers: with family "auto" every vendor is asked that speaks over our line,
/// on a serial port without ?baud= at every usual speed. The driver is not identified yet. When no register
/// answers, the error says who does (drivers/stranger.hpp): Errc::no_answer, foreign_device, endless_noise,
/// and with `diagnose` also wrong_speed and wrong_protocol; else the errors of opening.
Task<Connection> connect_device(asio::any_io_executor executor, ConnectRequest request);

/// What all vendors together know of their registers.
struct KnownPlaces {
    std::vector<UsbId> registers;
    std::vector<UsbId> boot_loaders;
    std::vector<PortUrl> usual_addresses;
};
const KnownPlaces& known_places();

} // namespace kb
