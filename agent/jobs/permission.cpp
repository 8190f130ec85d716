#include "agent/jobs/permission.hpp"

#include "protocol/fiscal/request.hpp"

#include <algorithm>

namespace kb::agent {
namespace {

/// The command that such a job came from.
std::optional<cabinet_api::CommandKind> command_of(const std::string& job_kind)
{
    using cabinet_api::CommandKind;
    switch (fiscal::request_kind_of(job_kind).value_or(fiscal::RequestKind::known_state)) {
    case fiscal::RequestKind::receipt:
        return CommandKind::print;
    case fiscal::RequestKind::x_report:
        return CommandKind::x_report;
    case fiscal::RequestKind::shift_close:
        return CommandKind::close_shift;
    case fiscal::RequestKind::text:
        return CommandKind::message;
    default:
        return std::nullopt;
    }
}

} // namespace

bool may_begin(const DeviceConfig& config, const storage::NewJob& job)
{
    if (job.caller != kCabinetCaller)
        return true;
    const auto kind = command_of(job.kind);
    const auto& allowed = config.cabinet_commands;
    return kind && std::find(allowed.begin(), allowed.end(), *kind) != allowed.end();
}

} // namespace kb::agent
