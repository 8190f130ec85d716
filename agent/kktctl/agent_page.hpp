// What a running agent tells of itself on its loopback page /status.
#pragma once

#include "agent/kktctl/examination.hpp"

#include <nlohmann/json.hpp>

namespace kb::agent::kktctl {

/// The whole page. Errors as of http::Client; network_failed when no agent runs.
Result<nlohmann::json> ask_agent(const Config& config);
/// The device evidence of a page.
std::vector<DeviceEvidence> devices_of(const nlohmann::json& page);
/// A text member however deep, "" when it is not there.
std::string text_at(const nlohmann::json& json, const char* pointer);

/// Any request, waited for.
Result<std::string> fetch(const std::string& method, const std::string& url, const std::string& ca_file,
                          const std::string& token, const std::string& body,
                          std::chrono::milliseconds at_most,
                          std::vector<std::pair<std::string, std::string>> headers = {});

} // namespace kb::agent::kktctl
