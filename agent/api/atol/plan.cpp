#include "agent/api/atol/plan.hpp"

#include "protocol/core/json_reader.hpp"

namespace kb::agent::awr {

namespace {

constexpr std::size_t kMostPlanned = 1'000;
constexpr std::size_t kPlanDepth = 4;

struct ReadingWord {
    std::string_view task;
    std::string_view operation; ///< the same question under /operations; empty: it is none there
    Reading reading;
};
constexpr ReadingWord kReadings[] = {
    {"getDeviceStatus", "queryDeviceStatus", Reading::device_status},
    {"getDeviceInfo", "queryDeviceInfo", Reading::device_info},
    {"getShiftStatus", "queryShiftStatus", Reading::shift_status},
    {"getFnInfo", "queryFnInfo", Reading::fn_info},
    {"getFnStatus", "queryFnStatus", Reading::fn_status},
    {"ofdExchangeStatus", "queryOfdExchangeStatus", Reading::ofd_exchange_status},
    {"getRegistrationInfo", "", Reading::registration_info},
    {"getLastFiscalParams", "", Reading::last_fiscal_params},
    {"getFnDocument", "", Reading::fn_document},
    {"getLicenses", "queryLicenses", Reading::licenses},
};

} // namespace

std::optional<Reading> reading_of_task(std::string_view type)
{
    for (const ReadingWord& row : kReadings)
        if (row.task == type)
            return row.reading;
    return std::nullopt;
}

std::optional<Reading> reading_of_operation(std::string_view operation)
{
    for (const ReadingWord& row : kReadings)
        if (!row.operation.empty() && row.operation == operation)
            return row.reading;
    return std::nullopt;
}

std::string plan_to_json(const std::vector<TaskPlan>& plan)
{
    nlohmann::json tasks = nlohmann::json::array();
    for (const TaskPlan& task : plan) {
        nlohmann::json one{{"type", task.type}};
        if (task.fd_number != 0)
            one["fd_number"] = task.fd_number;
        if (task.raw)
            one["raw"] = true;
        if (!task.for_receipt)
            one["for_receipt"] = false;
        tasks.push_back(std::move(one));
    }
    return dump_json({{"tasks", std::move(tasks)}});
}

Result<std::vector<TaskPlan>> plan_from_json(const std::string& text)
{
    const auto parsed = parse_json(text, kPlanDepth);
    if (!parsed)
        return pass(parsed);
    std::optional<Error> failure;
    JsonReader reader(*parsed, "", failure);
    std::vector<TaskPlan> plan;
    const auto* tasks = reader.array("tasks", kMostPlanned);
    for (std::size_t i = 0; tasks != nullptr && i < tasks->size() && !failure; ++i) {
        JsonReader one((*tasks)[i], "tasks[" + std::to_string(i) + "]", failure);
        TaskPlan task;
        task.type = one.text("type", 64);
        if (one.has("fd_number"))
            task.fd_number = one.u32("fd_number");
        if (one.has("raw"))
            task.raw = one.boolean("raw");
        if (one.has("for_receipt"))
            task.for_receipt = one.boolean("for_receipt");
        task.reading = reading_of_task(task.type);
        plan.push_back(std::move(task));
    }
    if (failure)
        return tl::unexpected<Error>(*std::move(failure));
    return plan;
}

} // namespace kb::agent::awr
