// Looking for jobs that no program of ours can have left so: a flipped bit, or somebody's hand.
#include "storage/jobs.hpp"
#include "storage/statement.hpp"

#include <map>

namespace kb::storage {

namespace {

/// What is wrong with one row; empty: nothing.
std::string problem_of(const Statement& row)
{
    const auto state = job_state_of(row.text(2));
    if (!state)
        return "in no state: \"" + row.text(2) + "\"";
    if (row.integer(6) == 0)
        return "its request is not JSON";
    if (row.integer(7) == 0)
        return "its evidence is no JSON array";
    if ((*state == JobState::printing || *state == JobState::unknown) && row.integer(8) == 0)
        return row.text(2) + " without an intent";
    // As fiscal::makes_document() has it; a word of a newer program is no fault.
    const std::string kind = row.text(4);
    const bool document =
        kind == "receipt" || kind == "shift_open" || kind == "shift_close" || kind == "state_report";
    if (*state == JobState::done && document && row.is_null(5) && row.text(9).empty())
        return "done, but the number of its document is not known";
    return "";
}

} // namespace

Result<Jobs::Checked> Jobs::check()
{
    return database_->run("check jobs", [&]() -> Result<Checked> {
        Checked checked;
        std::map<std::string, std::string> at_work;
        auto rows = database_->prepared(
            "SELECT id, job_id, state, kkt_serial, kind, fd_number, json_valid(request), CASE WHEN "
            "json_valid(evidence) THEN json_type(evidence) = 'array' ELSE 0 END, intent IS NOT NULL, "
            "error_code "
            "FROM job NOT INDEXED ORDER BY id");
        while (rows.step()) {
            ++checked.jobs;
            if (const std::string problem = problem_of(rows); !problem.empty())
                checked.problems.push_back(rows.text(1) + ": " + problem);
            const auto state = job_state_of(rows.text(2));
            if (state != JobState::printing && state != JobState::unknown)
                continue;
            const auto [first, is_first] = at_work.emplace(rows.text(3), rows.text(1));
            if (!is_first)
                checked.problems.push_back(rows.text(1) + ": at work at the same time as " + first->second +
                                           ", on register " + rows.text(3));
        }
        return checked;
    });
}

} // namespace kb::storage
