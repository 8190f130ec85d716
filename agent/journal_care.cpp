// What happens when the journal's file turns out to be damaged while the agent runs.
#include "agent/async.hpp"
#include "agent/clock.hpp"
#include "agent/log.hpp"

#include <atomic>

namespace kb::agent {
namespace {

std::atomic<unsigned> replaced_so_far = 0;

} // namespace

unsigned journals_replaced() { return replaced_so_far; }

void take_care(storage::Journal& journal, const Error& error)
{
    if (error.code != Errc::storage_damaged) {
        return;
    }
    const UtcMs now = SystemClock().now();
    const auto replaced = journal.replace_damaged(now, error.message());
    if (!replaced) {
        log::error("journal: damaged, and no new one can be begun", {{"error", replaced.error().message()}});
        return;
    }
    ++replaced_so_far;
    log::error("journal: damaged; a new one is filled from the FN",
               {{"moved_to", replaced->moved_to.string()}, {"reason", replaced->reason}});
    storage::EventRow row;
    row.at = now;
    row.kind = "journal_damaged";
    row.severity = storage::Severity::error;
    row.text = "журнал на диске повреждён и отложен в сторону; новый заполняется из ФН";
    if (const auto told = journal.telemetry().add_event(row); !told) {
        log::error("journal: the event was not written", {{"error", told.error().message()}});
    }
}

} // namespace kb::agent
