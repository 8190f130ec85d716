// How commands that look into the journal put it into words.
#pragma once

#include "agent/kktctl/console.hpp"
#include "storage/fd_ranges.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace kb::agent::kktctl {

/// "[[1, 4], [7, 7]]", the first `at_most` of them.
inline nlohmann::ordered_json ranges_json(const std::vector<storage::FdRange>& ranges,
                                          std::size_t at_most = SIZE_MAX)
{
    auto list = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < std::min(at_most, ranges.size()); ++i)
        list.push_back({ranges[i].first, ranges[i].last});
    return list;
}

/// "1–4, 7, …"
inline std::string ranges_text(const std::vector<storage::FdRange>& ranges)
{
    constexpr std::size_t kEnough = 8;
    std::string text;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (i == kEnough)
            return text + ", …";
        text += (text.empty() ? "" : ", ") + std::to_string(ranges[i].first);
        if (ranges[i].last != ranges[i].first)
            text += "–" + std::to_string(ranges[i].last);
    }
    return text;
}

inline std::string dump(const nlohmann::ordered_json& json)
{
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// The journal did not open, or did not answer.
inline int journal_failed(const Console& console, const Error& error)
{
    if (error.code != Errc::not_found)
        return console.fail(error);
    return console.fail(error,
                        {console.say("журнала ещё нет", "there is no journal yet"),
                         console.say("Журнал появится, когда заработает kkt-agent с этими настройками.",
                                     "The journal appears once kkt-agent runs with this configuration.")},
                        kNotFound);
}

} // namespace kb::agent::kktctl
