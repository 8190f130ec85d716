// A register whose owner sends it commands, seen from his page and from its agent.
#pragma once

#include "tests/unit/cabinet/api_support.hpp"

namespace kb::cabinet::test {

inline constexpr const char* kRegister = "00106900000001";
inline const std::string kCommands = std::string("/api/v1/registers/") + kRegister + "/commands";
inline const std::string kPermission = std::string("/api/v1/registers/") + kRegister + "/permission";
inline const std::string kPrint = std::string("/api/v1/registers/") + kRegister + "/print";

/// The agent of `owner` tells of the register and what its configuration allows there.
inline void tell_register(TestCabinet& cabinet, const TestCabinet::Owner& owner,
                          const std::vector<std::string>& allows = {"x_report", "close_shift", "message",
                                                                    "print"},
                          fiscal::FfdVersion ffd = fiscal::FfdVersion::v1_05)
{
    auto status = nlohmann::json::parse(sample_json(kRegister, kFn, 5));
    status["samples"][0]["info"]["ffd"] = static_cast<unsigned>(ffd);
    if (!allows.empty())
        status["samples"][0]["cabinet_commands"] = allows;
    REQUIRE(cabinet.agent_post(owner, "/api/agent/v1/status", status.dump()).status == 200);
}

inline void permit(TestCabinet& cabinet, const TestCabinet::Owner& owner, bool permitted = true)
{
    const std::string body = permitted ? R"({"permitted":true})" : R"({"permitted":false})";
    REQUIRE(cabinet.post(owner, kPermission, body).status == 200);
}

inline http::Response send(TestCabinet& cabinet, const TestCabinet::Owner& owner, const std::string& key,
                           const std::string& body = R"({"kind":"x_report"})",
                           const std::string& target = kCommands)
{
    auto made = request("POST", target, body);
    made.headers.emplace_back("cookie", owner.cookie);
    made.headers.emplace_back("x-csrf-token", owner.csrf);
    if (!key.empty())
        made.headers.emplace_back("idempotency-key", key);
    return cabinet.call(made);
}

/// What the agent gets.
inline cabinet_api::CommandsResponse given(TestCabinet& cabinet, const TestCabinet::Owner& owner,
                                           bool unanswered = false)
{
    auto ask = request("GET", std::string("/api/agent/v1/commands") + (unanswered ? "?unanswered=true" : ""));
    ask.headers.emplace_back("authorization", "Bearer " + owner.token);
    return cabinet_api::decode_commands_response(cabinet.call(ask).body).value();
}

inline int tell_result(TestCabinet& cabinet, const TestCabinet::Owner& owner, const std::string& id,
                       const cabinet_api::CommandResult& result)
{
    return cabinet.agent_post(owner, "/api/agent/v1/commands/" + id + "/result", encode(result)).status;
}

inline nlohmann::json shown(TestCabinet& cabinet, const TestCabinet::Owner& owner, const std::string& id)
{
    return body_of(cabinet.get(owner, kCommands + "/" + id));
}

} // namespace kb::cabinet::test
