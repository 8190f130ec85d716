// When the write-ahead log is carried into the journal's file: in a quiet moment, never by a commit that
// somebody waits for, unless there is no quiet moment at all.
#include "storage/worker.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

constexpr std::uint32_t kDocuments = 40; ///< of one commit

/// Commits until the log wants a checkpoint; the last number appended.
std::uint32_t append_until_wanted(Journal& journal, std::uint32_t first = 1)
{
    std::uint32_t last = first - 1;
    while (!journal.wants_checkpoint()) {
        REQUIRE(last < first + 100 * kDocuments);
        REQUIRE(journal.documents().append(sales({last + 1, last + kDocuments})));
        last += kDocuments;
    }
    return last;
}

std::uintmax_t file_bytes(const TempDir& dir) { return std::filesystem::file_size(dir / "journal.db"); }
std::uintmax_t log_bytes(const TempDir& dir) { return std::filesystem::file_size(dir / "journal.db-wal"); }

/// What a copy of the file alone, without its log, holds.
std::uint64_t documents_in_file(const TempDir& dir)
{
    TempDir copy;
    std::filesystem::copy_file(dir / "journal.db", copy / "journal.db");
    auto opened = Journal::open(copy.path(), at(1));
    REQUIRE(opened);
    REQUIRE_FALSE(opened->damaged);
    return *opened->journal.documents().count();
}

} // namespace

TEST_CASE("commits leave a long log alone, a checkpoint empties it into the file", "[checkpoint]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const auto before = file_bytes(dir);
    const std::uint32_t last = append_until_wanted(journal);
    CHECK(file_bytes(dir) == before);

    journal.checkpoint();
    CHECK_FALSE(journal.wants_checkpoint());
    CHECK(documents_in_file(dir) == last);

    // The log begins anew and does not grow.
    const auto log = log_bytes(dir);
    REQUIRE(journal.documents().append({sale(last + 1)}));
    CHECK_FALSE(journal.wants_checkpoint());
    CHECK(log_bytes(dir) == log);
}

TEST_CASE("what a reader still needs stays in the log, and is carried over later", "[checkpoint]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({sale(1)}));
    auto reader = Journal::open_read_only(dir.path());
    REQUIRE(reader);
    std::uint32_t last = 1;
    DocumentFilter all;
    REQUIRE(reader->documents().for_each(all, [&](const JournalDocument&) {
        last = append_until_wanted(journal, 2); // while it reads
        journal.checkpoint();
        return true;
    }));
    CHECK(documents_in_file(dir) < last);
    CHECK(*reader->documents().count() == last);

    REQUIRE(journal.documents().append({sale(last + 1)}));
    CHECK(journal.wants_checkpoint());
    journal.checkpoint();
    CHECK(documents_in_file(dir) == last + 1);
}

TEST_CASE("a log without any quiet moment does not grow for ever", "[checkpoint]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    std::uint32_t last = 0;
    for (int commit = 0; commit < 400; ++commit) {
        REQUIRE(journal.documents().append(sales({last + 1, last + kDocuments})));
        last += kDocuments;
    }
    constexpr std::uintmax_t kMostBytes = 20U << 20U;     // 4,000 pages and what one commit writes
    CHECK(file_bytes(dir) + log_bytes(dir) > kMostBytes); // or nothing was shown
    CHECK(log_bytes(dir) < kMostBytes);
    CHECK(*journal.documents().count() == last);
}

TEST_CASE("the storage thread takes a quiet moment for it; a worker without a thread does so at once",
          "[checkpoint]")
{
    const auto kind = GENERATE(Worker::Thread::own, Worker::Thread::callers);
    TempDir dir;
    Worker worker(open_journal(dir.path()), kind);
    std::promise<std::uint32_t> appended;
    worker.submit([](Journal& journal) { return append_until_wanted(journal); },
                  [&](std::uint32_t last) { appended.set_value(last); });
    const std::uint32_t last = appended.get_future().get();
    const auto wanted = [&] {
        std::promise<bool> told;
        worker.submit([](Journal& journal) { return journal.wants_checkpoint(); },
                      [&](bool wants) { told.set_value(wants); });
        return told.get_future().get();
    };
    if (kind == Worker::Thread::callers)
        CHECK_FALSE(wanted());
    for (int times = 0; times < 100 && wanted(); ++times)
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    CHECK(documents_in_file(dir) == last);
}
