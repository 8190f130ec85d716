// What happens when the journal's file turns out to be damaged while the agent runs.
#include "agent/journal_care.hpp"

#include "agent/async.hpp"
#include "agent/clock.hpp"
#include "agent/log.hpp"

#include <atomic>

namespace kb::agent {
namespace {

std::atomic<unsigned> replaced_so_far = 0;

} // namespace

unsigned journals_replaced() { return replaced_so_far; }

std::string text_of_damage(const storage::DamagedFile& damaged)
{
    std::string text = "журнал на диске повреждён и отложен в сторону; новый заполняется из ФН";
    if (!damaged.jobs_complete) {
        text +=
            "; из заданий на печать удалось перенести " + std::to_string(damaged.jobs_kept) +
            ", остальные могли пропасть: прежде чем программа повторит чек, сверьте его с документами кассы";
    }
    return text;
}

void log_damage(const storage::DamagedFile& damaged)
{
    log::error("journal: damaged; a new one is filled from the FN",
               {{"moved_to", damaged.moved_to.string()},
                {"reason", damaged.reason},
                {"jobs_kept", damaged.jobs_kept},
                {"jobs_complete", std::string(damaged.jobs_complete ? "yes" : "no")}});
}

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
    log_damage(**cared);
    storage::EventRow row;
    row.at = now;
    row.kind = "journal_damaged";
    row.severity = storage::Severity::error;
    row.text = text_of_damage(**cared);
    if (const auto told = journal.telemetry().add_event(row); !told) {
        log::error("journal: the event was not written", {{"error", told.error().message()}});
    }
}

} // namespace kb::agent
