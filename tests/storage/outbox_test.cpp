// The way to the cabinet: what goes first, what an answer settles, what heals.
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

std::vector<std::uint32_t> numbers_of(const OutboxBatch& batch)
{
    std::vector<std::uint32_t> numbers;
    for (const auto& item : batch.items)
        numbers.push_back(item.document.document.fd_number);
    return numbers;
}

std::vector<FdRange> runs(std::initializer_list<FdRange> list) { return list; }

} // namespace

TEST_CASE("a batch is one half the newest and one half the oldest", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 100})));
    OutboxLimits limits;
    limits.documents = 6;
    const auto batch = journal.outbox().next_batch(limits);
    REQUIRE(batch);
    CHECK(numbers_of(*batch) == std::vector<std::uint32_t>{1, 2, 3, 98, 99, 100});
    REQUIRE(journal.outbox().acknowledge(*batch, {all_there()}, at(1)));
    REQUIRE(journal.documents().append({sale(101)}));
    CHECK(numbers_of(*journal.outbox().next_batch(limits)) ==
          std::vector<std::uint32_t>{4, 5, 6, 96, 97, 101});
}

TEST_CASE("a batch leaves out what is under way, and takes it again when that failed", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 10})));
    OutboxLimits limits;
    limits.documents = 6;
    const auto first = journal.outbox().next_batch(limits);
    const auto second = journal.outbox().next_batch(limits, &*first);
    CHECK(numbers_of(*second) == std::vector<std::uint32_t>{4, 5, 6, 7});
    CHECK(numbers_of(*journal.outbox().next_batch(limits)) == numbers_of(*first));
}

TEST_CASE("documents wait for their register's number, the others do not wait for them", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    JournalDocument nameless = sale(7, kOtherFn);
    nameless.kkt_serial.clear();
    REQUIRE(journal.documents().append({nameless, sale(1)}));
    CHECK(numbers_of(*journal.outbox().next_batch({})) == std::vector<std::uint32_t>{1});
    CHECK(journal.outbox().state()->unsent == 2); // and they are not forgotten
    REQUIRE(journal.documents().note_fn(kOtherFn, "0000000000007777", 7, at(1)));
    const auto batch = journal.outbox().next_batch({});
    REQUIRE(numbers_of(*batch) == std::vector<std::uint32_t>{7, 1});
    CHECK(batch->items[0].document.kkt_serial == "0000000000007777");
}

TEST_CASE("what waits is told by FN and document, the longest waiting first", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    JournalDocument nameless = sale(3, kOtherFn);
    nameless.kkt_serial.clear();
    REQUIRE(journal.documents().append({sale(9), sale(2), nameless}));
    const auto fns = journal.outbox().waiting_fns();
    REQUIRE(fns);
    REQUIRE(fns->size() == 2);
    CHECK(fns->at(0).fn_serial == kFn);
    CHECK(fns->at(0).kkt_serial == kKkt);
    CHECK(fns->at(0).documents == 2);
    CHECK(fns->at(0).oldest_at == sale(2).read_at);
    CHECK(fns->at(1).kkt_serial.empty());
    std::vector<std::uint32_t> told;
    const auto tell = [&](const WaitingDocument& one) {
        told.push_back(one.document.document.fd_number);
        CHECK(one.document.document.raw == sale(told.back(), one.document.document.fn_serial).document.raw);
        return told.size() < 2;
    };
    REQUIRE(journal.outbox().for_each_waiting(0, tell));
    CHECK(told == std::vector<std::uint32_t>{9, 2}); // in the order of the queue, until it was enough
    told.clear();
    REQUIRE(journal.outbox().for_each_waiting(1, tell));
    CHECK(told == std::vector<std::uint32_t>{9});

    const auto batch = journal.outbox().next_batch({});
    REQUIRE(journal.outbox().acknowledge(*batch, {all_there()}, at(1)));
    CHECK_FALSE(*journal.outbox().find(kFn, 9));
    CHECK_FALSE(*journal.outbox().find("none", 9));
    REQUIRE(*journal.outbox().find(kOtherFn, 3));
    CHECK((*journal.outbox().find(kOtherFn, 3))->queued_at == nameless.read_at);
    CHECK(journal.outbox().waiting_fns()->size() == 1);
    CHECK(*journal.outbox().orphans() == 0);
}

TEST_CASE("every FN has its share of a batch", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 100})));
    REQUIRE(journal.documents().append(sales({1, 3}, kOtherFn)));
    OutboxLimits limits;
    limits.documents = 8;
    const auto batch = journal.outbox().next_batch(limits);
    REQUIRE(batch->items.size() == 8);
    CHECK(std::count_if(batch->items.begin(), batch->items.end(),
                        [](const auto& item) { return item.document.document.fn_serial == kOtherFn; }) == 3);
}

TEST_CASE("a batch keeps to its bytes, but one document always fits", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 50})));
    OutboxLimits limits;
    limits.bytes = 5000;
    std::size_t bytes = 0;
    const auto batch = journal.outbox().next_batch(limits);
    for (const auto& item : batch->items)
        bytes += item.document.document.raw.size();
    CHECK(bytes <= 5000);
    CHECK(bytes > 3000);
    limits.bytes = 1;
    CHECK(journal.outbox().next_batch(limits)->items.size() == 1);
}

TEST_CASE("only what the answer covers leaves the outbox", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 10})));
    const auto batch = journal.outbox().next_batch({});

    SECTION("no answer for this FN")
    {
        const auto report = journal.outbox().acknowledge(*batch, {all_there(kOtherFn)}, at(1));
        REQUIRE(report);
        CHECK(report->unanswered == 10);
        CHECK(journal.outbox().state()->unsent == 10);
    }
    SECTION("some missing, some refused")
    {
        const FnAnswer answer{kFn, {{3, 4}}, {{7, "bad_tlv", "тег 1059 длиннее документа"}}};
        const auto report = journal.outbox().acknowledge(*batch, {answer}, at(1));
        REQUIRE(report);
        CHECK(report->acknowledged == 7);
        CHECK(report->rejected == 1);
        CHECK(report->unanswered == 2);
        CHECK(*journal.outbox().unsent(kFn) == runs({{3, 4}}));
        CHECK(journal.outbox().state()->rejected == 1);

        const auto rejected = journal.documents().rejected();
        REQUIRE(rejected->size() == 1);
        CHECK(rejected->front().origin == RejectedDocument::Origin::cabinet);
        CHECK(rejected->front().fd_number == 7);
        CHECK(rejected->front().reason == "тег 1059 длиннее документа");

        // The same answer once more, as after a lost reply.
        CHECK(journal.outbox().acknowledge(*batch, {answer}, at(2))->unanswered == 2);
        CHECK(journal.outbox().state()->rejected == 1);

        REQUIRE(journal.outbox().retry_rejected(rejected->front().id, at(3)));
        CHECK(*journal.outbox().unsent(kFn) == runs({{3, 4}, {7, 7}}));
        CHECK(journal.documents().rejected()->empty());
        CHECK(journal.outbox().retry_rejected(99, at(3)).error().code == Errc::not_found);
    }
}

TEST_CASE("one poisoned document is set aside alone", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 3})));
    const auto batch = journal.outbox().next_batch({});
    REQUIRE(journal.outbox().reject(batch->items[1], "peer_refused", "ответ 422", at(1)));
    CHECK(*journal.outbox().unsent(kFn) == runs({{1, 1}, {3, 3}}));
    CHECK(journal.documents().rejected()->size() == 1);
}

TEST_CASE("what the cabinet lacks is queued again, and what the journal lacks is to be read", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 10})));
    REQUIRE(journal.outbox().acknowledge(*journal.outbox().next_batch({}), {all_there()}, at(1)));
    RetentionPolicy policy;
    policy.max_bytes = 0;
    policy.keep_documents = std::chrono::days{0};
    REQUIRE(journal.retain(policy, at(2), sale(6).document.datetime));
    CHECK(*journal.documents().count() == 5);
    CHECK(journal.documents().missing(kFn, 10).empty());

    const auto lacking = journal.outbox().requeue(kFn, {{4, 7}, {12, 13}}, at(3));
    REQUIRE(lacking);
    CHECK(*lacking == runs({{4, 5}, {12, 13}}));
    CHECK(*journal.outbox().unsent(kFn) == runs({{6, 7}}));
    CHECK(journal.documents().missing(kFn, 10) == runs({{4, 5}}));
    REQUIRE(journal.outbox().requeue(kFn, {{6, 7}}, at(4)));
    CHECK(journal.outbox().state()->unsent == 2);
    {
        const Journal closed = std::move(journal);
    }
    CHECK(open_journal(dir.path()).documents().missing(kFn, 10) == runs({{4, 5}}));
}

TEST_CASE("the oldest unsent is the one that waits longest, not the lowest number", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    CHECK_FALSE(journal.outbox().state()->oldest_unsent_at);
    JournalDocument first = sale(50);
    first.read_at = at(10);
    JournalDocument second = sale(1);
    second.read_at = at(20);
    REQUIRE(journal.documents().append({first}));
    REQUIRE(journal.documents().append({second}));
    CHECK(journal.outbox().state()->oldest_unsent_at == at(10));
    OutboxBatch batch = *journal.outbox().next_batch({});
    batch.items.erase(batch.items.begin()); // keep FD 50 only
    REQUIRE(journal.outbox().acknowledge(batch, {all_there()}, at(30)));
    CHECK(journal.outbox().state()->oldest_unsent_at == at(20));
}

TEST_CASE("an FN of a journal without it is all to be read", "[outbox]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    CHECK(*journal.outbox().requeue(kFn, {{1, 9}}, at(1)) == runs({{1, 9}}));
    CHECK(journal.outbox().next_batch({})->empty());
}
