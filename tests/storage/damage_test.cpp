// Damaged files are set aside, never trusted and never in the way; a full disk is a state, not a crash.
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include <csignal>
#include <random>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::read_file;
using kb::test::TempDir;
using kb::test::write_file;

namespace {

std::string sound_journal()
{
    TempDir dir;
    {
        Journal journal = open_journal(dir.path());
        REQUIRE(journal.documents().append(sales({1, 60})));
    }
    return read_file(dir / "journal.db");
}

/// Opens a journal of these bytes and uses it: whatever it answers must be right, and it must be usable in
/// the end. True when the damage was noticed.
bool survives(const std::string& bytes)
{
    TempDir dir;
    write_file(dir / "journal.db", bytes);
    auto opened = Journal::open(dir.path(), at(77));
    REQUIRE(opened);
    bool noticed = opened->damaged.has_value();
    Journal& journal = opened->journal;
    for (std::uint32_t number = 1; number <= 60; ++number) {
        const auto found = journal.documents().find(kFn, number);
        if (found)
            REQUIRE(found->document.raw == sale(number).document.raw);
        else if (found.error().code == Errc::storage_damaged || found.error().code == Errc::bad_checksum)
            noticed = true;
    }
    auto report = journal.documents().append(sales({1, 70}));
    if (!report) {
        REQUIRE(report.error().code == Errc::storage_damaged);
        CHECK(journal.state() == StoreState::damaged);
        REQUIRE(journal.replace_damaged(at(78), report.error().context));
        noticed = true;
        report = journal.documents().append(sales({1, 70}));
    }
    REQUIRE(report);
    if (opened->damaged || noticed)
        CHECK(journal.documents().fn_progress(kFn)->contiguous_through >= 60);
    return noticed;
}

std::size_t set_aside_in(const std::filesystem::path& folder)
{
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("journal.damaged-") && name.ends_with(".db"))
            ++files;
    }
    return files;
}

/// While it lives, no file of this process grows by a byte.
class NoRoom {
public:
    NoRoom()
    {
        REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit none = before_;
        none.rlim_cur = 0;
        REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
    }
    ~NoRoom()
    {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_before_);
    }
    NoRoom(const NoRoom&) = delete;
    NoRoom& operator=(const NoRoom&) = delete;

private:
    rlimit before_{};
    void (*signal_before_)(int) = std::signal(SIGXFSZ, SIG_IGN); // an error instead of an end
};

} // namespace

TEST_CASE("a file cut anywhere is set aside and a new one begun", "[damage]")
{
    const std::string sound = sound_journal();
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{50}, std::size_t{511}, std::size_t{1024}, std::size_t{4096},
          std::size_t{5000}, sound.size() / 2, sound.size() - 4096}) {
        INFO("cut to " << size);
        CHECK(survives(sound.substr(0, size)));
    }
}

TEST_CASE("bytes damaged anywhere never come back as a document", "[damage]")
{
    const std::string sound = sound_journal();
    std::mt19937 random(20240301);
    int noticed = 0;
    for (int round = 0; round < 60; ++round) {
        std::string damaged = sound;
        const std::size_t from = random() % damaged.size();
        const std::size_t length = 1 + random() % (round % 2 == 0 ? 8 : 6000);
        for (std::size_t i = from; i < std::min(damaged.size(), from + length); ++i)
            damaged[i] = static_cast<char>(random());
        INFO("round " << round << ": " << length << " bytes from " << from);
        noticed += survives(damaged) ? 1 : 0;
    }
    CHECK(noticed >= 15); // the others hit bytes that nothing uses, as pages kept free
}

TEST_CASE("what is not a database at all is kept under a name that tells when", "[damage]")
{
    TempDir dir;
    write_file(dir / "journal.db", std::string(10'000, 'x'));
    auto opened = Journal::open(dir.path(), UtcMs{std::chrono::milliseconds{1709283600250}});
    REQUIRE(opened);
    REQUIRE(opened->damaged);
    CHECK(opened->damaged->moved_to.filename() == "journal.damaged-20240301T090000250Z.db");
    CHECK(read_file(opened->damaged->moved_to) == std::string(10'000, 'x'));
    CHECK_FALSE(opened->damaged->reason.empty());
    CHECK(opened->journal.documents().fns()->empty());
    REQUIRE(opened->journal.documents().append(sales({1, 3})));
}

TEST_CASE("two damaged files of one moment keep both", "[damage]")
{
    TempDir dir;
    for (int i = 0; i < 2; ++i) {
        write_file(dir / "journal.db", std::string(5000, static_cast<char>('a' + i)));
        auto opened = Journal::open(dir.path(), at(0));
        REQUIRE(opened);
        REQUIRE(opened->damaged);
    }
    CHECK(std::filesystem::exists(dir / "journal.damaged-20240301T090000000Z-2.db"));
}

TEST_CASE("another program's database is not written into", "[damage]")
{
    TempDir dir;
    open_journal(dir.path());
    std::string foreign = read_file(dir / "journal.db");
    foreign[68] = 'Z'; // application id
    write_file(dir / "journal.db", foreign);
    auto opened = Journal::open(dir.path(), at(0));
    REQUIRE(opened);
    REQUIRE(opened->damaged);
    CHECK_THAT(opened->damaged->reason, Catch::Contains("not a journal"));
    CHECK(read_file(opened->damaged->moved_to) == foreign);
}

TEST_CASE("a replaced journal keeps its parts valid", "[damage]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Documents& documents = journal.documents();
    Outbox& outbox = journal.outbox();
    REQUIRE(documents.append(sales({1, 5})));
    const auto moved = journal.replace_damaged(at(5), "asked for");
    REQUIRE(moved);
    CHECK(moved->reason == "asked for");
    CHECK(std::filesystem::exists(moved->moved_to));
    CHECK(documents.missing(kFn, 5) == std::vector<FdRange>{{1, 5}});
    CHECK(documents.append(sales({1, 5}))->added == 5);
    CHECK(outbox.state()->unsent == 5);
    CHECK(Journal::open(dir.path(), at(6)).error().code == Errc::storage_busy);
}

TEST_CASE("a damaged journal that cannot be replaced is closed with the reason, and replaced when it can be",
          "[damage]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    Documents& documents = journal.documents();
    REQUIRE(documents.append(sales({1, 5})));
    const auto lock = dir / "journal.db.lock";
    std::filesystem::remove(lock);
    std::filesystem::create_directory(lock); // in the way of the new one
    const Error damaged{Errc::storage_damaged, Outcome::not_done, "as the reader met it", {}};
    using std::chrono::seconds;
    const std::chrono::steady_clock::time_point start{seconds(1000)};

    CHECK_FALSE(*journal.care_for(Error{Errc::storage_full, Outcome::not_done, "", {}}, at(5), start));
    CHECK_FALSE(journal.care_for(damaged, at(5), start));
    CHECK(journal.state() == StoreState::damaged);
    REQUIRE(journal.closed_because());
    // Every way in answers, with the reason, and nobody waits.
    const auto refused = documents.append(sales({1, 5}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == journal.closed_because()->code);
    CHECK_THAT(refused.error().context, Catch::Contains("the journal is closed: lock"));
    CHECK_FALSE(documents.fns());
    CHECK_FALSE(documents.find(kFn, 1));
    CHECK_FALSE(documents.note_fn(kFn, kKkt, 5, at(5)));
    CHECK_FALSE(journal.outbox().unsent(kFn));
    CHECK_FALSE(journal.outbox().next_batch({}));
    CHECK_FALSE(journal.telemetry().counts());
    CHECK_FALSE(journal.settings().get("x"));
    CHECK_FALSE(journal.retain({}, at(5), sale(1).document.datetime));
    CHECK_FALSE(journal.file_bytes());

    // Tried again after 1, 2, 4 … 60 seconds, and not in between.
    auto clock = start;
    for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
        CHECK_FALSE(
            *journal.care_for(refused.error(), at(6), clock + seconds(pause) - std::chrono::milliseconds(1)));
        clock += seconds(pause);
        CHECK_FALSE(journal.care_for(refused.error(), at(6), clock));
    }
    std::filesystem::remove(lock);
    const auto replaced = journal.care_for(refused.error(), at(7), clock + seconds(60));
    REQUIRE(replaced);
    REQUIRE(*replaced);
    CHECK_THAT((*replaced)->reason, Catch::Contains("as the reader met it"));
    CHECK(journal.state() == StoreState::ready);
    CHECK_FALSE(journal.closed_because());
    CHECK(documents.missing(kFn, 5) == std::vector<FdRange>{{1, 5}});
    CHECK(documents.append(sales({1, 5}))->added == 5);
    // The next time begins with a short pause again, and of the attempts nothing is left.
    CHECK_FALSE(*journal.care_for(refused.error(), at(8), clock + seconds(60)));
    CHECK(set_aside_in(dir.path()) == 1);
}

TEST_CASE("a full disk keeps a damaged journal from being replaced only as long as it is full", "[damage]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 5})));
    const Error damaged{Errc::storage_damaged, Outcome::not_done, "as the reader met it", {}};
    std::chrono::steady_clock::time_point clock{};
    {
        const NoRoom full;
        for (int i = 0; i < 3; ++i) {
            const auto replaced = journal.care_for(damaged, at(5), clock);
            clock += std::chrono::minutes(2);
            REQUIRE_FALSE(replaced);
            CHECK(replaced.error().code == Errc::storage_full);
        }
    }
    REQUIRE(*journal.care_for(damaged, at(6), clock));
    CHECK(journal.documents().append(sales({1, 5}))->added == 5);
    CHECK(journal.check({})->sound);
    CHECK(set_aside_in(dir.path()) == 1);
}

TEST_CASE("a full store is a state of its own, loses nothing, and clears by itself", "[damage]")
{
    TempDir dir;
    DatabaseOptions small;
    small.max_bytes = 400 * 1024;
    std::uint32_t number = 0;
    {
        Journal journal = open_journal(dir.path(), small);
        CHECK(journal.state() == StoreState::ready);
        for (;;) {
            const auto report = journal.documents().append(sales({number + 1, number + 10}));
            if (!report) {
                CHECK(report.error().code == Errc::storage_full);
                break;
            }
            number += 10;
            REQUIRE(number < 5000);
        }
        CHECK(journal.state() == StoreState::full);
        CHECK(journal.documents().fn_progress(kFn)->contiguous_through == number);
        CHECK(*journal.documents().count() == number);
        CHECK(journal.documents().find(kFn, number));

        // The cabinet takes all, retention makes room: writing goes on without anybody's help.
        while (!journal.outbox().next_batch({})->empty())
            REQUIRE(journal.outbox().acknowledge(*journal.outbox().next_batch({}), {all_there()}, at(1)));
        CHECK(journal.state() == StoreState::ready);
        RetentionPolicy policy;
        policy.keep_documents = std::chrono::days{0};
        REQUIRE(journal.retain(policy, at(1), sale(number - 20).document.datetime));
        REQUIRE(journal.documents().append(sales({number + 1, number + 10})));
        CHECK(journal.state() == StoreState::ready);
    }
    Journal journal = open_journal(dir.path());
    CHECK(journal.documents().fn_progress(kFn)->contiguous_through == number + 10);
    CHECK(journal.check({})->sound);
}
