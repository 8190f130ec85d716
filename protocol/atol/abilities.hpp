// What works with a register of ATOL, by the way it is spoken to: the maker's protocol, or the maker's
// library.
#pragma once

#include "protocol/fiscal/abilities.hpp"

#include <optional>
#include <string_view>

namespace kb::atol {

/// How DeviceInfo::protocol of a register begins that is spoken to through the library.
inline constexpr std::string_view kLibraryProtocol = "libfptr10";

/// Of a register as its driver identified it; nullopt when it is spoken to otherwise. Recording is the
/// driver's to tell.
std::optional<fiscal::Abilities> abilities_over_line(const fiscal::DeviceInfo& info);
std::optional<fiscal::Abilities> abilities_through_library(const fiscal::DeviceInfo& info);

} // namespace kb::atol
