// Which document of the FN is the one that was asked for: the pure part of settling a lost answer.
#include "agent/jobs/judgement.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using fiscal::DocumentType;
using fiscal::Operation;

namespace {

fiscal::Request sale()
{
    fiscal::Request request;
    request.receipt.emplace();
    fiscal::Position tea;
    tea.item.name = "Чай";
    tea.item.sum = Kopecks{12'350};
    request.receipt->positions.push_back(tea);
    return request;
}

Intent intent()
{
    Intent before;
    before.fn_serial = "9999078900001234";
    before.last_fd_number = 41;
    before.device_time = *local_from_text("2026-03-25T12:00:00");
    before.marker = "KB-0123456789ab";
    return before;
}

Seen made()
{
    Seen seen;
    seen.type = DocumentType::receipt;
    seen.fd_number = 42;
    seen.datetime = *local_from_text("2026-03-25T12:01:00");
    seen.operation = Operation::sell;
    seen.total = Kopecks{12'350};
    seen.body.emplace();
    seen.body->extra = "KB-0123456789ab";
    fiscal::Item tea;
    tea.name = "Чай";
    tea.sum = Kopecks{12'350};
    seen.body->items.push_back(tea);
    return seen;
}

} // namespace

TEST_CASE("a receipt with the job's marker is its own", "[jobs]")
{
    CHECK(judge(sale(), intent(), made()).ours);
    Seen in_strict_form = made();
    in_strict_form.type = DocumentType::bso;
    CHECK(judge(sale(), intent(), in_strict_form).ours);
}

TEST_CASE("another type, operation, sum or marker is somebody else's", "[jobs]")
{
    Seen seen = made();
    SECTION("type") { seen.type = DocumentType::shift_close; }
    SECTION("operation") { seen.operation = Operation::sell_return; }
    SECTION("sum") { seen.total = Kopecks{12'351}; }
    SECTION("marker") { seen.body->extra = "KB-ffffffffffff"; }
    SECTION("a correction") { seen.type = DocumentType::receipt_correction; }
    CHECK_FALSE(judge(sale(), intent(), seen).ours);
}

TEST_CASE("the same sale rung on the keypad is not taken for the job's", "[jobs]")
{
    Seen keypad = made();
    keypad.body->extra.clear();
    SECTION("the very same") {}
    SECTION("other goods of the same sum") { keypad.body->items[0].name = "Кофе"; }
    SECTION("one item more") { keypad.body->items.push_back(keypad.body->items[0]); }
    SECTION("long before") { keypad.datetime = *local_from_text("2026-03-25T11:50:00"); }
    CHECK_FALSE(judge(sale(), intent(), keypad).ours);
}

TEST_CASE("a correction whose marker the register did not keep is known by what it corrects", "[jobs]")
{
    fiscal::Request correction = sale();
    correction.receipt->correction = true;
    correction.receipt->receipt.correction_type = 0;
    Seen seen = made();
    seen.type = DocumentType::receipt_correction;
    seen.body->correction_type = 0;
    seen.body->extra.clear();
    CHECK(judge(correction, intent(), seen).ours);
    Seen by_order = seen;
    by_order.body->correction_type = 1;
    CHECK_FALSE(judge(correction, intent(), by_order).ours);
    seen.body->extra = "KB-ffffffffffff";
    CHECK_FALSE(judge(correction, intent(), seen).ours);
}

TEST_CASE("a document without any marker is judged by all else it tells", "[jobs]")
{
    Seen seen = made();
    seen.body->extra.clear();
    Intent without_marker = intent();
    without_marker.marker.clear();
    CHECK(judge(sale(), without_marker, seen).ours);
    Seen other = seen;
    other.body->items[0].name = "Кофе";
    CHECK_FALSE(judge(sale(), without_marker, other).ours);
    seen.body.reset(); // only its short record can be had
    CHECK(judge(sale(), intent(), seen).ours);
    seen.datetime = *local_from_text("2026-03-25T11:54:59");
    CHECK_FALSE(judge(sale(), intent(), seen).ours);
}

TEST_CASE("a shift's report is the step's own, whatever the request is", "[jobs]")
{
    Intent opening = intent();
    opening.step = JobStep::shift_open;
    Seen report;
    report.type = DocumentType::shift_open;
    report.fd_number = 42;
    CHECK(judge(sale(), opening, report).ours);
    report.type = DocumentType::shift_close;
    CHECK_FALSE(judge(sale(), opening, report).ours);
    fiscal::Request text;
    text.kind = fiscal::RequestKind::text;
    CHECK_FALSE(judge(text, intent(), made()).ours);
}

TEST_CASE("an intent comes back from the journal as it went in", "[jobs]")
{
    Intent before = intent();
    before.step = JobStep::shift_close;
    before.shift.open = true;
    before.shift.shift_number = 17;
    before.shift.receipt_number = 5;
    before.counters.cash_ins = 3;
    before.counters.cash_in_drawer = Kopecks{-5};
    const auto after = from_journal(to_journal(before));
    REQUIRE(after);
    CHECK(after->step == JobStep::shift_close);
    CHECK(after->fn_serial == before.fn_serial);
    CHECK(after->last_fd_number == 41);
    CHECK(after->shift.open);
    CHECK(after->shift.shift_number == 17);
    CHECK(after->shift.receipt_number == 5);
    CHECK(after->counters == before.counters);
    CHECK(after->device_time == before.device_time);
    CHECK(after->marker == before.marker);
    CHECK_FALSE(from_journal({"1", 1, "nonsense"}));
}

TEST_CASE("markers of two jobs differ, and fit in the tag", "[jobs]")
{
    const std::string one = marker_of("01234567-89ab-4cde-8f01-23456789abcd");
    CHECK(one == "KB-0123456789ab");
    CHECK(one.size() <= 16);
    CHECK(marker_of("01234567-89ac-4cde-8f01-23456789abcd") != one);
}
