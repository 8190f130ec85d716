// What works with a register of this protocol, out of the rows of its model and its firmware line.
#pragma once

#include "protocol/fiscal/abilities.hpp"
#include "protocol/shtrih/models.hpp"

#include <optional>

namespace kb::shtrih {

/// By its rows alone; recording is the driver's to tell.
fiscal::Abilities abilities_of(const Model& model);
/// Of a register as its driver identified it; nullopt when it speaks another protocol.
std::optional<fiscal::Abilities> abilities_of(const fiscal::DeviceInfo& info);

} // namespace kb::shtrih
