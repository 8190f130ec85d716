#include "protocol/core/json_reader.hpp"

#include <algorithm>

namespace kb {

using nlohmann::json;

namespace {

/// Depth of nesting, counted before parsing: the parser would take any depth, but dump() recurses.
std::size_t depth_of(std::string_view text)
{
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
}

} // namespace

Result<json> parse_json(std::string_view text, std::size_t max_depth)
{
    if (depth_of(text) > max_depth)
        return fail(Errc::bad_json, "nested deeper than " + std::to_string(max_depth) + " levels");
    try {
        Result<json> result(json::parse(text.begin(), text.end()));
        return result;
    } catch (const json::parse_error& error) {
        return fail(Errc::bad_json, "not JSON at byte " + std::to_string(error.byte));
    } catch (const json::exception&) { // a number beyond the range of double
        return fail(Errc::bad_json, "not JSON: a number is out of range");
    }
}

std::string dump_json(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

JsonReader::JsonReader(const json& object, std::string path, std::optional<Error>& failure)
    : object_(object),
      path_(std::move(path)),
      failure_(failure)
{
    if (!failure_ && !object_.is_object())
        failure_ = Error{
            Errc::bad_json, Outcome::not_done, path_ + (path_.empty() ? "" : ": ") + "not an object", {}};
}

std::string JsonReader::path_of(const char* key) const { return path_.empty() ? key : path_ + "." + key; }

void JsonReader::complain(const char* key, std::string_view reason, Errc code)
{
    if (!failure_)
        failure_ = Error{code, Outcome::not_done, path_of(key) + ": " + std::string(reason), {}};
}

bool JsonReader::has(const char* key) const
{
    if (!object_.is_object())
        return false;
    const auto at = object_.find(key);
    return at != object_.end() && !at->is_null();
}

const json* JsonReader::find(const char* key)
{
    if (failure_)
        return nullptr;
    const auto at = object_.find(key);
    if (at == object_.end() || at->is_null()) {
        complain(key, "missing", Errc::bad_json);
        return nullptr;
    }
    return &*at;
}

const std::string* JsonReader::find_text(const char* key)
{
    const json* value = find(key);
    if (value == nullptr)
        return nullptr;
    const auto* text = value->get_ptr<const std::string*>();
    if (text == nullptr)
        complain(key, "not a text", Errc::bad_json);
    return text;
}

std::string JsonReader::text(const char* key, std::size_t max_bytes, bool may_be_empty)
{
    const std::string* value = find_text(key);
    if (value == nullptr)
        return {};
    if (value->empty() && !may_be_empty)
        complain(key, "empty");
    else if (value->size() > max_bytes)
        complain(key, "longer than " + std::to_string(max_bytes) + " bytes");
    else
        return *value;
    return {};
}

std::string JsonReader::optional_text(const char* key, std::size_t max_bytes)
{
    return has(key) ? text(key, max_bytes, true) : std::string();
}

std::string JsonReader::name(const char* key, std::size_t max_bytes)
{
    std::string value = text(key, max_bytes);
    if (!std::all_of(value.begin(), value.end(), is_name_character))
        complain(key, "may hold only Latin letters, digits and - _ . :");
    return value;
}

std::string JsonReader::optional_name(const char* key, std::size_t max_bytes)
{
    const bool empty = !has(key) || (object_.find(key)->is_string() &&
                                     object_.find(key)->get_ref<const std::string&>().empty());
    return empty ? std::string() : name(key, max_bytes);
}

bool JsonReader::boolean(const char* key)
{
    const json* value = find(key);
    if (value == nullptr)
        return false;
    if (!value->is_boolean()) {
        complain(key, "not true or false", Errc::bad_json);
        return false;
    }
    return value->get<bool>();
}

std::int64_t JsonReader::integer(const char* key, std::int64_t min, std::int64_t max)
{
    const json* value = find(key);
    if (value == nullptr)
        return min;
    if (!value->is_number_integer()) {
        complain(key, "not a whole number", Errc::bad_json);
        return min;
    }
    const bool too_big =
        value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    const std::int64_t number = too_big ? INT64_MAX : value->get<std::int64_t>();
    if (too_big || number < min || number > max) {
        complain(key, "outside " + std::to_string(min) + ".." + std::to_string(max));
        return min;
    }
    return number;
}

std::uint32_t JsonReader::u32(const char* key)
{
    return static_cast<std::uint32_t>(integer(key, 0, UINT32_MAX));
}

UtcMs JsonReader::instant(const char* key)
{
    if (const std::string* value = find_text(key)) {
        if (auto time = utc_from_text(*value))
            return *time;
        complain(key, "not an instant like 2024-03-01T09:15:00Z");
    }
    return {};
}

LocalSeconds JsonReader::local_time(const char* key)
{
    if (const std::string* value = find_text(key)) {
        if (auto time = local_from_text(*value))
            return *time;
        complain(key, "not a local time like 2024-03-01T09:15:00");
    }
    return {};
}

std::chrono::year_month_day JsonReader::date(const char* key)
{
    if (const std::string* value = find_text(key)) {
        if (auto time = local_from_text(*value + "T00:00:00"); time && value->size() == 10)
            return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(*time));
        complain(key, "not a date like 2024-03-01");
    }
    return {};
}

std::pair<const json*, std::string> JsonReader::object(const char* key)
{
    static const json empty = json::object();
    const json* value = find(key);
    if (value != nullptr && !value->is_object())
        complain(key, "not an object", Errc::bad_json);
    return {value != nullptr && value->is_object() ? value : &empty, path_of(key)};
}

const json::array_t* JsonReader::array(const char* key, std::size_t max_size)
{
    static const json::array_t empty;
    const json* value = find(key);
    if (value == nullptr)
        return &empty;
    const auto* items = value->get_ptr<const json::array_t*>();
    if (items == nullptr) {
        complain(key, "not an array", Errc::bad_json);
        return &empty;
    }
    if (items->size() > max_size) {
        complain(key, "more than " + std::to_string(max_size) + " elements", Errc::too_many);
        return &empty;
    }
    return items;
}

} // namespace kb
