// Requests to registers: one job for a key, one at work for a register, and every step all or nothing.
#include "tests/storage/jobs_at_hand.hpp"
#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

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
        {"finish", at_work, JobState::done, Errc::conflict},
        {"finish", open, JobState::refused, Errc::conflict},
        {"finish", at_work, JobState::undecided, Errc::conflict},
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
    CHECK(allowed_ones == 1 + 2 + 2 + 3 + 2 * 2 + 2);
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
    of_a_lost_fn.error_code = "decided";    // by a person: nobody can tell the number any more
    NewJob of_another_register = asked(11); // the first one has job 9 at work
    of_another_register.kkt_serial = "0000000000000002";
    const auto decided = add(journal, of_another_register);
    REQUIRE(journal.jobs().begin(decided, intent_after(1), at(1)));
    REQUIRE(journal.jobs().finish(decided, JobState::done, of_a_lost_fn, "", at(1)));
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
