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
    const std::optional<Error> before = journal.closed_because();
    const UtcMs now = SystemClock().now();
    const auto cared = journal.care_for(error, now, Steady::now());
    if (!cared) {
        // It is tried again and again; people are told when it begins and when the reason changes.
        if (!before || before->message() != cared.error().message()) {
            log::error("journal: damaged, and no new one can be begun yet; it is tried again",
                       {{"error", cared.error().message()}});
        }
        return;
    }
    if (!*cared) {
        return;
    }
    ++replaced_so_far;
    log::error("journal: damaged; a new one is filled from the FN",
               {{"moved_to", (*cared)->moved_to.string()}, {"reason", (*cared)->reason}});
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
