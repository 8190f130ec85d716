// What will and will not work with a register, in plain words: the tables of its vendor, put right by what
// this very unit told.
#pragma once

#include "agent/kktctl/examination.hpp"
#include "protocol/fiscal/abilities.hpp"

namespace kb::agent::kktctl {

/// What people read of an ability, where the register has it and where it has not.
struct AbilityWords {
    Text works;
    Text lacks;
};
AbilityWords words_of(fiscal::Ability ability);

/// "1.05", "1.05 (касса не сообщает, принято)"; empty: the register did not tell, and nothing is assumed.
std::string ffd_text(const Console& console, const fiscal::DeviceInfo& info);

/// Always ok for a model that is known and tried: what it cannot do is told and is no fault.
Verdict examine_abilities(const Console& console, const DeviceEvidence& device);

} // namespace kb::agent::kktctl
