// What tests of the HTTP interface share.
#pragma once

#include "protocol/core/json_reader.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>

namespace kb::cabinet::test {

inline constexpr const char* kFn = "9999078900001234";

inline nlohmann::json body_of(const http::Response& response) { return nlohmann::json::parse(response.body); }

inline std::string header_of(const http::Response& response, const std::string& name)
{
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return {};
}

/// A receipt of its own sign and minute.
inline ReceiptPlan receipt(std::uint32_t fd_number)
{
    ReceiptPlan plan;
    plan.fd_number = fd_number;
    plan.fiscal_sign = 1000 + fd_number;
    plan.datetime += std::chrono::minutes(fd_number);
    return plan;
}

inline void check_problem(const http::Response& response, int status, const std::string& code,
                          const std::string& field)
{
    CAPTURE(response.body);
    CHECK(response.status == status);
    CHECK(header_of(response, "Content-Type") == "application/problem+json");
    const auto problem = body_of(response);
    CHECK(problem.at("status") == status);
    CHECK(problem.at("code") == code);
    CHECK(problem.value("field", "") == field);
}

} // namespace kb::cabinet::test
