#include "cabinet/ingest/digest.hpp"
#include "cabinet/store/accounts.hpp"
#include "cabinet/store/documents.hpp"
#include "cabinet/store/fn_ranges.hpp"
#include "cabinet/store/registers.hpp"
#include "cabinet/store/rejected.hpp"
#include "cabinet/store/rollups.hpp"
#include "protocol/core/field_error.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using cabinet_api::FdRange;

namespace {

constexpr store::TenantId kTenant{7};

/// A store of one connection, written to without the writer's thread.
struct Bare {
    Bare() : connection((void(store::prepare_database(database_file(dir.path()))), database_file(dir.path())))
    {}

    store::BatchResult take(std::vector<cabinet_api::DocumentMessage> messages,
                            store::TenantId tenant = kTenant)
    {
        store::Batch batch;
        batch.tenant = tenant;
        batch.agent_id = "a-1";
        batch.received_at = utc_from_text("2024-03-01T07:00:00Z").value();
        for (auto& message : messages)
            batch.documents.push_back(incoming(std::move(message)));
        return store::take_in(connection, batch);
    }
    store::Sums day(store::TenantId tenant = kTenant)
    {
        store::TotalsFilter filter;
        filter.from = local_from_text("2024-01-01T00:00:00").value();
        filter.to = local_from_text("2024-12-31T23:59:59").value();
        filter.group = store::Group::shop_register;
        const auto buckets = store::totals(connection, tenant, filter);
        return buckets.empty() ? store::Sums{} : buckets.front().second;
    }

    TempDir dir;
    store::Connection connection;
};

ReceiptPlan receipt(std::uint32_t fd_number)
{
    ReceiptPlan plan;
    plan.fd_number = fd_number;
    plan.fiscal_sign = 1000 + fd_number;
    return plan;
}

} // namespace

TEST_CASE("a document is stored once, however often it comes", "[cabinet][ingest]")
{
    Bare bare;
    CHECK(bare.take({full_document(receipt(1))}).stored.size() == 1);
    const auto again = bare.take({full_document(receipt(1)), full_document(receipt(1))});
    CHECK(again.stored.empty());
    CHECK(again.answer.fns.at(0).rejected.empty());
    CHECK(again.answer.fns.at(0).contiguous_through == 1);
    CHECK(bare.day().receipts[0] == 1);
    CHECK(bare.day().totals[0] == 10000);
    const auto found = store::find_document(bare.connection, kTenant, "9999078900001234", 1);
    REQUIRE(found);
    CHECK(found->document.raw == receipt_bytes(receipt(1)));
    CHECK(found->digest.items.at(0).name == "Чайник");
}

TEST_CASE("other bytes under a held number are rejected, raise one alarm and change nothing",
          "[cabinet][ingest]")
{
    Bare bare;
    (void)bare.take({full_document(receipt(1))});
    auto forged = receipt(1);
    forged.cash = 99;
    const auto first = bare.take({full_document(forged), full_document(receipt(2))});
    REQUIRE(first.answer.fns.at(0).rejected.size() == 1);
    CHECK(first.answer.fns[0].rejected[0].fd_number == 1);
    CHECK(first.answer.fns[0].rejected[0].code == "conflict");
    CHECK(first.answer.fns[0].contiguous_through == 2);
    CHECK(first.alarms.size() == 1);
    CHECK(bare.take({full_document(forged)}).alarms.empty());
    const auto held = store::find_document(bare.connection, kTenant, "9999078900001234", 1);
    CHECK(held->document.raw == receipt_bytes(receipt(1)));
    CHECK(bare.day().totals[0] == 20000);
    const auto rejected = store::list_rejected(bare.connection, kTenant);
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].times == 2);
}

TEST_CASE("a short record counts until the full document replaces it, exactly", "[cabinet][ingest]")
{
    Bare bare;
    auto plan = receipt(1);
    plan.datetime = local_from_text("2024-03-01T09:15:42").value(); // the record has no seconds
    (void)bare.take({short_record(plan)});
    CHECK(bare.day().totals[0] == 10000);
    CHECK(bare.day().unknown_payments == 10000);
    CHECK(bare.day().payments[store::kCash] == 0);
    CHECK(bare.take({full_document(plan)}).stored.size() == 1);
    const auto sums = bare.day();
    CHECK(sums.receipts[0] == 1);
    CHECK(sums.totals[0] == 10000);
    CHECK(sums.unknown_payments == 0);
    CHECK(sums.payments[store::kCash] == 10000);
    CHECK(sums.vat.at(1) == 1667);
    // The record again, with or without its ticket, is no conflict and takes nothing back.
    const auto back = bare.take({short_record(plan)});
    CHECK(back.stored.empty());
    CHECK(back.answer.fns.at(0).rejected.empty());
    const auto found = store::find_document(bare.connection, kTenant, plan.fn_serial, 1);
    CHECK(found->document.form == fiscal::DocumentForm::full);
    CHECK(found->document.ticket_received);
}

TEST_CASE("a full document of another head does not replace a short record", "[cabinet][ingest]")
{
    Bare bare;
    (void)bare.take({short_record(receipt(1))});
    auto other = receipt(1);
    SECTION("other sum") { other.cash = 1; }
    SECTION("other sign") { other.fiscal_sign = 5; }
    SECTION("other time") { other.datetime += std::chrono::minutes(1); }
    SECTION("other operation") { other.operation = 2; }
    const auto result = bare.take({full_document(other)});
    CHECK(result.answer.fns.at(0).rejected.size() == 1);
    CHECK(bare.day().unknown_payments == 10000);
}

TEST_CASE("the answer tells what is held and what is missing below the highest", "[cabinet][ingest]")
{
    Bare bare;
    const auto answer = bare.take({full_document(receipt(9)), full_document(receipt(3)),
                                   full_document(receipt(4)), full_document(receipt(7))})
                            .answer.fns.at(0);
    CHECK(answer.contiguous_from == 3);
    CHECK(answer.contiguous_through == 4);
    CHECK(answer.missing == std::vector<FdRange>{{1, 2}, {5, 6}, {8, 8}});
    const auto closed = bare.take({full_document(receipt(5)), full_document(receipt(1)),
                                   full_document(receipt(2)), full_document(receipt(6))})
                            .answer.fns.at(0);
    CHECK(closed.contiguous_from == 1);
    CHECK(closed.contiguous_through == 7);
    CHECK(closed.missing == std::vector<FdRange>{{8, 8}});
}

TEST_CASE("ranges hold the same numbers as a plain set, and the times at their ends", "[cabinet][ingest]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto made_at = [](std::uint32_t number) { return LocalSeconds{std::chrono::hours{number}}; };
    store::FnRanges ranges;
    std::set<std::uint32_t> plain;
    for (int i = 0; i < 2000; ++i) {
        const auto number = static_cast<std::uint32_t>(1 + random() % 500);
        CHECK(ranges.add(number, made_at(number)) == plain.insert(number).second);
        if (i % 100 == 0)
            ranges = store::FnRanges(ranges.held());
    }
    for (std::uint32_t number = 1; number <= 501; ++number)
        CHECK(ranges.holds(number) == plain.contains(number));
    for (const store::HeldRange& range : ranges.held()) {
        CHECK(range.first_at == made_at(range.numbers.from));
        CHECK(range.last_at == made_at(range.numbers.to));
    }
    std::uint32_t missing = 0;
    for (const auto& range : ranges.missing(600, 1000))
        missing += range.to - range.from + 1;
    CHECK(missing == 600 - plain.size());
    store::FnRanges top;
    CHECK(top.add(UINT32_MAX, {}));
    CHECK(top.missing(UINT32_MAX, 10) == std::vector<FdRange>{{1, UINT32_MAX - 1}});
}

TEST_CASE("sums kept with the documents equal sums over all documents", "[cabinet][ingest][property]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    Bare bare;
    std::map<std::string, store::Sums> expected; // by hour
    std::vector<ReceiptPlan> plans;
    for (std::uint32_t fd = 1; fd <= 150; ++fd) {
        auto plan = receipt(fd);
        plan.type = random() % 8 == 0 ? 31 : 3;
        plan.operation = static_cast<int>(1 + random() % 4);
        plan.cash = static_cast<std::int64_t>(random() % 100'000);
        plan.electronic = static_cast<std::int64_t>(random() % 100'000);
        plan.vat_20 = (plan.cash + plan.electronic) / 6;
        plan.datetime += std::chrono::seconds(random() % (3 * 86'400));
        plans.push_back(plan);
    }
    std::shuffle(plans.begin(), plans.end(), random);
    for (const auto& plan : plans) { // some first as records, some twice, some stay records
        const auto way = random() % 4;
        if (way != 0)
            (void)bare.take({short_record(plan)});
        if (way != 1)
            (void)bare.take({full_document(plan), short_record(plan)});
        store::Sums& sums = expected[to_text(plan.datetime).substr(0, 13)];
        const auto at = static_cast<std::size_t>(plan.operation - 1);
        const auto total = plan.cash + plan.electronic;
        (plan.type == 31 ? sums.correction_receipts : sums.receipts)[at] += 1;
        (plan.type == 31 ? sums.correction_totals : sums.totals)[at] += total;
        if (plan.type == 31 || plan.operation > 2)
            continue;
        const int sign = plan.operation == 1 ? 1 : -1;
        if (way == 1) {
            sums.unknown_payments += sign * total;
            continue;
        }
        sums.payments[store::kCash] += sign * plan.cash;
        sums.payments[store::kElectronic] += sign * plan.electronic;
        if (plan.vat_20 != 0)
            sums.vat[1] += sign * plan.vat_20;
    }
    store::TotalsFilter filter;
    filter.from = local_from_text("2024-03-01T00:00:00").value();
    filter.to = local_from_text("2024-03-05T00:00:00").value();
    filter.group = store::Group::hour;
    const auto buckets = store::totals(bare.connection, kTenant, filter);
    REQUIRE(buckets.size() == expected.size());
    for (const auto& [key, sums] : buckets) {
        CAPTURE(key);
        REQUIRE(expected.contains(key));
        const store::Sums& wanted = expected[key];
        CHECK(sums.receipts == wanted.receipts);
        CHECK(sums.totals == wanted.totals);
        CHECK(sums.correction_receipts == wanted.correction_receipts);
        CHECK(sums.correction_totals == wanted.correction_totals);
        CHECK(sums.payments == wanted.payments);
        CHECK(sums.unknown_payments == wanted.unknown_payments);
        CHECK((sums.vat.empty() ? 0 : sums.vat.begin()->second) ==
              (wanted.vat.empty() ? 0 : wanted.vat.begin()->second));
    }
}

TEST_CASE("one owner's documents do not touch another's", "[cabinet][ingest]")
{
    Bare bare;
    const store::TenantId other{8};
    (void)bare.take({full_document(receipt(1))});
    auto plan = receipt(1);
    plan.cash = 5;
    const auto result = bare.take({full_document(plan)}, other);
    CHECK(result.stored.size() == 1);
    CHECK(bare.day().totals[0] == 10000);
    CHECK(bare.day(other).totals[0] == 5);
}

TEST_CASE("a document that is not what its key says is refused", "[cabinet][ingest]")
{
    auto message = full_document(receipt(1));
    std::string wanted;
    SECTION("number")
    {
        message.document.fd_number = 2;
        wanted = "fd_number";
    }
    SECTION("drive")
    {
        message.document.fn_serial = "9999078900009999";
        wanted = "fn_serial";
    }
    SECTION("sign")
    {
        message.document.fiscal_sign = 7;
        wanted = "fiscal_sign";
    }
    SECTION("type")
    {
        message.document.type = fiscal::DocumentType::bso;
        wanted = "type";
    }
    const auto digest = ingest::digest_of(message.document);
    REQUIRE_FALSE(digest);
    CHECK(digest.error().code == Errc::bad_value);
    CHECK(split_field(digest.error()).field == wanted);
}

TEST_CASE("requests that wait together share one transaction, and a failed one takes only itself back",
          "[cabinet][writer]")
{
    TempDir dir;
    REQUIRE(store::prepare_database(database_file(dir.path())));
    store::Writer writer(database_file(dir.path()));
    std::vector<std::future<Result<void>>> results;
    const auto post = [&](std::uint32_t fd_number, bool breaks) {
        auto promise = std::make_shared<std::promise<Result<void>>>();
        results.push_back(promise->get_future());
        store::Batch batch;
        batch.tenant = kTenant;
        batch.documents.push_back(incoming(full_document(receipt(fd_number))));
        REQUIRE(writer.post(
            [batch, breaks](store::Connection& db) {
                (void)store::take_in(db, batch);
                if (breaks)
                    throw std::runtime_error("broken on purpose");
            },
            [promise](const Result<void>& result) { promise->set_value(result); }));
    };
    const std::size_t before = writer.commits();
    {
        const auto held = writer.hold();
        for (std::uint32_t fd = 1; fd <= 10; ++fd)
            post(fd, fd == 5);
    }
    for (std::size_t i = 0; i < results.size(); ++i)
        CHECK(results[i].get().has_value() == (i != 4));
    // The writer may have been on its way to the first one when it was held: one or two transactions, never
    // ten.
    CHECK(writer.commits() - before <= 2);
    store::Connection connection(database_file(dir.path()));
    store::DocumentFilter filter;
    CHECK(store::list_documents(connection, kTenant, filter).documents.size() == 9);
}

TEST_CASE("after a document that came twice another process may write, and ours goes on", "[cabinet][writer]")
{
    TempDir dir;
    REQUIRE(store::prepare_database(database_file(dir.path())));
    store::Writer writer(database_file(dir.path()));
    const auto send = [&](std::uint32_t fd_number) {
        store::Batch batch;
        batch.tenant = kTenant;
        batch.documents.push_back(incoming(full_document(receipt(fd_number))));
        return writer.run([&](store::Connection& db) { (void)store::take_in(db, batch); });
    };
    REQUIRE(send(1));
    REQUIRE(send(1));
    store::Connection another(database_file(dir.path()));
    (void)store::add_tenant(another, "another", "another@example.org", "no password");
    CHECK(send(2));
    CHECK(store::list_documents(another, kTenant, {}).documents.size() == 2);
}
