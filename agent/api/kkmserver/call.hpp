// One command as it came. For .cpp files only, as fields.hpp.
#pragma once

#include "agent/api/kkmserver/fields.hpp"
#include "agent/api/kkmserver/names.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace kb::agent::kkmserver {

struct Call {
    nlohmann::json body; ///< an object
    std::string name;    ///< as the client spells it
    std::optional<Command> command;
    std::string id; ///< IdCommand
    std::chrono::milliseconds wait{0};
};

/// Reads a body up to the command's own members; what is wrong with it in `fault`, as much as could be read
/// in the call.
Call read_call(const std::string& body, std::chrono::seconds longest_wait, std::optional<Fault>& fault);

} // namespace kb::agent::kkmserver
