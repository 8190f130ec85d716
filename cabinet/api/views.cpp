#include "cabinet/api/views.hpp"

#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/json.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/receipt_text.hpp"

#include <nlohmann/json.hpp>
#include <qrencode.h>

#include <memory>

namespace kb::cabinet::api {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxMissing = 200;
constexpr std::size_t kPaperWidth = 42;

template <class T>
json or_null(const std::optional<T>& value)
{
    if (!value)
        return nullptr;
    if constexpr (requires { to_text(*value); })
        return to_text(*value);
    else
        return *value;
}

json or_null(const std::optional<std::chrono::year_month_day>& date)
{
    if (!date)
        return nullptr;
    return to_text(LocalSeconds{std::chrono::local_days{*date}}).substr(0, 10);
}

json operation_view(const std::optional<std::int64_t>& operation)
{
    constexpr std::array kNames{"sell", "sell_return", "buy", "buy_return"};
    if (!operation || *operation < 1 || *operation > 4)
        return nullptr;
    return kNames.at(static_cast<std::size_t>(*operation - 1));
}

const char* ffd_text(fiscal::FfdVersion version)
{
    switch (version) {
    case fiscal::FfdVersion::v1_0:
        return "1.0";
    case fiscal::FfdVersion::v1_05:
        return "1.05";
    case fiscal::FfdVersion::v1_1:
        return "1.1";
    case fiscal::FfdVersion::v1_2:
        return "1.2";
    case fiscal::FfdVersion::unknown:
        break;
    }
    return "";
}

/// Bits of FnStatus::warnings (docs/sources.md#ffd, section 6.3).
json warnings_view(std::uint8_t warnings)
{
    constexpr std::array kNames{"replace_urgently", "key_expires_soon", "archive_full", "ofd_overdue",
                                "format_refused",   "reconfigure",      "ofd_annulled", "critical_error"};
    json out = json::array();
    for (std::size_t bit = 0; bit < kNames.size(); ++bit)
        if ((static_cast<unsigned>(warnings) >> bit & 1U) != 0)
            out.push_back(kNames.at(bit));
    return out;
}

json shift_view(const fiscal::DeviceSample& sample)
{
    if (!sample.shift)
        return nullptr;
    return {{"open", sample.shift->open},
            {"shift_number", sample.shift->shift_number},
            {"receipt_number", sample.shift->receipt_number},
            {"over_24h", sample.shift->over_24h},
            {"opened_at", or_null(sample.shift_opened_at)}};
}

json fn_view(const std::optional<fiscal::FnStatus>& fn)
{
    if (!fn)
        return nullptr;
    return {{"fn_serial", fn->fn_serial},
            {"phase", fn->phase},
            {"last_fd_number", fn->last_fd_number},
            {"last_document_at", or_null(fn->last_document_at)},
            {"expires_on", or_null(fn->expires_on)},
            {"documents_left", or_null(fn->documents_left)},
            {"warnings", warnings_view(fn->warnings)},
            {"serial_production", fn->serial_production}};
}

json ofd_view(const std::optional<fiscal::OfdStatus>& ofd)
{
    if (!ofd)
        return nullptr;
    return {{"unsent_documents", ofd->unsent_documents},
            {"first_unsent_fd", or_null(ofd->first_unsent_fd)},
            {"first_unsent_at", or_null(ofd->first_unsent_at)},
            {"connected", ofd->connected},
            {"last_ofd_code", or_null(ofd->last_ofd_code)},
            {"server", ofd->server}};
}

json card_view(const fiscal::DeviceSample& sample, const Catalogue& catalogue)
{
    const CardVerdict verdict = catalogue.card(sample.info, sample.sd_card);
    json out{{"verdict", verdict.verdict},
             {"cost", verdict.cost},
             {"total_bytes", nullptr},
             {"free_bytes", nullptr},
             {"io_errors", sample.sd_card ? sample.sd_card->io_errors : 0}};
    if (sample.sd_card && sample.sd_card->total_sectors != 0) {
        const std::uint64_t sector = sample.sd_card->sector_size;
        out["total_bytes"] = sample.sd_card->total_sectors * sector;
        out["free_bytes"] = sample.sd_card->free_sectors * sector;
    }
    return out;
}

const char* rate_name(int code)
{
    constexpr std::array kNames{"",   "20%", "10%",   "20/120", "10/110", "0%",    "без НДС",
                                "5%", "7%",  "5/105", "7/107",  "22%",    "22/122"};
    return code > 0 && code < static_cast<int>(kNames.size()) ? kNames.at(static_cast<std::size_t>(code))
                                                              : "?";
}

json payments_view(const store::Payments& payments)
{
    return {{"cash", payments[store::kCash]},
            {"electronic", payments[store::kElectronic]},
            {"advance", payments[store::kAdvance]},
            {"credit", payments[store::kCredit]},
            {"counter", payments[store::kCounter]}};
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

json session_view(const store::Session& session)
{
    return {{"user", {{"email", session.email}, {"role", session.role}}},
            {"tenant", {{"name", session.tenant_name}}},
            {"csrf", session.csrf}};
}

json completeness_view(const std::vector<store::FnHolding>& fns)
{
    std::uint64_t expected = 0;
    std::uint64_t full = 0;
    std::uint64_t shorts = 0;
    json missing = json::array();
    for (const auto& fn : fns) {
        expected += fn.expected;
        full += fn.full;
        shorts += fn.short_records;
        std::uint32_t next = 1;
        auto held = fn.held;
        held.push_back({fn.expected + 1, fn.expected + 1}); // the end of what is known, as a range to stop at
        for (const auto& range : held) {
            if (range.from > next && missing.size() < kMaxMissing)
                missing.push_back({{"fn_serial", fn.fn_serial}, {"from", next}, {"to", range.from - 1}});
            next = range.to + 1;
        }
    }
    return {{"documents_expected", expected},
            {"documents_received", full + shorts},
            {"full", full},
            {"short", shorts},
            {"complete", full + shorts >= expected},
            {"missing_ranges", std::move(missing)}};
}

json fn_holding_view(const store::FnHolding& fn)
{
    const bool any = !fn.held.empty();
    return {{"fn_serial", fn.fn_serial},
            {"documents_expected", fn.expected},
            {"documents_received", fn.full + fn.short_records},
            {"full", fn.full},
            {"short", fn.short_records},
            {"first_fd", any ? json(fn.held.front().from) : json(nullptr)},
            {"last_fd", any ? json(fn.held.back().to) : json(nullptr)},
            {"first_at", any ? json(to_text(fn.first_at)) : json(nullptr)},
            {"last_at", any ? json(to_text(fn.last_at)) : json(nullptr)}};
}

json register_view(const store::Register& shop_register, const Catalogue& catalogue, bool agent_online)
{
    fiscal::DeviceSample sample;
    sample.state = "unknown";
    if (shop_register.sample)
        sample = *shop_register.sample;
    const auto& info = sample.info;
    const FirmwareVerdict firmware = catalogue.firmware(info);
    json out{{"kkt_serial", shop_register.kkt_serial},
             {"model", info.model},
             {"family", info.family},
             {"kkt_reg_number", info.kkt_reg_number},
             {"inn", info.inn},
             {"user", info.user},
             {"address", info.address},
             {"ffd", ffd_text(info.ffd)},
             {"agent_id", shop_register.agent_id},
             {"agent_hostname", shop_register.agent_hostname},
             {"online", agent_online && sample.state != "absent" && sample.state != "unknown"},
             {"last_seen", or_null(shop_register.last_seen)},
             {"sample_at", shop_register.sample ? json(to_text(sample.taken_at)) : json(nullptr)},
             {"state", sample.state},
             {"state_reason", sample.state_reason},
             {"mode", cabinet_api::to_string(sample.status.mode)},
             {"paper", cabinet_api::to_string(sample.status.paper)},
             {"cover", cabinet_api::to_string(sample.status.cover)},
             {"waits_for_continue", sample.status.waits_for_continue},
             {"shift", shift_view(sample)},
             {"fn", fn_view(sample.fn)},
             {"ofd", ofd_view(sample.ofd)},
             {"clock_drift_s", or_null(sample.clock_drift_s)},
             {"cash_in_drawer", sample.cash_in_drawer ? json(sample.cash_in_drawer->count()) : json(nullptr)},
             {"sd_card", card_view(sample, catalogue)},
             {"completeness", completeness_view(shop_register.fns)},
             {"last_document",
              shop_register.last_document ? head_view(*shop_register.last_document) : json(nullptr)}};
    out["firmware"] = {{"version", info.firmware_version},
                       {"build", info.firmware_build},
                       {"date", or_null(info.firmware_date)},
                       {"verdict", firmware.verdict},
                       {"known_current", or_null(firmware.known_current)},
                       {"cost", firmware.cost}};
    return out;
}

json event_view(const store::EventRow& event)
{
    return {{"id", event.id},
            {"at", to_text(event.at)},
            {"kind", event.kind},
            {"severity", cabinet_api::to_string(event.severity)},
            {"text", event.text},
            {"kkt_serial", event.kkt_serial},
            {"fn_serial", event.fn_serial.empty() ? json(nullptr) : json(event.fn_serial)},
            {"fd_number", event.fd_number == 0 ? json(nullptr) : json(event.fd_number)}};
}

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

json agent_view(const store::Agent& agent, bool online)
{
    return {{"agent_id", agent.agent_id},
            {"hostname", agent.hostname},
            {"agent_version", agent.agent_version},
            {"enrolled_at", to_text(agent.enrolled_at)},
            {"last_seen", or_null(agent.last_seen)},
            {"online", online},
            {"registers", agent.registers}};
}

json rejected_view(const store::RejectedRow& row)
{
    const auto known = [](const std::string& text) { return text.empty() ? json(nullptr) : json(text); };
    return {{"fn_serial", known(row.fn_serial)},
            {"fd_number", row.fd_number == 0 ? json(nullptr) : json(row.fd_number)},
            {"kkt_serial", known(row.kkt_serial)},
            {"code", row.code},
            {"reason", row.reason},
            {"rejected_by", store::to_string(row.by)},
            {"first_at", to_text(row.first_at)},
            {"last_at", to_text(row.last_at)},
            {"times", row.times}};
}

json sums_view(const store::Sums& sums)
{
    json payments = payments_view(sums.payments);
    payments["unknown"] = sums.unknown_payments;
    json vat = json::array();
    for (const auto& [code, sum] : sums.vat)
        vat.push_back({{"code", code}, {"rate", rate_name(code)}, {"sum", sum}});
    std::int64_t correction_receipts = 0;
    for (const auto count : sums.correction_receipts)
        correction_receipts += count;
    return {{"revenue", sums.totals[0] - sums.totals[1]},
            {"sales", sums.totals[0]},
            {"returns", sums.totals[1]},
            {"receipts", sums.receipts[0]},
            {"return_receipts", sums.receipts[1]},
            {"purchases", sums.totals[2]},
            {"purchase_returns", sums.totals[3]},
            {"correction_receipts", correction_receipts},
            {"corrections", sums.correction_totals[0] - sums.correction_totals[1]},
            {"payments", std::move(payments)},
            {"vat", std::move(vat)}};
}

void add_sums(store::Sums& to, const store::Sums& more)
{
    for (std::size_t i = 0; i < 4; ++i) {
        to.receipts[i] += more.receipts[i];
        to.totals[i] += more.totals[i];
        to.correction_receipts[i] += more.correction_receipts[i];
        to.correction_totals[i] += more.correction_totals[i];
    }
    for (std::size_t kind = 0; kind < store::kPaymentKinds; ++kind)
        to.payments[kind] += more.payments[kind];
    to.unknown_payments += more.unknown_payments;
    for (const auto& [code, sum] : more.vat)
        to.vat[code] += sum;
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
