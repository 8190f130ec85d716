// The last lines of the agent's own log over the native API.
#include "agent/api/native_api.hpp"
#include "http/query.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace kb::agent {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostLines = 1'000;

Json line_value(const log::Line& line)
{
    Json fields = Json::object();
    for (const auto& [name, value] : line.fields)
        fields[name] = value;
    return {{"id", line.id},
            {"at", to_text(line.at)},
            {"level", log::to_string(line.level)},
            {"text", line.text},
            {"fields", std::move(fields)}};
}

} // namespace

void NativeApi::add_log_route()
{
    router_.add_plain("GET", "/api/v1/log", [this](const Request& request, const Parts&) {
        kb::http::Query query(request.query);
        const auto after = query.integer("after", 0, std::numeric_limits<std::int64_t>::max());
        const auto limit = query.integer("limit", 1, kMostLines);
        log::Level from = log::Level::debug;
        if (const auto word = query.text("level", 16)) {
            if (const auto level = log::level_of(*word))
                from = *level;
            else
                query.complain("level", "one of debug, info, warning, error");
        }
        if (const auto& fault = query.fault())
            return kb::http::problem(*fault);
        const auto excerpt = services_.last_lines.read(static_cast<std::uint64_t>(after.value_or(0)), from,
                                                       static_cast<std::size_t>(limit.value_or(200)));
        Json lines = Json::array();
        for (const log::Line& line : excerpt.lines)
            lines.push_back(line_value(line));
        const Json json{{"lines", std::move(lines)}, {"next", excerpt.next}, {"missed", excerpt.missed}};
        return kb::http::json_response(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    });
}

} // namespace kb::agent
