#include "agent/api/atol/results.hpp"

#include "agent/jobs/intent.hpp"
#include "protocol/core/json_reader.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/request_json.hpp"

namespace kb::agent::awr {

namespace {

using fiscal::RequestKind;
using storage::JobState;

std::string_view status_word(TaskStatus status)
{
    switch (status) {
    case TaskStatus::in_progress:
        return "inProgress";
    case TaskStatus::ready:
        return "ready";
    case TaskStatus::error:
        return "error";
    case TaskStatus::interrupted:
        return "interrupted";
    case TaskStatus::canceled:
        return "canceled";
    }
    return "inProgress";
}

/// The document as the register told it when it was made: the journal reads it a moment later.
fiscal::FiscalDocument as_told(const storage::Job& job, const fiscal::Request& request)
{
    fiscal::FiscalDocument document;
    document.fn_serial = job.outcome.fn_serial;
    document.fd_number = job.outcome.fd_number.value_or(0);
    document.type = fiscal::document_type_of(request).value_or(fiscal::DocumentType::receipt);
    document.datetime = job.outcome.document_at.value_or(LocalSeconds{});
    document.fiscal_sign = job.outcome.fiscal_sign;
    document.form = fiscal::DocumentForm::short_record;
    return document;
}

/// What follows from the shift as it was before the job's only document.
void add_from_intent(Json& params, const storage::Job& job, RequestKind kind)
{
    const auto intent = job.intent ? from_journal(*job.intent) : Result<Intent>(fail(Errc::no_data, ""));
    if (!intent || intent->step != JobStep::request || job.outcome.fd_number != intent->last_fd_number + 1)
        return;
    const std::uint32_t shift = intent->shift.shift_number;
    const std::uint32_t receipts = intent->shift.receipt_number;
    params["shiftNumber"] = kind == RequestKind::shift_open ? shift + 1 : shift;
    if (kind == RequestKind::receipt)
        params["fiscalReceiptNumber"] = receipts + 1;
    if (kind == RequestKind::shift_close)
        params["receiptsCount"] = receipts;
}

Json document_result(const JobView& view, const fiscal::Request& request, const Picture& picture,
                     const std::optional<storage::JournalDocument>& document)
{
    const storage::Job& job = view.job;
    const bool whole = document && document->document.form == fiscal::DocumentForm::full;
    Json params = fiscal_params(whole ? document->document : as_told(job, request), picture);
    if (!whole) {
        add_from_intent(params, job, request.kind);
        if (request.receipt) {
            const auto total = request.receipt->total ? Result<Kopecks>(*request.receipt->total)
                                                      : fiscal::total_of(*request.receipt);
            if (total)
                params["total"] = money_json(*total);
        }
    }
    return {{"fiscalParams", std::move(params)}, {"warnings", {{"notPrinted", !job.outcome.printed}}}};
}

/// Cash in the drawer behind a move of it, as far as the register counts it.
Json cash_result(const storage::Job& job, const fiscal::Request& request)
{
    const auto intent = job.intent ? from_journal(*job.intent) : Result<Intent>(fail(Errc::no_data, ""));
    if (!intent || !intent->counters.cash_in_drawer)
        return nullptr;
    const Kopecks before = *intent->counters.cash_in_drawer;
    const auto after =
        request.kind == RequestKind::cash_in ? before.plus(request.sum) : before.minus(request.sum);
    return after ? Json{{"counters", {{"cashSum", money_json(*after)}}}} : Json(nullptr);
}

Json result_of_job(const JobView& view, const Picture& picture,
                   const std::optional<storage::JournalDocument>& document)
{
    const auto request = fiscal::request_from_json(view.job.asked.request);
    if (!request)
        return nullptr;
    if (view.job.outcome.fd_number)
        return document_result(view, *request, picture, document);
    if (request->kind == RequestKind::cash_in || request->kind == RequestKind::cash_out)
        return cash_result(view.job, *request);
    return nullptr;
}

} // namespace

std::string answers_json(const std::vector<TaskAnswer>& answers)
{
    Json results = Json::array();
    for (const TaskAnswer& answer : answers)
        results.push_back(
            {{"status", status_word(answer.status)},
             {"error", {{"code", answer.error.code}, {"description", answer.error.description}}},
             {"errorCode", answer.error.code},
             {"errorDescription", answer.error.description},
             {"result", answer.result}});
    const Json json{{"results", std::move(results)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TaskAnswer answer_of_job(const JobView& view, const Picture& picture,
                         const std::optional<storage::JournalDocument>& document)
{
    switch (view.job.state) {
    case JobState::queued:
    case JobState::printing:
    case JobState::unknown: // the FN will be asked: whoever waits must go on waiting
        return {};
    case JobState::done:
        return {TaskStatus::ready, {}, result_of_job(view, picture, document)};
    case JobState::cancelled:
        return {TaskStatus::canceled, cancelled(""), nullptr};
    case JobState::expired:
        return {TaskStatus::canceled, cancelled("касса не взялась за него вовремя; ничего не напечатано"),
                nullptr};
    case JobState::refused:
    case JobState::undecided:
        break;
    }
    return {TaskStatus::error, error_of(view.job), nullptr};
}

void Answers::add(TaskAnswer answer)
{
    state_ = answer.status;
    all_.push_back(std::move(answer));
}

void Answers::add_unreached()
{
    TaskAnswer answer;
    switch (state_) {
    case TaskStatus::error:
    case TaskStatus::interrupted:
        answer = {TaskStatus::interrupted, interrupted(), nullptr};
        break;
    case TaskStatus::canceled:
        answer = {TaskStatus::canceled, cancelled(""), nullptr};
        break;
    case TaskStatus::in_progress:
    case TaskStatus::ready:
        break;
    }
    all_.push_back(std::move(answer));
}

} // namespace kb::agent::awr
