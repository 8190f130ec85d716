// What a job is at this moment, for whoever looks: its state in the journal together with how its register
// is.
#include "agent/jobs/desk.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent {

namespace {

using storage::JobState;

/// The text of the receipt's QR code; empty for what has none.
std::string qr_of(const storage::Job& job)
{
    if (job.state != JobState::done || !job.outcome.fd_number || !job.outcome.document_at)
        return {};
    const auto request = fiscal::request_from_json(job.asked.request);
    if (!request || !request->receipt)
        return {};
    const auto total = request->receipt->total ? Result<Kopecks>(*request->receipt->total)
                                               : fiscal::total_of(*request->receipt);
    if (!total)
        return {};
    fiscal::ReceiptQr qr;
    qr.datetime = *job.outcome.document_at;
    qr.total = *total;
    qr.fn_serial = job.outcome.fn_serial;
    qr.fd_number = *job.outcome.fd_number;
    qr.fiscal_sign = job.outcome.fiscal_sign;
    qr.operation = request->receipt->operation;
    return fiscal::receipt_qr_text(qr);
}

OfdProgress progress_of(const storage::Job& job, const Device* device)
{
    if (!job.outcome.fd_number)
        return OfdProgress::unknown;
    if (job.ticket == true)
        return OfdProgress::confirmed;
    // The drive sends in order: whatever is before the first document without a ticket has one.
    const fiscal::DeviceSample* sample = device != nullptr ? &device->sample() : nullptr;
    if (sample == nullptr || !sample->ofd || !sample->fn || sample->fn->fn_serial != job.outcome.fn_serial ||
        sample->fn->last_fd_number < *job.outcome.fd_number)
        return OfdProgress::waiting;
    if (sample->ofd->unsent_documents == 0)
        return OfdProgress::confirmed;
    if (!sample->ofd->first_unsent_fd || *sample->ofd->first_unsent_fd > *job.outcome.fd_number)
        return sample->ofd->first_unsent_fd ? OfdProgress::confirmed : OfdProgress::waiting;
    return *sample->ofd->first_unsent_fd == *job.outcome.fd_number && sample->ofd->waiting_for_ticket
               ? OfdProgress::sent
               : OfdProgress::waiting;
}

} // namespace

std::string_view to_string(OfdProgress progress)
{
    switch (progress) {
    case OfdProgress::waiting:
        return "waiting";
    case OfdProgress::sent:
        return "sent";
    case OfdProgress::confirmed:
        return "confirmed";
    case OfdProgress::unknown:
        break;
    }
    return "unknown";
}

JobView JobDesk::view(storage::Job job) const
{
    JobView view;
    view.qr = qr_of(job);
    view.job = std::move(job);
    note_present(view);
    return view;
}

void JobDesk::note_present(JobView& view) const
{
    const storage::Job& job = view.job;
    const auto at = device(job.asked.kkt_serial);
    view.ofd = progress_of(job, at.get());
    view.obstacle.reset();
    const JobRunner* runner = at ? at->jobs() : nullptr;
    if (runner != nullptr && runner->obstacle() && runner->obstacle()->job_id == job.asked.job_id)
        view.obstacle = runner->obstacle();
    else if (at && !at->reached() && !storage::is_final(job.state))
        view.obstacle = JobObstacle{errc_of(at->sample().state_reason).value_or(Errc::no_answer),
                                    job.asked.job_id, "the register is not reached", false};
    const bool fn_is_gone = view.obstacle && view.obstacle->code == Errc::wrong_device;
    // A register that was not met yet since the agent started may be any: only one that is switched off.
    const auto& devices = services_.devices();
    const bool all_are_known = std::none_of(devices.begin(), devices.end(), [](const auto& one) {
        return one->sample().info.kkt_serial.empty();
    });
    const bool register_is_gone = !at && all_are_known;
    const bool nobody_else_can = view.obstacle && view.obstacle->needs_person;
    view.person_may_decide =
        job.state == JobState::unknown && (fn_is_gone || register_is_gone || nobody_else_can);
}

} // namespace kb::agent
