// The native API of the agent on this computer, as its own tool asks it.
#pragma once

#include "agent/config.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace kb::agent::kktctl {

class NativeCalls {
public:
    /// Errc::bad_config without a section [api]; of the token as load_token().
    static Result<NativeCalls> to(const Config& config);

    /// `path` behind /api/v1. Errors are the API's own where it gave one, else those of http::Client.
    [[nodiscard]] Result<nlohmann::json> ask(const std::string& method, const std::string& path,
                                             const std::string& body = "", const std::string& key = "",
                                             std::chrono::seconds wait = std::chrono::seconds(0)) const;
    /// "http://127.0.0.1:8760"
    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] const std::string& token() const { return token_; }

private:
    std::string address_;
    std::string token_;
};

} // namespace kb::agent::kktctl
