#pragma once

#include "http/message.hpp"

#include <string>

namespace kb::http::test {

/// Empty when the answer has no such header.
inline std::string header_of(const Response& response, const std::string& name)
{
    for (const auto& [key, value] : response.headers)
        if (key == name)
            return value;
    return {};
}

} // namespace kb::http::test
