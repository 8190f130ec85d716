// One document as a person and as an auditor wants it: head, items, findings, paper, QR code.
#include "cabinet/api/view_parts.hpp"
#include "cabinet/api/views.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/json.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/receipt_text.hpp"

#include <qrencode.h>

#include <memory>

namespace kb::cabinet::api {

using nlohmann::json;

namespace {

constexpr std::size_t kPaperWidth = 42;

json operation_view(const std::optional<std::int64_t>& operation)
{
    constexpr std::array kNames{"sell", "sell_return", "buy", "buy_return"};
    if (!operation || *operation < 1 || *operation > 4)
        return nullptr;
    return kNames.at(static_cast<std::size_t>(*operation - 1));
}

/// A short record has no body to print: its head is what is left.
std::vector<std::string> short_paper(const store::DocumentHead& head)
{
    const auto& document = head.document;
    std::vector<std::string> lines{std::string(fiscal::document_name_ru(document.type)),
                                   "(тело документа в ФН уже не хранится)",
                                   to_text(document.datetime),
                                   "ФН " + document.fn_serial,
                                   "ФД " + std::to_string(document.fd_number),
                                   "ФП " + std::to_string(document.fiscal_sign)};
    if (head.digest.total)
        lines.push_back("ИТОГ " + Kopecks(*head.digest.total).to_rubles());
    return lines;
}

} // namespace

json head_view(const store::DocumentHead& head)
{
    const auto& document = head.document;
    const auto& digest = head.digest;
    return {{"fn_serial", document.fn_serial},
            {"fd_number", document.fd_number},
            {"type", static_cast<unsigned>(document.type)},
            {"form", cabinet_api::to_string(document.form)},
            {"datetime", to_text(document.datetime)},
            {"fiscal_sign", document.fiscal_sign},
            {"kkt_serial", head.kkt_serial},
            {"operation", operation_view(digest.operation)},
            {"total_sum", or_null(digest.total)},
            {"payments", digest.payments ? payments_view(*digest.payments) : json(nullptr)},
            {"shift_number", or_null(digest.shift_number)},
            {"receipt_number", or_null(digest.receipt_number)},
            {"cashier", digest.cashier},
            {"items_count", head.items_count},
            {"ticket_received", document.ticket_received},
            {"source", cabinet_api::to_string(head.source)},
            {"read_at", to_text(head.read_at)},
            {"received_at", to_text(head.received_at)},
            {"findings_count", head.findings_count}};
}

json document_view(const store::DocumentHead& document)
{
    json items = json::array();
    for (const auto& item : document.digest.items)
        items.push_back(
            {{"name", item.name},
             {"price", or_null(item.price)},
             {"quantity",
              item.quantity ? json(Quantity::from_millionths(*item.quantity).to_text()) : json(nullptr)},
             {"sum", or_null(item.sum)},
             {"vat_code", or_null(item.vat_code)},
             {"vat_sum", or_null(item.vat_sum)},
             {"payment_method", or_null(item.payment_method)},
             {"item_kind", or_null(item.item_kind)},
             {"unit", item.unit}});
    json findings = json::array();
    for (const auto& finding : document.digest.findings)
        findings.push_back({{"check", finding.check},
                            {"severity", finding.severity},
                            {"text", finding.text},
                            {"field", finding.field}});
    json fns = nullptr;
    json paper = short_paper(document);
    if (document.document.form == fiscal::DocumentForm::full)
        if (const auto decoded = fiscal::decode(document.document.raw)) {
            fns = json::parse(fiscal::to_json(decoded->tree), nullptr, false);
            paper = fiscal::receipt_text(*decoded, kPaperWidth);
        }
    return {{"head", head_view(document)},
            {"items", std::move(items)},
            {"findings", std::move(findings)},
            {"json", std::move(fns)},
            {"tlv_hex", to_hex(document.document.raw)},
            {"qr", or_null(qr_of(document))},
            {"paper", std::move(paper)}};
}

std::optional<std::string> qr_of(const store::DocumentHead& head)
{
    const auto& digest = head.digest;
    if (!fiscal::is_receipt(head.document.type) || !digest.operation || !digest.total)
        return std::nullopt;
    fiscal::ReceiptQr qr;
    qr.datetime = head.document.datetime;
    qr.total = Kopecks(*digest.total);
    qr.fn_serial = head.document.fn_serial;
    qr.fd_number = head.document.fd_number;
    qr.fiscal_sign = head.document.fiscal_sign;
    qr.operation = static_cast<fiscal::Operation>(*digest.operation);
    return fiscal::receipt_qr_text(qr);
}

std::string qr_svg(const std::string& text)
{
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
    if (!code)
        return {};
    constexpr int kQuiet = 4; // the standard's quiet zone, in modules
    const int size = code->width + 2 * kQuiet;
    const std::string side = std::to_string(size);
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                      "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" + side + "v" + side +
                      "H0z\"/><path d=\"";
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x)
            if ((code->data[y * code->width + x] & 1U) != 0)
                svg += "M" + std::to_string(x + kQuiet) + " " + std::to_string(y + kQuiet) + "h1v1h-1z";
    return svg + "\"/></svg>";
}

} // namespace kb::cabinet::api
