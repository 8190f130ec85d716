// A receipt and a correction receipt as tasks of the library. Before FFD 1.1 a correction has no positions:
// the library takes payments and sums by VAT rate. Source: docs/sources.md#atol-fptr, section 5.
#include "drivers/atol_fptr/task_parts.hpp"
#include "protocol/fiscal/vat.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kb::atol_fptr {
namespace {

using fiscal::Operation;

const char* type_word(const fiscal::ReceiptRequest& asked)
{
    switch (asked.operation) {
    case Operation::sell:
        return asked.correction ? "sellCorrection" : "sell";
    case Operation::sell_return:
        return asked.correction ? "sellReturnCorrection" : "sellReturn";
    case Operation::buy:
        return asked.correction ? "buyCorrection" : "buy";
    case Operation::buy_return:
        break;
    }
    return asked.correction ? "buyReturnCorrection" : "buyReturn";
}

/// 1055; nullptr: none of the six.
const char* taxation_word(std::uint32_t bit)
{
    switch (bit) {
    case 1:
        return "osn";
    case 2:
        return "usnIncome";
    case 4:
        return "usnIncomeOutcome";
    case 8:
        return "envd";
    case 16:
        return "esn";
    case 32:
        return "patent";
    default:
        return nullptr;
    }
}

JsonObject client_info(const fiscal::Receipt& receipt)
{
    // Where the format has the buyer differs by FFD; the library puts him there.
    const fiscal::Buyer buyer = receipt.buyer.value_or(fiscal::Buyer{});
    JsonObject json;
    json.text("emailOrPhone", receipt.buyer_contact);
    json.text("name", buyer.name.empty() ? receipt.buyer_name : buyer.name);
    json.text("vatin", buyer.inn.empty() ? receipt.buyer_inn : buyer.inn);
    json.text("birthDate", buyer.birth_date).text("citizenship", buyer.citizenship);
    json.text("identityDocumentCode", buyer.document_code).text("identityDocumentData", buyer.document);
    json.text("address", buyer.address);
    return json;
}

void put_correction(JsonObject& json, const fiscal::Receipt& receipt)
{
    json.contents("correctionType", receipt.correction_type.value_or(0) == 0 ? "self" : "instruction");
    if (!receipt.correction_basis) {
        return;
    }
    const fiscal::CorrectionBasis& basis = *receipt.correction_basis;
    if (basis.date) {
        json.contents("correctionBaseDate", task_date(*basis.date));
    }
    json.text("correctionBaseNumber", basis.number).text("correctionBaseName", basis.name);
}

void put_facts_of_sale(JsonObject& json, const fiscal::Receipt& receipt)
{
    if (receipt.internet_payment.value_or(false)) {
        json.flag("internet", true);
    }
    JsonObject company;
    company.text("email", receipt.sender_email);
    json.object("companyInfo", company);
    json.text("paymentsPlace", receipt.place).text("paymentsAddress", receipt.address);
    json.text("machineNumber", receipt.machine_number);
    json.object("agentInfo", agent_info(receipt.agent_flags.value_or(0), receipt.agent));
    json.object("supplierInfo", supplier_info(receipt.supplier_phones, {}, {}));
    json.array("industryInfo", industry_info(receipt.industry));
    if (receipt.operational) {
        JsonObject operation;
        if (receipt.operational->time) {
            operation.contents("dateTime", task_time(*receipt.operational->time));
        }
        if (receipt.operational->id) {
            operation.number("id", *receipt.operational->id);
        }
        operation.text("data", receipt.operational->data);
        json.object("operationInfo", operation);
    }
}

/// What stands among the positions and is none.
std::vector<std::string> attributes_of(const fiscal::Receipt& receipt)
{
    std::vector<std::string> items;
    if (receipt.user_attribute) {
        JsonObject json;
        json.contents("type", "userAttribute").text("name", receipt.user_attribute->name);
        json.text("value", receipt.user_attribute->value);
        items.push_back(json.json());
    }
    if (!receipt.extra.empty()) {
        JsonObject json;
        json.contents("type", "additionalAttribute").contents("value", receipt.extra);
        items.push_back(json.json());
    }
    return items;
}

std::string payments_json(const fiscal::Payments& paid)
{
    const std::array<std::pair<const char*, std::optional<Kopecks>>, 5> kinds{{
        {"cash", paid.cash},
        {"electronically", paid.electronic},
        {"prepaid", paid.advance},
        {"credit", paid.credit},
        {"other", paid.counter},
    }};
    std::vector<std::string> payments;
    const auto add = [&payments](const char* word, Kopecks sum) {
        JsonObject payment;
        payment.contents("type", word).money("sum", sum);
        payments.push_back(payment.json());
    };
    for (const auto& [word, sum] : kinds) {
        if (sum.value_or(Kopecks{}) != Kopecks{}) {
            add(word, *sum);
        }
    }
    if (payments.empty()) {
        add("cash", Kopecks{}); // all of it was given away: the library wants a payment all the same
    }
    return json_array(payments);
}

/// The cash that stays in the drawer: the old correction takes the sum of its payments for its total.
Result<fiscal::Payments> without_change(fiscal::Payments paid, Kopecks total)
{
    std::int64_t cashless = 0;
    for (const auto& sum : {paid.electronic, paid.advance, paid.credit, paid.counter}) {
        cashless += sum.value_or(Kopecks{}).count();
    }
    const std::int64_t cash = total.count() - cashless;
    if (cash < 0 || cash > paid.cash.value_or(Kopecks{}).count()) {
        return fail(Errc::not_representable, "payments: they do not make the total of the correction");
    }
    paid.cash = Kopecks{cash};
    return paid;
}

/// VAT of each rate; of 0 % and "no VAT" the turnover.
Result<std::string> taxes_json(const std::vector<fiscal::Position>& positions)
{
    std::array<Kopecks, fiscal::kVatRateCodes> sums{};
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const fiscal::Item& item = positions[i].item;
        const std::size_t rate = item.vat_rate.value_or(0);
        if (rate == 0 || rate >= sums.size() || !item.sum) {
            return fail(Errc::bad_value, "items[" + std::to_string(i) + "]: no VAT rate or no sum");
        }
        const fiscal::VatShare& share = fiscal::vat_share(rate);
        const Kopecks counted = share.part == 0
                                    ? *item.sum
                                    : Kopecks{fiscal::share_of(item.sum->count(), share.part, share.whole)};
        const auto more = sums[rate].plus(item.vat_sum && share.part != 0 ? *item.vat_sum : counted);
        if (!more) {
            return pass(more);
        }
        sums[rate] = *more;
    }
    std::vector<std::string> taxes;
    for (std::size_t rate = 1; rate < sums.size(); ++rate) {
        if (sums[rate] == Kopecks{}) {
            continue;
        }
        const auto word = tax_word(static_cast<std::uint8_t>(rate), "items");
        if (!word) {
            return pass(word);
        }
        JsonObject tax;
        tax.contents("type", *word).money("sum", sums[rate]);
        taxes.push_back(tax.json());
    }
    return json_array(taxes);
}

void put_lines(JsonObject& json, const fiscal::ReceiptRequest& asked, const TaskFacts& facts)
{
    if (asked.electronic_only) {
        return; // nothing is printed
    }
    json.array("preItems", print_items(asked.before));
    if (!asked.after.empty() || facts.cliche_may_be_off) {
        json.raw("postItems", json_array(print_items(asked.after)));
    }
}

Result<void> put_sums_by_rate(JsonObject& json, const fiscal::ReceiptRequest& asked, Kopecks total)
{
    const auto taxes = taxes_json(asked.positions);
    if (!taxes) {
        return pass(taxes);
    }
    const auto paid = without_change(asked.receipt.payments, total);
    if (!paid) {
        return pass(paid);
    }
    json.array("items", attributes_of(asked.receipt)).raw("taxes", *taxes);
    json.raw("payments", payments_json(*paid));
    return {};
}

/// 2106 of the mark of this position; nullopt: it has none, or was not checked.
std::optional<std::uint8_t> mark_result_of(const TaskFacts& facts, std::size_t position)
{
    const auto found =
        std::find_if(facts.marks.begin(), facts.marks.end(),
                     [position](const fiscal::MarkCheck& mark) { return mark.position == position; });
    return found == facts.marks.end() ? std::nullopt : std::optional(found->result);
}

Result<void> put_positions(JsonObject& json, const fiscal::ReceiptRequest& asked, Kopecks total,
                           const TaskFacts& facts)
{
    std::vector<std::string> items = attributes_of(asked.receipt);
    for (std::size_t i = 0; i < asked.positions.size(); ++i) {
        auto position = position_json(asked.positions[i], facts.ffd, "items[" + std::to_string(i) + "]",
                                      mark_result_of(facts, i));
        if (!position) {
            return pass(position);
        }
        items.push_back(*std::move(position));
    }
    json.raw("items", json_array(items)).raw("payments", payments_json(asked.receipt.payments));
    // Told, and not only counted by the library: a position that was taken twice does not make this total.
    json.money("total", total);
    return {};
}

} // namespace

Result<LibraryTask> receipt_task(const fiscal::Request& request, const TaskFacts& facts)
{
    const fiscal::ReceiptRequest& asked = *request.receipt;
    const auto counted = fiscal::total_of(asked);
    if (!counted) {
        return pass(counted);
    }
    const Kopecks total = asked.total.value_or(*counted);
    LibraryTask task;
    task.name = type_word(asked);
    task.at_most = kLongestTask + kLongestPosition * asked.positions.size();
    JsonObject json;
    json.contents("type", task.name);
    if (asked.receipt.tax_system) {
        const char* word = taxation_word(*asked.receipt.tax_system);
        if (word == nullptr) {
            return fail(Errc::not_representable, "tax_system: the ATOL library has no word for " +
                                                     std::to_string(*asked.receipt.tax_system));
        }
        json.contents("taxationType", word);
    }
    json.flag("electronically", asked.electronic_only);
    put_operator(json, request);
    json.object("clientInfo", client_info(asked.receipt));
    if (asked.correction) {
        put_correction(json, asked.receipt);
    }
    put_facts_of_sale(json, asked.receipt);
    const bool by_rate = asked.correction && facts.ffd < fiscal::FfdVersion::v1_1;
    const auto put =
        by_rate ? put_sums_by_rate(json, asked, total) : put_positions(json, asked, total, facts);
    if (!put) {
        return pass(put);
    }
    put_lines(json, asked, facts);
    task.json = json.json();
    return task;
}

} // namespace kb::atol_fptr
