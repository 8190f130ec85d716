#include "drivers/atol_fptr/verdict.hpp"

#include <algorithm>

namespace kb::atol_fptr {
namespace {

using fiscal::DocumentType;

DocumentType as_receipt(DocumentType type)
{
    switch (type) {
    case DocumentType::bso:
        return DocumentType::receipt;
    case DocumentType::bso_correction:
        return DocumentType::receipt_correction;
    default:
        return type;
    }
}

bool fits(const fiscal::ShortRecord& record, const WantedDocument& wanted)
{
    return as_receipt(record.type) == wanted.type &&
           (!wanted.operation || record.operation == wanted.operation) &&
           (!wanted.total || record.total == wanted.total);
}

} // namespace

WantedDocument wanted_document(const fiscal::Request& request)
{
    WantedDocument wanted;
    wanted.type = fiscal::document_type_of(request).value_or(DocumentType{});
    if (request.receipt) {
        wanted.operation = request.receipt->operation;
        wanted.total = request.receipt->total;
        if (const auto counted = fiscal::total_of(*request.receipt); !wanted.total && counted) {
            wanted.total = *counted;
        }
    }
    return wanted;
}

Became what_became(const Aftermath& after, const WantedDocument& wanted, bool doubtful)
{
    if (after.receipt_open) {
        return Became::unclear;
    }
    if (after.last_now == after.last_before) {
        // The library remembers an older document as closed, too: of a task that was refused it says nothing.
        return doubtful && after.told_closed ? Became::unclear : Became::not_made;
    }
    const bool found = std::any_of(after.new_records.begin(), after.new_records.end(),
                                   [&](const fiscal::ShortRecord& record) { return fits(record, wanted); });
    if (found) {
        return Became::made;
    }
    const bool all_seen = after.new_records.size() == after.last_now - after.last_before;
    return doubtful || !all_seen ? Became::unclear : Became::not_made;
}

} // namespace kb::atol_fptr
