// JSON read into a small tree that keeps numbers as their digits: a quantity must not pass through a double.
#pragma once

#include "protocol/core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

struct JsonValue {
    enum class Kind { null, boolean, number, string, array, object };
    Kind kind = Kind::null;
    std::string text;              ///< digits of a number, UTF-8 of a string, "true" or "false"
    std::vector<std::string> keys; ///< of an object, one for each of `items`
    std::vector<JsonValue> items;  ///< of an array or object
};

/// Errc::bad_json with the position; structures deeper than 16 are refused.
Result<JsonValue> parse_json(std::string_view text);

/// Appends the text as a JSON string, quotes included. Precondition: UTF-8.
void append_json_string(std::string& out, std::string_view utf8);

} // namespace kb::fiscal
