#include "protocol/core/time.hpp"

#include <array>
#include <cstdio>

namespace kb {

namespace {

auto split(std::chrono::local_seconds time)
{
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{days};
    const std::chrono::hh_mm_ss clock{time - days};
    return std::array<int, 6>{static_cast<int>(date.year()),
                              static_cast<int>(static_cast<unsigned>(date.month())),
                              static_cast<int>(static_cast<unsigned>(date.day())),
                              static_cast<int>(clock.hours().count()),
                              static_cast<int>(clock.minutes().count()),
                              static_cast<int>(clock.seconds().count())};
}

// Digits at text[at, at + count), or -1.
int number_at(std::string_view text, std::size_t at, std::size_t count)
{
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

} // namespace

std::string to_text(LocalSeconds time)
{
    const auto p = split(time);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d", p[0], p[1], p[2], p[3], p[4],
                  p[5]);
    return text.data();
}

std::string to_text(UtcMs time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto ms = static_cast<int>((time - seconds).count());
    std::array<char, 16> tail{};
    std::snprintf(tail.data(), tail.size(), ".%03dZ", ms);
    return to_text(LocalSeconds{seconds.time_since_epoch()}) + tail.data();
}

Result<LocalSeconds> local_from_text(std::string_view text)
{
    const auto bad = [&] {
        return fail(Errc::bad_value, "time: \"" + std::string(text) + "\", want 2024-03-01T09:15:00");
    };
    if (text.size() != 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':')
        return bad();
    const int year = number_at(text, 0, 4);
    const int month = number_at(text, 5, 2);
    const int day = number_at(text, 8, 2);
    const int hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2);
    const int second = number_at(text, 17, 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
        return bad();
    return local_from_parts(year, month, day, hour, minute, second, "time");
}

Result<UtcMs> utc_from_text(std::string_view text)
{
    const auto bad = [&] {
        return fail(Errc::bad_value, "time: \"" + std::string(text) + "\", want 2024-03-01T09:15:00Z");
    };
    if (!text.ends_with('Z') || (text.size() != 20 && text.size() != 24))
        return bad();
    const auto seconds = local_from_text(text.substr(0, 19));
    if (!seconds)
        return pass(seconds);
    int ms = 0;
    if (text.size() == 24) {
        ms = text[19] == '.' ? number_at(text, 20, 3) : -1;
        if (ms < 0)
            return bad();
    }
    return UtcMs{seconds->time_since_epoch() + std::chrono::milliseconds(ms)};
}

Result<LocalSeconds> local_from_parts(int year, int month, int day, int hour, int minute, int second,
                                      std::string_view what)
{
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (month < 1 || day < 1 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59)
        return fail(Errc::bad_value, std::string(what) + ": no such date or time");
    return LocalSeconds{std::chrono::local_days{date}} + std::chrono::hours{hour} +
           std::chrono::minutes{minute} + std::chrono::seconds{second};
}

std::uint32_t to_ffd_unixtime(LocalSeconds time)
{
    return static_cast<std::uint32_t>(time.time_since_epoch().count());
}

LocalSeconds from_ffd_unixtime(std::uint32_t seconds) { return LocalSeconds{std::chrono::seconds{seconds}}; }

} // namespace kb
