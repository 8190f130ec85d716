// Writes the JSON of the library's tasks: members in the order they are put, sums and quantities as decimal
// numbers of exactly their digits. A JSON library would take them through a double.
#pragma once

#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::atol_fptr {

/// UTF-8 in quotes; bytes that are none become U+FFFD.
std::string json_text(const std::string& text);
/// JSON values in brackets.
std::string json_array(const std::vector<std::string>& values);

class JsonObject {
public:
    /// Left out when it is empty.
    JsonObject& text(std::string_view key, const std::string& value);
    /// Also when it is empty.
    JsonObject& contents(std::string_view key, const std::string& value)
    {
        return raw(key, json_text(value));
    }
    JsonObject& number(std::string_view key, std::uint64_t value) { return raw(key, std::to_string(value)); }
    /// 18.00
    JsonObject& money(std::string_view key, Kopecks value) { return raw(key, value.to_rubles()); }
    /// 1.25
    JsonObject& quantity(std::string_view key, Quantity value) { return raw(key, value.to_text()); }
    JsonObject& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    /// Left out when it has no members.
    JsonObject& object(std::string_view key, const JsonObject& value);
    /// Values are JSON; left out when there are none.
    JsonObject& array(std::string_view key, const std::vector<std::string>& values);
    JsonObject& texts(std::string_view key, const std::vector<std::string>& values);
    JsonObject& raw(std::string_view key, std::string_view json);

    [[nodiscard]] bool empty() const { return members_.empty(); }
    /// In braces.
    [[nodiscard]] std::string json() const { return '{' + members_ + '}'; }

private:
    std::string members_;
};

} // namespace kb::atol_fptr
