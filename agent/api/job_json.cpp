#include "agent/api/job_json.hpp"

#include "agent/explanations.hpp"
#include "protocol/cabinet/messages.hpp"
#include "protocol/fiscal/request_json.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent {

namespace {

using Json = nlohmann::ordered_json;
using Mode = fiscal::DeviceStatus::Mode;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// JSON of this program's own making; what cannot be read is shown as a text.
Json parsed(const std::string& text)
{
    Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json(text) : json;
}

/// What happened, and what helps, in the words of the house.
Json trouble(const std::string& code, const std::string& detail)
{
    Json json{{"code", code}, {"detail", detail}};
    if (const auto known = errc_of(code)) {
        const Explanation why = explain_of_register(*known);
        json["cause_ru"] = why.cause.in(Language::russian);
        json["cure_ru"] = why.cure.in(Language::russian);
        json["cause"] = why.cause.in(Language::english);
        json["cure"] = why.cure.in(Language::english);
    }
    return json;
}

Json document_of(const JobView& view)
{
    const storage::JobOutcome& outcome = view.job.outcome;
    if (!outcome.fd_number)
        return nullptr;
    return {{"fn_serial", outcome.fn_serial},
            {"fd_number", *outcome.fd_number},
            {"fiscal_sign", outcome.fiscal_sign},
            {"datetime", outcome.document_at ? Json(to_text(*outcome.document_at)) : Json(nullptr)},
            {"qr", view.qr},
            {"printed", outcome.printed},
            {"ofd", to_string(view.ofd)}};
}

/// By what people know it again, on a paper or in their memory; nothing of the buyer.
Json asked_of(const storage::Job& job)
{
    Json asked = Json::object();
    const auto request = fiscal::request_from_json(job.asked.request);
    if (!request)
        return asked;
    if (!request->cashier.empty())
        asked["cashier"] = request->cashier;
    if (request->receipt) {
        const fiscal::ReceiptRequest& receipt = *request->receipt;
        asked["operation"] =
            fiscal::word_of(fiscal::words::kOperations, static_cast<std::uint32_t>(receipt.operation));
        asked["correction"] = receipt.correction;
        if (const auto total = receipt.total ? Result<Kopecks>(*receipt.total) : fiscal::total_of(receipt))
            asked["sum"] = total->to_rubles();
        asked["positions"] = receipt.positions.size();
        if (!receipt.positions.empty())
            asked["first_position"] = receipt.positions.front().item.name;
    } else if (request->kind == fiscal::RequestKind::cash_in ||
               request->kind == fiscal::RequestKind::cash_out) {
        asked["sum"] = request->sum.to_rubles();
    } else if (request->kind == fiscal::RequestKind::copy) {
        asked["fd_number"] = request->fd_number;
    }
    return asked;
}

/// What was true before the last attempt: with it an unknown outcome is compared.
Json before_of(const storage::Job& job)
{
    if (!job.intent)
        return nullptr;
    return {{"fn_serial", job.intent->fn_serial}, {"last_fd_number", job.intent->last_fd_number}};
}

/// What the register said last of the receipt's marking codes; null: it was not asked.
Json marks_of(const Json& evidence)
{
    Json marks = nullptr;
    for (const Json& entry : evidence)
        if (entry.is_object() && entry.contains("marks"))
            marks = entry["marks"];
    return marks;
}

/// As it was kept; what is the word of a failure gets its cause for people.
Json evidence_of(const storage::Job& job)
{
    if (job.evidence.empty())
        return Json::array();
    Json entries = parsed(job.evidence);
    for (Json& entry : entries) {
        if (!entry.is_object())
            continue;
        const std::string saw = entry.value("saw", "");
        if (const auto code = errc_of(saw.substr(0, saw.find(" (")))) {
            const Explanation why = explain_of_register(*code);
            entry["cause_ru"] = why.cause.in(Language::russian);
            entry["cause"] = why.cause.in(Language::english);
        }
    }
    return entries;
}

Json job_value(const JobView& view)
{
    const storage::Job& job = view.job;
    Json json{{"id", job.asked.job_id},
              {"state", to_string(job.state)},
              {"final", storage::is_final(job.state)},
              {"kind", job.asked.kind},
              {"device", job.asked.kkt_serial},
              {"caller", job.asked.caller},
              {"key", job.asked.key},
              {"created_at", to_text(job.asked.created_at)},
              {"updated_at", to_text(job.updated_at)},
              {"expires_at", job.asked.expires_at ? Json(to_text(*job.asked.expires_at)) : Json(nullptr)},
              {"attempts", job.attempts},
              {"asked", asked_of(job)},
              {"before", before_of(job)},
              {"document", document_of(view)}};
    json["error"] = job.outcome.error_code.empty() ? Json(nullptr)
                                                   : trouble(job.outcome.error_code, job.outcome.error_text);
    json["waits_for"] = view.obstacle
                            ? trouble(std::string(to_string(view.obstacle->code)), view.obstacle->detail)
                            : Json(nullptr);
    json["person_may_decide"] = view.person_may_decide;
    Json evidence = evidence_of(job);
    json["marks"] = marks_of(evidence);
    json["evidence"] = std::move(evidence);
    return json;
}

/// Asked for all the time: the sample is put in as the text it is.
std::string register_text(const Device& device)
{
    const fiscal::DeviceSample& sample = device.sample();
    const Json keeps_it =
        sample.state_reason.empty() ? Json(nullptr) : trouble(sample.state_reason, device.state_detail());
    const JobRunner* runner = device.jobs();
    const Json waits_for =
        runner != nullptr && runner->obstacle()
            ? trouble(std::string(to_string(runner->obstacle()->code)), runner->obstacle()->detail)
            : Json(nullptr);
    std::string text = dump({{"serial", sample.info.kkt_serial},
                             {"name", device.config().name},
                             {"port", device.port()},
                             {"prints", runner != nullptr && device.reached()},
                             {"state", sample.state},
                             {"state_detail", device.state_detail()}});
    text.pop_back();
    text += ",\"sample\":" + cabinet_api::encode(sample) + ",\"trouble\":" + dump(keeps_it) +
            ",\"queue_waits_for\":" + dump(waits_for) + "}";
    return text;
}

} // namespace

std::string job_json(const JobView& view) { return dump(job_value(view)) + "\n"; }

std::string jobs_json(const std::vector<JobView>& views, std::size_t at_most)
{
    Json list = Json::array();
    for (const JobView& view : views)
        list.push_back(job_value(view));
    Json json{{"jobs", std::move(list)}};
    json["next_before"] = views.size() < at_most || views.empty() ? Json(nullptr) : Json(views.back().job.id);
    return dump(json) + "\n";
}

std::string register_json(const Device& device) { return register_text(device) + "\n"; }

std::string registers_json(const std::vector<std::shared_ptr<Device>>& devices)
{
    std::string text = "{\"devices\":[";
    for (const auto& device : devices)
        text += (device == devices.front() ? "" : ",") + register_text(*device);
    return text + "]}\n";
}

std::string queue_json(const std::string& kkt_serial, const std::optional<std::string>& paused,
                       const storage::Jobs::Counts& counts)
{
    return dump({{"device", kkt_serial},
                 {"paused", paused ? Json{{"reason", *paused}} : Json(nullptr)},
                 {"queued", counts.queued},
                 {"under_way", counts.unknown}}) +
           "\n";
}

std::string known_state_json(const Device& device)
{
    const fiscal::DeviceStatus& status = device.sample().status;
    Json ends = Json::array();
    if (status.mode == Mode::receipt_open)
        ends.push_back({{"what", "receipt_open"},
                        {"ru", "открытый чек будет аннулирован; документа в ФН от него не останется"},
                        {"en", "the open receipt is cancelled; no document of it will be in the FN"}});
    if (status.waits_for_continue)
        ends.push_back(
            {{"what", "waits_for_continue"},
             {"ru", "прерванный документ будет допечатан; он уже в ФН"},
             {"en", "the document that was broken off is printed to its end; it is in the FN already"}});
    return dump({{"device", device.sample().info.kkt_serial},
                 {"mode", device.sample().state},
                 {"ends", std::move(ends)}}) +
           "\n";
}

} // namespace kb::agent
