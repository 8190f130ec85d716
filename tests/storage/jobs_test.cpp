// Requests to registers: one job for a key, one at work for a register, and every step all or nothing.
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

constexpr std::array kStates{JobState::queued,  JobState::printing,  JobState::unknown, JobState::done,
                             JobState::refused, JobState::cancelled, JobState::expired, JobState::undecided};

Job held(Journal& journal, const std::string& job_id)
{
    const auto found = journal.jobs().find(job_id);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
}

std::int64_t add(Journal& journal, const NewJob& job)
{
    const auto added = journal.jobs().add(job);
    REQUIRE(added);
    REQUIRE(added->is_new);
    return added->job.id;
}

/// A job of this number in this state, of a register of its own.
Job job_in(Journal& journal, int number, JobState state)
{
    NewJob job = asked(number);
    job.kkt_serial = "kkt-" + std::to_string(number);
    Jobs& jobs = journal.jobs();
    const auto id = add(journal, job);
    switch (state) {
    case JobState::queued:
        break;
    case JobState::printing:
        REQUIRE(jobs.begin(id, intent_after(1), at(1)));
        break;
    case JobState::unknown:
        REQUIRE(jobs.begin(id, intent_after(1), at(1)));
        REQUIRE(jobs.doubt(id, R"({"no":"answer"})", at(2)));
        break;
    case JobState::done:
    case JobState::refused:
    case JobState::undecided:
        REQUIRE(jobs.begin(id, intent_after(1), at(1)));
        REQUIRE(jobs.finish(id, state, made(2), R"({"the":"end"})", at(2)));
        break;
    case JobState::cancelled:
    case JobState::expired:
        REQUIRE(jobs.finish(id, state, {}, R"({"the":"end"})", at(2)));
        break;
    }
    const Job present = held(journal, job.job_id);
    REQUIRE(present.state == state);
    return present;
}

/// What may be done with a job, by its name, and from which states.
struct Deed {
    std::string name;
    std::vector<JobState> from;
    JobState to;
    Errc refusal;
};

std::vector<Deed> deeds()
{
    const std::vector<JobState> waiting{JobState::queued};
    const std::vector<JobState> at_work{JobState::printing, JobState::unknown};
    const std::vector<JobState> open{JobState::queued, JobState::printing, JobState::unknown};
    return {
        {"begin", waiting, JobState::printing, Errc::conflict},
        {"put_back", at_work, JobState::queued, Errc::conflict},
        {"doubt", at_work, JobState::unknown, Errc::conflict},
        {"finish", open, JobState::done, Errc::conflict},
        {"finish", open, JobState::refused, Errc::conflict},
        {"finish", open, JobState::undecided, Errc::conflict},
        {"finish", waiting, JobState::cancelled, Errc::conflict},
        {"finish", waiting, JobState::expired, Errc::conflict},
        {"finish", {}, JobState::queued, Errc::bad_value},
        {"finish", {}, JobState::printing, Errc::bad_value},
        {"finish", {}, JobState::unknown, Errc::bad_value},
    };
}

Result<void> carry_out(Jobs& jobs, const Deed& deed, std::int64_t id)
{
    const std::string evidence = R"({"deed":true})";
    if (deed.name == "begin")
        return jobs.begin(id, intent_after(7), at(50));
    if (deed.name == "put_back")
        return jobs.put_back(id, evidence, at(50));
    if (deed.name == "doubt")
        return jobs.doubt(id, evidence, at(50));
    return jobs.finish(id, deed.to, deed.to == JobState::done ? made(8) : JobOutcome{}, evidence, at(50));
}

} // namespace

TEST_CASE("words of states go both ways", "[jobs]")
{
    for (const JobState state : kStates)
        CHECK(job_state_of(to_string(state)) == state);
    CHECK_FALSE(job_state_of("gone"));
    CHECK_FALSE(job_state_of(""));
}

TEST_CASE("a job is found as it was asked for, by each of its names", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    NewJob job = asked(1);
    job.priority = -3;
    job.expires_at = at(900);
    const auto added = journal.jobs().add(job);
    REQUIRE(added);
    CHECK(added->is_new);
    Job expected;
    expected.asked = job;
    expected.evidence = "[]";
    expected.updated_at = job.created_at;
    CHECK(same(added->job, expected));
    CHECK(same(held(journal, job.job_id), expected));
    CHECK(same(**journal.jobs().find_by_key("native", "sale-1"), expected));
    CHECK(held(journal, job.job_id).id == added->job.id);
    CHECK_FALSE(*journal.jobs().find("no such"));
    CHECK_FALSE(*journal.jobs().find_by_key("native", "no such"));
    CHECK_FALSE(*journal.jobs().find_by_document(kFn, 1));
}

TEST_CASE("the same request under the same key is the first job again, whatever became of it", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    int number = 0;
    for (const JobState state : kStates) {
        const Job first = job_in(journal, ++number, state);
        INFO("state " << to_string(state));
        NewJob again = first.asked;
        again.job_id = "made for the second time";
        again.priority = 9;
        again.expires_at = at(10'000);
        again.created_at = at(500);
        const auto answer = jobs.add(again);
        REQUIRE(answer);
        CHECK_FALSE(answer->is_new);
        CHECK(same(answer->job, first));
        CHECK(answer->job.id == first.id);
        CHECK_FALSE(*jobs.find("made for the second time"));
    }
    CHECK(jobs.list({})->size() == kStates.size());
}

TEST_CASE("a key with another request, kind or register is a conflict that names the first job", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Jobs& jobs = journal.jobs();
    add(journal, asked(1));
    NewJob other_request = asked(1);
    other_request.request = R"({"kind":"receipt","number":2})";
    NewJob other_kind = asked(1);
    other_kind.kind = "text";
    NewJob other_register = asked(1);
    other_register.kkt_serial = "0000000002022657";
    for (NewJob* other : {&other_request, &other_kind, &other_register}) {
        other->job_id = "another";
        const auto answer = jobs.add(*other);
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == Errc::conflict);
        CHECK(answer.error().outcome == Outcome::refused);
        CHECK_THAT(answer.error().context, Catch::Contains(asked(1).job_id));
    }
    CHECK(jobs.list({})->size() == 1);
    CHECK(same(held(journal, asked(1).job_id), after(1, 1)));
}

TEST_CASE("two callers may have the same key", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    add(journal, asked(1));
    NewJob other = asked(1);
    other.caller = "atol";
    other.job_id = "of atol";
    other.request = R"({"another":true})";
    add(journal, other);
    CHECK((*journal.jobs().find_by_key("native", "sale-1"))->asked.job_id == asked(1).job_id);
    CHECK((*journal.jobs().find_by_key("atol", "sale-1"))->asked.job_id == "of atol");
}

TEST_CASE("what is no whole request is refused before anything is written", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const auto refused_for = [&](std::string NewJob::*member, const std::string& value) {
        NewJob job = asked(1);
        job.*member = value;
        const auto answer = journal.jobs().add(job);
        REQUIRE_FALSE(answer);
        return answer.error().code;
    };
    for (const auto member :
         {&NewJob::job_id, &NewJob::caller, &NewJob::key, &NewJob::kkt_serial, &NewJob::kind}) {
        CHECK(refused_for(member, "") == Errc::bad_value);
        CHECK(refused_for(member, "\xFF") == Errc::bad_value);
    }
    CHECK(refused_for(&NewJob::request, "") == Errc::bad_json);
    CHECK(refused_for(&NewJob::request, "{\"kind\":") == Errc::bad_json);
    CHECK(refused_for(&NewJob::request, "\"\xFF\"") == Errc::bad_json);
    add(journal, asked(1));
    NewJob same_id = asked(2);
    same_id.job_id = asked(1).job_id;
    CHECK(journal.jobs().add(same_id).error().code == Errc::conflict);
    CHECK(journal.jobs().list({})->size() == 1);
    CHECK(journal.state() == StoreState::ready);
}

TEST_CASE("each step goes from its states only; any other changes nothing", "[jobs]")
{
    TempDir dir;
    DatabaseOptions quick;
    quick.synchronous = false;
    Journal journal = open_journal(dir.path(), quick);
    int number = 0;
    int allowed_ones = 0;
    for (const JobState state : kStates) {
        for (const Deed& deed : deeds()) {
            INFO(to_string(state) << ": " << deed.name << " -> " << to_string(deed.to));
            const Job before = job_in(journal, ++number, state);
            const bool allowed = std::find(deed.from.begin(), deed.from.end(), state) != deed.from.end();
            const auto answer = carry_out(journal.jobs(), deed, before.id);
            const Job present = held(journal, before.asked.job_id);
            REQUIRE(answer.has_value() == allowed);
            if (!allowed) {
                CHECK(answer.error().code == deed.refusal);
                CHECK(same(before, present));
                continue;
            }
            ++allowed_ones;
            CHECK(present.state == deed.to);
            CHECK(present.updated_at == at(50));
            CHECK(present.asked.request == before.asked.request);
            CHECK(present.attempts == before.attempts + (deed.name == "begin" ? 1U : 0U));
            if (deed.name == "begin")
                CHECK(present.intent->last_fd_number == 7);
            else
                CHECK_THAT(present.evidence, Catch::EndsWith(R"({"deed":true}])"));
            if (deed.to == JobState::done)
                CHECK(present.outcome.fd_number == 8U);
        }
    }
    CHECK(allowed_ones == 1 + 2 + 2 + 3 * 3 + 2);
    CHECK(journal.state() == StoreState::ready);
    CHECK(journal.jobs().begin(99'999, intent_after(1), at(1)).error().code == Errc::not_found);
    CHECK(journal.jobs().put_back(99'999, "", at(1)).error().code == Errc::not_found);
    CHECK(journal.jobs().doubt(99'999, "", at(1)).error().code == Errc::not_found);
    CHECK(journal.jobs().finish(99'999, JobState::done, {}, "", at(1)).error().code == Errc::not_found);
}

TEST_CASE("a document without a number or without an FN ends no job", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const Job before = job_in(journal, 1, JobState::printing);
    JobOutcome numberless = made(5);
    numberless.fd_number = 0;
    JobOutcome of_no_fn = made(5);
    of_no_fn.fn_serial.clear();
    for (const JobOutcome& outcome : {numberless, of_no_fn})
        CHECK(journal.jobs().finish(before.id, JobState::done, outcome, "", at(9)).error().code ==
              Errc::bad_value);
    CHECK(same(held(journal, before.asked.job_id), before));
}

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

TEST_CASE("evidence only grows, and stays JSON whatever is told", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const auto id = add(journal, asked(1));
    REQUIRE(journal.jobs().begin(id, intent_after(1), at(1)));
    std::string expected = "[";
    const auto tell = [&](const std::string& entry, const std::string& as_kept) {
        INFO("entry " << entry);
        REQUIRE(journal.jobs().doubt(id, entry, at(2)));
        if (!as_kept.empty())
            expected += (expected.size() > 1 ? "," : "") + as_kept;
        CHECK(held(journal, asked(1).job_id).evidence == expected + "]");
    };
    tell(R"({"fd_number":7,"sum":"10.00"})", R"({"fd_number":7,"sum":"10.00"})");
    tell("", "");
    tell(R"({"broken":)", R"("{\"broken\":")");
    tell("1,2", R"("1,2")");
    tell("]", R"("]")");
    tell("нет ответа", R"("нет ответа")");
    tell("\"\xFF\"", R"("?")");
    tell("{\"n\":1.50}", "{\"n\":1.50}");
    const std::string deep(5000, '[');
    tell(deep, '"' + deep + '"');
    REQUIRE(journal.jobs().finish(id, JobState::done, made(8), R"({"last":true})", at(3)));
    CHECK(held(journal, asked(1).job_id).evidence == expected + R"(,{"last":true}])");
    CHECK(journal.check({})->sound);
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

TEST_CASE("a full disk refuses a job and leaves no half of it; a known key is answered as ever", "[jobs]")
{
    TempDir dir;
    DatabaseOptions small;
    small.max_bytes = 300 * 1024;
    Journal journal = open_journal(dir.path(), small);
    int number = 0;
    for (;;) {
        const auto added = journal.jobs().add(asked(number + 1));
        if (!added) {
            CHECK(added.error().code == Errc::storage_full);
            break;
        }
        REQUIRE(++number < 5000);
    }
    CHECK(all_jobs(journal)->size() == static_cast<std::size_t>(number));
    CHECK_FALSE(*journal.jobs().find(asked(number + 1).job_id));
    // A key that is there is answered on a full disk too.
    CHECK_FALSE(journal.jobs().add(asked(1))->is_new);
    CHECK(journal.state() == StoreState::full);
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

TEST_CASE("checking finds jobs that no step can have left so", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    for (int number = 1; number <= 8; ++number)
        for (std::size_t step = 0; step < life_of(number).size(); ++step)
            REQUIRE(take_step(journal.jobs(), number, step));
    REQUIRE(journal.jobs().begin(add(journal, asked(9)), intent_after(1), at(1)));
    add(journal, asked(10));
    JobOutcome of_a_lost_fn;
    of_a_lost_fn.error_code = "decided"; // by a person: nobody can tell the number any more
    REQUIRE(journal.jobs().finish(add(journal, asked(11)), JobState::done, of_a_lost_fn, "", at(1)));
    const auto sound = journal.check({});
    REQUIRE(sound);
    CHECK(sound->sound);
    CHECK(sound->jobs == 11);
    CHECK(sound->bad_jobs.empty());

    SQLite::Database by_hand((dir / "journal.db").string(), SQLite::OPEN_READWRITE);
    by_hand.exec("PRAGMA ignore_check_constraints = ON; DROP INDEX job_at_work; "
                 "UPDATE job SET state = 'nonsense' WHERE id = 2; UPDATE job SET request = '{' WHERE id = 3; "
                 "UPDATE job SET evidence = '{}' WHERE id = 4; UPDATE job SET fd_number = NULL WHERE id = 6; "
                 "UPDATE job SET state = 'unknown' WHERE id = 10");
    const auto checked = journal.check({});
    REQUIRE(checked);
    CHECK_FALSE(checked->sound);
    CHECK(checked->jobs == 11);
    const std::vector<std::pair<int, std::string>> expected{
        {2, "in no state"},        {3, "not JSON"},
        {4, "no JSON array"},      {6, "number of its document"},
        {10, "without an intent"}, {10, "at the same time as " + asked(9).job_id}};
    REQUIRE(checked->bad_jobs.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK_THAT(checked->bad_jobs[i], Catch::StartsWith(asked(expected[i].first).job_id));
        CHECK_THAT(checked->bad_jobs[i], Catch::Contains(expected[i].second));
    }
}
