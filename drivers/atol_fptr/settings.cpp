#include "drivers/atol_fptr/settings.hpp"

#include <nlohmann/json.hpp>

namespace kb::atol_fptr {
namespace {

// The library wants every value as a text.
constexpr const char* kAnyModel = "500";
constexpr const char* kPortCom = "0";
constexpr const char* kPortTcp = "2";

const char* channel_text(DriverOptions::OfdChannel channel)
{
    switch (channel) {
    case DriverOptions::OfdChannel::none:
        return "0";
    case DriverOptions::OfdChannel::usb:
        return "1";
    case DriverOptions::OfdChannel::automatic:
        break;
    }
    // Where the register is set to send through the exchange with the PC, this moves its messages while the
    // port is open; where it sends by itself, nothing happens.
    return "2";
}

} // namespace

Result<std::string> settings_of(const PortUrl& url, const DriverOptions& options)
{
    nlohmann::json settings = {
        {"Model", kAnyModel},
        {"OfdChannel", channel_text(options.ofd_channel)},
        {"AccessPassword", ""},
        // A number given on purpose; the house's default is the register's own, which an empty text means.
        {"UserPassword",
         options.password == DriverOptions{}.password ? "" : std::to_string(options.password)},
        // A line that comes back may lead to another register: it is opened anew and asked who it is.
        {"AutoReconnect", "false"},
        // The register's clock is only ever set on request.
        {"AutoTimeSync", "false"},
    };
    switch (url.kind) {
    case PortUrl::Kind::serial:
        settings["Port"] = kPortCom;
        settings["ComFile"] = url.path;
        settings["BaudRate"] = std::to_string(url.baud.value_or(kDefaultBaud));
        break;
    case PortUrl::Kind::tcp:
        settings["Port"] = kPortTcp;
        settings["IPAddress"] = url.host;
        settings["IPPort"] = std::to_string(url.port);
        break;
    case PortUrl::Kind::usb:
        // The library would take whichever ATOL it finds first on USB.
        return fail(Errc::bad_config, url.text() +
                                          ": the maker's library cannot be told which USB device to take; "
                                          "write the register's serial port or its TCP address");
    }
    // A name of the system's may hold any byte, JSON may not.
    return settings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace kb::atol_fptr
