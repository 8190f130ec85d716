// What jobs are asked for: one, by each of its names; lists; the next one.
#include "storage/jobs.hpp"
#include "storage/statement.hpp"

#include <array>
#include <limits>

namespace kb::storage {

namespace {

struct Word {
    JobState state;
    const char* word;
};
constexpr std::array kWords{
    Word{JobState::queued, "queued"},   Word{JobState::printing, "printing"},
    Word{JobState::unknown, "unknown"}, Word{JobState::done, "done"},
    Word{JobState::refused, "refused"}, Word{JobState::cancelled, "cancelled"},
    Word{JobState::expired, "expired"}, Word{JobState::undecided, "undecided"},
};

// The document's ticket comes with the job, so that whoever lists jobs asks nothing a second time.
constexpr const char* kSelect =
    "SELECT j.id, j.job_id, j.caller, j.key, j.kkt_serial, j.kind, j.request, j.priority, j.created_at_ms, "
    "j.expires_at_ms, j.state, j.attempts, j.intent_fn_serial, j.intent_last_fd_number, j.intent, "
    "j.fn_serial, j.fd_number, j.fiscal_sign, j.document_at_s, j.printed, j.error_code, j.error_text, "
    "j.evidence, j.updated_at_ms, d.ticket, j.after_job_id, j.note FROM job j ";
constexpr const char* kTicket = "LEFT JOIN fn f ON f.fn_serial = j.fn_serial AND j.fd_number IS NOT NULL "
                                "LEFT JOIN document d ON d.id = f.id * 4294967296 + j.fd_number ";

/// `index`: "INDEXED BY ..." where the planner, which has no statistics, would otherwise guess. Keep the
/// result in a static: Database::prepared() knows a statement by its address.
std::string select_jobs(const std::string& index, const std::string& rest)
{
    return kSelect + index + " " + kTicket + rest;
}

UtcMs instant_of(const Statement& row, int column) { return row.instant(column); }

template <class Value, class Read>
std::optional<Value> unless_null(const Statement& row, int column, Read read)
{
    return row.is_null(column) ? std::nullopt : std::optional<Value>(read(row, column));
}

std::uint32_t number_of(const Statement& row, int column)
{
    return static_cast<std::uint32_t>(row.integer(column));
}

/// Errc::storage_damaged for a row that no program of ours has written.
Result<Job> read_job(const Statement& row)
{
    Job job;
    job.id = row.integer(0);
    job.asked.job_id = row.text(1);
    job.asked.caller = row.text(2);
    job.asked.key = row.text(3);
    job.asked.kkt_serial = row.text(4);
    job.asked.kind = row.text(5);
    job.asked.request = row.text(6);
    job.asked.priority = static_cast<std::int32_t>(row.integer(7));
    job.asked.created_at = row.instant(8);
    job.asked.expires_at = unless_null<UtcMs>(row, 9, instant_of);
    const auto state = job_state_of(row.text(10));
    if (!state)
        return fail(Errc::storage_damaged,
                    "job " + job.asked.job_id + " is in no state: \"" + row.text(10) + "\"");
    job.state = *state;
    job.attempts = number_of(row, 11);
    if (!row.is_null(14))
        job.intent = JobIntent{row.text(12), number_of(row, 13), row.text(14)};
    job.outcome.fn_serial = row.text(15);
    job.outcome.fd_number = unless_null<std::uint32_t>(row, 16, number_of);
    job.outcome.fiscal_sign = number_of(row, 17);
    job.outcome.document_at =
        unless_null<LocalSeconds>(row, 18, [](const Statement& of, int column) { return of.local(column); });
    job.outcome.printed = row.integer(19) != 0;
    job.outcome.error_code = row.text(20);
    job.outcome.error_text = row.text(21);
    job.evidence = row.text(22);
    job.updated_at = row.instant(23);
    job.ticket =
        unless_null<bool>(row, 24, [](const Statement& of, int column) { return of.integer(column) != 0; });
    job.asked.after_job_id = row.text(25);
    job.asked.note = row.text(26);
    return job;
}

Result<std::optional<Job>> read_one(Statement& row)
{
    if (!row.step())
        return std::optional<Job>{};
    auto job = read_job(row);
    if (!job)
        return pass(job);
    return std::optional<Job>(*std::move(job));
}

} // namespace

std::string_view to_string(JobState state)
{
    for (const Word& word : kWords)
        if (word.state == state)
            return word.word;
    return "unknown";
}

std::optional<JobState> job_state_of(std::string_view word)
{
    for (const Word& known : kWords)
        if (word == known.word)
            return known.state;
    return std::nullopt;
}

Result<std::optional<Job>> Jobs::find(const std::string& job_id)
{
    return database_->run("find job", [&] {
        static const std::string select = select_jobs("", "WHERE j.job_id = ?");
        auto row = database_->prepared(select.c_str());
        row.text(1, job_id);
        return read_one(row);
    });
}

Result<std::optional<Job>> Jobs::find_by_key(const std::string& caller, const std::string& key)
{
    return database_->run("find job by key", [&] {
        static const std::string select = select_jobs("", "WHERE j.caller = ? AND j.key = ?");
        auto row = database_->prepared(select.c_str());
        row.text(1, caller).text(2, key);
        return read_one(row);
    });
}

Result<std::optional<Job>> Jobs::find_by_document(const std::string& fn_serial, std::uint32_t fd_number)
{
    return database_->run("find job by document", [&] {
        static const std::string select =
            select_jobs("INDEXED BY job_by_document",
                        "WHERE j.fn_serial = ? AND j.fd_number = ? ORDER BY j.id DESC LIMIT 1");
        auto row = database_->prepared(select.c_str());
        row.text(1, fn_serial).integer(2, fd_number);
        return read_one(row);
    });
}

Result<std::vector<Job>> Jobs::list(const JobFilter& filter)
{
    // One statement for each shape of the question, each with the index that answers it in order.
    static const std::string rest = "j.id < ?1 ORDER BY j.id DESC LIMIT ?2";
    static const std::string open = "WHERE j.state IN ('queued', 'printing', 'unknown') AND ";
    static const std::string all = select_jobs("NOT INDEXED", "WHERE " + rest);
    static const std::string of_kkt =
        select_jobs("INDEXED BY job_by_kkt", "WHERE j.kkt_serial = ?3 AND " + rest);
    static const std::string of_state =
        select_jobs("INDEXED BY job_by_state", "WHERE j.state = ?4 AND " + rest);
    static const std::string of_both =
        select_jobs("INDEXED BY job_by_kkt_state", "WHERE j.kkt_serial = ?3 AND j.state = ?4 AND " + rest);
    static const std::string open_all = select_jobs("INDEXED BY job_open", open + rest);
    static const std::string open_of_kkt =
        select_jobs("INDEXED BY job_open", open + "j.kkt_serial = ?3 AND " + rest);

    if (filter.open_only && filter.state && is_final(*filter.state))
        return std::vector<Job>{};
    return database_->run("list jobs", [&]() -> Result<std::vector<Job>> {
        const bool one_kkt = !filter.kkt_serial.empty();
        const std::string word(filter.state ? to_string(*filter.state) : "");
        const std::string& select = filter.state       ? (one_kkt ? of_both : of_state)
                                    : filter.open_only ? (one_kkt ? open_of_kkt : open_all)
                                                       : (one_kkt ? of_kkt : all);
        auto rows = database_->prepared(select.c_str());
        rows.integer(1, filter.before_id == 0 ? std::numeric_limits<std::int64_t>::max() : filter.before_id)
            .integer(2, filter.at_most == 0 ? -1 : static_cast<std::int64_t>(filter.at_most));
        if (one_kkt)
            rows.text(3, filter.kkt_serial);
        if (filter.state)
            rows.text(4, word);
        std::vector<Job> jobs;
        while (rows.step()) {
            auto job = read_job(rows);
            if (!job)
                return pass(job);
            jobs.push_back(*std::move(job));
        }
        return jobs;
    });
}

Result<std::optional<Job>> Jobs::next(const std::string& kkt_serial, UtcMs now)
{
    return database_->run("next job", [&]() -> Result<std::optional<Job>> {
        static const std::string at_work =
            select_jobs("INDEXED BY job_at_work",
                        "WHERE j.kkt_serial = ? AND j.state IN ('printing', 'unknown') LIMIT 1");
        static const std::string waiting =
            select_jobs("INDEXED BY job_waiting",
                        "WHERE j.kkt_serial = ?1 AND j.state = 'queued' AND (j.expires_at_ms IS NULL OR "
                        "j.expires_at_ms > ?2) AND (j.after_job_id = '' OR EXISTS (SELECT 1 FROM job b "
                        "WHERE b.job_id = j.after_job_id AND b.state = 'done')) "
                        "ORDER BY j.priority DESC, j.id LIMIT 1");
        auto first = database_->prepared(at_work.c_str());
        first.text(1, kkt_serial);
        auto job = read_one(first);
        if (!job || *job)
            return job;
        auto second = database_->prepared(waiting.c_str());
        second.text(1, kkt_serial).instant(2, now);
        return read_one(second);
    });
}

Result<std::optional<std::string>> Jobs::paused(const std::string& kkt_serial)
{
    return database_->run("paused queue", [&]() -> Result<std::optional<std::string>> {
        auto row = database_->prepared("SELECT reason FROM paused_queue WHERE kkt_serial = ?");
        row.text(1, kkt_serial);
        return row.step() ? std::optional(row.text(0)) : std::nullopt;
    });
}

Result<Jobs::Counts> Jobs::counts(const std::string& kkt_serial)
{
    return database_->run("count jobs", [&]() -> Result<Counts> {
        auto row = database_->prepared(
            "SELECT (SELECT count(*) FROM job INDEXED BY job_waiting WHERE kkt_serial = ?1 "
            "AND state = 'queued'), (SELECT count(*) FROM job INDEXED BY job_at_work WHERE kkt_serial = ?1 "
            "AND state IN ('printing', 'unknown'))");
        row.text(1, kkt_serial);
        row.step();
        return Counts{static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
    });
}

Result<Jobs::Ended> Jobs::ended(const std::string& kkt_serial, std::size_t at_most)
{
    return database_->run("count ended jobs", [&]() -> Result<Ended> {
        // Never the whole history: of a million jobs it only matters that there are many.
        auto row =
            database_->prepared("SELECT (SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_by_kkt_state "
                                "WHERE kkt_serial = ?1 AND state = 'done' LIMIT ?2)), "
                                "(SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_by_kkt_state "
                                "WHERE kkt_serial = ?1 AND state IN ('cancelled', 'expired') LIMIT ?2))");
        row.text(1, kkt_serial).integer(2, static_cast<std::int64_t>(at_most));
        row.step();
        return Ended{static_cast<std::size_t>(row.integer(0)), static_cast<std::size_t>(row.integer(1))};
    });
}

} // namespace kb::storage
