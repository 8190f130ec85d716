#include "http/query.hpp"

#include "protocol/core/code_page.hpp"

#include <charconv>

namespace kb::http {

namespace {

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += plus_is_space && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size())
            return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0)
            return std::nullopt;
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (plain.find('\0') != std::string::npos || !is_utf8(plain))
        return std::nullopt;
    return plain;
}

Query::Query(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (pair.empty())
            continue;
        const std::size_t equals = pair.find('=');
        const auto name = percent_decode(pair.substr(0, equals), true);
        const auto value = percent_decode(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value)
            complain(std::string(pair.substr(0, std::min<std::size_t>(equals, 40))),
                     "not percent-encoded UTF-8");
        else if (!values_.emplace(*name, *value).second)
            complain(*name, "given twice");
    }
}

void Query::complain(const std::string& name, const std::string& reason)
{
    if (!fault_)
        fault_ = Fault{400, Errc::bad_value, reason, name};
}

std::optional<std::string> Query::take(const std::string& name)
{
    const auto at = values_.find(name);
    if (at == values_.end())
        return std::nullopt;
    std::string value = std::move(at->second);
    values_.erase(at);
    if (value.empty()) // ?register= is what a form with an empty field sends
        return std::nullopt;
    return value;
}

std::optional<std::string> Query::text(const std::string& name, std::size_t max_bytes)
{
    auto value = take(name);
    if (value && value->size() > max_bytes) {
        complain(name, "longer than " + std::to_string(max_bytes) + " bytes");
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> Query::integer(const std::string& name, std::int64_t min, std::int64_t max)
{
    const auto value = take(name);
    if (!value)
        return std::nullopt;
    std::int64_t number = 0;
    const char* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error == std::errc() && stop == end && number >= min && number <= max)
        return number;
    complain(name, "not a whole number in " + std::to_string(min) + ".." + std::to_string(max));
    return std::nullopt;
}

std::optional<LocalSeconds> Query::local_time(const std::string& name, bool end_of_day)
{
    const auto value = take(name);
    if (!value)
        return std::nullopt;
    const bool is_date = value->size() == 10;
    if (const auto time =
            local_from_text(is_date ? *value + (end_of_day ? "T23:59:59" : "T00:00:00") : *value))
        return *time;
    complain(name, "not a date like 2024-03-01 or a time like 2024-03-01T09:15:00");
    return std::nullopt;
}

const std::optional<Fault>& Query::fault()
{
    if (!values_.empty())
        complain(values_.begin()->first.substr(0, 40), "no such parameter here");
    return fault_;
}

} // namespace kb::http
