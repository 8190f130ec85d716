// Asks a virtual register by the control address of the program or test that runs it: POST /library.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace stand_in {

/// The answer; an empty object when nobody answers there.
nlohmann::json ask_register(const std::string& host, const std::string& port, const nlohmann::json& request);

} // namespace stand_in
