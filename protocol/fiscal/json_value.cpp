#include "protocol/fiscal/json_value.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace kb::fiscal {

namespace {

constexpr std::size_t kMaxDepth = 16;

class Builder : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return scalar(JsonValue::Kind::null, {}); }
    bool boolean(bool value) override { return scalar(JsonValue::Kind::boolean, value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override
    {
        return scalar(JsonValue::Kind::number, std::to_string(value));
    }
    bool number_unsigned(number_unsigned_t value) override
    {
        return scalar(JsonValue::Kind::number, std::to_string(value));
    }
    bool number_float(number_float_t, const string_t& digits) override
    {
        return scalar(JsonValue::Kind::number, digits);
    }
    bool string(string_t& value) override { return scalar(JsonValue::Kind::string, std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(JsonValue::Kind::object); }
    bool start_array(std::size_t) override { return open(JsonValue::Kind::array); }
    bool key(string_t& name) override
    {
        open_.back().keys.push_back(std::move(name));
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override
    {
        error = "not JSON at byte " + std::to_string(position);
        return false;
    }

    JsonValue root;
    std::string error = "not JSON";

private:
    bool put(JsonValue value)
    {
        if (open_.empty())
            root = std::move(value);
        else
            open_.back().items.push_back(std::move(value));
        return true;
    }
    bool scalar(JsonValue::Kind kind, std::string text) { return put({kind, std::move(text), {}, {}}); }
    bool open(JsonValue::Kind kind)
    {
        if (open_.size() == kMaxDepth) {
            error = "nested deeper than " + std::to_string(kMaxDepth);
            return false;
        }
        open_.push_back({kind, {}, {}, {}});
        return true;
    }
    bool close()
    {
        JsonValue done = std::move(open_.back());
        open_.pop_back();
        return put(std::move(done));
    }

    std::vector<JsonValue> open_;
};

} // namespace

Result<JsonValue> parse_json(std::string_view text)
{
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return fail(Errc::bad_json, builder.error);
    return std::move(builder.root);
}

void append_json_string(std::string& out, std::string_view utf8)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += '"';
    for (const char c : utf8) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (code < 0x20) {
            out += "\\u00";
            out += kDigits[code >> 4];
            out += kDigits[code & 0x0F];
        } else {
            out += c;
        }
    }
    out += '"';
}

} // namespace kb::fiscal
