// 100,000 jobs that are over must not slow down the next one: every statement that Jobs really runs is
// asked for its plan, and counted in the steps of SQLite's machine.
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <map>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

/// What was run since it was last cleared: the most steps that one run of each statement took.
std::map<std::string, int>& statements_run()
{
    static std::map<std::string, int> run;
    return run;
}

int note_statement(unsigned, void*, void* statement, void*)
{
    auto* const prepared = static_cast<sqlite3_stmt*>(statement);
    int& most = statements_run()[sqlite3_sql(prepared)];
    most = std::max(most, sqlite3_stmt_status(prepared, SQLITE_STMTSTATUS_VM_STEP, 1));
    return 0;
}

int watch(sqlite3* database, char**, const sqlite3_api_routines*)
{
    return sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, note_statement, nullptr);
}

/// While it lives, connections that are opened tell what they run.
class Watching {
public:
    Watching() { REQUIRE(sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch)) == SQLITE_OK); }
    ~Watching() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(watch)); }
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;
};

/// So many jobs of kKkt and of another register that are over, in all final states, with documents.
void add_finished(const std::filesystem::path& file, int count)
{
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    database.exec(R"sql(
        PRAGMA synchronous = OFF;
        INSERT INTO job(job_id, caller, key, kkt_serial, kind, request, priority, created_at_ms, state, attempts,
            intent_fn_serial, intent_last_fd_number, intent, fn_serial, fd_number, fiscal_sign, printed, error_code,
            error_text, evidence, updated_at_ms)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < )sql" +
                  std::to_string(count) + R"sql()
        SELECT 'old-' || i, 'native', 'old-' || i, iif(i % 3, '0000000001011546', '0000000002022657'), 'receipt',
            '{}', 0, i, CASE i % 50 WHEN 1 THEN 'refused' WHEN 2 THEN 'cancelled' WHEN 3 THEN 'expired'
            WHEN 4 THEN 'undecided' ELSE 'done' END, 1, '9999078900001234', i, '{}', '9999078900001234', i, i, 1, '',
            '', '[]', i FROM n;
    )sql");
}

/// Everything that Jobs can be asked, among so many jobs that are over; the steps each statement took.
std::map<std::string, int> ask_everything(const std::filesystem::path& folder, int finished)
{
    const Watching watching;
    Journal journal = open_journal(folder);
    REQUIRE(journal.documents().append(sales({1, 20})));
    add_finished(folder / "journal.db", finished);
    statements_run().clear();
    Jobs& jobs = journal.jobs();
    for (int number = 1; number <= 10; ++number)
        for (std::size_t step = 0; step < life_of(number).size(); ++step)
            REQUIRE(take_step(jobs, number, step));
    for (int number = 11; number <= 13; ++number)
        REQUIRE(jobs.add(asked(number)));
    REQUIRE_FALSE(jobs.add(asked(11))->is_new);
    REQUIRE(jobs.next(kKkt, at(0)));
    REQUIRE(jobs.counts(kKkt)->queued == 3);
    REQUIRE(*jobs.find_by_document(kFn, 3));
    REQUIRE(*jobs.find_by_key("native", "old-5"));
    for (const std::string& kkt : {std::string(), kKkt}) {
        for (const auto state : {std::optional<JobState>(), std::optional(JobState::undecided)})
            REQUIRE(jobs.list({kkt, state, false, 0, 2})->size() == 2);
        REQUIRE(jobs.list({kkt, {}, true, 0, 2})->size() == 2);
    }
    REQUIRE(jobs.pause(kKkt, "", at(1)));
    REQUIRE(*jobs.paused(kKkt));
    REQUIRE(jobs.resume(kKkt));
    REQUIRE(jobs.ended(kKkt, 5)->done == 5);
    NewJob behind = asked(14);
    behind.after_job_id = asked(13).job_id;
    REQUIRE(jobs.add(behind));
    REQUIRE(jobs.expire(at(99'999)));
    REQUIRE(*jobs.forget(at(99'999), 10) == (finished > 2000 ? 10 : 0));
    return statements_run();
}

} // namespace

TEST_CASE("no statement of the queue looks through the jobs that are over", "[jobs]")
{
    TempDir dir;
    const auto run = ask_everything(dir.path(), 300);
    SQLite::Database database((dir / "journal.db").string());
    int asked_of_jobs = 0;
    for (const auto& [sql, steps] : run) {
        if (sql.find(" job") == std::string::npos)
            continue;
        ++asked_of_jobs;
        SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + sql);
        while (plan.executeStep()) {
            const std::string line = plan.getColumn(3).getString();
            INFO(sql << "\n" << line);
            // A subquery that is looked through has a limit of its own.
            CHECK((!line.starts_with("SCAN") || line == "SCAN CONSTANT ROW" ||
                   line.starts_with("SCAN (subquery")));
            CHECK_THAT(line, !Catch::Contains("TEMP B-TREE"));
        }
    }
    CHECK(asked_of_jobs >= 20);
}

TEST_CASE("the queue works no more among 100,000 jobs that are over than among 2,000", "[jobs]")
{
    TempDir few;
    TempDir many;
    const auto with_few = ask_everything(few.path(), 2'100);
    const auto with_many = ask_everything(many.path(), 100'000);
    for (const auto& [sql, steps] : with_many) {
        INFO(sql);
        REQUIRE(with_few.contains(sql));
        CHECK(steps <= with_few.at(sql) + 100);
    }
}
