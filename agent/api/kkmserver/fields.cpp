#include "agent/api/kkmserver/fields.hpp"

#include "agent/api/kkmserver/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace kb::agent::kkmserver {

namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::size_t kMostWholeDigits = 10;
constexpr std::size_t kNoiseDecimals = 8; // beyond them there is nothing but the noise of binary fractions

bool says_something(const nlohmann::json& value)
{
    return !value.is_null() && !(value.is_string() && value.get_ref<const std::string&>().empty());
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The shortest decimal that reads back as this very number, without an exponent.
std::string decimal_of(double number)
{
    std::array<char, 400> text{}; // the longest one has 309 digits before the point
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    return {text.data(), end.ptr};
}

/// "1 234,50" and the like become "1234.50"; nullopt: no number.
std::optional<std::string> decimal_of(std::string_view text)
{
    std::string number;
    bool point = false;
    for (const char c : trimmed(text)) {
        if (c == ' ')
            continue;
        const bool is_point = c == '.' || c == ',';
        const bool is_sign = c == '-' && number.empty();
        if (!is_sign && !(is_point && !point) && kDigits.find(c) == std::string_view::npos)
            return std::nullopt;
        point = point || is_point;
        number += is_point ? '.' : c;
    }
    if (number.find_first_of(kDigits) == std::string::npos)
        return std::nullopt;
    return number;
}

std::int64_t power_of_ten(std::size_t exponent)
{
    std::int64_t power = 1;
    for (std::size_t i = 0; i < exponent; ++i)
        power *= 10;
    return power;
}

/// A decimal times ten to the `decimals`, rounded half away from zero; nullopt: more whole digits than any
/// sum has. Precondition: a text of decimal_of(), decimals <= kNoiseDecimals.
std::optional<std::int64_t> scaled_decimal(std::string_view decimal, std::size_t decimals)
{
    const bool negative = decimal.starts_with('-');
    decimal.remove_prefix(negative ? 1 : 0);
    const std::size_t point = std::min(decimal.find('.'), decimal.size());
    std::string_view whole = decimal.substr(0, point);
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    if (whole.size() > kMostWholeDigits)
        return std::nullopt;
    std::string fraction(point < decimal.size() ? decimal.substr(point + 1) : std::string_view());
    fraction.resize(std::max(fraction.size(), kNoiseDecimals + 1), '0');
    std::int64_t value = 0;
    for (const char digit : std::string(whole) + fraction.substr(0, kNoiseDecimals))
        value = value * 10 + (digit - '0');
    value += fraction[kNoiseDecimals] >= '5' ? 1 : 0;
    const std::int64_t unit = power_of_ten(kNoiseDecimals - decimals);
    value = (value + unit / 2) / unit;
    return negative ? -value : value;
}

/// Cuts exactly `count` digits off the front.
std::optional<int> cut_number(std::string_view& text, std::size_t count)
{
    if (text.size() < count || text.substr(0, count).find_first_not_of(kDigits) != std::string_view::npos)
        return std::nullopt;
    int number = 0;
    for (const char digit : text.substr(0, count))
        number = number * 10 + (digit - '0');
    text.remove_prefix(count);
    return number;
}

bool cut(std::string_view& text, char c)
{
    const bool there = text.starts_with(c);
    text.remove_prefix(there ? 1 : 0);
    return there;
}

/// Year, month, day in either order of writing.
std::optional<std::array<int, 3>> cut_date(std::string_view& text)
{
    std::string_view rest = text;
    const auto year = cut_number(rest, 4);
    const bool dotted = !year;
    const auto first = dotted ? cut_number(rest, 2) : year;
    if (!first || !cut(rest, dotted ? '.' : '-'))
        return std::nullopt;
    const auto month = cut_number(rest, 2);
    if (!month || !cut(rest, dotted ? '.' : '-'))
        return std::nullopt;
    const auto last = cut_number(rest, dotted ? 4 : 2);
    if (!last)
        return std::nullopt;
    text = rest;
    return dotted ? std::array{*last, *month, *first} : std::array{*first, *month, *last};
}

/// Hours, minutes and, perhaps, seconds with a fraction that is dropped.
std::optional<std::array<int, 3>> cut_clock(std::string_view& text)
{
    const auto hour = cut_number(text, 2);
    if (!hour || !cut(text, ':'))
        return std::nullopt;
    const auto minute = cut_number(text, 2);
    if (!minute)
        return std::nullopt;
    int second = 0;
    if (cut(text, ':')) {
        const auto read = cut_number(text, 2);
        if (!read)
            return std::nullopt;
        second = *read;
        if (cut(text, '.'))
            text.remove_prefix(std::min(text.find_first_not_of(kDigits), text.size()));
    }
    return std::array{*hour, *minute, second};
}

/// "Z", "+03:00" or "+0300" as how far the zone is ahead of UTC.
std::optional<std::chrono::seconds> cut_zone(std::string_view& text)
{
    if (cut(text, 'Z'))
        return std::chrono::seconds(0);
    const bool behind = text.starts_with('-');
    if (!behind && !text.starts_with('+'))
        return std::nullopt;
    text.remove_prefix(1);
    const auto hours = cut_number(text, 2);
    cut(text, ':');
    const auto minutes = cut_number(text, 2);
    if (!hours || !minutes)
        return std::nullopt;
    const auto ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return behind ? -ahead : ahead;
}

} // namespace

std::optional<LocalSeconds> local_time_of(std::string_view text, std::chrono::seconds offset)
{
    text = trimmed(text);
    const auto date = cut_date(text);
    if (!date)
        return std::nullopt;
    std::array<int, 3> clock{};
    std::optional<std::chrono::seconds> zone;
    if (!text.empty()) {
        if (!cut(text, 'T') && !cut(text, ' '))
            return std::nullopt;
        const auto read = cut_clock(text);
        if (!read)
            return std::nullopt;
        clock = *read;
        if (!text.empty()) {
            zone = cut_zone(text);
            if (!zone || !text.empty())
                return std::nullopt;
        }
    }
    const auto local =
        local_from_parts((*date)[0], (*date)[1], (*date)[2], clock[0], clock[1], clock[2], "time");
    if (!local)
        return std::nullopt;
    return zone ? *local - *zone + offset : *local;
}

Fields::Fields(const Json& object, std::string path, std::optional<Fault>& fault)
    : object_(object),
      path_(std::move(path)),
      fault_(fault)
{}

std::string Fields::path_of(std::string_view name) const
{
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void Fields::complain(std::string_view name, std::string text)
{
    if (!fault_)
        fault_ = Fault{path_of(name), std::move(text)};
}

// A client may send a name in two spellings, one of them empty.
const Fields::Json* Fields::find(std::string_view name) const
{
    const Json* found = nullptr;
    for (auto member = object_.begin(); member != object_.end(); ++member)
        if (says_something(*member) && same_name(member.key(), name) &&
            (found == nullptr || member.key() == name))
            found = &*member;
    return found;
}

bool Fields::has(std::string_view name) const { return find(name) != nullptr; }

std::string Fields::line(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return {};
    if (value->is_string())
        return value->get<std::string>();
    if (value->is_structured()) {
        complain(name, "нужен текст");
        return {};
    }
    if (value->is_number_float())
        return decimal_of(value->get<double>());
    return value->dump();
}

std::string Fields::text(std::string_view name) { return std::string(trimmed(line(name))); }

std::optional<std::string> Fields::decimal(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    std::optional<std::string> number;
    if (value->is_number_float())
        number = decimal_of(value->get<double>());
    else if (value->is_number())
        number = value->dump();
    else if (value->is_string())
        number = decimal_of(std::string_view(value->get_ref<const std::string&>()));
    if (!number)
        complain(name, "нужно число, например 100.50");
    return number;
}

std::optional<std::int64_t> Fields::scaled(std::string_view name, std::size_t decimals)
{
    const auto number = decimal(name);
    if (!number)
        return std::nullopt;
    const auto value = scaled_decimal(*number, decimals);
    if (!value)
        complain(name, "слишком большое число");
    return value;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t min, std::int64_t max)
{
    const auto number = decimal(name);
    if (!number)
        return std::nullopt;
    const auto value = scaled_decimal(*number, 0);
    const bool whole =
        value && scaled_decimal(*number, kNoiseDecimals) == *value * power_of_ten(kNoiseDecimals);
    if (!whole || *value < min || *value > max) {
        complain(name, "нужно целое число от " + std::to_string(min) + " до " + std::to_string(max));
        return std::nullopt;
    }
    return value;
}

std::optional<bool> Fields::flag(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (value->is_boolean())
        return value->get<bool>();
    const std::string word = value->is_structured() ? std::string() : text(name);
    if (same_name(word, "true") || word == "1")
        return true;
    if (same_name(word, "false") || word == "0")
        return false;
    complain(name, "нужно true или false");
    return std::nullopt;
}

std::optional<Kopecks> Fields::money(std::string_view name)
{
    const auto value = scaled(name, 2);
    return value ? std::optional(Kopecks{*value}) : std::nullopt;
}

std::optional<Quantity> Fields::quantity(std::string_view name)
{
    const auto value = scaled(name, 6);
    return value ? std::optional(Quantity::from_millionths(*value)) : std::nullopt;
}

std::optional<LocalSeconds> Fields::time(std::string_view name, std::chrono::seconds offset)
{
    if (!has(name))
        return std::nullopt;
    const auto time = local_time_of(text(name), offset);
    if (!time)
        complain(name, "нужна дата, например 2026-11-01T12:30:00");
    return time;
}

std::optional<Fields> Fields::object(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_object()) {
        complain(name, "нужна структура");
        return std::nullopt;
    }
    return Fields(*value, path_of(name), fault_);
}

const Fields::Json::array_t* Fields::array(std::string_view name, std::size_t at_most)
{
    const Json* value = find(name);
    if (value == nullptr)
        return nullptr;
    if (!value->is_array()) {
        complain(name, "нужен список");
        return nullptr;
    }
    if (value->size() > at_most) {
        complain(name, "в списке больше " + std::to_string(at_most) + " строк; разделите на несколько чеков");
        return nullptr;
    }
    return value->get_ptr<const Json::array_t*>();
}

Fields Fields::element(std::string_view name, const Json::array_t& array, std::size_t index)
{
    static const Json kNothing = Json::object();
    const std::string place = std::string(name) + "[" + std::to_string(index) + "]";
    if (!array[index].is_object()) {
        if (!array[index].is_null())
            complain(place, "нужна структура");
        return {kNothing, path_of(place), fault_};
    }
    return {array[index], path_of(place), fault_};
}

} // namespace kb::agent::kkmserver
