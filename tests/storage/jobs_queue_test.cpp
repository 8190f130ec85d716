// The queue of a register: who is next, who waits no longer, what is listed, kept and let go.
#include "tests/storage/jobs_at_hand.hpp"
#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

TEST_CASE("the highest priority goes first, then what waits longest; put back, a job keeps its place",
          "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    const std::vector<std::pair<int, int>> numbers_and_priorities{{1, 0}, {2, 5}, {3, 0}, {4, 5}, {5, -1}};
    for (const auto& [number, priority] : numbers_and_priorities) {
        NewJob job = asked(number);
        job.priority = priority;
        job.created_at = at(-number); // a clock that runs backwards changes nothing
        add(journal, job);
    }
    NewJob elsewhere = asked(6);
    elsewhere.kkt_serial = "0000000002022657";
    elsewhere.priority = 100;
    add(journal, elsewhere);

    for (const int number : {2, 4, 1, 3, 5}) {
        auto next = *jobs.next(kKkt, at(0));
        REQUIRE(next);
        CHECK(next->asked.key == asked(number).key);
        REQUIRE(jobs.begin(next->id, intent_after(1), at(1)));
        CHECK((*jobs.next(kKkt, at(0)))->id == next->id);
        REQUIRE(jobs.put_back(next->id, "", at(2)));
        next = *jobs.next(kKkt, at(0));
        CHECK(next->asked.key == asked(number).key);
        REQUIRE(jobs.finish(next->id, JobState::cancelled, {}, "", at(3)));
    }
    CHECK_FALSE(*jobs.next(kKkt, at(0)));
    CHECK_FALSE(*jobs.next("a register nobody asked", at(0)));
    CHECK((*jobs.next("0000000002022657", at(0)))->asked.key == "sale-6");
}

TEST_CASE("a job whose time has passed is not begun, and expires", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    NewJob urgent = asked(1);
    urgent.priority = 9;
    urgent.expires_at = at(100);
    const auto urgent_id = add(journal, urgent);
    add(journal, asked(2));
    NewJob begun = asked(3);
    begun.kkt_serial = "0000000002022657";
    begun.expires_at = at(100);
    REQUIRE(jobs.begin(add(journal, begun), intent_after(1), at(99)));

    CHECK((*jobs.next(kKkt, at(99)))->asked.key == "sale-1");
    CHECK((*jobs.next(kKkt, at(100)))->asked.key == "sale-2");
    CHECK(jobs.begin(urgent_id, intent_after(1), at(100)).error().code == Errc::conflict);
    CHECK(jobs.expire(at(99))->empty());
    CHECK(*jobs.expire(at(100)) == std::vector<std::string>{urgent.job_id});
    CHECK(jobs.expire(at(100))->empty());
    CHECK(held(journal, urgent.job_id).state == JobState::expired);
    CHECK(held(journal, urgent.job_id).updated_at == at(100));
    CHECK(held(journal, begun.job_id).state == JobState::printing);
    CHECK(held(journal, asked(2).job_id).state == JobState::queued);
    // What was begun in time and put back waits no longer than its caller allowed either.
    REQUIRE(jobs.put_back(held(journal, begun.job_id).id, "", at(200)));
    CHECK(*jobs.expire(at(201)) == std::vector<std::string>{begun.job_id});
}

TEST_CASE("a register works on one job: an unknown one blocks it, and no other register", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    const auto first = add(journal, asked(1));
    const auto second = add(journal, asked(2));
    NewJob elsewhere = asked(3);
    elsewhere.kkt_serial = "0000000002022657";
    const auto third = add(journal, elsewhere);
    REQUIRE(jobs.begin(first, intent_after(1), at(1)));
    for (const JobState state : {JobState::printing, JobState::unknown}) {
        if (state == JobState::unknown)
            REQUIRE(jobs.doubt(first, "", at(2)));
        const auto refused = jobs.begin(second, intent_after(1), at(3));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::conflict);
        CHECK_THAT(refused.error().context, Catch::Contains(asked(1).job_id));
        CHECK(same(held(journal, asked(2).job_id), after(2, 1)));
        CHECK((*jobs.next(kKkt, at(3)))->id == first);
    }
    REQUIRE(jobs.begin(third, intent_after(1), at(3)));
    CHECK(jobs.counts(kKkt)->queued == 1);
    CHECK(jobs.counts(kKkt)->unknown == 1);
    CHECK(jobs.counts("0000000002022657")->unknown == 1);

    // The database itself sees to it, whoever writes.
    SQLite::Database by_hand((dir / "journal.db").string(), SQLite::OPEN_READWRITE);
    CHECK_THROWS_AS(by_hand.exec("UPDATE job SET state = 'unknown', attempts = 1, intent = '{}', "
                                 "intent_fn_serial = '', intent_last_fd_number = 0 WHERE key = 'sale-2'"),
                    SQLite::Exception);

    REQUIRE(jobs.finish(first, JobState::refused, {}, "", at(4)));
    CHECK(jobs.begin(second, intent_after(1), at(5)));
}

TEST_CASE("a job tells of its document's ticket as far as the journal knows", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    const auto id = add(journal, asked(1));
    const auto ticket = [&] {
        const Job job = held(journal, asked(1).job_id);
        CHECK(jobs.list({})->front().ticket == job.ticket);
        return job.ticket;
    };
    CHECK_FALSE(ticket());
    REQUIRE(jobs.begin(id, intent_after(4), at(1)));
    REQUIRE(jobs.finish(id, JobState::done, made(5), "", at(2)));
    CHECK_FALSE(ticket());
    REQUIRE(journal.documents().append({sale(4), sale(5, kOtherFn)}));
    CHECK_FALSE(ticket());
    REQUIRE(journal.documents().append({sale(5)}));
    CHECK(ticket() == false);
    JournalDocument confirmed = sale(5);
    confirmed.document.ticket_received = true;
    REQUIRE(journal.documents().append({confirmed}));
    CHECK(ticket() == true);
    CHECK((*jobs.find_by_document(kFn, 5))->asked.key == "sale-1");
    CHECK_FALSE(*jobs.find_by_document(kFn, 4));
    CHECK_FALSE(*jobs.find_by_document(kOtherFn, 5));
}

TEST_CASE("jobs are listed newest first, by register, by state, the open ones, page by page", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    const std::string other = "0000000002022657";
    for (int number = 1; number <= 12; ++number) {
        NewJob job = asked(number);
        if (number % 3 == 0)
            job.kkt_serial = other;
        const auto id = add(journal, job);
        if (number % 2 == 0)
            REQUIRE(jobs.finish(id, JobState::cancelled, {}, "", at(1)));
    }
    REQUIRE(jobs.begin(held(journal, asked(1).job_id).id, intent_after(1), at(1)));
    const auto numbers = [&](const JobFilter& filter) {
        std::vector<int> found;
        const auto listed = jobs.list(filter);
        REQUIRE(listed);
        for (const Job& job : *listed)
            found.push_back(std::stoi(job.asked.key.substr(5)));
        return found;
    };
    using Numbers = std::vector<int>;
    CHECK(numbers({}) == Numbers{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
    CHECK(numbers({other, {}, false, 0, 0}) == Numbers{12, 9, 6, 3});
    CHECK(numbers({"", JobState::cancelled, false, 0, 100}) == Numbers{12, 10, 8, 6, 4, 2});
    CHECK(numbers({other, JobState::cancelled, false, 0, 100}) == Numbers{12, 6});
    CHECK(numbers({"", {}, true, 0, 100}) == Numbers{11, 9, 7, 5, 3, 1});
    CHECK(numbers({kKkt, {}, true, 0, 100}) == Numbers{11, 7, 5, 1});
    CHECK(numbers({kKkt, JobState::queued, true, 0, 100}) == Numbers{11, 7, 5});
    CHECK(numbers({"", JobState::done, true, 0, 100}).empty());
    CHECK(numbers({"nobody's", {}, false, 0, 100}).empty());

    Numbers paged;
    JobFilter page;
    page.at_most = 5;
    for (;;) {
        const auto listed = *jobs.list(page);
        if (listed.empty())
            break;
        for (const Job& job : listed)
            paged.push_back(std::stoi(job.asked.key.substr(5)));
        page.before_id = listed.back().id;
    }
    CHECK(paged == numbers({}));
}

TEST_CASE("a pause has a reason, of one register, and outlives the process", "[jobs]")
{
    TempDir dir;
    {
        Journal journal = open_journal(dir.path());
        Jobs& jobs = journal.jobs();
        CHECK_FALSE(*jobs.paused(kKkt));
        REQUIRE(jobs.pause(kKkt, "бумага", at(1)));
        REQUIRE(jobs.pause(kKkt, "техник", at(2)));
        CHECK(jobs.pause("", "no register", at(3)).error().code == Errc::bad_value);
        add(journal, asked(1));
        CHECK((*jobs.next(kKkt, at(3)))->asked.key == "sale-1");
    }
    Journal journal = open_journal(dir.path());
    CHECK(*journal.jobs().paused(kKkt) == "техник");
    CHECK_FALSE(*journal.jobs().paused("0000000002022657"));
    REQUIRE(journal.jobs().resume(kKkt));
    REQUIRE(journal.jobs().resume(kKkt));
    CHECK_FALSE(*journal.jobs().paused(kKkt));
}

TEST_CASE("jobs in the middle of their lives outlive the process, and a reader sees them", "[jobs]")
{
    TempDir dir;
    std::vector<Job> before;
    {
        Journal journal = open_journal(dir.path());
        for (int number = 1; number <= 10; ++number)
            for (std::size_t step = 0; step < life_of(number).size(); ++step) {
                REQUIRE(take_step(journal.jobs(), number, step));
                REQUIRE(same(held(journal, asked(number).job_id), after(number, step + 1)));
            }
        job_in(journal, 11, JobState::printing);
        job_in(journal, 12, JobState::unknown);
        before = *all_jobs(journal);
        auto reader = Journal::open_read_only(dir.path());
        REQUIRE(reader);
        CHECK(all_jobs(*reader)->size() == before.size());
        CHECK_FALSE(reader->jobs().add(asked(99)));
    }
    Journal journal = open_journal(dir.path());
    const auto present = *all_jobs(journal);
    REQUIRE(present.size() == before.size());
    for (std::size_t i = 0; i < present.size(); ++i) {
        CHECK(present[i].id == before[i].id);
        CHECK(same(present[i], before[i]));
    }
}

TEST_CASE("jobs that ended long ago go, slice by slice; open ones and the newest thousand stay", "[jobs]")
{
    TempDir dir;
    const auto today = sale(1).document.datetime;
    const UtcMs now = at(0) + std::chrono::days{500};
    Journal journal = open_journal(dir.path());
    SQLite::Database((dir / "journal.db").string(), SQLite::OPEN_READWRITE).exec(R"sql(
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3600)
        INSERT INTO job(job_id, caller, key, kkt_serial, kind, request, priority, created_at_ms, state, attempts,
            fn_serial, fiscal_sign, printed, error_code, error_text, evidence, updated_at_ms)
        SELECT 'old-' || i, 'native', i, 'kkt', 'x_report', '{}', 0, 0, iif(i % 100, 'done', 'queued'), 0, '', 0, 1,
            '', '', '[]', 1709283600000 + i FROM n;
    )sql");
    RetentionPolicy policy;
    policy.max_bytes = 1; // a file too large is no reason
    policy.keep_jobs = std::chrono::days{501};
    CHECK(journal.retain(policy, now, today)->jobs == 0);
    policy.keep_jobs = std::chrono::days{400};
    auto report = *journal.retain(policy, now, today);
    CHECK(report.jobs == 1000);
    CHECK(report.more);
    CHECK_FALSE(*journal.jobs().find("old-1"));
    CHECK(*journal.jobs().find("old-100"));
    CHECK(journal.retain(policy, now, today)->jobs == 1000);
    report = *journal.retain(policy, now, today);
    CHECK(report.jobs == 2600 - 26 - 2000);
    CHECK_FALSE(report.more);
    CHECK(journal.retain(policy, now, today)->jobs == 0);
    CHECK(all_jobs(journal)->size() == 1000 + 26);
    CHECK(*journal.jobs().find("old-2601"));
    // A forgotten key begins a new job.
    NewJob again = asked(1);
    again.key = "1";
    CHECK(journal.jobs().add(again)->is_new);
}

TEST_CASE("no policy keeps a job for less than thirty days", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    SQLite::Database((dir / "journal.db").string(), SQLite::OPEN_READWRITE).exec(R"sql(
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1010)
        INSERT INTO job(job_id, caller, key, kkt_serial, kind, request, priority, created_at_ms, state, attempts,
            fn_serial, fiscal_sign, printed, error_code, error_text, evidence, updated_at_ms)
        SELECT 'old-' || i, 'native', i, 'kkt', 'x_report', '{}', 0, 0, 'refused', 0, '', 0, 1, '', '', '[]',
            1709283600000 FROM n;
    )sql");
    RetentionPolicy policy;
    policy.keep_jobs = std::chrono::days{0};
    const auto today = sale(1).document.datetime;
    CHECK(journal.retain(policy, at(0) + std::chrono::days{30}, today)->jobs == 0);
    CHECK(journal.retain(policy, at(1) + std::chrono::days{30}, today)->jobs == 10);
}
