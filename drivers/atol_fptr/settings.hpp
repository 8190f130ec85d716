// The settings text of the ATOL library for a port of ours.
// Source: docs/sources.md#atol-fptr, section 1.
#pragma once

#include "drivers/transport/port_url.hpp"
#include "drivers/vendor.hpp"

#include <string>

namespace kb::atol_fptr {

/// JSON for set_settings. Errc::bad_config for a port the library cannot open.
Result<std::string> settings_of(const PortUrl& url, const DriverOptions& options);

} // namespace kb::atol_fptr
