// Jobs that belong together: accepted all or none, begun in their order, and ended with the one before them.
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

/// Three for one register, each behind the one before it.
std::vector<NewJob> three()
{
    std::vector<NewJob> jobs;
    for (int number = 1; number <= 3; ++number) {
        NewJob job = asked(number);
        job.expires_at.reset();
        job.priority = number; // the later, the more urgent: their order is their own all the same
        job.note = "note " + std::to_string(number);
        if (!jobs.empty())
            job.after_job_id = jobs.back().job_id;
        jobs.push_back(std::move(job));
    }
    return jobs;
}

JobState state_of(Journal& journal, int number)
{
    const auto found = journal.jobs().find(asked(number).job_id);
    REQUIRE(found);
    REQUIRE(*found);
    return (*found)->state;
}

void finish(Journal& journal, int number, JobState state)
{
    const auto job = journal.jobs().find(asked(number).job_id);
    REQUIRE(*job);
    if (state == JobState::done || state == JobState::refused || state == JobState::undecided)
        REQUIRE(journal.jobs().begin((*job)->id, intent_after(1), at(1)));
    REQUIRE(journal.jobs().finish((*job)->id, state, state == JobState::done ? made(2) : JobOutcome{}, "",
                                  at(2)));
}

} // namespace

TEST_CASE("several jobs are accepted in one transaction, and returned when they are handed in again",
          "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const auto added = journal.jobs().add_all(three());
    REQUIRE(added);
    REQUIRE(added->size() == 3);
    for (const auto& one : *added)
        CHECK(one.is_new);
    CHECK((*added)[2].job.asked.after_job_id == asked(2).job_id);
    const auto kept = journal.jobs().find(asked(2).job_id);
    CHECK((*kept)->asked.note == "note 2");
    CHECK((*kept)->asked.after_job_id == asked(1).job_id);

    auto again = three();
    for (NewJob& job : again)
        job.job_id += "-again";
    const auto known = journal.jobs().add_all(again);
    REQUIRE(known);
    for (const auto& one : *known)
        CHECK_FALSE(one.is_new);
    CHECK(known->front().job.asked.job_id == asked(1).job_id);
    CHECK(all_jobs(journal)->size() == 3);
}

TEST_CASE("of jobs that belong together none is accepted when one of them cannot be", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    auto jobs = three();
    Errc refusal = Errc::conflict;
    SECTION("the last one's request is no JSON")
    {
        jobs[2].request = "{";
        refusal = Errc::bad_json;
    }
    SECTION("the last one's id is taken by the first") { jobs[2].job_id = jobs[0].job_id; }
    SECTION("a member is missing")
    {
        jobs[1].key.clear();
        refusal = Errc::bad_value;
    }
    const auto added = journal.jobs().add_all(jobs);
    REQUIRE_FALSE(added);
    CHECK(added.error().code == refusal);
    CHECK(all_jobs(journal)->empty());
}

TEST_CASE("keys of jobs that belong together are known all or none", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const int first_known = GENERATE(1, 2, 3);
    REQUIRE(journal.jobs().add(three()[static_cast<std::size_t>(first_known - 1)]));
    const auto added = journal.jobs().add_all(three());
    REQUIRE_FALSE(added);
    CHECK(added.error().code == Errc::conflict);
    CHECK(all_jobs(journal)->size() == 1);
}

TEST_CASE("a job behind another is next, and can be begun, only when that one is done", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.jobs().add_all(three()));
    const auto second = *journal.jobs().find(asked(2).job_id);
    for (int number = 1; number <= 3; ++number) {
        const auto next = journal.jobs().next(kKkt, at(0));
        REQUIRE(*next);
        CHECK((*next)->asked.job_id == asked(number).job_id);
        if (number == 1) {
            const auto begun = journal.jobs().begin(second->id, intent_after(1), at(1));
            REQUIRE_FALSE(begun);
            CHECK(begun.error().code == Errc::conflict);
            CHECK_THAT(begun.error().context, Catch::Contains(asked(1).job_id));
        }
        finish(journal, number, JobState::done);
    }
    CHECK_FALSE(*journal.jobs().next(kKkt, at(0)));
}

TEST_CASE("another job of the register goes by one that waits for the one before it", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    auto jobs = three();
    jobs[0].kkt_serial = kKkt;
    REQUIRE(journal.jobs().add_all(jobs));
    NewJob other = asked(4);
    other.expires_at.reset();
    other.priority = 1;
    REQUIRE(journal.jobs().add(other));
    finish(journal, 1, JobState::refused);
    // Nobody has looked for what ends with it yet; nothing of it is next all the same.
    CHECK((*journal.jobs().next(kKkt, at(0)))->asked.job_id == other.job_id);
}

TEST_CASE("jobs behind one that ended without being done end with it, wherever they stand", "[jobs]")
{
    TempDir dir;
    const auto state =
        GENERATE(JobState::refused, JobState::cancelled, JobState::expired, JobState::undecided);
    {
        Journal journal = open_journal(dir.path());
        REQUIRE(journal.jobs().add_all(three()));
        finish(journal, 1, state);
        CHECK(state_of(journal, 2) == JobState::queued);
    }
    Journal journal = open_journal(dir.path()); // whoever died in between
    const auto ended = journal.jobs().expire(at(3));
    REQUIRE(ended);
    CHECK(*ended == std::vector<std::string>{asked(2).job_id, asked(3).job_id});
    for (const int number : {2, 3}) {
        CHECK(state_of(journal, number) == JobState::cancelled);
        const auto job = *journal.jobs().find(asked(number).job_id);
        CHECK(job->outcome.error_code == "cancelled");
        CHECK_THAT(job->outcome.error_text, Catch::Contains(asked(number - 1).job_id));
        CHECK(job->updated_at == at(3));
    }
    CHECK(journal.jobs().expire(at(4))->empty());
}

TEST_CASE("a job whose time has passed takes those behind it along, and nothing else", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    auto jobs = three();
    jobs[1].expires_at = at(5);
    REQUIRE(journal.jobs().add_all(jobs));
    NewJob other = asked(4);
    other.expires_at.reset();
    REQUIRE(journal.jobs().add(other));
    const auto ended = journal.jobs().expire(at(5));
    REQUIRE(ended);
    CHECK(ended->size() == 2);
    CHECK(state_of(journal, 1) == JobState::queued);
    CHECK(state_of(journal, 2) == JobState::expired);
    CHECK(state_of(journal, 3) == JobState::cancelled);
    CHECK(state_of(journal, 4) == JobState::queued);
}

TEST_CASE("a job behind one that nobody knows is not begun, and ends", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    NewJob orphan = asked(1);
    orphan.expires_at.reset();
    orphan.after_job_id = "lost with a page of the disk";
    REQUIRE(journal.jobs().add(orphan));
    CHECK_FALSE(*journal.jobs().next(kKkt, at(0)));
    CHECK(*journal.jobs().expire(at(1)) == std::vector<std::string>{orphan.job_id});
    CHECK(state_of(journal, 1) == JobState::cancelled);
}

TEST_CASE("what ended is counted, and no further than it is asked for", "[jobs]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    for (int number = 1; number <= 9; ++number) {
        NewJob job = asked(number);
        job.expires_at.reset();
        REQUIRE(journal.jobs().add(job));
        const auto id = (*journal.jobs().find(job.job_id))->id;
        if (number <= 6) {
            REQUIRE(journal.jobs().begin(id, intent_after(1), at(1)));
            REQUIRE(journal.jobs().finish(id, number <= 4 ? JobState::done : JobState::refused,
                                          number <= 4 ? made(2) : JobOutcome{}, "", at(1)));
        } else {
            REQUIRE(journal.jobs().finish(id, number == 7 ? JobState::expired : JobState::cancelled, {}, "",
                                          at(1)));
        }
    }
    const auto all = journal.jobs().ended(kKkt, 100);
    REQUIRE(all);
    CHECK(all->done == 4);
    CHECK(all->cancelled == 3);
    CHECK(journal.jobs().ended(kKkt, 2)->done == 2);
    CHECK(journal.jobs().ended("nobody", 2)->done == 0);
}
