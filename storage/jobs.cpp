// Each step reads where the job stands and writes where it goes in one transaction; the database's own laws
// (one job for a key, one at work for a register) stand behind it.
#include "storage/jobs.hpp"

#include "protocol/core/code_page.hpp"
#include "storage/statement.hpp"

#include <algorithm>

namespace kb::storage {

namespace {

/// Devices and peers tell texts in any bytes; what is shown as JSON later must be UTF-8.
std::string as_utf8(std::string text)
{
    if (!is_utf8(text))
        std::replace_if(
            text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return text;
}

Result<void> check_new(const NewJob& job)
{
    struct Member {
        const char* name;
        const std::string& value;
    };
    for (const Member& member :
         {Member{"job_id", job.job_id}, Member{"caller", job.caller}, Member{"key", job.key},
          Member{"kkt_serial", job.kkt_serial}, Member{"kind", job.kind}}) {
        if (member.value.empty())
            return fail(Errc::bad_value, std::string("job: ") + member.name + " is empty");
        if (!is_utf8(member.value))
            return fail(Errc::bad_value, std::string("job: ") + member.name + " is not UTF-8");
    }
    if (!is_utf8(job.request))
        return fail(Errc::bad_json, "job " + job.job_id + ": its request is not UTF-8");
    if (!is_utf8(job.after_job_id) || !is_utf8(job.note))
        return fail(Errc::bad_value, "job " + job.job_id + ": after_job_id or note is not UTF-8");
    return {};
}

tl::unexpected<Error> conflict(std::string context)
{
    return fail(Errc::conflict, std::move(context), Outcome::refused);
}

/// What a step has to know of a job before it changes it.
struct Standing {
    std::string job_id;
    std::string kkt_serial;
    JobState state = JobState::queued;
    std::optional<UtcMs> expires_at;
    std::string after_job_id;
};

Result<Standing> standing(Database& database, std::int64_t id)
{
    auto row = database.prepared(
        "SELECT job_id, kkt_serial, state, expires_at_ms, after_job_id FROM job WHERE id = ?");
    row.integer(1, id);
    if (!row.step())
        return fail(Errc::not_found, "no job " + std::to_string(id));
    Standing found{row.text(0), row.text(1), JobState::queued, std::nullopt, row.text(4)};
    if (!row.is_null(3))
        found.expires_at = row.instant(3);
    const auto state = job_state_of(row.text(2));
    if (!state)
        return fail(Errc::storage_damaged,
                    "job " + found.job_id + " is in no state: \"" + row.text(2) + "\"");
    found.state = *state;
    return found;
}

tl::unexpected<Error> wrong_state(const Standing& job, std::string_view step)
{
    return conflict("job " + job.job_id + " is " + std::string(to_string(job.state)) + ": cannot " +
                    std::string(step));
}

/// One more entry in the array, unless it says what the last one says. An array that a flipped bit has spoilt
/// becomes the first entry of a new one, and an entry that is no JSON becomes a text: neither may keep a
/// register's queue from going on.
void add_evidence(Database& database, std::int64_t id, const std::string& evidence)
{
    if (evidence.empty())
        return;
    const std::string entry = as_utf8(evidence);
    // In brackets too: "1,2" is none, and nesting has its limit.
    database
        .prepared("UPDATE job SET evidence = json_insert("
                  "CASE WHEN json_valid(evidence) THEN evidence ELSE json_array(evidence) END, '$[#]', "
                  "json(CASE WHEN json_valid(?2) AND json_valid('[' || ?2 || ']') THEN ?2 "
                  "ELSE json_quote(?2) END)) WHERE id = ?1 AND NOT "
                  // The same again at another time tells nothing, and a day of it would fill the row.
                  "CASE WHEN json_valid(evidence) AND json_valid(?2) AND json_type(?2) = 'object' AND "
                  "json_type(evidence, '$[#-1]') = 'object' "
                  "THEN json_remove(json_extract(evidence, '$[#-1]'), '$.at') = json_remove(?2, '$.at') "
                  "ELSE 0 END")
        .integer(1, id)
        .text(2, entry)
        .exec();
}

void move_to(Database& database, std::int64_t id, JobState state, UtcMs now)
{
    const std::string word(to_string(state));
    database.prepared("UPDATE job SET state = ?2, updated_at_ms = ?3 WHERE id = ?1")
        .integer(1, id)
        .text(2, word)
        .instant(3, now)
        .exec();
}

} // namespace

Jobs::Jobs(Database& database) : database_(&database) {}

namespace {

/// Precondition: inside a transaction, and nobody has the key.
Result<Jobs::Accepted> insert(Database& database, const NewJob& job)
{
    {
        auto taken = database.prepared("SELECT json_valid(?1), "
                                       "EXISTS (SELECT 1 FROM job WHERE job_id = ?2)");
        taken.text(1, job.request).text(2, job.job_id);
        taken.step();
        if (taken.integer(0) == 0)
            return fail(Errc::bad_json, "job " + job.job_id + ": its request is not JSON");
        if (taken.integer(1) != 0)
            return conflict("job_id " + job.job_id + " is taken by a job with another key");
    }
    auto insert = database.prepared(
        "INSERT INTO job(job_id, caller, key, kkt_serial, kind, request, priority, created_at_ms, "
        "expires_at_ms, state, attempts, fn_serial, fiscal_sign, printed, error_code, error_text, "
        "evidence, updated_at_ms, after_job_id, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', "
        "0, '', 0, 1, '', '', '[]', ?8, ?10, ?11)");
    insert.text(1, job.job_id)
        .text(2, job.caller)
        .text(3, job.key)
        .text(4, job.kkt_serial)
        .text(5, job.kind)
        .text(6, job.request)
        .integer(7, job.priority)
        .instant(8, job.created_at)
        .text(10, job.after_job_id)
        .text(11, job.note);
    if (job.expires_at)
        insert.instant(9, *job.expires_at);
    insert.exec();
    Jobs::Accepted accepted;
    accepted.job.id = database.last_insert_id();
    accepted.job.asked = job;
    accepted.job.evidence = "[]";
    accepted.job.updated_at = job.created_at;
    return accepted;
}

tl::unexpected<Error> other_job(const NewJob& job, const NewJob& first)
{
    return conflict(
        "key \"" + job.key + "\" of " + job.caller + " stands for job " + first.job_id +
        (first.kkt_serial == job.kkt_serial ? " with another request" : " of register " + first.kkt_serial));
}

} // namespace

Result<Jobs::Accepted> Jobs::add(const NewJob& job)
{
    auto added = add_all({job});
    if (!added)
        return pass(added);
    return std::move(added->front());
}

Result<std::vector<Jobs::Accepted>> Jobs::add_all(const std::vector<NewJob>& jobs)
{
    // Nobody writes beside us: the journal has one owner, and the owner one thread.
    std::vector<Accepted> known;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const NewJob& job = jobs[i];
        if (auto fine = check_new(job); !fine)
            return pass(fine);
        auto first = find_by_key(job.caller, job.key);
        if (!first)
            return pass(first);
        if (!*first) {
            if (!known.empty())
                return other_job(jobs.front(), known.front().job.asked);
            continue;
        }
        const NewJob& asked = (*first)->asked;
        const bool same =
            asked.kkt_serial == job.kkt_serial && asked.kind == job.kind && asked.request == job.request;
        if (!same || known.size() != i)
            return other_job(job, asked);
        known.push_back(Accepted{**std::move(first), false});
    }
    if (!known.empty())
        return known;
    return database_->transact("add jobs", Durability::fsynced, [&]() -> Result<std::vector<Accepted>> {
        std::vector<Accepted> added;
        for (const NewJob& job : jobs) {
            auto one = insert(*database_, job);
            if (!one)
                return pass(one);
            added.push_back(*std::move(one));
        }
        return added;
    });
}

Result<std::vector<std::string>> Jobs::expire(UtcMs now)
{
    return database_->transact("expire jobs", Durability::fsynced, [&]() -> Result<std::vector<std::string>> {
        auto rows = database_->prepared(
            "UPDATE job INDEXED BY job_expiring SET state = 'expired', updated_at_ms = ?1 "
            "WHERE state = 'queued' AND expires_at_ms <= ?1 RETURNING job_id");
        rows.instant(1, now);
        std::vector<std::string> ended;
        while (rows.step())
            ended.push_back(rows.text(0));
        // Behind them, and behind those that ended in another way, one after the other.
        for (bool more = true; more;) {
            more = false;
            auto behind = database_->prepared(
                "UPDATE job INDEXED BY job_behind SET state = 'cancelled', updated_at_ms = ?1, "
                "error_code = 'cancelled', error_text = 'the job before it was not done: ' || after_job_id "
                "WHERE state = 'queued' AND after_job_id > '' AND NOT EXISTS (SELECT 1 FROM job b WHERE "
                "b.job_id = job.after_job_id AND b.state IN ('queued', 'printing', 'unknown', 'done')) "
                "RETURNING job_id");
            behind.instant(1, now);
            while (behind.step()) {
                ended.push_back(behind.text(0));
                more = true;
            }
        }
        return ended;
    });
}

Result<void> Jobs::begin(std::int64_t id, const JobIntent& intent, UtcMs now)
{
    return database_->transact("begin job", Durability::fsynced, [&]() -> Result<void> {
        const auto job = standing(*database_, id);
        if (!job)
            return pass(job);
        if (job->state != JobState::queued)
            return wrong_state(*job, "begin it");
        if (job->expires_at && *job->expires_at <= now)
            return conflict("job " + job->job_id + " was to be begun before " + to_text(*job->expires_at));
        if (!job->after_job_id.empty()) {
            auto before = database_->prepared("SELECT state FROM job WHERE job_id = ?");
            before.text(1, job->after_job_id);
            if (!before.step() || before.text(0) != to_string(JobState::done))
                return conflict("job " + job->job_id + " has to wait until job " + job->after_job_id +
                                " is done");
        }
        {
            auto other = database_->prepared("SELECT job_id, state FROM job INDEXED BY job_at_work "
                                             "WHERE kkt_serial = ? AND state IN ('printing', 'unknown')");
            other.text(1, job->kkt_serial);
            if (other.step())
                return conflict("job " + job->job_id + " has to wait: register " + job->kkt_serial +
                                " has job " + other.text(0) + ", which is " + other.text(1));
        }
        const std::string fn_serial = as_utf8(intent.fn_serial);
        const std::string body = as_utf8(intent.body);
        database_
            ->prepared("UPDATE job SET state = 'printing', attempts = attempts + 1, intent_fn_serial = ?2, "
                       "intent_last_fd_number = ?3, intent = ?4, updated_at_ms = ?5 WHERE id = ?1")
            .integer(1, id)
            .text(2, fn_serial)
            .integer(3, intent.last_fd_number)
            .text(4, body)
            .instant(5, now)
            .exec();
        return {};
    });
}

Result<void> Jobs::put_back(std::int64_t id, const std::string& evidence, UtcMs now)
{
    return database_->transact("put job back", Durability::fsynced, [&]() -> Result<void> {
        const auto job = standing(*database_, id);
        if (!job)
            return pass(job);
        if (job->state != JobState::printing && job->state != JobState::unknown)
            return wrong_state(*job, "put it back");
        move_to(*database_, id, JobState::queued, now);
        add_evidence(*database_, id, evidence);
        return {};
    });
}

Result<void> Jobs::doubt(std::int64_t id, const std::string& evidence, UtcMs now)
{
    return database_->transact("doubt job", Durability::fsynced, [&]() -> Result<void> {
        const auto job = standing(*database_, id);
        if (!job)
            return pass(job);
        if (job->state != JobState::printing && job->state != JobState::unknown)
            return wrong_state(*job, "doubt it");
        move_to(*database_, id, JobState::unknown, now);
        add_evidence(*database_, id, evidence);
        return {};
    });
}

Result<void> Jobs::finish(std::int64_t id, JobState state, const JobOutcome& outcome,
                          const std::string& evidence, UtcMs now)
{
    const std::string word(to_string(state));
    if (!is_final(state))
        return fail(Errc::bad_value, "finish job: " + word + " is not the end of a job");
    if (outcome.fd_number && (*outcome.fd_number == 0 || outcome.fn_serial.empty()))
        return fail(Errc::bad_value, "finish job: FD " + std::to_string(*outcome.fd_number) + " of FN \"" +
                                         outcome.fn_serial + "\" is no document");
    const std::string fn_serial = as_utf8(outcome.fn_serial);
    const std::string error_code = as_utf8(outcome.error_code);
    const std::string error_text = as_utf8(outcome.error_text);
    return database_->transact("finish job", Durability::fsynced, [&]() -> Result<void> {
        const auto job = standing(*database_, id);
        if (!job)
            return pass(job);
        const bool only_waiting = state == JobState::cancelled || state == JobState::expired;
        const bool only_begun = state == JobState::done || state == JobState::undecided;
        const bool waits = job->state == JobState::queued;
        if (is_final(job->state) || (only_waiting && !waits) || (only_begun && waits))
            return wrong_state(*job, "end it as " + word);
        auto update = database_->prepared(
            "UPDATE job SET state = ?2, fn_serial = ?3, fd_number = ?4, fiscal_sign = ?5, "
            "document_at_s = ?6, printed = ?7, error_code = ?8, error_text = ?9, updated_at_ms = ?10 "
            "WHERE id = ?1");
        update.integer(1, id).text(2, word).text(3, fn_serial).integer(5, outcome.fiscal_sign);
        if (outcome.fd_number)
            update.integer(4, *outcome.fd_number);
        if (outcome.document_at)
            update.local(6, *outcome.document_at);
        update.integer(7, outcome.printed ? 1 : 0).text(8, error_code).text(9, error_text).instant(10, now);
        update.exec();
        add_evidence(*database_, id, evidence);
        return {};
    });
}

Result<void> Jobs::pause(const std::string& kkt_serial, const std::string& reason, UtcMs now)
{
    if (kkt_serial.empty() || !is_utf8(kkt_serial))
        return fail(Errc::bad_value, "pause: kkt_serial is empty or no text");
    const std::string text = as_utf8(reason);
    return database_->transact("pause queue", Durability::fsynced, [&]() -> Result<void> {
        database_
            ->prepared("INSERT INTO paused_queue(kkt_serial, reason, paused_at_ms) VALUES (?1, ?2, ?3) "
                       "ON CONFLICT (kkt_serial) DO UPDATE SET reason = ?2, paused_at_ms = ?3")
            .text(1, kkt_serial)
            .text(2, text)
            .instant(3, now)
            .exec();
        return {};
    });
}

Result<void> Jobs::resume(const std::string& kkt_serial)
{
    return database_->transact("resume queue", Durability::fsynced, [&]() -> Result<void> {
        database_->prepared("DELETE FROM paused_queue WHERE kkt_serial = ?").text(1, kkt_serial).exec();
        return {};
    });
}

Result<std::size_t> Jobs::forget(UtcMs before, std::size_t at_most)
{
    return database_->transact("forget jobs", Durability::fsynced, [&]() -> Result<std::size_t> {
        const int forgotten =
            database_
                ->prepared("DELETE FROM job WHERE id IN (SELECT id FROM job INDEXED BY job_final "
                           "WHERE state NOT IN ('queued', 'printing', 'unknown') AND updated_at_ms < ?1 "
                           "AND id <= (SELECT max(id) FROM job) - ?2 ORDER BY updated_at_ms LIMIT ?3)")
                .instant(1, before)
                .integer(2, kNeverForgotten)
                .integer(3, static_cast<std::int64_t>(at_most))
                .exec();
        return static_cast<std::size_t>(forgotten);
    });
}

} // namespace kb::storage
