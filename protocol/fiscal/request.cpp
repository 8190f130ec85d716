#include "protocol/fiscal/request.hpp"

#include "protocol/fiscal/dotted_date.hpp"
#include "protocol/fiscal/receipt_text.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <algorithm>
#include <utility>

namespace kb::fiscal {

namespace {

constexpr std::uint8_t kFullPayment = 4;
constexpr std::uint8_t kGoods = 1;
constexpr std::uint8_t kGoodsWithMark = 33;

template <class T>
void drop_if_empty(std::optional<T>& value)
{
    if (value == T{})
        value.reset();
}

void make_dotted(std::string& date)
{
    if (auto dotted = dotted_of_iso(date))
        date = *std::move(dotted);
}

bool by_measure(const Item& item)
{
    return item.fraction || item.unit.value_or(words::kPiece) != words::kPiece;
}

std::uint8_t planned_status(Operation operation, const Item& item)
{
    const bool returned = operation == Operation::sell_return || operation == Operation::buy_return;
    return static_cast<std::uint8_t>((returned ? 3 : 1) + (by_measure(item) ? 1 : 0));
}

Result<void> fill_in_position(Position& position, Operation operation, const std::string& path)
{
    Item& item = position.item;
    drop_if_empty(item.fraction);
    drop_if_empty(item.agent);
    drop_if_empty(item.supplier);
    if (item.agent_flags == 0U)
        item.agent_flags.reset();
    for (IndustryAttribute& attribute : item.industry)
        make_dotted(attribute.date);
    if (!item.payment_method)
        item.payment_method = kFullPayment;
    if (!item.item_kind)
        item.item_kind = position.marking ? kGoodsWithMark : kGoods;
    if (position.marking && position.marking->planned_status == 0)
        position.marking->planned_status = planned_status(operation, item);
    if (item.sum || !item.price || !item.quantity || item.fraction)
        return {};
    const auto sum = cost(*item.price, *item.quantity);
    if (!sum)
        return fail(Errc::overflow, path + ".sum: price x quantity is beyond any money; check both");
    item.sum = *sum;
    return {};
}

Result<void> fill_in_payments(ReceiptRequest& request)
{
    Payments& paid = request.receipt.payments;
    if (paid == Payments{}) {
        const bool known =
            std::all_of(request.positions.begin(), request.positions.end(),
                        [](const Position& position) { return position.item.sum.has_value(); });
        if (!known && !request.total)
            return {}; // check_request() asks for what is missing
        const auto total = request.total ? Result<Kopecks>(*request.total) : total_of(request);
        if (!total)
            return pass(total);
        paid.cash = *total;
        return {};
    }
    for (auto* part : {&paid.cash, &paid.electronic, &paid.advance, &paid.credit, &paid.counter})
        drop_if_empty(*part);
    if (paid == Payments{})
        paid.cash = Kopecks{};
    return {};
}

// ---- formats

void fit_buyer_before_1_2(Receipt& receipt)
{
    if (!receipt.buyer)
        return;
    if (receipt.buyer_name.empty())
        receipt.buyer_name = std::exchange(receipt.buyer->name, {});
    if (receipt.buyer_inn.empty())
        receipt.buyer_inn = std::exchange(receipt.buyer->inn, {});
    drop_if_empty(receipt.buyer);
}

void fit_buyer_1_2(Receipt& receipt)
{
    Buyer buyer = receipt.buyer.value_or(Buyer{});
    if (buyer.name.empty())
        buyer.name = std::exchange(receipt.buyer_name, {});
    if (buyer.inn.empty())
        buyer.inn = std::exchange(receipt.buyer_inn, {});
    if (buyer != Buyer{})
        receipt.buyer = std::move(buyer);
}

void fit_unit_before_1_2(Item& item)
{
    if (!item.unit)
        return;
    const std::string_view name = unit_name_ru(*item.unit);
    if (name.empty() && *item.unit != words::kOtherUnit)
        return; // no unit at all
    if (item.unit_text.empty())
        item.unit_text = name;
    item.unit.reset();
}

void fit_unit_1_2(Item& item)
{
    if (item.unit_text.empty())
        return;
    if (!item.unit) {
        item.unit = words::kOtherUnit;
        for (const Word& word : words::kUnits)
            if (unit_name_ru(static_cast<std::uint8_t>(word.code)) == item.unit_text)
                item.unit = static_cast<std::uint8_t>(word.code);
    }
    item.unit_text.clear();
}

// FFD 1.2 has agents only in items. What an item says of itself stays.
void fit_agent_1_2(ReceiptRequest& request)
{
    Receipt& receipt = request.receipt;
    for (Position& position : request.positions) {
        Item& item = position.item;
        if (!item.agent_flags)
            item.agent_flags = receipt.agent_flags;
        if (!item.agent && receipt.agent != Agent{})
            item.agent = receipt.agent;
        if (!receipt.supplier_phones.empty()) {
            if (!item.supplier)
                item.supplier.emplace();
            if (item.supplier->phones.empty())
                item.supplier->phones = receipt.supplier_phones;
        }
    }
    receipt.agent_flags.reset();
    receipt.agent = {};
    receipt.supplier_phones.clear();
}

} // namespace

std::string_view to_string(RequestKind kind) { return word_of(words::kKinds, static_cast<unsigned>(kind)); }

std::optional<RequestKind> request_kind_of(std::string_view word)
{
    const auto code = code_of(words::kKinds, word);
    return code ? std::optional(static_cast<RequestKind>(*code)) : std::nullopt;
}

Result<Kopecks> total_of(const ReceiptRequest& request)
{
    Kopecks total;
    for (const Position& position : request.positions) {
        const auto sum = total.plus(position.item.sum.value_or(Kopecks{}));
        if (!sum)
            return fail(Errc::overflow, "items: their sum is beyond any money; check the sums");
        total = *sum;
    }
    return total;
}

std::optional<DocumentType> document_type_of(const Request& request, bool bso)
{
    switch (request.kind) {
    case RequestKind::receipt:
        if (request.receipt && request.receipt->correction)
            return bso ? DocumentType::bso_correction : DocumentType::receipt_correction;
        return bso ? DocumentType::bso : DocumentType::receipt;
    case RequestKind::shift_open:
        return DocumentType::shift_open;
    case RequestKind::shift_close:
        return DocumentType::shift_close;
    case RequestKind::state_report:
        return DocumentType::state_report;
    default:
        return std::nullopt;
    }
}

Result<void> fill_in(Request& request)
{
    if (!request.receipt)
        return {};
    ReceiptRequest& asked = *request.receipt;
    for (std::size_t i = 0; i < asked.positions.size(); ++i)
        if (auto filled =
                fill_in_position(asked.positions[i], asked.operation, "items[" + std::to_string(i) + "]");
            !filled)
            return filled;
    Receipt& receipt = asked.receipt;
    if (receipt.buyer)
        make_dotted(receipt.buyer->birth_date);
    for (IndustryAttribute& attribute : receipt.industry)
        make_dotted(attribute.date);
    drop_if_empty(receipt.buyer);
    drop_if_empty(receipt.operational);
    drop_if_empty(receipt.user_attribute);
    if (receipt.agent_flags == 0U)
        receipt.agent_flags.reset();
    if (receipt.internet_payment == false)
        receipt.internet_payment.reset();
    if (receipt.correction_basis && receipt.correction_basis->date)
        receipt.correction_basis->date =
            std::chrono::floor<std::chrono::days>(*receipt.correction_basis->date);
    drop_if_empty(receipt.correction_basis);
    return fill_in_payments(asked);
}

void fit_to(Request& request, FfdVersion ffd)
{
    if (!request.receipt)
        return;
    ReceiptRequest& asked = *request.receipt;
    const bool is_1_2 = ffd >= FfdVersion::v1_2;
    (is_1_2 ? fit_buyer_1_2 : fit_buyer_before_1_2)(asked.receipt);
    for (Position& position : asked.positions)
        (is_1_2 ? fit_unit_1_2 : fit_unit_before_1_2)(position.item);
    if (is_1_2)
        fit_agent_1_2(asked);
}

} // namespace kb::fiscal
