// Killed at any moment, or the power cut at any moment: what the journal promised is there.
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/power_cut/rebuild.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

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

struct Verdicts {
    int kept = 0;
    int lost = 0;
    int damaged = 0;
};

Verdicts cut_power(const std::string& how, int cuts)
{
    TempDir dir;
    const auto data = dir / "data";
    std::filesystem::create_directory(data);
    const std::string command =
        "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" KB_RECORDER " KB_POWER_CUT_DIR=" + data.string() +
        " KB_POWER_CUT_LOG=" + (dir / "log").string() + " " KB_WRITER " " + data.string() + " 200 " + how;
    REQUIRE(std::system(command.c_str()) == 0);
    const auto records = power_cut::read_log(dir / "log");
    REQUIRE(records.size() > 500);

    std::mt19937 random(54);
    std::set<std::size_t> moments;
    while (moments.size() < static_cast<std::size_t>(cuts))
        moments.insert(1 + random() % records.size());
    power_cut::Disk disk;
    std::size_t played = 0;
    Verdicts verdicts;
    for (const std::size_t moment : moments) {
        while (played < moment)
            disk.play(records[played++]);
        const auto unsynced = static_cast<power_cut::Unsynced>(random() % 3);
        TempDir after;
        for (const auto& [name, content] : disk.after_cut(unsynced, random))
            if (!name.ends_with("-shm"))
                kb::test::write_file(after / name, content);
        switch (judge(after.path(), promised_in(disk.told("acknowledged")))) {
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

} // namespace

TEST_CASE("a power cut at any moment loses nothing that was promised", "[crash]")
{
    const Verdicts verdicts = cut_power("", 150);
    CHECK(verdicts.kept == 150);
    CHECK(verdicts.lost == 0);
    CHECK(verdicts.damaged == 0);
}

TEST_CASE("the power-cut rig sees what a journal without syncing loses", "[crash]")
{
    const Verdicts verdicts = cut_power("unsafe", 150);
    CHECK(verdicts.lost + verdicts.damaged > 15);
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
