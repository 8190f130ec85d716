// Asks a register without the agent: for a PC where it does not run yet.
#pragma once

#include "agent/kktctl/examination.hpp"
#include "agent/known_device.hpp"

#include <set>

namespace kb::agent::kktctl {

/// Looks for the register where the agent would, `known` being what it remembers of this section, and asks it
/// everything once. Ports in `taken` have answered for another section; its own is added to them. Bounded to
/// some minutes.
DeviceEvidence ask_device(const DeviceConfig& device, const KnownDevice& known, std::set<std::string>& taken);

} // namespace kb::agent::kktctl
