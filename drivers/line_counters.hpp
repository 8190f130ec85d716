// What a line to a device has been through, for metrics and the technician.
#pragma once

#include <cstdint>

namespace kb {

struct LineCounters {
    std::uint64_t exchanges = 0;     ///< commands begun
    std::uint64_t failed = 0;        ///< of them, ended by an error of the line (not by the device's "no")
    std::uint64_t bytes_written = 0; ///< as they went over the line, handshakes included
    std::uint64_t bytes_read = 0;
    std::uint64_t timeouts = 0;   ///< waits that ended without a byte
    std::uint64_t retries = 0;    ///< times something was sent again
    std::uint64_t bad_frames = 0; ///< frames dropped for their checksum or form
};

} // namespace kb
