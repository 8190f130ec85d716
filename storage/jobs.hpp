// Requests to registers, each with its key, its intent and its outcome. The promise of this table: a key
// leads to one job for as long as the job is kept (at least 30 days after it ended), a job that may have
// reached a register and has not ended is never forgotten, and what is said of it is on the disk before it
// is said.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::storage {

enum class JobState {
    queued,    ///< nothing was sent yet, or what was sent is certain to have had no effect
    printing,  ///< the intent is durable; the register may be at work
    unknown,   ///< it left, no answer came, and the FN has not told yet: blocks the register's queue
    done,      ///< in the FN (of kinds without a document: the register said so)
    refused,   ///< the register said no, or it cannot be done; nothing was made
    cancelled, ///< taken back while it waited
    expired,   ///< waited longer than its caller allowed; nothing was made
    undecided, ///< of kinds that leave no trace in the FN: the answer was lost, and nobody can be asked
};
/// The word of the state; also what the table holds.
std::string_view to_string(JobState state);
std::optional<JobState> job_state_of(std::string_view word);
/// Nothing more happens to it.
constexpr bool is_final(JobState state)
{
    return state != JobState::queued && state != JobState::printing && state != JobState::unknown;
}

/// A job as a caller hands it in.
struct NewJob {
    std::string job_id;        ///< UUID, made by the agent
    std::string caller;        ///< whose keys they are: "native", "atol", "kkmserver", "kktctl", "cabinet"
    std::string key;           ///< the caller's; unique for this caller
    std::string kkt_serial;    ///< of the register it is for
    std::string kind;          ///< as in the request
    std::string request;       ///< canonical JSON (protocol/fiscal/request_json.hpp)
    std::int32_t priority = 0; ///< higher first
    UtcMs created_at{};
    std::optional<UtcMs> expires_at; ///< not begun before this moment: expired
    /// Begun only when that job is done, and ended when it ends in any other way. Empty: it waits for none.
    std::string after_job_id;
    std::string note; ///< the caller's own, kept as it is
};

/// What was true of the register before the first byte; what an unknown outcome is compared with.
struct JobIntent {
    std::string fn_serial;
    std::uint32_t last_fd_number = 0;
    std::string body; ///< JSON, kept as the agent writes it (agent/jobs/intent.hpp)
};

struct JobOutcome {
    std::string fn_serial; ///< never empty when fd_number is known: a document's identity is both
    /// Of a job that is done and whose kind makes a document, error_code says why there is none.
    std::optional<std::uint32_t> fd_number;
    std::uint32_t fiscal_sign = 0;
    std::optional<LocalSeconds> document_at; ///< register's clock
    bool printed = true;
    std::string error_code; ///< Errc of what refused it; empty: none
    std::string error_text; ///< what happened, in the words of the layers below
};

struct Job {
    std::int64_t id = 0; ///< order of arrival
    NewJob asked;
    JobState state = JobState::queued;
    std::uint32_t attempts = 0;      ///< times an intent was written
    std::optional<JobIntent> intent; ///< of the last attempt
    JobOutcome outcome;
    std::string evidence; ///< JSON array of what was seen and concluded; grows, never changes
    UtcMs updated_at{};
    /// The OFD has confirmed its document, as far as the journal knows; nullopt: the journal does not hold
    /// it.
    std::optional<bool> ticket;
};

struct JobFilter {
    std::string kkt_serial; ///< empty: all
    std::optional<JobState> state;
    bool open_only = false;     ///< those that are not final
    std::int64_t before_id = 0; ///< older than this; 0: the newest first
    std::size_t at_most = 100;  ///< 0: all
};

class Jobs {
public:
    explicit Jobs(Database& database);

    struct Accepted {
        Job job;
        bool is_new = true; ///< false: the key was there already, `job` is what it stands for
    };
    /// Durable when it returns. The same (caller, key) again returns the first job, whatever its state,
    /// priority and expiry; with another request, kind or register it is Errc::conflict, naming the first
    /// job's id. Nothing is written then, nor when a member is missing or is no text (Errc::bad_value) or the
    /// request no JSON (Errc::bad_json).
    Result<Accepted> add(const NewJob& job);
    /// As add, of several: all of them or none. They are one thing: where the first key is known, all have to
    /// be (Errc::conflict otherwise), and all first jobs are returned.
    Result<std::vector<Accepted>> add_all(const std::vector<NewJob>& jobs);

    Result<std::optional<Job>> find(const std::string& job_id);
    Result<std::optional<Job>> find_by_key(const std::string& caller, const std::string& key);
    /// The job that made this document, the newest if there are several (a debug FN that was reset).
    Result<std::optional<Job>> find_by_document(const std::string& fn_serial, std::uint32_t fd_number);
    /// Newest first.
    Result<std::vector<Job>> list(const JobFilter& filter);

    /// What is to be done next for this register: the job that is unknown or printing (there is at most one),
    /// else the queued one of highest priority that waited longest, has not expired by `now` and is behind
    /// no job that is not done. nullopt: none.
    Result<std::optional<Job>> next(const std::string& kkt_serial, UtcMs now);
    /// Queued jobs whose time has passed become expired, and those that were behind a job that ended without
    /// being done become cancelled; the ids.
    Result<std::vector<std::string>> expire(UtcMs now);

    // Every step is one transaction, durable when it returns. Errc::conflict, with nothing changed, when the
    // job is not in a state that the step starts from; Errc::not_found for no such job. `evidence` is one
    // JSON value, an object by custom, and becomes one more entry of Job::evidence; what is no JSON is kept
    // as a text, and an empty one is none.
    /// queued -> printing; attempts + 1. Errc::conflict also when another job of its register is printing or
    /// unknown, when the job's time has passed, and when the job it is behind is not done.
    Result<void> begin(std::int64_t id, const JobIntent& intent, UtcMs now);
    /// printing or unknown -> queued: certain to have had no effect.
    Result<void> put_back(std::int64_t id, const std::string& evidence, UtcMs now);
    /// printing -> unknown, and unknown -> unknown with more evidence. To be called when there is something
    /// new to tell, not at each try: evidence has no limit.
    Result<void> doubt(std::int64_t id, const std::string& evidence, UtcMs now);
    /// Any state that is not final -> `state`, a final one (Errc::bad_value for others). For cancelled and
    /// expired: only from queued.
    Result<void> finish(std::int64_t id, JobState state, const JobOutcome& outcome,
                        const std::string& evidence, UtcMs now);

    /// The register's queue takes no new steps while paused; kept on disk with the latest reason. It is the
    /// caller who heeds it: next() and the steps do not look.
    Result<void> pause(const std::string& kkt_serial, const std::string& reason, UtcMs now);
    Result<void> resume(const std::string& kkt_serial);
    /// The reason; nullopt: not paused.
    Result<std::optional<std::string>> paused(const std::string& kkt_serial);

    /// Forgets final jobs not touched since `before`, at most `at_most` of them; how many. Never one of the
    /// kNeverForgotten newest, whatever their times say: a computer that woke up in the wrong year must not
    /// forget yesterday's keys once its clock is put right.
    Result<std::size_t> forget(UtcMs before, std::size_t at_most);
    static constexpr std::int64_t kNeverForgotten = 1000;

    struct Checked {
        std::uint64_t jobs = 0;            ///< looked at
        std::vector<std::string> problems; ///< "<job_id>: reason"
    };
    /// Reads them all: what no sequence of steps can have made.
    Result<Checked> check();

    struct Counts {
        std::uint64_t queued = 0;
        std::uint64_t unknown = 0; ///< and printing
    };
    Result<Counts> counts(const std::string& kkt_serial);

    /// How many of a register's jobs ended so, `at_most` of each.
    struct Ended {
        std::size_t done = 0;
        std::size_t cancelled = 0; ///< and expired
    };
    Result<Ended> ended(const std::string& kkt_serial, std::size_t at_most);

private:
    Database* database_;
};

} // namespace kb::storage
