// Requests to registers are in no FN: of a damaged journal, those that can still be read are kept, and people
// are told when they may not be all.
#include "tests/storage/broken_pages.hpp"
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/fixtures.hpp"
#include "tests/support/temp_dir.hpp"

#include <SQLiteCpp/Database.h>
#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::read_file;
using kb::test::TempDir;
using kb::test::write_file;

namespace {

constexpr int kJobs = 300;
const std::string kOther = "0000000002022657";

/// kJobs jobs in all stages of their lives, one of each register at work, one queue paused, and documents.
void fill(const std::filesystem::path& folder)
{
    DatabaseOptions quick;
    quick.synchronous = false;
    Journal journal = open_journal(folder, quick);
    REQUIRE(journal.documents().append(sales({1, 60})));
    for (int number = 1; number <= kJobs; ++number) {
        const std::size_t steps = number % 7 == 0 ? 1 : life_of(number).size();
        for (std::size_t step = 0; step < steps; ++step)
            REQUIRE(take_step(journal.jobs(), number, step));
    }
    NewJob elsewhere = asked(kJobs + 1);
    elsewhere.kkt_serial = kOther;
    // Longer than a page: its row goes over several.
    elsewhere.request = R"({"text":")" + std::string(20'000, 'x') + R"("})";
    const auto added = journal.jobs().add(elsewhere);
    REQUIRE(added);
    REQUIRE(journal.jobs().begin(added->job.id, intent_after(5), at(1)));
    REQUIRE(journal.jobs().doubt(added->job.id, R"({"no":"answer"})", at(2)));
    REQUIRE(journal.jobs().pause(kOther, "техник", at(3)));
}

/// By number: what fill() has left.
std::map<std::int64_t, Job> jobs_in(const std::filesystem::path& folder)
{
    Journal journal = open_journal(folder);
    std::map<std::int64_t, Job> jobs;
    const auto listed = all_jobs(journal);
    REQUIRE(listed);
    for (const Job& job : *listed)
        jobs[job.id] = job;
    REQUIRE(jobs.size() == kJobs + 1);
    return jobs;
}

struct Kept {
    std::size_t unchanged = 0;
    std::size_t changed = 0;
};

Kept compare(Journal& journal, const std::map<std::int64_t, Job>& before)
{
    Kept kept;
    const auto present = all_jobs(journal);
    REQUIRE(present);
    for (const Job& job : *present) {
        const auto was = before.find(job.id);
        ++(was != before.end() && same(was->second, job) ? kept.unchanged : kept.changed);
    }
    return kept;
}

/// What fill() makes, made once.
const std::string& filled_file()
{
    static const std::string bytes = [] {
        const TempDir dir;
        fill(dir.path());
        return read_file(dir / "journal.db");
    }();
    return bytes;
}

/// A folder with a filled journal of which one page is overwritten.
class Broken {
public:
    explicit Broken(const std::function<std::int64_t(const std::filesystem::path&)>& choose)
    {
        write_file(dir / "journal.db", filled_file());
        before = jobs_in(dir.path());
        break_page(dir / "journal.db", choose(dir / "journal.db"));
    }
    TempDir dir;
    std::map<std::int64_t, Job> before;
};

std::size_t marks_in(const std::filesystem::path& folder)
{
    std::size_t marks = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().string().ends_with(".unsalvaged"))
            ++marks;
    return marks;
}

} // namespace

TEST_CASE("damage elsewhere in the file costs no job", "[salvage]")
{
    for (const char* table : {"outbox", "document", "fn", "status_sample", "device", "setting"}) {
        INFO("root page of " << table);
        const Broken broken([&](const auto& file) { return root_page_of(file, table); });
        auto opened = Journal::open(broken.dir.path(), at(77));
        REQUIRE(opened);
        REQUIRE(opened->damaged);
        CHECK(opened->damaged->jobs_kept == kJobs + 1);
        CHECK(opened->damaged->jobs_complete);
        Journal& journal = opened->journal;
        CHECK(compare(journal, broken.before).unchanged == kJobs + 1);
        CHECK(*journal.jobs().paused(kOther) == "техник");
        CHECK_FALSE(*journal.jobs().paused(kKkt));
        // Everything goes on as if nothing had been: keys stand, the unknown job blocks.
        CHECK_FALSE(journal.jobs().add(asked(1))->is_new);
        CHECK((*journal.jobs().next(kOther, at(99)))->state == JobState::unknown);
        // Not one that a step under way may still hold of the old file.
        CHECK(journal.jobs().add(asked(kJobs + 2))->job.id > 1'000'000'000);
        CHECK(journal.check({})->sound);
        CHECK(marks_in(broken.dir.path()) == 0);
    }
}

TEST_CASE("jobs in a broken page are lost, all others are kept, and it is told", "[salvage]")
{
    for (const std::size_t place : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
        const Broken broken([&](const auto& file) {
            const auto leaves = leaf_pages_of(file, "job");
            REQUIRE(leaves.size() > 10);
            return place == 0 ? leaves.front() : place == 1 ? leaves[leaves.size() / 2] : leaves.back();
        });
        INFO("leaf " << place);
        auto opened = Journal::open(broken.dir.path(), at(77));
        REQUIRE(opened);
        std::optional<DamagedFile> damaged = opened->damaged;
        if (!damaged) { // in the middle of the table: met when it is used
            Jobs& jobs = opened->journal.jobs();
            const auto listed = jobs.list({"", {}, false, 0, 0});
            REQUIRE_FALSE(listed);
            REQUIRE(listed.error().code == Errc::storage_damaged);
            const auto replaced = opened->journal.replace_damaged(at(78), listed.error().context);
            REQUIRE(replaced);
            damaged = *replaced;
            CHECK(jobs.find(asked(1).job_id)); // the same object, on the new file
        }
        CHECK_FALSE(damaged->jobs_complete);
        CHECK(damaged->jobs_kept > kJobs - 40);
        CHECK(damaged->jobs_kept < kJobs + 1);
        const Kept kept = compare(opened->journal, broken.before);
        CHECK(kept.unchanged == damaged->jobs_kept);
        CHECK(kept.changed == 0);
        CHECK(*opened->journal.jobs().paused(kOther) == "техник");
        CHECK(opened->journal.check({})->sound);
    }
}

TEST_CASE("a broken index costs no job, but that they are all is not promised", "[salvage]")
{
    const Broken broken([](const auto& file) { return root_page_of(file, "job_open"); });
    auto opened = Journal::open(broken.dir.path(), at(77));
    REQUIRE(opened);
    REQUIRE(opened->damaged);
    CHECK(opened->damaged->jobs_kept == kJobs + 1);
    CHECK_FALSE(opened->damaged->jobs_complete);
    CHECK(compare(opened->journal, broken.before).unchanged == kJobs + 1);
}

TEST_CASE("nothing can be read of a table without its root, of a file without its head, of no database",
          "[salvage]")
{
    TempDir no_database;
    write_file(no_database / "journal.db", std::string(10'000, 'x'));
    const Broken no_root([](const auto& file) { return root_page_of(file, "job"); });
    const Broken no_head([](const auto&) { return 1; });
    for (const auto* folder : {&no_database.path(), &no_root.dir.path(), &no_head.dir.path()}) {
        auto opened = Journal::open(*folder, at(77));
        REQUIRE(opened);
        REQUIRE(opened->damaged);
        CHECK(opened->damaged->jobs_kept == 0);
        CHECK_FALSE(opened->damaged->jobs_complete);
        CHECK(opened->journal.jobs().list({})->empty());
        CHECK(opened->journal.jobs().add(asked(1))->is_new);
        CHECK(marks_in(*folder) == 0);
    }
}

TEST_CASE("a damaged journal from before there were jobs lacks none", "[salvage]")
{
    TempDir dir;
    SQLite::Database((dir / "journal.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec(kb::test::read_fixture("schema/v001.sql") + "PRAGMA application_id = 5;");
    auto opened = Journal::open(dir.path(), at(77));
    REQUIRE(opened);
    REQUIRE(opened->damaged);
    CHECK(opened->damaged->jobs_kept == 0);
    CHECK(opened->damaged->jobs_complete);
    CHECK(opened->journal.jobs().list({})->empty());
}

TEST_CASE("what no program of ours can have written is not taken for a job", "[salvage]")
{
    TempDir dir;
    write_file(dir / "journal.db", filled_file());
    const auto before = jobs_in(dir.path());
    {
        SQLite::Database by_hand((dir / "journal.db").string(), SQLite::OPEN_READWRITE);
        by_hand.exec("PRAGMA ignore_check_constraints = ON; UPDATE job SET state = 'nonsense' WHERE id = 5; "
                     "UPDATE job SET evidence = '[' WHERE id = 6; UPDATE job SET job_id = '' WHERE id = 7");
    }
    Journal journal = open_journal(dir.path());
    CHECK(journal.jobs().find(asked(5).job_id).error().code == Errc::storage_damaged);
    const auto replaced = journal.replace_damaged(at(78), "met a job in no state");
    REQUIRE(replaced);
    CHECK(replaced->reason == "met a job in no state");
    CHECK(replaced->jobs_kept == kJobs + 1 - 3);
    CHECK_FALSE(replaced->jobs_complete);
    const Kept kept = compare(journal, before);
    CHECK(kept.unchanged == kJobs + 1 - 3);
    CHECK(kept.changed == 0);
}

TEST_CASE("bytes damaged anywhere: who is told that all jobs are there has all of them", "[salvage]")
{
    const std::string& bytes = filled_file();
    std::mt19937 random(54);
    int set_aside = 0;
    int complete = 0;
    for (int round = 0; round < 60; ++round) {
        std::string damaged = bytes;
        const std::size_t from = random() % damaged.size();
        const std::size_t length = 1 + random() % (round % 2 == 0 ? 8 : 9000);
        for (std::size_t i = from; i < std::min(damaged.size(), from + length); ++i)
            damaged[i] = static_cast<char>(random());
        INFO("round " << round << ": " << length << " bytes from " << from);
        TempDir dir;
        write_file(dir / "journal.db", damaged);
        auto opened = Journal::open(dir.path(), at(77));
        REQUIRE(opened);
        std::optional<DamagedFile> told = opened->damaged;
        if (!told) {
            // As soon as somebody meets it.
            const auto replaced = opened->journal.replace_damaged(at(78), "met");
            REQUIRE(replaced);
            told = *replaced;
        }
        ++set_aside;
        const auto present = all_jobs(opened->journal);
        REQUIRE(present);
        CHECK(present->size() == told->jobs_kept);
        if (told->jobs_complete) {
            ++complete;
            CHECK(present->size() == kJobs + 1);
        }
        CHECK(opened->journal.jobs().add(asked(9999)));
    }
    CHECK(set_aside == 60);
    CHECK(complete > 10);
    CHECK(complete < 60);
}

TEST_CASE("a program that died over setting a file aside is followed by one that ends it", "[salvage]")
{
    const Broken broken([](const auto& file) { return root_page_of(file, "outbox"); });
    const std::string bytes = read_file(broken.dir / "journal.db");
    const std::string moved = "journal.damaged-20240301T090000000Z.db";
    const auto ends_it = [&](const TempDir& dir) {
        auto opened = Journal::open(dir.path(), at(77));
        REQUIRE(opened);
        REQUIRE(opened->damaged);
        CHECK(opened->damaged->jobs_kept == kJobs + 1);
        CHECK(compare(opened->journal, broken.before).unchanged == kJobs + 1);
        CHECK(marks_in(dir.path()) == 0);
        return opened->damaged->moved_to.filename().string();
    };
    SECTION("marked, not moved yet")
    {
        TempDir dir;
        write_file(dir / (moved + ".unsalvaged"), "why");
        write_file(dir / "journal.db", bytes);
        CHECK(ends_it(dir) != moved);
    }
    SECTION("moved")
    {
        TempDir dir;
        write_file(dir / (moved + ".unsalvaged"), "why");
        write_file(dir / moved, bytes);
        CHECK(ends_it(dir) == moved);
    }
    SECTION("moved, and a new one begun")
    {
        TempDir dir;
        open_journal(dir.path());
        write_file(dir / (moved + ".unsalvaged"), "");
        write_file(dir / moved, bytes);
        CHECK(ends_it(dir) == moved);
    }
    SECTION("carried over, the mark still there: nothing comes twice, nothing is set back")
    {
        TempDir dir;
        write_file(dir / (moved + ".unsalvaged"), "why");
        write_file(dir / moved, bytes);
        CHECK(ends_it(dir) == moved);
        {
            Journal journal = open_journal(dir.path());
            REQUIRE(journal.jobs().finish((*journal.jobs().next(kOther, at(90)))->id, JobState::done, made(6),
                                          "", at(91)));
        }
        write_file(dir / (moved + ".unsalvaged"), "why");
        auto opened = Journal::open(dir.path(), at(92));
        REQUIRE(opened);
        CHECK_FALSE(*opened->journal.jobs().next(kOther, at(93)));
        CHECK(all_jobs(opened->journal)->size() == kJobs + 1);
    }
}

TEST_CASE("the newest jobs are in the log, and the log goes along with its file", "[salvage]")
{
    TempDir dir;
    TempDir half_moved;
    {
        Journal journal = open_journal(dir.path());
        for (int number = 1; number <= 5; ++number)
            REQUIRE(journal.jobs().add(asked(number)));
        // Nothing of the log is in the file yet.
        const std::string moved = "journal.damaged-20240301T090000000Z.db";
        write_file(half_moved / (moved + ".unsalvaged"), "died between the file and its log");
        write_file(half_moved / moved, read_file(dir / "journal.db"));
        write_file(half_moved / "journal.db-wal", read_file(dir / "journal.db-wal"));
    }
    const auto opened = Journal::open(half_moved.path(), at(6));
    REQUIRE(opened);
    REQUIRE(opened->damaged);
    CHECK(opened->damaged->reason == "died between the file and its log");
    CHECK(opened->damaged->jobs_kept == 5);
    CHECK(opened->damaged->jobs_complete);
}
