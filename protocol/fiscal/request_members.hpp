// Which member of a request's JSON is which of its values, said once for reading and for writing, in the
// order of the canonical form. `Io` is RequestReader or RequestWriter; both do nothing where there is
// nothing.
#pragma once

#include "protocol/fiscal/document_fields.hpp"
#include "protocol/fiscal/request.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <limits>
#include <utility>

namespace kb::fiscal {

inline constexpr std::size_t kMaxPositions = 1000; ///< a receipt of 32 KiB holds fewer
inline constexpr std::size_t kMaxPrintItems = 500;
inline constexpr std::size_t kMaxOfOne = 20; ///< phones, industry attributes

template <class Io>
void members(Io& io, MaybeConst<Agent> auto& agent)
{
    io.texts("transfer_operator_phones", agent.transfer_operator_phones, kMaxOfOne);
    io.text("operation", agent.operation);
    io.texts("agent_phones", agent.agent_phones, kMaxOfOne);
    io.texts("payment_operator_phones", agent.payment_operator_phones, kMaxOfOne);
    io.text("transfer_operator_name", agent.transfer_operator_name);
    io.text("transfer_operator_address", agent.transfer_operator_address);
    io.text("transfer_operator_inn", agent.transfer_operator_inn);
}

template <class Io>
void members(Io& io, MaybeConst<Supplier> auto& supplier)
{
    io.texts("phones", supplier.phones, kMaxOfOne);
    io.text("name", supplier.name);
}

template <class Io>
void members(Io& io, MaybeConst<IndustryAttribute> auto& industry)
{
    io.text("foiv_id", industry.foiv_id);
    io.dotted_date("date", industry.date);
    io.text("number", industry.number);
    io.text("value", industry.value);
}

template <class Io>
void members(Io& io, MaybeConst<Fraction> auto& fraction)
{
    constexpr std::uint64_t kMax = 1'000'000'000;
    io.number("numerator", fraction.numerator, 0, kMax);
    io.number("denominator", fraction.denominator, 0, kMax);
}

template <class Io>
void members(Io& io, MaybeConst<Marking> auto& marking)
{
    io.text("code", marking.code);
    io.number("planned_status", marking.planned_status, 1, 255, 0);
}

template <class Io>
void members(Io& io, MaybeConst<Position> auto& position)
{
    auto& item = position.item;
    io.text("name", item.name);
    io.money("price", item.price);
    io.quantity("quantity", item.quantity);
    io.word_or_code("unit", words::kUnits, item.unit);
    io.text("unit_text", item.unit_text);
    io.money("sum", item.sum);
    io.word("vat", words::kVatRates, item.vat_rate);
    io.money("vat_sum", item.vat_sum);
    io.word("payment_method", words::kPaymentMethods, item.payment_method);
    io.word_or_code("item_kind", words::kItemKinds, item.item_kind);
    io.number("department", position.department, 0, 255, 1);
    io.structure("marking", position.marking);
    io.structure("fraction", item.fraction);
    io.hex("product_code", item.product_code);
    io.flags("agent_flags", words::kAgents, item.agent_flags);
    io.structure("agent", item.agent);
    io.structure("supplier", item.supplier);
    io.text("supplier_inn", item.supplier_inn);
    io.money("excise", item.excise);
    io.text("country", item.country);
    io.text("customs_declaration", item.customs_declaration);
    io.text("extra", item.extra);
    io.list("industry", item.industry, kMaxOfOne);
}

template <class Io>
void members(Io& io, MaybeConst<Payments> auto& payments)
{
    io.money("cash", payments.cash);
    io.money("electronic", payments.electronic);
    io.money("advance", payments.advance);
    io.money("credit", payments.credit);
    io.money("counter", payments.counter);
}

template <class Io>
void members(Io& io, MaybeConst<CorrectionBasis> auto& basis)
{
    io.date("date", basis.date);
    io.text("number", basis.number);
    io.text("name", basis.name);
}

template <class Io>
void members(Io& io, MaybeConst<Buyer> auto& buyer)
{
    io.text("name", buyer.name);
    io.text("inn", buyer.inn);
    io.dotted_date("birth_date", buyer.birth_date);
    io.text("citizenship", buyer.citizenship);
    io.text("document_code", buyer.document_code);
    io.text("document", buyer.document);
    io.text("address", buyer.address);
}

template <class Io>
void members(Io& io, MaybeConst<UserAttribute> auto& attribute)
{
    io.text("name", attribute.name);
    io.text("value", attribute.value);
}

template <class Io>
void members(Io& io, MaybeConst<OperationalAttribute> auto& operational)
{
    io.number("id", operational.id, 0, 255);
    io.text("data", operational.data);
    io.time("time", operational.time);
}

/// A line is of one kind, told by the member that holds its contents.
template <class Io>
void members(Io& io, MaybeConst<PrintItem> auto& line)
{
    using Kind = PrintItem::Kind;
    if constexpr (Io::kReads)
        line.kind = io.has("barcode") ? Kind::barcode : io.has("qr") ? Kind::qr : Kind::text;
    switch (line.kind) {
    case Kind::text:
        io.contents("text", line.text);
        io.flag("wide", line.wide);
        break;
    case Kind::barcode:
        io.contents("barcode", line.text);
        io.text("type", line.barcode_type, "EAN13");
        break;
    case Kind::qr:
        io.contents("qr", line.text);
        break;
    }
    io.word("align", words::kAligns, line.align, PrintItem::Align::left);
}

/// What a receipt corrects; that the member is there makes it a correction.
template <class Io>
void correction_member(Io& io, MaybeConst<ReceiptRequest> auto& request)
{
    if constexpr (Io::kReads) {
        io.object("correction", [&request](Io& inner) {
            request.correction = true;
            inner.word("type", words::kCorrectionTypes, request.receipt.correction_type);
            members(inner, request.receipt.correction_basis.emplace());
        });
    } else if (request.correction) {
        io.object("correction", [&request](Io& inner) {
            inner.word("type", words::kCorrectionTypes, request.receipt.correction_type);
            if (request.receipt.correction_basis)
                members(inner, *request.receipt.correction_basis);
        });
    }
}

/// All of the buyer is in one place here, and in several in the formats: fit_to() knows where.
template <class Io>
void buyer_member(Io& io, MaybeConst<Receipt> auto& receipt)
{
    if constexpr (Io::kReads) {
        io.object("buyer", [&receipt](Io& inner) {
            inner.text("contact", receipt.buyer_contact);
            members(inner, receipt.buyer.emplace());
        });
    } else {
        Buyer buyer = receipt.buyer.value_or(Buyer{});
        if (buyer.name.empty())
            buyer.name = receipt.buyer_name;
        if (buyer.inn.empty())
            buyer.inn = receipt.buyer_inn;
        if (!receipt.buyer_contact.empty() || buyer != Buyer{})
            io.object("buyer", [&](Io& inner) {
                inner.text("contact", receipt.buyer_contact);
                members(inner, std::as_const(buyer));
            });
    }
}

template <class Io>
void members(Io& io, MaybeConst<ReceiptRequest> auto& request)
{
    auto& receipt = request.receipt;
    io.required_word("operation", words::kOperations, request.operation);
    correction_member(io, request);
    io.word("tax_system", words::kTaxSystems, receipt.tax_system);
    io.list("items", request.positions, kMaxPositions);
    io.part("payments", receipt.payments);
    io.money("total", request.total);
    buyer_member(io, receipt);
    io.flag("internet_payment", receipt.internet_payment);
    io.text("address", receipt.address);
    io.text("place", receipt.place);
    io.text("machine_number", receipt.machine_number);
    io.text("sender_email", receipt.sender_email);
    io.text("extra", receipt.extra);
    io.structure("user_attribute", receipt.user_attribute);
    io.structure("operational", receipt.operational);
    io.list("industry", receipt.industry, kMaxOfOne);
    io.flags("agent_flags", words::kAgents, receipt.agent_flags);
    io.part("agent", receipt.agent);
    io.texts("supplier_phones", receipt.supplier_phones, kMaxOfOne);
    io.flag("electronic_only", request.electronic_only);
    io.list("before", request.before, kMaxPrintItems);
    io.list("after", request.after, kMaxPrintItems);
}

template <class Io>
void members(Io& io, MaybeConst<Request> auto& request)
{
    io.required_word("kind", words::kKinds, request.kind);
    io.text("cashier", request.cashier);
    io.text("cashier_inn", request.cashier_inn);
    switch (request.kind) {
    case RequestKind::receipt:
        if constexpr (Io::kReads)
            request.receipt.emplace();
        if (request.receipt)
            members(io, *request.receipt);
        break;
    case RequestKind::cash_in:
    case RequestKind::cash_out:
        io.money("sum", request.sum);
        break;
    case RequestKind::copy:
        io.number("fd_number", request.fd_number, 1, std::numeric_limits<std::uint32_t>::max(), 0);
        break;
    case RequestKind::text:
        io.list("lines", request.lines, kMaxPrintItems);
        break;
    case RequestKind::set_time:
        io.time("time", request.time);
        break;
    default:
        break;
    }
}

} // namespace kb::fiscal
