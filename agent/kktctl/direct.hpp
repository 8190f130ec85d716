// Asks a register without the agent: for a PC where it does not run yet.
#pragma once

#include "agent/kktctl/examination.hpp"

namespace kb::agent::kktctl {

/// Opens the port, finds who answers and asks everything once. Bounded to a minute.
DeviceEvidence ask_device(const DeviceConfig& device);

} // namespace kb::agent::kktctl
