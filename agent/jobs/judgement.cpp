#include "agent/jobs/judgement.hpp"

#include "protocol/fiscal/short_record.hpp"

#include <utility>

namespace kb::agent {

namespace {

using namespace std::chrono_literals;
using fiscal::DocumentType;

// A short record tells minutes, and a clock may be set back between two documents by what the FN tolerates.
constexpr auto kClockTolerance = 5min;

bool is_bso(DocumentType type) { return type == DocumentType::bso || type == DocumentType::bso_correction; }

/// A register that is registered for strict forms makes them of what is a receipt elsewhere.
DocumentType as_receipt(DocumentType type)
{
    return !is_bso(type)               ? type
           : type == DocumentType::bso ? DocumentType::receipt
                                       : DocumentType::receipt_correction;
}

Judgement no(std::string why) { return {false, std::move(why)}; }
Judgement yes(std::string why) { return {true, std::move(why)}; }

Kopecks total_wanted(const fiscal::ReceiptRequest& receipt)
{
    if (receipt.total)
        return *receipt.total;
    return fiscal::total_of(receipt).value_or(Kopecks{-1});
}

/// The same goods for the same prices, in the same order.
bool same_positions(const fiscal::ReceiptRequest& asked, const fiscal::Receipt& made)
{
    if (asked.positions.size() != made.items.size())
        return false;
    for (std::size_t i = 0; i < made.items.size(); ++i) {
        const fiscal::Item& wanted = asked.positions[i].item;
        if (wanted.name != made.items[i].name || wanted.sum != made.items[i].sum)
            return false;
    }
    return true;
}

bool same_basis(const fiscal::Receipt& asked, const fiscal::Receipt& made)
{
    if (asked.correction_type != made.correction_type || !asked.correction_basis || !made.correction_basis)
        return asked.correction_type == made.correction_type;
    return asked.correction_basis->date == made.correction_basis->date &&
           asked.correction_basis->number == made.correction_basis->number;
}

Judgement judge_receipt(const fiscal::ReceiptRequest& asked, const Intent& intent, const Seen& seen)
{
    if (seen.operation != asked.operation)
        return no("another operation");
    if (seen.total != total_wanted(asked))
        return no("another sum");
    if (seen.body && !intent.marker.empty()) {
        if (seen.body->extra == intent.marker)
            return yes("the marker " + intent.marker + " is in it");
        // The register would have refused the tag, not dropped it: without it, somebody rang the same by
        // hand. Only of corrections before FFD 1.2 it is not known that every register keeps the tag.
        if (!asked.correction || !seen.body->extra.empty())
            return no(seen.body->extra.empty() ? "the marker is missing" : "another marker");
    }
    if (seen.datetime + kClockTolerance < intent.device_time)
        return no("older than the request");
    if (!seen.body)
        return yes("operation, sum and time; its body cannot be had");
    if (asked.correction) // before FFD 1.2 its positions become sums by rate
        return same_basis(asked.receipt, *seen.body) ? yes("operation, sum, time and what it corrects")
                                                     : no("it corrects something else");
    return same_positions(asked, *seen.body) ? yes("operation, sum, time and every position")
                                             : no("other positions");
}

} // namespace

Result<Seen> seen_of(const fiscal::FiscalDocument& document)
{
    Seen seen;
    seen.type = document.type;
    seen.fd_number = document.fd_number;
    seen.fiscal_sign = document.fiscal_sign;
    seen.datetime = document.datetime;
    if (document.form == fiscal::DocumentForm::full) {
        auto whole = fiscal::decode(document.raw);
        if (!whole)
            return pass(whole);
        seen.operation = whole->head.operation;
        seen.total = whole->head.total;
        seen.body = whole->receipt ? std::move(whole->receipt) : std::optional(fiscal::Receipt{});
        return seen;
    }
    const auto record = fiscal::read_short_record(document.raw);
    if (!record)
        return pass(record);
    seen.operation = record->operation;
    seen.total = record->total;
    return seen;
}

std::optional<DocumentType> awaited(const fiscal::Request& request, JobStep step)
{
    if (step == JobStep::shift_open)
        return DocumentType::shift_open;
    if (step == JobStep::shift_close)
        return DocumentType::shift_close;
    return fiscal::document_type_of(request);
}

Judgement judge(const fiscal::Request& request, const Intent& intent, const Seen& seen)
{
    const auto wanted = awaited(request, intent.step);
    if (!wanted)
        return no("this request makes no document");
    if (as_receipt(seen.type) != *wanted)
        return no("a document of another type");
    if (intent.step == JobStep::request && request.receipt)
        return judge_receipt(*request.receipt, intent, seen);
    return yes("the only document of its type since");
}

} // namespace kb::agent
