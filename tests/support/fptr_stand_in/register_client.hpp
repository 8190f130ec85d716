// Asks a virtual register by the control address of the program or test that runs it, or through a function
// of that test: POST /library.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace stand_in {

/// The answer; an empty object when nobody answers there.
nlohmann::json ask_register(const std::string& host, const std::string& port, const nlohmann::json& request);

/// As kb_stand_in_register().
void ask_through(const char* (*ask)(const char* request));

} // namespace stand_in
