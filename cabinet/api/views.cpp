#include "cabinet/api/views.hpp"

#include "cabinet/api/view_parts.hpp"
#include "protocol/fiscal/abilities.hpp"

namespace kb::cabinet::api {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxMissing = 200;

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

/// How far a command is, in the words of docs/cabinet-api.yaml.
std::string state_of(const store::CommandRow& row, UtcMs now)
{
    if (row.finished_at)
        return row.code == "expired" ? "expired" : row.outcome;
    if (row.taken_at)
        return "taken";
    // Whether it was begun in its time, only the agent knows: it may have been given it by this cabinet
    // before that was restored from a backup.
    return now < row.sent.expires_at ? "sent" : "unanswered";
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
             {"ffd", fiscal::to_text(info.ffd)},
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
                       {"cost", firmware.cost},
                       {"advice", firmware.advice},
                       {"confidence", firmware.confidence == Confidence::none
                                          ? json(nullptr)
                                          : json(to_string(firmware.confidence))},
                       {"source", firmware.source}};
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

json change_view(const store::StatusChange& change)
{
    return {{"at", to_text(change.at)},
            {"what", change.what},
            {"value", change.value},
            {"was", change.was.empty() ? json(nullptr) : json(change.was)}};
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

json permission_view(const store::CommandPermission& permission)
{
    return {{"permitted", permission.permitted},
            {"permission_by", permission.who.empty() ? json(nullptr) : json(permission.who)},
            {"permission_at", or_null(permission.at)},
            {"agent_allows", permission.agent_allows}};
}

json command_view(const store::CommandRow& row, UtcMs now)
{
    json document = nullptr;
    if (row.fd_number)
        document = {
            {"fn_serial", row.fn_serial}, {"fd_number", *row.fd_number}, {"fiscal_sign", row.fiscal_sign}};
    return {{"id", row.sent.id},
            {"kind", row.sent.kind},
            {"args", row.sent.kind == "message" ? json::parse(row.sent.args_json, nullptr, false)
                                                : json::object()}, // a receipt may hold a buyer's contact
            {"state", state_of(row, now)},
            {"code", row.code},
            {"detail", row.detail},
            {"sent_by", row.sent.sent_by},
            {"sent_at", to_text(row.created_at)},
            {"expires_at", to_text(row.sent.expires_at)},
            {"taken_at", or_null(row.taken_at)},
            {"finished_at", or_null(row.finished_at)},
            {"document", std::move(document)}};
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

} // namespace kb::cabinet::api
