// Appending: identity, conflicts, short records that become full, and what is known.
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;
using kb::test::TempDir;

namespace {

std::vector<FdRange> runs(std::initializer_list<FdRange> list) { return list; }

std::vector<std::uint32_t> numbers_to_send(Journal& journal)
{
    std::vector<std::uint32_t> numbers;
    const auto batch = *journal.outbox().next_batch({});
    for (const auto& item : batch.items)
        numbers.push_back(item.document.document.fd_number);
    return numbers;
}

} // namespace

TEST_CASE("a document comes back as it was appended", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    JournalDocument entry = sale(42);
    entry.document.ticket_received = true;
    entry.source = Source::print;
    const auto report = journal.documents().append({entry});
    REQUIRE(report);
    CHECK(report->added == 1);

    const auto found = journal.documents().find(kFn, 42);
    REQUIRE(found);
    CHECK(found->document.raw == entry.document.raw);
    CHECK(found->document.type == fiscal::DocumentType::receipt);
    CHECK(found->document.datetime == entry.document.datetime);
    CHECK(found->document.fiscal_sign == entry.document.fiscal_sign);
    CHECK(found->document.form == fiscal::DocumentForm::full);
    CHECK(found->document.ticket_received);
    CHECK(found->kkt_serial == kKkt);
    CHECK(found->source == Source::print);
    CHECK(found->read_at == entry.read_at);

    const auto absent = journal.documents().find(kFn, 43);
    REQUIRE_FALSE(absent);
    CHECK(absent.error().code == Errc::not_found);
}

TEST_CASE("the same document again changes nothing, also within one batch", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    const auto first = journal.documents().append({sale(1), sale(1), sale(2)});
    REQUIRE(first);
    CHECK(first->added == 2);
    CHECK(first->unchanged == 1);
    const auto again = journal.documents().append(sales({1, 3}));
    REQUIRE(again);
    CHECK(again->added == 1);
    CHECK(again->unchanged == 2);
    CHECK(journal.outbox().state()->unsent == 3);
}

TEST_CASE("other bytes under a known number are kept aside and stop nothing else", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 2})));
    JournalDocument other = sale(2);
    other.document.fiscal_sign += 1;
    const auto report = journal.documents().append({other, sale(3)});
    REQUIRE(report);
    CHECK(report->added == 1);
    REQUIRE(report->conflicts.size() == 1);
    CHECK(report->conflicts[0].fd_number == 2);
    CHECK(report->conflicts[0].error.code == Errc::conflict);
    CHECK_THAT(report->conflicts[0].error.context, Catch::Contains("fiscal sign"));

    CHECK(journal.documents().find(kFn, 2)->document.raw == sale(2).document.raw);
    const auto rejected = journal.documents().rejected();
    REQUIRE(rejected);
    REQUIRE(rejected->size() == 1);
    CHECK(rejected->front().origin == RejectedDocument::Origin::journal);
    CHECK(rejected->front().code == "conflict");
    CHECK(rejected->front().raw == other.document.raw);

    SECTION("the same again is counted, not repeated")
    {
        REQUIRE(journal.documents().append({other}));
        const auto counted = journal.documents().rejected();
        REQUIRE(counted->size() == 1);
        CHECK(counted->front().times == 2);
    }
}

TEST_CASE("a full document takes the place of its short record and is queued anew", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({short_record(7)}));
    CHECK(*journal.documents().wanted_bodies(kFn, 10) == std::vector<std::uint32_t>{7});
    const auto batch = journal.outbox().next_batch({});
    REQUIRE(batch);
    REQUIRE(batch->items.size() == 1);

    const auto report = journal.documents().append({sale(7)});
    REQUIRE(report);
    CHECK(report->completed == 1);
    CHECK(journal.documents().find(kFn, 7)->document.form == fiscal::DocumentForm::full);
    CHECK(journal.documents().wanted_bodies(kFn, 10)->empty());

    // The answer for the short record, sent before, does not count for the body.
    REQUIRE(journal.outbox().acknowledge(*batch, {all_there()}, at(100)));
    const auto next = journal.outbox().next_batch({});
    REQUIRE(next->items.size() == 1);
    CHECK(next->items[0].document.document.raw == sale(7).document.raw);
    REQUIRE(journal.outbox().acknowledge(*next, {all_there()}, at(101)));
    CHECK(journal.outbox().state()->unsent == 0);
}

TEST_CASE("a body that comes after its short record was acknowledged is sent, too", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({short_record(7)}));
    REQUIRE(journal.outbox().acknowledge(*journal.outbox().next_batch({}), {all_there()}, at(1)));
    CHECK(journal.outbox().state()->unsent == 0);
    REQUIRE(journal.documents().append({sale(7)}));
    CHECK(journal.outbox().state()->unsent == 1);
}

TEST_CASE("a short record never takes the place of a body, nor a body that of another record", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({sale(1), short_record(2)}));
    CHECK(journal.documents().append({short_record(1)})->unchanged == 1);
    CHECK(journal.documents().find(kFn, 1)->document.form == fiscal::DocumentForm::full);

    JournalDocument foreign = sale(2);
    foreign.document.type = fiscal::DocumentType::shift_close;
    CHECK(journal.documents().append({foreign})->conflicts.size() == 1);
    CHECK(journal.documents().find(kFn, 2)->document.form == fiscal::DocumentForm::short_record);
}

TEST_CASE("the OFD's ticket in a short record is news, not a conflict", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({short_record(5)}));
    JournalDocument later = short_record(5);
    later.document.raw[1] = 1;
    later.document.ticket_received = true;
    later.body_wanted = false;
    const auto report = journal.documents().append({later});
    REQUIRE(report);
    CHECK(report->unchanged == 1);
    CHECK(journal.documents().find(kFn, 5)->document.ticket_received);
    // Read as a whole document and only the short record was left: the body is gone for good.
    CHECK(journal.documents().wanted_bodies(kFn, 10)->empty());
}

TEST_CASE("a document without identity is refused with nothing written", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    JournalDocument broken = sale(9);
    const auto refused_with = [&](const std::string& word) {
        const auto report = journal.documents().append({sale(8), broken});
        REQUIRE_FALSE(report);
        CHECK(report.error().code == Errc::bad_value);
        CHECK_THAT(report.error().context, Catch::Contains(word));
        CHECK(*journal.documents().count() == 0);
    };
    SECTION("FN")
    {
        broken.document.fn_serial.clear();
        refused_with("fn_serial");
    }
    SECTION("number")
    {
        broken.document.fd_number = 0;
        refused_with("fd_number");
    }
    SECTION("bytes")
    {
        broken.document.raw.clear();
        refused_with("no bytes");
    }
}

TEST_CASE("documents of a register without a number are kept, and belong to it once it has one", "[journal]")
{
    TempDir dir;
    const auto nameless = [](JournalDocument entry) {
        entry.kkt_serial.clear();
        return entry;
    };
    const Error unreadable{Errc::bad_tlv, Outcome::not_done, "no TLV", {}};
    {
        Journal journal = open_journal(dir.path());
        REQUIRE(journal.documents().note_fn(kFn, "", 4, at(1)));
        REQUIRE(journal.documents().append({nameless(sale(1)), nameless(short_record(2))}));
        REQUIRE(journal.documents().set_aside(kFn, "", 3, unreadable, {}, at(1)));
        CHECK(journal.documents().find(kFn, 1)->kkt_serial.empty());
        CHECK(journal.documents().devices()->empty());
        const auto progress = journal.documents().fn_progress(kFn);
        REQUIRE(progress);
        CHECK(progress->kkt_serial.empty());
        CHECK(progress->known == 3);
        CHECK(progress->bodies_wanted == 1);
    }
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().note_fn(kFn, kKkt, 4, at(2)));
    CHECK(journal.documents().find(kFn, 1)->kkt_serial == kKkt);
    CHECK(journal.documents().rejected()->front().kkt_serial == kKkt);
    // Nothing was read twice, and what comes now is the same register's.
    CHECK(journal.documents().append({sale(1), sale(2)})->completed == 1);
    CHECK(*journal.documents().count() == 2);
    CHECK(journal.check({})->sound);
}

TEST_CASE("a register that stops telling its number is the one its FN was seen in", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({sale(1)}));
    REQUIRE(journal.documents().note_fn(kFn, "", 2, at(1)));
    JournalDocument second = sale(2);
    second.kkt_serial.clear();
    REQUIRE(journal.documents().append({second}));
    CHECK(journal.documents().find(kFn, 2)->kkt_serial == kKkt);
    CHECK(journal.documents().fn_progress(kFn)->kkt_serial == kKkt);
    CHECK(numbers_to_send(journal) == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("bodies set aside as unreadable are not counted as wanted", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append({short_record(1), short_record(2)}));
    const Error unreadable{Errc::bad_tlv, Outcome::not_done, "no TLV", {}};
    REQUIRE(journal.documents().set_aside(kFn, kKkt, 1, unreadable, {}, at(1)));
    REQUIRE(journal.documents().set_aside(kFn, kKkt, 1, unreadable, {1, 2}, at(2)));
    CHECK(journal.documents().fn_progress(kFn)->bodies_wanted == 1);
    CHECK(journal.documents().wanted_bodies(kFn, 10)->size() == 1);
}

TEST_CASE("ranges know what was read and what is missing, also after reopening", "[journal]")
{
    TempDir dir;
    const auto look = [](Journal& journal) {
        const auto progress = journal.documents().fn_progress(kFn);
        REQUIRE(progress);
        CHECK(progress->contiguous_through == 10);
        CHECK(progress->known == 21);
        CHECK(progress->last_fd_number == 50);
        CHECK(progress->missing == runs({{11, 19}, {31, 50}}));
        CHECK(journal.documents().missing(kFn, 25) == runs({{11, 19}}));
        CHECK(journal.documents().missing(kOtherFn, 3) == runs({{1, 3}}));
        CHECK(journal.documents().missing(kFn, 0).empty());
    };
    {
        Journal journal = open_journal(dir.path());
        REQUIRE(journal.documents().append(sales({20, 30})));
        REQUIRE(journal.documents().append(sales({1, 5})));
        REQUIRE(journal.documents().append(sales({6, 10})));
        REQUIRE(journal.documents().note_fn(kFn, kKkt, 50, at(1)));
        look(journal);
    }
    Journal journal = open_journal(dir.path());
    look(journal);
    REQUIRE(journal.documents().append(sales({11, 19})));
    CHECK(journal.documents().fn_progress(kFn)->contiguous_through == 30);
    REQUIRE(journal.documents().note_fn(kFn, kKkt, 3, at(2)));
    CHECK(journal.documents().fn_progress(kFn)->last_fd_number == 50);
}

TEST_CASE("an unreadable document is set aside with its reason and not read for ever", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 2})));
    const Error why{Errc::bad_tlv, Outcome::not_done, "tag 1059 is longer than its document", std::nullopt};
    REQUIRE(journal.documents().set_aside(kFn, kKkt, 3, why, Bytes{3, 0, 1}, at(5)));
    CHECK(journal.documents().fn_progress(kFn)->contiguous_through == 3);
    auto rejected = journal.documents().rejected();
    REQUIRE(rejected->size() == 1);
    CHECK(rejected->front().code == "bad_tlv");
    CHECK(rejected->front().reason == why.context);
    CHECK(journal.documents().rejected(rejected->front().id)->raw == Bytes{3, 0, 1});

    // Sound at last: it takes its place and the rejection goes.
    CHECK(journal.documents().append({sale(3)})->added == 1);
    CHECK(journal.documents().rejected()->empty());
}

TEST_CASE("a replaced FN begins a range of its own under the same register", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 3})));
    REQUIRE(journal.documents().append(sales({1, 2}, kOtherFn)));
    CHECK(journal.documents().fns()->size() == 2);
    CHECK(journal.documents().devices()->size() == 1);
    CHECK(journal.documents().fn_progress(kOtherFn)->contiguous_through == 2);
}

TEST_CASE("a register is known by its number and keeps its latest name", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().note_device({kKkt, "Касса 1", "shtrih", "ШТРИХ-М-02Ф", {}, at(1)}));
    REQUIRE(journal.documents().note_device({kKkt, "Касса у входа", "shtrih", "ШТРИХ-М-02Ф", {}, at(9)}));
    const auto devices = journal.documents().devices();
    REQUIRE(devices->size() == 1);
    CHECK(devices->front().name == "Касса у входа");
    CHECK(devices->front().first_seen == at(1));
    CHECK(devices->front().last_seen == at(9));
}

TEST_CASE("documents are listed by FN, number, type and time, newest first", "[journal]")
{
    TempDir dir;
    Journal journal = open_journal(dir.path());
    REQUIRE(journal.documents().append(sales({1, 20})));
    REQUIRE(journal.documents().append(sales({1, 5}, kOtherFn)));
    const auto numbers = [&](const DocumentFilter& filter) {
        std::vector<std::uint32_t> found;
        REQUIRE(journal.documents().for_each(filter, [&](const JournalDocument& entry) {
            found.push_back(entry.document.fd_number);
            return true;
        }));
        return found;
    };
    DocumentFilter filter;
    filter.fn_serial = kFn;
    filter.at_most = 3;
    CHECK(numbers(filter) == std::vector<std::uint32_t>{20, 19, 18});
    filter.newest_first = false;
    CHECK(numbers(filter) == std::vector<std::uint32_t>{1, 2, 3});
    filter.numbers = {7, 8};
    CHECK(numbers(filter) == std::vector<std::uint32_t>{7, 8});
    filter.type = fiscal::DocumentType::shift_open;
    CHECK(numbers(filter).empty());
    DocumentFilter by_time;
    by_time.fn_serial = kFn;
    by_time.from = sale(5).document.datetime;
    by_time.to = sale(7).document.datetime;
    CHECK(numbers(by_time) == std::vector<std::uint32_t>{6, 5});
    DocumentFilter all;
    all.at_most = 0;
    CHECK(numbers(all).size() == 25);
    CHECK(journal.documents().last(kFn).value()->document.fd_number == 20);
    CHECK_FALSE(journal.documents().last("1").value());
}
