// Who may have something done at a register by its own configuration, asked again when a job that waited is
// to be begun: between its being taken and its turn the shop may have said no.
#pragma once

#include "agent/config.hpp"
#include "storage/jobs.hpp"

namespace kb::agent {

/// The caller of what the cabinet's commands become.
inline constexpr const char* kCabinetCaller = "cabinet";

/// False: a command of the cabinet that the key `cabinet_commands` does not allow (any more).
bool may_begin(const DeviceConfig& config, const storage::NewJob& job);

} // namespace kb::agent
