// What became of a document whose task failed: every picture that library and FN can give together.
#include "drivers/atol_fptr/errors.hpp"
#include "drivers/atol_fptr/verdict.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::atol_fptr;
using fiscal::DocumentType;
using fiscal::Operation;

namespace {

fiscal::ShortRecord record_of(DocumentType type, std::optional<Operation> operation = std::nullopt,
                              std::int64_t total = 0)
{
    fiscal::ShortRecord record;
    record.type = type;
    record.operation = operation;
    if (operation) {
        record.total = Kopecks{total};
    }
    return record;
}

const fiscal::ShortRecord kOurs = record_of(DocumentType::receipt, Operation::sell, 1'800);
const fiscal::ShortRecord kAnother = record_of(DocumentType::receipt, Operation::sell, 1'801);

WantedDocument sale_wanted()
{
    WantedDocument wanted;
    wanted.type = DocumentType::receipt;
    wanted.operation = Operation::sell;
    wanted.total = Kopecks{1'800};
    return wanted;
}

Aftermath after_of(bool told_closed, std::vector<fiscal::ShortRecord> records)
{
    Aftermath after;
    after.told_closed = told_closed;
    after.last_before = 40;
    after.last_now = 40 + static_cast<std::uint32_t>(records.size());
    after.new_records = std::move(records);
    return after;
}

} // namespace

TEST_CASE("library and FN together decide what became of a document", "[atol-fptr]")
{
    struct Row {
        const char* picture;
        Aftermath after;
        Became when_refused;
        Became when_doubtful;
    };
    const fiscal::ShortRecord bso = record_of(DocumentType::bso, Operation::sell, 1'800);
    const fiscal::ShortRecord buy = record_of(DocumentType::receipt, Operation::buy, 1'800);
    const fiscal::ShortRecord shift = record_of(DocumentType::shift_open);
    const Row rows[] = {
        {"nothing new, not closed", after_of(false, {}), Became::not_made, Became::not_made},
        {"nothing new, but something was closed once", after_of(true, {}), Became::not_made, Became::unclear},
        {"one like it is there", after_of(true, {kOurs}), Became::made, Became::made},
        {"... as a strict form", after_of(true, {bso}), Became::made, Became::made},
        {"... though none was closed", after_of(false, {kOurs}), Became::made, Became::made},
        {"another and one like it", after_of(true, {kAnother, kOurs}), Became::made, Became::made},
        {"a shift and one like it", after_of(true, {shift, kOurs}), Became::made, Became::made},
        {"another sum", after_of(true, {kAnother}), Became::not_made, Became::unclear},
        {"another operation", after_of(false, {buy}), Became::not_made, Became::unclear},
        {"another type", after_of(true, {shift}), Became::not_made, Became::unclear},
    };
    for (const Row& row : rows) {
        INFO(row.picture);
        CHECK(what_became(row.after, sale_wanted(), false) == row.when_refused);
        CHECK(what_became(row.after, sale_wanted(), true) == row.when_doubtful);
        Aftermath open = row.after;
        open.receipt_open = true;
        CHECK(what_became(open, sale_wanted(), false) == Became::unclear);
    }
}

TEST_CASE("documents that were not looked at, or an FN that counts anew, decide nothing", "[atol-fptr]")
{
    Aftermath many = after_of(true, {kAnother});
    many.last_now = 60;
    CHECK(what_became(many, sale_wanted(), false) == Became::unclear);
    Aftermath replaced = after_of(true, {});
    replaced.last_now = 1;
    CHECK(what_became(replaced, sale_wanted(), false) == Became::unclear);
}

TEST_CASE("what is wanted of a request is its type, operation and total", "[atol-fptr]")
{
    fiscal::Request request;
    request.receipt.emplace();
    request.receipt->operation = Operation::buy_return;
    request.receipt->positions.resize(2);
    request.receipt->positions[0].item.sum = Kopecks{100};
    request.receipt->positions[1].item.sum = Kopecks{50};
    CHECK(wanted_document(request).type == DocumentType::receipt);
    CHECK(wanted_document(request).operation == Operation::buy_return);
    CHECK(wanted_document(request).total == Kopecks{150});
    request.receipt->correction = true;
    request.receipt->total = Kopecks{149};
    CHECK(wanted_document(request).type == DocumentType::receipt_correction);
    CHECK(wanted_document(request).total == Kopecks{149});
    fiscal::Request shift;
    shift.kind = fiscal::RequestKind::shift_close;
    CHECK(wanted_document(shift).type == DocumentType::shift_close);
    CHECK_FALSE(wanted_document(shift).operation);
    CHECK_FALSE(wanted_document(shift).total);
}

TEST_CASE("codes that leave it open whether a task was done are told from those that do not", "[atol-fptr]")
{
    for (const int code : {1,   2,   3,   4,   55,  104, 115, 116, 118, 140, 162,
                           173, 174, 175, 176, 177, 178, 188, 203, 221, 241, 601}) {
        INFO(code);
        CHECK(is_doubtful(to_error(code, "", "")));
    }
    for (const int code : {5,  8,  11, 12,  13,  16,  32,  44,  45,  46,  62,  66,  68,  71,  73,  80,
                           82, 83, 89, 117, 120, 121, 136, 137, 141, 143, 144, 161, 189, 227, 421, 501}) {
        INFO(code);
        CHECK_FALSE(is_doubtful(to_error(code, "", "")));
    }
    // The library has not come back: it is not known what it is at.
    CHECK(is_doubtful(Error{Errc::timed_out, Outcome::unknown, "", std::nullopt}));
    CHECK_FALSE(is_doubtful(Error{Errc::cancelled, Outcome::not_done, "", std::nullopt}));
}
