#include "cabinet/ingest/digest.hpp"

#include "cabinet/store/documents.hpp"
#include "protocol/fiscal/checks.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/receipt_text.hpp"
#include "protocol/fiscal/short_record.hpp"

namespace kb::cabinet::ingest {

namespace {

using fiscal::DocumentForm;
using store::Digest;

std::optional<std::int64_t> count(const std::optional<Kopecks>& sum)
{
    return sum ? std::optional(sum->count()) : std::nullopt;
}
std::int64_t count_or_zero(const std::optional<Kopecks>& sum) { return sum ? sum->count() : 0; }

Result<void> same_key(const fiscal::Head& head, const fiscal::FiscalDocument& document)
{
    const auto differs = [](const std::string& what, const std::string& inside, const std::string& outside) {
        return fail(Errc::bad_value, what + ": the document says " + inside + ", its key says " + outside);
    };
    using std::chrono::floor;
    using std::chrono::minutes;
    if (head.type != document.type)
        return differs("type", std::to_string(static_cast<unsigned>(head.type)),
                       std::to_string(static_cast<unsigned>(document.type)));
    if (head.fn_serial != document.fn_serial)
        return differs("fn_serial", head.fn_serial, document.fn_serial);
    if (head.fd_number != document.fd_number)
        return differs("fd_number", std::to_string(head.fd_number), std::to_string(document.fd_number));
    if (floor<minutes>(head.datetime) != floor<minutes>(document.datetime)) // the archive has no seconds
        return differs("datetime", to_text(head.datetime), to_text(document.datetime));
    if (head.fiscal_sign != document.fiscal_sign)
        return differs("fiscal_sign", std::to_string(head.fiscal_sign), std::to_string(document.fiscal_sign));
    return {};
}

void take_head(const fiscal::Head& head, Digest& digest)
{
    if (head.operation)
        digest.operation = static_cast<std::int64_t>(*head.operation);
    digest.total = count(head.total);
    digest.shift_number = head.shift_number;
    digest.receipt_number = head.receipt_number;
    digest.cashier = head.cashier;
}

void take_vat(const fiscal::VatSums& vat, Digest& digest)
{
    const auto add = [&](int code, const std::optional<Kopecks>& sum) {
        if (sum && sum->count() != 0)
            digest.vat.emplace_back(code, sum->count());
    };
    add(1, vat.vat_20);
    add(2, vat.vat_10);
    add(3, vat.vat_20_120);
    add(4, vat.vat_10_110);
    add(5, vat.turnover_0);
    add(6, vat.turnover_none);
    if (vat.others)
        for (const auto& entry : vat.others->sums)
            if (entry.rate)
                add(*entry.rate, entry.sum);
}

store::Item item_of(const fiscal::Item& item)
{
    store::Item out;
    out.name = item.name;
    out.price = count(item.price);
    if (item.quantity)
        out.quantity = item.quantity->millionths();
    out.sum = count(item.sum);
    out.vat_code = item.vat_rate;
    out.vat_sum = count(item.vat_sum);
    out.payment_method = item.payment_method;
    out.item_kind = item.item_kind;
    out.unit = item.unit ? std::string(fiscal::unit_name_ru(*item.unit)) : item.unit_text;
    return out;
}

Digest digest_full(const fiscal::Document& decoded)
{
    Digest digest;
    take_head(decoded.head, digest);
    std::string words = decoded.head.cashier;
    if (decoded.receipt) {
        const auto& paid = decoded.receipt->payments;
        digest.payments = store::Payments{count_or_zero(paid.cash), count_or_zero(paid.electronic),
                                          count_or_zero(paid.advance), count_or_zero(paid.credit),
                                          count_or_zero(paid.counter)};
        take_vat(decoded.receipt->vat, digest);
        for (const auto& item : decoded.receipt->items) {
            digest.items.push_back(item_of(item));
            words += '\n' + item.name;
        }
    }
    for (auto& finding : fiscal::check_document(decoded))
        digest.findings.push_back(
            {finding.code, std::string(to_string(finding.severity)), finding.text_ru, finding.path});
    digest.search_text = store::fold_case(words);
    return digest;
}

} // namespace

Result<Digest> digest_of(const fiscal::FiscalDocument& document)
{
    if (document.type == fiscal::DocumentType::ofd_ticket)
        return fail(Errc::bad_value, "type: an OFD ticket has no number of its own");
    Digest digest;
    if (document.form == DocumentForm::short_record) {
        const auto record = fiscal::read_short_record(document.raw);
        if (!record)
            return pass(record);
        const fiscal::Head head = fiscal::head_of(*record, document.fn_serial);
        if (auto same = same_key(head, document); !same)
            return pass(same);
        take_head(head, digest);
    } else {
        const auto decoded = fiscal::decode(document.raw);
        if (!decoded)
            return pass(decoded);
        if (auto same = same_key(decoded->head, document); !same)
            return pass(same);
        digest = digest_full(*decoded);
    }
    digest.search_text +=
        '\n' + std::to_string(document.fd_number) + '\n' + std::to_string(document.fiscal_sign);
    Result<Digest> result(std::move(digest));
    return result;
}

} // namespace kb::cabinet::ingest
