// Killed at any moment, or the power cut at any moment: what the journal promised is there.
#include "tests/storage/broken_pages.hpp"
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/power_cut/rebuild.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <compare>
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;
namespace power_cut = kb::test::power_cut;

namespace {

struct Promised {
    std::uint32_t held = 0; ///< all numbers up to this are in the journal
    std::uint32_t sent = 0; ///< none up to this is in the outbox
};

/// The last whole lines of the file "acknowledged".
Promised promised_in(const std::string& text)
{
    Promised promised;
    std::istringstream lines(text.substr(0, text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n')));
    std::string word;
    for (std::uint32_t number = 0; lines >> word >> number;)
        (word == "held" ? promised.held : promised.sent) = number;
    return promised;
}

enum class Verdict { kept, lost, damaged };

/// Opens the folder as the agent would after the crash, and holds it against what was promised.
Verdict judge(const std::filesystem::path& folder, const Promised& promised)
{
    DatabaseOptions quick;
    quick.synchronous = false; // what is looked at here is not written again
    auto opened = Journal::open(folder, at(99), quick);
    if (!opened || opened->damaged)
        return Verdict::damaged;
    Journal& journal = opened->journal;
    const auto checked = journal.check({});
    if (!checked || !checked->sound)
        return Verdict::damaged;
    std::uint32_t next = 1;
    DocumentFilter all;
    all.at_most = 0;
    all.newest_first = false;
    const auto read = journal.documents().for_each(all, [&](const JournalDocument& entry) {
        const auto expected =
            entry.document.form == fiscal::DocumentForm::full ? sale(next) : short_record(next);
        if (entry.document.fd_number != next || entry.document.raw != expected.document.raw ||
            (next <= promised.held && entry.document.form != fiscal::DocumentForm::full))
            return false;
        ++next;
        return true;
    });
    if (!read || next <= promised.held || journal.documents().count() != next - 1)
        return Verdict::lost;
    const auto unsent = journal.outbox().unsent(kFn);
    if (!unsent || (!unsent->empty() && unsent->front().first <= promised.sent))
        return Verdict::lost;
    return Verdict::kept;
}

/// How many steps of which job were promised last; jobs before it have ended.
struct Reached {
    int number = 0;
    std::size_t steps = 0;
    auto operator<=>(const Reached&) const = default;

    [[nodiscard]] Reached next() const
    {
        return number != 0 && steps < life_of(number).size() ? Reached{number, steps + 1}
                                                             : Reached{number + 1, 1};
    }
};

Reached reached_in(const std::string& told)
{
    Reached reached;
    std::istringstream lines(told.substr(0, told.rfind('\n') == std::string::npos ? 0 : told.rfind('\n')));
    std::string word;
    while (lines >> word >> reached.number >> reached.steps) {
    }
    return reached;
}

/// Exactly the jobs up to there, each exactly as it has to be.
bool jobs_are_at(const std::vector<Job>& jobs, const Reached& reached)
{
    if (jobs.size() != static_cast<std::size_t>(reached.number))
        return false;
    for (int number = 1; number <= reached.number; ++number) {
        const std::size_t steps = number < reached.number ? life_of(number).size() : reached.steps;
        if (!same(jobs[static_cast<std::size_t>(number) - 1], after(number, steps)))
            return false;
    }
    return true;
}

/// Before or after the step that was under way, never half of it, and nothing that was promised is missing.
Verdict judge_jobs(const std::filesystem::path& folder, const std::string& told)
{
    DatabaseOptions quick;
    quick.synchronous = false;
    auto opened = Journal::open(folder, at(99), quick);
    if (!opened || opened->damaged)
        return Verdict::damaged;
    const auto checked = opened->journal.check({});
    if (!checked || !checked->sound)
        return Verdict::damaged;
    const auto jobs = all_jobs(opened->journal);
    const Reached reached = reached_in(told);
    return jobs && (jobs_are_at(*jobs, reached) || jobs_are_at(*jobs, reached.next())) ? Verdict::kept
                                                                                       : Verdict::lost;
}

struct Verdicts {
    int kept = 0;
    int lost = 0;
    int damaged = 0;
};

using Records = std::vector<power_cut::Record>;
using Moments = std::set<std::size_t>;

/// Everything that the writer, so called, does to its folder.
Records record_writer(const std::string& arguments)
{
    TempDir dir;
    const auto data = dir / "data";
    std::filesystem::create_directory(data);
    const std::string command =
        "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" KB_RECORDER " KB_POWER_CUT_DIR=" + data.string() +
        " KB_POWER_CUT_LOG=" + (dir / "log").string() + " " KB_WRITER " " + data.string() + " " + arguments;
    REQUIRE(std::system(command.c_str()) == 0);
    return power_cut::read_log(dir / "log");
}

std::string told_by(const Records& records)
{
    power_cut::Disk disk;
    for (const power_cut::Record& record : records)
        disk.play(record);
    return disk.told("acknowledged");
}

Verdicts cut_power(const Records& records, const Moments& moments,
                   Verdict (*judge_after)(const std::filesystem::path&, const std::string&))
{
    std::mt19937 random(54);
    power_cut::Disk disk;
    std::size_t played = 0;
    Verdicts verdicts;
    for (const std::size_t moment : moments) {
        while (played < moment)
            disk.play(records[played++]);
        const auto unsynced = static_cast<power_cut::Unsynced>(random() % 3);
        TempDir after_cut;
        for (const auto& [name, content] : disk.after_cut(unsynced, random))
            if (!name.ends_with("-shm"))
                kb::test::write_file(after_cut / name, content);
        switch (judge_after(after_cut.path(), disk.told("acknowledged"))) {
        case Verdict::kept:
            ++verdicts.kept;
            break;
        case Verdict::lost:
            ++verdicts.lost;
            break;
        case Verdict::damaged:
            ++verdicts.damaged;
            break;
        }
    }
    return verdicts;
}

Moments any_moments(const Records& records, std::size_t cuts)
{
    REQUIRE(records.size() > cuts);
    std::mt19937 random(54);
    Moments moments;
    while (moments.size() < cuts)
        moments.insert(1 + random() % records.size());
    return moments;
}

/// So many between each two promises: no step goes without.
Moments moments_in_each_step(const Records& records, std::size_t each)
{
    std::mt19937 random(54);
    Moments moments;
    std::size_t from = 0; // before the first promise the file is still being made
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].name != "acknowledged" || records[i].action != power_cut::Action::written)
            continue;
        for (std::size_t cut = 0; from != 0 && cut < each; ++cut)
            moments.insert(from + 1 + random() % (i + 1 - from));
        from = i + 1;
    }
    return moments;
}

Verdict judge_documents(const std::filesystem::path& folder, const std::string& told)
{
    return judge(folder, promised_in(told));
}

} // namespace

TEST_CASE("a power cut at any moment loses nothing that was promised", "[crash]")
{
    const Records records = record_writer("200");
    CHECK(promised_in(told_by(records)).held > 500);
    const Verdicts verdicts = cut_power(records, any_moments(records, 150), judge_documents);
    CHECK(verdicts.kept == 150);
    CHECK(verdicts.lost == 0);
    CHECK(verdicts.damaged == 0);
}

TEST_CASE("the power-cut rig sees what a journal without syncing loses", "[crash]")
{
    const Records records = record_writer("200 unsafe");
    const Verdicts verdicts = cut_power(records, any_moments(records, 150), judge_documents);
    CHECK(verdicts.lost > 0);
    CHECK(verdicts.lost + verdicts.damaged > 15);
}

TEST_CASE("a power cut in any step of a job leaves it before or after the step, and no promised one undone",
          "[crash]")
{
    const Records records = record_writer("20 jobs");
    std::size_t steps = 0;
    for (int number = 1; number <= 20; ++number)
        steps += life_of(number).size();
    const Moments moments = moments_in_each_step(records, 4);
    CHECK(moments.size() > 2 * steps);
    CHECK(reached_in(told_by(records)) == Reached{20, life_of(20).size()});
    const Verdicts verdicts = cut_power(records, moments, judge_jobs);
    CHECK(verdicts.kept == static_cast<int>(moments.size()));
    CHECK(verdicts.lost == 0);
    CHECK(verdicts.damaged == 0);
}

TEST_CASE("a power cut while a damaged journal is replaced loses none of its jobs", "[crash]")
{
    TempDir dir;
    {
        Journal journal = open_journal(dir.path());
        for (int number = 1; number <= 40; ++number)
            for (std::size_t step = 0; step < (number == 40 ? 2 : life_of(number).size()); ++step)
                REQUIRE(take_step(journal.jobs(), number, step));
    }
    break_page(dir / "journal.db", root_page_of(dir / "journal.db", "outbox"));
    const Records records = record_writer("0 replace " + (dir / "journal.db").string());
    // From the moment at which the damaged file itself is on the disk: every one.
    Moments moments;
    for (std::size_t i = 1; i <= records.size(); ++i)
        if (!moments.empty() || records[i - 1].action == power_cut::Action::synced)
            moments.insert(i);
    REQUIRE(moments.size() > 50);
    const Verdicts verdicts =
        cut_power(records, moments, [](const std::filesystem::path& folder, const std::string&) {
            auto opened = Journal::open(folder, at(99));
            if (!opened || !opened->journal.check({})->sound)
                return Verdict::damaged;
            const auto jobs = all_jobs(opened->journal);
            const bool told =
                !opened->damaged || (opened->damaged->jobs_kept == 40 && opened->damaged->jobs_complete);
            return jobs && told && jobs_are_at(*jobs, {40, 2}) ? Verdict::kept : Verdict::lost;
        });
    CHECK(verdicts.kept == static_cast<int>(moments.size()));
    CHECK(verdicts.lost == 0);
    CHECK(verdicts.damaged == 0);
}

TEST_CASE("a process killed at any moment loses nothing that was promised", "[crash]")
{
    TempDir dir;
    std::mt19937 random(9);
    std::uint32_t held = 0;
    for (int round = 0; round < 25; ++round) {
        const std::string command = "exec " KB_WRITER " " + dir.path().string() + " 100000 die " +
                                    std::to_string(random() % 12) + " " +
                                    std::to_string(random() % 3'000'000);
        REQUIRE(std::system(command.c_str()) != 0);
        const Promised promised = promised_in(kb::test::read_file(dir / "acknowledged"));
        INFO("round " << round << ", held " << promised.held);
        REQUIRE(promised.held >= held);
        held = promised.held;
        REQUIRE(judge(dir.path(), promised) == Verdict::kept);
    }
    CHECK(held > 25);
}

TEST_CASE("a process killed in any step of a job leaves it before or after the step", "[crash]")
{
    TempDir dir;
    std::mt19937 random(9);
    Reached reached;
    for (int round = 0; round < 25; ++round) {
        const std::string command = "exec " KB_WRITER " " + dir.path().string() + " 100000 jobs die " +
                                    std::to_string(random() % 12) + " " +
                                    std::to_string(random() % 3'000'000);
        REQUIRE(std::system(command.c_str()) != 0);
        const std::string told = kb::test::read_file(dir / "acknowledged");
        INFO("round " << round << ", job " << reached_in(told).number);
        REQUIRE(reached_in(told) >= reached);
        reached = reached_in(told);
        REQUIRE(judge_jobs(dir.path(), told) == Verdict::kept);
    }
    CHECK(reached.number > 10);
}
