#include "agent/api/kkmserver/documents.hpp"

#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/receipt_text.hpp"
#include "protocol/fiscal/short_record.hpp"

#include <array>
#include <utility>

namespace kb::agent::kkmserver {

namespace {

using Json = nlohmann::ordered_json;

double rubles(const std::optional<Kopecks>& sum)
{
    return static_cast<double>(sum.value_or(Kopecks{}).count()) / 100;
}

/// The KkmServer rate for a code of tag 1199.
int tax_of(std::uint8_t rate)
{
    constexpr std::array<int, 13> kTaxes{-1, 20, 10, 120, 110, 0, -1, 5, 7, 105, 107, 22, 122};
    return rate < kTaxes.size() ? kTaxes[rate] : -1;
}

/// One bit of tag 1055 by its number; empty: none.
std::string variant_of(std::optional<std::uint32_t> tax_system)
{
    for (unsigned bit = 0; bit < 6; ++bit)
        if (tax_system == 1U << bit)
            return std::to_string(bit);
    return "";
}

std::string type_of(const fiscal::Head& head)
{
    std::string name(fiscal::document_name_ru(head.type));
    if (head.operation && fiscal::is_receipt(head.type)) {
        const std::string operation(fiscal::operation_name_ru(*head.operation));
        name = fiscal::is_correction(head.type) ? "Коррекция: " + operation : operation;
    }
    return name;
}

Json items_of(const fiscal::Receipt& receipt)
{
    Json items = Json::array();
    for (const fiscal::Item& item : receipt.items)
        items.push_back({{"Name", item.name},
                         {"Quantity", static_cast<double>(item.quantity.value_or(Quantity{}).millionths()) /
                                          static_cast<double>(Quantity::kScale)},
                         {"Price", rubles(item.price)},
                         {"Amount", rubles(item.sum)},
                         {"Tax", tax_of(item.vat_rate.value_or(0))}});
    return items;
}

Json head_of_check(const fiscal::Head& head)
{
    return {{"FiscalNumber", std::to_string(head.fd_number)},
            {"FiscalDate", to_text(head.datetime)},
            {"CheckType", type_of(head)},
            {"FiscalSign", std::to_string(head.fiscal_sign)},
            {"CashierName", head.cashier}};
}

Json check_of_document(const fiscal::Document& document)
{
    Json check = head_of_check(document.head);
    const fiscal::Receipt receipt = document.receipt.value_or(fiscal::Receipt{});
    const fiscal::Payments& paid = receipt.payments;
    check["CashierVATIN"] = receipt.cashier_inn;
    check["TaxVariant"] = variant_of(receipt.tax_system);
    check["ClientAddress"] = receipt.buyer_contact;
    check["SenderEmail"] = receipt.sender_email;
    check["PlaceMarket"] = receipt.place;
    check["Register"] = document.receipt ? items_of(receipt) : Json(nullptr);
    check["Cash"] = rubles(paid.cash);
    check["ElectronicPayment"] = rubles(paid.electronic);
    check["AdvancePayment"] = rubles(paid.advance);
    check["Credit"] = rubles(paid.credit);
    check["CashProvision"] = rubles(paid.counter);
    check["AllSumm"] = rubles(document.head.total);
    return check;
}

Json answer_of(const fiscal::Head& head, Json check, const std::vector<std::string>& lines)
{
    const auto qr = fiscal::receipt_qr_of(head);
    const std::string text = qr ? fiscal::receipt_qr_text(*qr) : "";
    std::string slip;
    for (const std::string& line : lines)
        slip += line + "\r\n";
    return {{"Slip", slip}, {"URL", text}, {"QRCode", text}, {"RegisterCheck", std::move(check)}};
}

Result<Json> check_of_record(const fiscal::FiscalDocument& document)
{
    const auto record = fiscal::read_short_record(document.raw);
    if (!record)
        return pass(record);
    fiscal::Head head;
    head.type = document.type;
    head.fn_serial = document.fn_serial;
    head.fd_number = document.fd_number;
    head.datetime = document.datetime;
    head.fiscal_sign = document.fiscal_sign;
    head.operation = record->operation;
    head.total = record->total;
    Json check = head_of_check(head);
    check["Register"] = nullptr;
    check["AllSumm"] = rubles(record->total);
    return answer_of(head, std::move(check), {"ФН хранит только краткую запись этого документа"});
}

// ---- counters

Json counter(const char* scope, const char* kind, const std::optional<fiscal::OperationCounters>& of,
             const std::optional<fiscal::OperationCounters>& corrected)
{
    const fiscal::OperationCounters sums = of.value_or(fiscal::OperationCounters{});
    const fiscal::OperationCounters corrections = corrected.value_or(fiscal::OperationCounters{});
    // The name of the first member begins with the Cyrillic letter, as that of the list and of the command.
    return {{"\u0421ountersType", scope},
            {"ReceiptType", kind},
            {"Count", sums.receipts.value_or(0)},
            {"Sum", rubles(sums.total)},
            {"Cash", rubles(sums.cash)},
            {"ElectronicPayment", rubles(sums.electronic)},
            {"AdvancePayment", rubles(sums.advance)},
            {"Credit", rubles(sums.credit)},
            {"CashProvision", rubles(sums.counter)},
            {"Tax20", rubles(sums.vat_20)},
            {"Tax10", rubles(sums.vat_10)},
            {"Tax0", rubles(sums.turnover_0)},
            {"TaxNo", rubles(sums.turnover_none)},
            {"Tax120", rubles(sums.vat_20_120)},
            {"Tax110", rubles(sums.vat_10_110)},
            {"CorrectionsCount", corrections.receipts.value_or(0)},
            {"CorrectionsSum", rubles(corrections.total)}};
}

void add_counters(Json& list, const char* scope, const fiscal::Counters& counters)
{
    const auto corrections = counters.corrections.value_or(fiscal::CorrectionCounters{});
    // Spelt so by clients.
    list.push_back(counter(scope, "Shell", counters.sell, corrections.sell));
    list.push_back(counter(scope, "ShellReturn", counters.sell_return, corrections.sell_return));
    list.push_back(counter(scope, "Buy", counters.buy, corrections.buy));
    list.push_back(counter(scope, "BuyReturn", counters.buy_return, corrections.buy_return));
}

} // namespace

Result<Json> check_of(const fiscal::FiscalDocument& document, std::size_t width)
{
    if (document.form == fiscal::DocumentForm::short_record)
        return check_of_record(document);
    const auto whole = fiscal::decode(document.raw);
    if (!whole)
        return pass(whole);
    return answer_of(whole->head, check_of_document(*whole), fiscal::receipt_text(*whole, width));
}

Result<Json> counters_of(const fiscal::FiscalDocument& shift_close)
{
    if (shift_close.form == fiscal::DocumentForm::short_record)
        return fail(Errc::no_data, "counters: the FN has only the short record");
    const auto whole = fiscal::decode(shift_close.raw);
    if (!whole)
        return pass(whole);
    const fiscal::Report report = whole->report.value_or(fiscal::Report{});
    if (!report.fn_counters && !report.shift_counters)
        return fail(Errc::no_data, "counters: this document has none");
    Json list = Json::array();
    add_counters(list, "Total", report.fn_counters.value_or(fiscal::Counters{}));
    add_counters(list, "Shift", report.shift_counters.value_or(fiscal::Counters{}));
    return list;
}

} // namespace kb::agent::kkmserver
