// What has to be known of a request's tasks to tell their results, however long ago they were done.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent::awr {

/// Asked of what is known of a register; nothing is sent to it.
enum class Reading {
    device_status,
    device_info,
    shift_status,
    fn_info,
    fn_status,
    ofd_exchange_status,
    registration_info,
    last_fiscal_params,
    fn_document,
    licenses,
};
/// Of a task's type: "getDeviceStatus"; nullopt: it is none.
std::optional<Reading> reading_of_task(std::string_view type);
/// Of the web server's operations: "queryDeviceStatus"; nullopt: no such question is answered.
std::optional<Reading> reading_of_operation(std::string_view operation);

struct TaskPlan {
    std::string type;               ///< ATOL's word
    std::optional<Reading> reading; ///< nullopt: a job
    std::uint32_t fd_number = 0;    ///< of Reading::fn_document
    bool raw = false;               ///< of it: the document's bytes too
    bool for_receipt = true;        ///< of Reading::last_fiscal_params: not of any document
};

/// Kept with a request's first job. Errc::bad_json for what this program did not write.
std::string plan_to_json(const std::vector<TaskPlan>& plan);
Result<std::vector<TaskPlan>> plan_from_json(const std::string& json);

} // namespace kb::agent::awr
