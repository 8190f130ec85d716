// Who may open the journal, what a reader sees beside a writer, and the storage thread.
#include "storage/worker.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>
#include <thread>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

TEST_CASE("a second owner is told that the journal is taken", "[open]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const auto second = Journal::open(dir.path(), at(1));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::storage_busy);
    CHECK_THAT(second.error().context, Catch::Contains("another process owns"));
    REQUIRE(journal.documents().append({sale(1)}));
    {
        const Journal closed = std::move(journal);
    }
    CHECK(Journal::open(dir.path(), at(2)));
}

TEST_CASE("a reader sees each commit of a running owner, and cannot write", "[open]")
{
    TempDir dir;
    const auto none = Journal::open_read_only(dir.path());
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::not_found);

    Journal journal = open_journal(dir.path());
    auto reader = Journal::open_read_only(dir.path());
    REQUIRE(reader);
    CHECK(reader->documents().fns()->empty());
    REQUIRE(journal.documents().append(sales({1, 5})));
    CHECK(reader->documents().fn_progress(kFn)->contiguous_through == 5);
    CHECK(reader->documents().find(kFn, 5));
    CHECK(*reader->outbox().unsent(kFn) == std::vector<FdRange>{{1, 5}});
    CHECK(reader->check({})->sound);
    CHECK_FALSE(reader->documents().append({sale(6)}));
    CHECK_FALSE(reader->settings().set("a", "b"));
    REQUIRE(journal.documents().append({sale(6)}));
}

TEST_CASE("a reader opens a journal whose owner is gone", "[open]")
{
    TempDir dir;
    {
        Journal journal = open_journal(dir.path());
        REQUIRE(journal.documents().append(sales({1, 5})));
    }
    auto reader = Journal::open_read_only(dir.path());
    REQUIRE(reader);
    CHECK(*reader->documents().count() == 5);
}

TEST_CASE("a data folder that cannot be made is an error of the store", "[open]")
{
    TempDir dir;
    kb::test::write_file(dir / "file", "x");
    const auto opened = Journal::open(dir / "file" / "data", at(0));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::storage_failed);
}

TEST_CASE("check reports a flipped byte, and the outbox forgets the document to have it read again", "[open]")
{
    TempDir dir;
    {
        Journal journal = open_journal(dir.path());
        REQUIRE(journal.documents().append(sales({1, 3})));
    }
    std::string file = kb::test::read_file(dir / "journal.db");
    const Bytes raw = sale(2).document.raw;
    const std::size_t place = file.find(as_text(BytesView(raw).subspan(20, 16)));
    REQUIRE(place != std::string::npos);
    file[place] = static_cast<char>(file[place] ^ 0x10);
    kb::test::write_file(dir / "journal.db", file);

    Journal journal = open_journal(dir.path());
    const auto report = journal.check({});
    REQUIRE(report);
    CHECK_FALSE(report->sound);
    REQUIRE(report->bad_documents.size() == 1);
    CHECK_THAT(report->bad_documents[0], Catch::Contains(kFn + " 2"));
    CHECK(journal.documents().find(kFn, 2).error().code == Errc::bad_checksum);

    const auto batch = journal.outbox().next_batch({});
    REQUIRE(batch);
    CHECK(batch->forgotten == 1);
    CHECK(batch->items.size() == 2);
    CHECK(journal.documents().missing(kFn, 3) == std::vector<FdRange>{{2, 2}});
    CHECK(journal.documents().append({sale(2)})->added == 1);
    CHECK(journal.check({})->sound);
}

TEST_CASE("check tells how far it is", "[open]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 2500})));
    std::vector<double> steps;
    REQUIRE(journal.check([&](double part) { steps.push_back(part); }));
    CHECK(steps.size() >= 4);
    CHECK(std::is_sorted(steps.begin(), steps.end()));
    CHECK(steps.front() == 0.0);
    CHECK(steps.back() == 1.0);
}

TEST_CASE("the worker runs what is queued in order, on its own thread, and finishes it before it ends",
          "[open]")
{
    TempDir dir;
    std::vector<std::uint64_t> counts;
    std::thread::id thread;
    {
        Worker worker(open_journal(dir.path()));
        for (std::uint32_t number = 1; number <= 20; ++number)
            worker.submit([number](Journal& journal) { return journal.documents().append({sale(number)}); },
                          [&](const Result<AppendReport>& report) { counts.push_back(report->added); });
        worker.submit([](Journal& journal) { return journal.documents().count(); },
                      [&](Result<std::uint64_t> count) {
                          counts.push_back(*count);
                          thread = std::this_thread::get_id();
                      });
        std::promise<void> done;
        auto finished = done.get_future();
        worker.submit([](Journal&) {}, [promise = std::move(done)]() mutable { promise.set_value(); });
        finished.get();
        worker.submit([](Journal& journal) { return journal.documents().count(); },
                      [&](Result<std::uint64_t> count) { counts.push_back(*count + 100); });
    }
    REQUIRE(counts.size() == 22);
    CHECK(counts[0] == 1);
    CHECK(counts[20] == 20);
    CHECK(counts[21] == 120);
    CHECK(thread != std::this_thread::get_id());
}
