// The query of a request, each parameter with its form checked; the first fault is kept.
#pragma once

#include "http/problem.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kb::http {

/// Percent-decoding of one path part or query value; nullopt for a broken escape, a NUL, or broken UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

class Query {
public:
    explicit Query(std::string_view text);

    std::optional<std::string> text(const std::string& name, std::size_t max_bytes);
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t min, std::int64_t max);
    /// A local date "2024-03-01" or time "2024-03-01T09:15:00"; with end_of_day a date means its last second.
    std::optional<LocalSeconds> local_time(const std::string& name, bool end_of_day);
    void complain(const std::string& name, const std::string& reason);

    /// The first fault: set when anything was wrong, unknown names included. Ask when all were read.
    [[nodiscard]] const std::optional<Fault>& fault();

private:
    std::optional<std::string> take(const std::string& name);

    std::map<std::string, std::string> values_;
    std::optional<Fault> fault_;
};

} // namespace kb::http
