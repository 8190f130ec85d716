// Worker::changes(): what was read stays true as long as the number stays.
#include "storage/worker.hpp"
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <set>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

/// The worker's number when the caller is told.
template <class Work>
std::uint64_t after_work(Worker& worker, Work work)
{
    std::promise<std::uint64_t> told;
    worker.submit(
        [&work](Journal& journal) {
            work(journal);
            return 0;
        },
        [&](int) { told.set_value(worker.changes()); });
    return told.get_future().get();
}

} // namespace

TEST_CASE("whoever is told of a write finds another number, and readers leave it", "[worker]")
{
    const auto kind = GENERATE(Worker::Thread::own, Worker::Thread::callers);
    TempDir dir;
    Worker worker(open_journal(dir.path()), kind);
    std::set<std::uint64_t> seen{worker.changes()};
    const auto another = [&](auto work) { return seen.insert(after_work(worker, std::move(work))).second; };
    int number = 0;
    for (const auto& step : {0, 1, 2, 3, 4}) { // five different lives
        for (std::size_t index = 0; index < life_of(step).size(); ++index) {
            INFO("job " << step << ", step " << index);
            CHECK(another([&](Journal& journal) { REQUIRE(take_step(journal.jobs(), step, index)); }));
            ++number;
        }
    }
    REQUIRE(number > 10);
    CHECK(another([](Journal& journal) { REQUIRE(journal.documents().append(sales({1, 3}))); }));
    CHECK(another([](Journal& journal) { REQUIRE(journal.settings().set("a", "b")); }));
    CHECK(another([](Journal& journal) { REQUIRE(journal.jobs().pause(kKkt, "a break", at(1))); }));

    const auto before = worker.changes();
    const auto read = after_work(worker, [&](Journal& journal) {
        CHECK(all_jobs(journal)->size() == 5);
        CHECK(journal.documents().find(kFn, 2));
        CHECK(journal.changes() == before);
    });
    CHECK(read == before);
}

TEST_CASE("a journal that was replaced has no number of the one before", "[worker]")
{
    TempDir dir;
    Worker worker(open_journal(dir.path()));
    std::set<std::uint64_t> seen;
    const auto note = [&] { return seen.insert(worker.changes()).second; };
    CHECK(note());
    for (std::uint32_t file = 0; file < 3; ++file) {
        for (std::uint32_t fd = 1; fd < 20; ++fd) {
            after_work(worker, [&](Journal& journal) { REQUIRE(journal.documents().append({sale(fd)})); });
            CHECK(note());
        }
        after_work(worker, [&](Journal& journal) { REQUIRE(journal.replace_damaged(at(1), "as ordered")); });
        CHECK(note());
    }
}
