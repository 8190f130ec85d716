// What became of a request's tasks, in the form that both versions of ATOL's web server have.
// Source: docs/sources.md#atol-web, requests and results. For .cpp files only: it brings nlohmann/json.hpp
// along.
#pragma once

#include "agent/api/atol/readings.hpp"
#include "agent/jobs/desk.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kb::agent::awr {

/// How far a task is. Two of the driver's words are never said: "wait", since programs give up on it, and
/// "blocked", since one of them takes it for a failure and makes the receipt again.
enum class TaskStatus { in_progress, ready, error, interrupted, canceled };

struct TaskAnswer {
    TaskStatus status = TaskStatus::in_progress;
    DriverError error;
    Json result; ///< null: none
};

/// {"results": [...]}: members of version 2, and those of version 1 beside them.
std::string answers_json(const std::vector<TaskAnswer>& answers);

/// Of a job by itself, whatever was before it. `document`: its document, when the journal holds it.
TaskAnswer answer_of_job(const JobView& view, const Picture& picture,
                         const std::optional<storage::JournalDocument>& document);

/// Goes through a request's tasks in their order: what comes behind one that has not ended is not told yet,
/// and what comes behind one that failed was not begun.
class Answers {
public:
    /// Whether the next task's own answer counts.
    [[nodiscard]] bool open() const { return state_ == TaskStatus::ready; }
    /// Only while open().
    void add(TaskAnswer answer);
    /// What follows from those before it.
    void add_unreached();
    [[nodiscard]] const std::vector<TaskAnswer>& all() const { return all_; }

private:
    TaskStatus state_ = TaskStatus::ready;
    std::vector<TaskAnswer> all_;
};

} // namespace kb::agent::awr
