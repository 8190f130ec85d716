// What a POS program asks of ATOL's web server, read into what this house can do: jobs, and questions that
// are answered from what is known already. Source: docs/sources.md#atol-web, tasks.
#pragma once

#include "agent/api/atol/plan.hpp"
#include "agent/api/atol/task_reader.hpp"
#include "protocol/fiscal/request.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kb::agent::awr {

struct AtolTask {
    TaskPlan plan;
    std::optional<fiscal::Request> request; ///< of a job, then always
    bool of_last_receipt = false;           ///< the number of the FN's last receipt belongs into it
};

/// A request as it was sent: whose it is, and its tasks, not looked at yet.
struct Envelope {
    std::string uuid;
    std::string device_id; ///< of the body; empty: not there
    std::vector<nlohmann::json> tasks;
};
/// The reason is for people, in Russian.
tl::expected<Envelope, std::string> read_envelope(const std::string& body);

/// All tasks of a request, or why one of them (`index`) cannot be done.
struct TaskRefusal {
    std::size_t index = 0;
    TaskFault fault;
};
tl::expected<std::vector<AtolTask>, TaskRefusal> read_tasks(const std::vector<nlohmann::json>& tasks);

/// The FN makes a document of it: at most one of them in a request.
bool is_fiscal(const AtolTask& task);

} // namespace kb::agent::awr
