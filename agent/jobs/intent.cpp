#include "agent/jobs/intent.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace kb::agent {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kSteps{std::pair{"shift_close", JobStep::shift_close},
                            std::pair{"shift_open", JobStep::shift_open},
                            std::pair{"request", JobStep::request}};

template <class T>
Json or_null(const std::optional<T>& value)
{
    return value ? Json(*value) : Json(nullptr);
}

std::optional<std::uint32_t> number_at(const Json& json, const char* key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_number_unsigned() ? std::optional(found->get<std::uint32_t>())
                                                              : std::nullopt;
}

} // namespace

std::string_view to_string(JobStep step)
{
    for (const auto& [word, value] : kSteps)
        if (value == step)
            return word;
    return "request";
}

storage::JobIntent to_journal(const Intent& intent)
{
    Json json{{"step", to_string(intent.step)},
              {"shift_open", intent.shift.open},
              {"shift_number", intent.shift.shift_number},
              {"receipt_number", intent.shift.receipt_number},
              {"device_time", to_text(intent.device_time)},
              {"marker", intent.marker},
              {"cash_ins", or_null(intent.counters.cash_ins)},
              {"cash_outs", or_null(intent.counters.cash_outs)},
              {"x_reports", or_null(intent.counters.x_reports)}};
    if (intent.counters.cash_in_drawer)
        json["cash_in_drawer"] = intent.counters.cash_in_drawer->count();
    return {intent.fn_serial, intent.last_fd_number,
            json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Result<Intent> from_journal(const storage::JobIntent& stored)
{
    const Json json = Json::parse(stored.body, nullptr, false);
    if (!json.is_object())
        return fail(Errc::bad_json, "intent: not an object");
    Intent intent;
    intent.fn_serial = stored.fn_serial;
    intent.last_fd_number = stored.last_fd_number;
    const std::string step = json.value("step", "request");
    for (const auto& [word, value] : kSteps)
        if (step == word)
            intent.step = value;
    intent.shift.open = json.value("shift_open", false);
    intent.shift.shift_number = json.value("shift_number", 0U);
    intent.shift.receipt_number = json.value("receipt_number", 0U);
    const auto time = local_from_text(json.value("device_time", ""));
    if (!time)
        return fail(Errc::bad_json, "intent: device_time");
    intent.device_time = *time;
    intent.marker = json.value("marker", "");
    intent.counters.cash_ins = number_at(json, "cash_ins");
    intent.counters.cash_outs = number_at(json, "cash_outs");
    intent.counters.x_reports = number_at(json, "x_reports");
    if (const auto cash = json.find("cash_in_drawer"); cash != json.end() && cash->is_number_integer())
        intent.counters.cash_in_drawer = Kopecks{cash->get<std::int64_t>()};
    return intent;
}

std::string marker_of(std::string_view job_id)
{
    // Twelve hexadecimal digits of the job's id: enough to tell any two receipts of one drive apart.
    std::string marker = "KB-";
    for (const char c : job_id) {
        if (c != '-' && marker.size() < 15)
            marker += c;
    }
    return marker;
}

} // namespace kb::agent
