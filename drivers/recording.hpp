// What was heard on a register's line, as a file that may be given away: with its head, and without people,
// marking codes and passwords.
#pragma once

#include "drivers/vendor.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kb {

/// The tools for the line of a vendor or family. Errc::unsupported when nobody knows how to take personal
/// data out of it, Errc::not_found when there is no such vendor ("auto" is none).
Result<const TrafficTools*> traffic_tools(std::string_view vendor_or_family);

/// Where a recording comes from.
struct RecordingOrigin {
    std::string vendor;      ///< whose protocol it is, as Connection::vendor
    fiscal::DeviceInfo info; ///< empty members where the register was not identified
    std::string made;        ///< "recorded 2024-03-01T09:15:00Z by kkt-agent 0.1.0, 60 s"
};

/// The masked file. Errors of traffic_tools(); Errc::no_data when nothing was heard. Nothing unmasked ever
/// leaves this call.
Result<ExchangeFile> make_recording(std::vector<ExchangeLine> heard, const RecordingOrigin& origin);

/// Which vendor's line a recording is: told by its head, else by whose frames are found in it; nullptr:
/// nobody's.
const Vendor* vendor_of_recording(const ExchangeFile& file);

} // namespace kb
