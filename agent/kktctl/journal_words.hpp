// How commands that show documents put them, and the journal they come from, into words.
#pragma once

#include "agent/kktctl/console.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/receipt_text.hpp"
#include "protocol/fiscal/short_record.hpp"
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

inline std::string type_text(fiscal::DocumentType type)
{
    const auto name = fiscal::document_name_ru(type);
    return name.empty() ? std::to_string(static_cast<int>(type)) : std::string(name);
}

/// nullopt: it has none, or its bytes do not tell it.
inline std::optional<Kopecks> total_of(const fiscal::FiscalDocument& document)
{
    if (document.form == fiscal::DocumentForm::short_record) {
        const auto record = fiscal::read_short_record(document.raw);
        return record ? record->total : std::nullopt;
    }
    const auto head = fiscal::head_of(document.raw);
    return head ? head->total : std::nullopt;
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
