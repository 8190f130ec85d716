// Asks the system for the time and for the zone of this PC.
#include "agent/clock.hpp"

#include <ctime>

namespace kb::agent {

UtcMs SystemClock::now() const
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

LocalSeconds SystemClock::local_now() const
{
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
#ifdef _WIN32
    localtime_s(&parts, &now);
#else
    localtime_r(&now, &parts);
#endif
    const auto local =
        local_from_parts(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                         parts.tm_sec > 59 ? 59 : parts.tm_sec, "the PC's clock");
    return local.value_or(LocalSeconds{});
}

} // namespace kb::agent
