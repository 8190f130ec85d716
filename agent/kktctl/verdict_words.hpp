// Verdicts as people read them, and as programs do.
#pragma once

#include "agent/kktctl/examination.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent::kktctl {

/// `verdicts` of `kktctl doctor --json`.
nlohmann::ordered_json verdicts_json(const std::vector<Verdict>& verdicts);
/// On stdout, device by device.
void tell_verdicts(const Console& console, const std::vector<Verdict>& verdicts);

} // namespace kb::agent::kktctl
