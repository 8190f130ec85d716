// Instants. A register's clock has no zone, so its times are local; everything else is UTC.
#pragma once

#include "protocol/core/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace kb {

using UtcMs = std::chrono::sys_time<std::chrono::milliseconds>;
/// Wall clock of a register, without zone. Never compare it with UtcMs but through the zone of the point of
/// sale.
using LocalSeconds = std::chrono::local_seconds;

/// The injected "now". The real one lives in agent/ and cabinet/; tests step their own.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual UtcMs now() const = 0;
    /// The wall clock of this PC, for comparing with the register's.
    [[nodiscard]] virtual LocalSeconds local_now() const = 0;
};

/// "2024-03-01T09:15:00", no zone.
std::string to_text(LocalSeconds time);
/// "2024-03-01T09:15:00.250Z".
std::string to_text(UtcMs time);
/// Reads exactly the form of to_text; Errc::bad_value for other forms and for days that do not exist.
Result<LocalSeconds> local_from_text(std::string_view text);
/// Reads "2024-03-01T09:15:00Z" with or without milliseconds.
Result<UtcMs> utc_from_text(std::string_view text);

/// Calendar parts to an instant; Errc::bad_value naming `what` when the day or time does not exist.
Result<LocalSeconds> local_from_parts(int year, int month, int day, int hour, int minute, int second,
                                      std::string_view what);

/// FFD "unixtime": seconds since 1970 of the register's local wall clock (docs/sources.md#ffd, section 1).
std::uint32_t to_ffd_unixtime(LocalSeconds time);
LocalSeconds from_ffd_unixtime(std::uint32_t seconds);

} // namespace kb
