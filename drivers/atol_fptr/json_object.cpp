#include "drivers/atol_fptr/json_object.hpp"

#include <nlohmann/json.hpp>

namespace kb::atol_fptr {

std::string json_text(const std::string& text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_array(const std::vector<std::string>& values)
{
    std::string json = "[";
    for (const std::string& value : values) {
        json += (json.size() == 1 ? "" : ",") + value;
    }
    return json + "]";
}

JsonObject& JsonObject::text(std::string_view key, const std::string& value)
{
    return value.empty() ? *this : contents(key, value);
}

JsonObject& JsonObject::object(std::string_view key, const JsonObject& value)
{
    return value.empty() ? *this : raw(key, value.json());
}

JsonObject& JsonObject::array(std::string_view key, const std::vector<std::string>& values)
{
    return values.empty() ? *this : raw(key, json_array(values));
}

JsonObject& JsonObject::texts(std::string_view key, const std::vector<std::string>& values)
{
    std::vector<std::string> quoted;
    quoted.reserve(values.size());
    for (const std::string& value : values) {
        quoted.push_back(json_text(value));
    }
    return array(key, quoted);
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json)
{
    members_ += members_.empty() ? "\"" : ",\"";
    members_ += key; // the library's own words: nothing in them to escape
    members_ += "\":";
    members_ += json;
    return *this;
}

} // namespace kb::atol_fptr
