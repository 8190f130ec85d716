#include "agent/api/kkmserver/answers.hpp"

#include "agent/explanations.hpp"
#include "agent/jobs/intent.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace kb::agent::kkmserver {

namespace {

using Json = Answer::Json;
using Kind = fiscal::RequestKind;
using storage::JobState;

double rubles_of(const std::optional<Kopecks>& sum)
{
    return static_cast<double>(sum.value_or(Kopecks{}).count()) / 100;
}

std::string explained(Errc code, const std::string& detail)
{
    const Explanation why = explain_of_register(code);
    std::string text = why.cause.in(Language::russian) + "; " + why.cure.in(Language::russian);
    if (!detail.empty())
        text += " (" + detail + ")";
    return text;
}

// ---- documents

/// "t=20170904T141100&fn=9999078900002287&i=108&fp=605445600": as of a receipt, without sum and operation.
std::string short_qr(const storage::JobOutcome& outcome)
{
    if (!outcome.document_at || !outcome.fd_number)
        return {};
    std::string time;
    for (const char c : to_text(*outcome.document_at))
        if (c != '-' && c != ':')
            time += c;
    return "t=" + time + "&fn=" + outcome.fn_serial + "&i=" + std::to_string(*outcome.fd_number) +
           "&fp=" + std::to_string(outcome.fiscal_sign);
}

/// The shift as it was right before the document; a shift that the document opens is the next one.
void add_shift(Json& members, const storage::Job& job)
{
    const auto intent = job.intent ? from_journal(*job.intent) : Result<Intent>(fail(Errc::no_data, ""));
    if (!intent || intent->step != JobStep::request)
        return;
    const bool opens = job.asked.kind == fiscal::to_string(Kind::shift_open);
    members["SessionNumber"] = intent->shift.shift_number + (opens && !intent->shift.open ? 1U : 0U);
    const bool only_one_since =
        job.outcome.fd_number && *job.outcome.fd_number == job.intent->last_fd_number + 1U;
    if (job.asked.kind == fiscal::to_string(Kind::receipt) && only_one_since)
        members["SessionCheckNumber"] = intent->shift.receipt_number + 1U;
}

/// What was paid by what, change taken off.
void add_payments(Json& members, const fiscal::ReceiptRequest& receipt)
{
    fiscal::Payments paid = receipt.receipt.payments;
    const auto total = receipt.total ? Result<Kopecks>(*receipt.total) : fiscal::total_of(receipt);
    std::int64_t others = 0;
    for (const auto* part : {&paid.electronic, &paid.advance, &paid.credit, &paid.counter})
        others += part->value_or(Kopecks{}).count();
    if (total && paid.cash && paid.cash->count() + others > total->count())
        paid.cash = Kopecks{total->count() - others};
    members["Cash"] = rubles_of(paid.cash);
    members["ElectronicPayment"] = rubles_of(paid.electronic);
    members["AdvancePayment"] = rubles_of(paid.advance);
    members["Credit"] = rubles_of(paid.credit);
    members["CashProvision"] = rubles_of(paid.counter);
}

void add_document(Json& members, const JobView& view)
{
    const storage::Job& job = view.job;
    if (!job.outcome.fd_number)
        return;
    members["CheckNumber"] = *job.outcome.fd_number;
    add_shift(members, job);
    const std::string qr = view.qr.empty() ? short_qr(job.outcome) : view.qr;
    members["URL"] = qr;
    members["QRCode"] = qr;
    members["OFD_Progress"] = to_string(view.ofd);
    const auto request = fiscal::request_from_json(job.asked.request);
    if (request && request->receipt)
        add_payments(members, *request->receipt);
}

// ---- states

std::string shift_refusal(const std::string& text)
{
    if (text.find("shift is closed") != std::string::npos)
        return "Смена закрыта; откройте смену";
    if (text.find("more than 24 hours") != std::string::npos)
        return "Смена открыта больше 24 часов; закройте смену";
    return {};
}

/// Nothing was made, and why.
std::string why_refused(const storage::JobOutcome& outcome)
{
    const auto code = errc_of(outcome.error_code);
    if (!code || *code == Errc::bad_value) // the text says which
        return "Ничего не сделано: " + outcome.error_text;
    std::string text = *code == Errc::wrong_mode ? shift_refusal(outcome.error_text) : std::string();
    return text.empty() ? explained(*code, outcome.error_text) : text;
}

constexpr const char* kLost =
    "Ответ кассы потерян, и следа в фискальном накопителе эта операция не оставляет: посмотрите на чековую "
    "ленту. Сама она не повторится.";

std::string why_it_waits(const JobView& view)
{
    if (view.person_may_decide)
        return "Фискальный накопитель этой кассы больше нельзя спросить: решает человек, в kktctl или в "
               "кабинете.";
    if (view.obstacle)
        return "Касса ждёт: " + explained(view.obstacle->code, view.obstacle->detail);
    return {};
}

} // namespace

void Answer::of_register(std::int64_t number, std::string name)
{
    number_ = number;
    name_ = std::move(name);
}

void Answer::fail(Status status, Made made, std::string text)
{
    status_ = status;
    error_ = told(made, std::move(text));
}

void Answer::go_on(std::string text)
{
    status_ = Status::run;
    message_ = told(Made::unknown, std::move(text));
}

void Answer::done(Status status, std::string text)
{
    status_ = status;
    message_ = std::move(text);
}

void Answer::warn(const std::vector<std::string>& warnings)
{
    for (const std::string& warning : warnings)
        warning_ += (warning_.empty() ? "" : "; ") + told(Made::unknown, warning);
}

void Answer::wrap(const Answer& inner)
{
    members_["Rezult"] = inner.json();
    status_ = inner.status_;
    error_ = inner.error_;
    message_ = inner.message_;
    number_ = inner.number_;
    name_ = inner.name_;
}

Json Answer::json() const
{
    Json json = members_;
    json["Command"] = command_;
    json["Error"] = error_;
    json["Warning"] = warning_;
    json["Message"] = message_;
    json["Status"] = static_cast<int>(status_);
    json["IdCommand"] = id_;
    json["NumDevice"] = number_;
    json["UnitName"] = name_;
    return json;
}

void tell_job(Answer& answer, const JobView& view)
{
    const storage::JobOutcome& outcome = view.job.outcome;
    switch (view.job.state) {
    case JobState::queued:
    case JobState::printing:
    case JobState::unknown:
        answer.go_on(why_it_waits(view));
        return;
    case JobState::done:
        add_document(answer.members(), view);
        answer.done(Status::ok,
                    outcome.printed
                        ? ""
                        : "Документ сделан, но не допечатан: вставьте бумагу и продолжите печать. "
                          "Пробивать его заново не нужно.");
        return;
    case JobState::refused:
        answer.fail(Status::error, Made::nothing, why_refused(outcome));
        return;
    case JobState::cancelled:
        answer.fail(Status::error, Made::nothing, "Команда отменена, пока ждала кассу: ничего не сделано");
        return;
    case JobState::expired:
        answer.fail(
            Status::error, Made::nothing,
            "Касса слишком долго была недоступна: ничего не сделано; пробейте заново, с новым IdCommand");
        return;
    case JobState::undecided:
        answer.fail(Status::error, Made::unknown, kLost);
        return;
    }
}

std::string refusal_text(const JobRefusal& refusal)
{
    if (refusal.faults.empty())
        return explained(refusal.error.code, refusal.error.context);
    std::string text;
    for (const fiscal::RequestFault& fault : refusal.faults) {
        text += text.empty() ? "" : ". ";
        text += fault.path.empty() ? "" : member_name(fault.path) + ": ";
        text += fault.ru;
    }
    return text;
}

std::string body_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace kb::agent::kkmserver
