#include "protocol/fiscal/request_reader.hpp"

#include "protocol/fiscal/dotted_date.hpp"

#include <algorithm>
#include <charconv>

namespace kb::fiscal {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxText = 1000; // bytes; no tag and no line holds more

// The shortest text of a JSON number as plain decimals: "1e-06" becomes "0.000001", "1e+20" a one with zeros.
std::string plain_decimal(std::string text)
{
    const std::size_t e = text.find_first_of("eE");
    if (e == std::string::npos)
        return text;
    int exponent = 0;
    std::string_view power = std::string_view(text).substr(e + 1);
    if (power.starts_with('+'))
        power.remove_prefix(1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    constexpr int kFar = 40; // beyond all money and quantities; the text stays as it is, and is no decimal
    if (exponent > kFar || exponent < -kFar)
        return text;
    const bool negative = text.starts_with('-');
    std::string digits = text.substr(negative ? 1 : 0, e - (negative ? 1 : 0));
    const std::size_t dot = digits.find('.');
    auto whole = static_cast<std::ptrdiff_t>(dot == std::string::npos ? digits.size() : dot) + exponent;
    if (dot != std::string::npos)
        digits.erase(dot, 1);
    if (whole <= 0) {
        digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
        whole = 1;
    }
    if (digits.size() < static_cast<std::size_t>(whole))
        digits.resize(static_cast<std::size_t>(whole), '0');
    if (digits.size() > static_cast<std::size_t>(whole))
        digits.insert(static_cast<std::size_t>(whole), 1, '.');
    return (negative ? "-" : "") + digits;
}

bool is_decimal(std::string_view text)
{
    if (text.starts_with('-'))
        text.remove_prefix(1);
    const std::size_t dot = text.find('.');
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return digits(text.substr(0, dot)) && (dot == std::string_view::npos || digits(text.substr(dot + 1)));
}

// What a caller wrote, fit to be told in one line.
std::string shortened(std::string_view text)
{
    constexpr std::size_t kShown = 64;
    std::size_t size = std::min(text.size(), kShown);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size; // not through the middle of a character
    std::string shown(text.substr(0, size));
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
    return shown;
}

std::string in_quotes(std::string_view text) { return '"' + shortened(text) + '"'; }

} // namespace

RequestReader::RequestReader(const json& object, std::string path, std::optional<Error>& failure)
    : object_(object),
      path_(std::move(path)),
      failure_(failure)
{
    if (!object_.is_object())
        complain(path_, "not an object; write it in braces, as {…}", Errc::bad_json);
}

std::string RequestReader::path_of(const char* key) const { return path_.empty() ? key : path_ + '.' + key; }

std::string RequestReader::path_of(const char* key, std::size_t index) const
{
    return path_of(key) + '[' + std::to_string(index) + ']';
}

void RequestReader::complain(const std::string& path, std::string_view reason_and_cure, Errc code)
{
    if (!failure_)
        failure_ = Error{code, Outcome::not_done, path + ": " + std::string(reason_and_cure), {}};
}

bool RequestReader::has(const char* key) const
{
    if (!object_.is_object())
        return false;
    const auto at = object_.find(key);
    return at != object_.end() && !at->is_null();
}

const json* RequestReader::find(const char* key)
{
    known_.push_back({key, 0});
    return failure_ || !has(key) ? nullptr : &*object_.find(key);
}

const json* RequestReader::find_object(const char* key)
{
    const json* value = find(key);
    if (value == nullptr || value->is_object())
        return value;
    complain(path_of(key), "not an object; write it in braces, as {…}", Errc::bad_json);
    return nullptr;
}

const json::array_t* RequestReader::find_array(const char* key, std::size_t at_most)
{
    const json* value = find(key);
    if (value == nullptr)
        return nullptr;
    const auto* elements = value->get_ptr<const json::array_t*>();
    if (elements == nullptr) {
        complain(path_of(key), "not a list; write it in brackets, as […]", Errc::bad_json);
    } else if (elements->size() > at_most) {
        complain(path_of(key),
                 std::to_string(elements->size()) + " elements, at most " + std::to_string(at_most) +
                     " are taken; divide them",
                 Errc::too_many);
        return nullptr;
    }
    return elements;
}

const std::string* RequestReader::find_text(const char* key)
{
    const json* value = find(key);
    if (value == nullptr)
        return nullptr;
    const auto* text = value->get_ptr<const std::string*>();
    if (text == nullptr)
        complain(path_of(key), "not a text; put it in quotes", Errc::bad_json);
    else if (text->size() > kMaxText)
        complain(path_of(key),
                 std::to_string(text->size()) + " bytes, at most " + std::to_string(kMaxText) +
                     " are taken; shorten it",
                 Errc::too_many);
    else
        return text;
    return nullptr;
}

void RequestReader::text(const char* key, std::string& value, std::string_view /*otherwise*/)
{
    if (const std::string* text = find_text(key))
        value = *text;
}

void RequestReader::contents(const char* key, std::string& value)
{
    if (const std::string* text = find_text(key))
        value = *text;
    else
        complain(path_of(key), R"(missing; a line has one of "text", "barcode" and "qr")", Errc::bad_json);
}

void RequestReader::texts(const char* key, std::vector<std::string>& values, std::size_t at_most)
{
    const auto* elements = find_array(key, at_most);
    if (elements == nullptr)
        return;
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const auto* text = (*elements)[i].get_ptr<const std::string*>();
        if (text == nullptr || text->size() > kMaxText)
            complain(path_of(key, i), "not a text of at most 1000 bytes; put it in quotes", Errc::bad_json);
        else
            values.push_back(*text);
    }
}

// Money and quantities, whole or with decimals, as a number or as a text, digit by digit: no double is
// reckoned with. Decimals that are zeros say nothing and are cut.
std::optional<std::string> RequestReader::decimal(const char* key, std::size_t decimals,
                                                  std::string_view what)
{
    const json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    const auto* given = value->get_ptr<const std::string*>();
    if (given == nullptr && !value->is_number()) {
        complain(path_of(key), "not " + std::string(what) + R"(; write a number, or a text as "12.50")",
                 Errc::bad_json);
        return std::nullopt;
    }
    std::string text = given != nullptr ? *given : plain_decimal(value->dump());
    if (!is_decimal(text)) {
        complain(path_of(key), in_quotes(text) + " is not " + std::string(what) +
                                   "; write digits with a dot before the decimals, as 12.50");
        return std::nullopt;
    }
    if (const std::size_t dot = text.find('.'); dot != std::string::npos) {
        text.erase(std::max(text.find_last_not_of('0'), dot) + 1);
        if (text.size() - dot - 1 > decimals) {
            complain(path_of(key),
                     in_quotes(text) + " has more than " + std::to_string(decimals) +
                         " decimals; round it, nobody else may",
                     Errc::not_representable);
            return std::nullopt;
        }
        if (text.back() == '.')
            text.pop_back();
    }
    return text;
}

void RequestReader::money(const char* key, std::optional<Kopecks>& value)
{
    const auto text = decimal(key, 2, "a sum in rubles");
    if (!text)
        return;
    if (const auto sum = Kopecks::from_rubles(*text))
        value = *sum;
    else
        complain(path_of(key), in_quotes(*text) + " is beyond any money; check it", Errc::overflow);
}

void RequestReader::money(const char* key, Kopecks& value)
{
    std::optional<Kopecks> sum;
    money(key, sum);
    value = sum.value_or(value);
}

void RequestReader::quantity(const char* key, std::optional<Quantity>& value)
{
    const auto text = decimal(key, 6, "a quantity");
    if (!text)
        return;
    if (const auto quantity = Quantity::from_text(*text))
        value = *quantity;
    else
        complain(path_of(key), in_quotes(*text) + " is beyond any quantity; check it", Errc::overflow);
}

void RequestReader::flag(const char* key, bool& value)
{
    const json* given = find(key);
    if (given == nullptr)
        return;
    if (given->is_boolean())
        value = given->get<bool>();
    else
        complain(path_of(key), "neither true nor false; write one of them without quotes", Errc::bad_json);
}

void RequestReader::flag(const char* key, std::optional<bool>& value)
{
    bool read = value.value_or(false);
    flag(key, read);
    if (has(key))
        value = read;
}

std::optional<std::uint64_t> RequestReader::whole(const char* key, std::uint64_t min, std::uint64_t max)
{
    const json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    const std::string range = std::to_string(min) + ".." + std::to_string(max);
    if (!value->is_number_integer()) {
        complain(path_of(key), "not a whole number; write one of " + range + " without quotes",
                 Errc::bad_json);
        return std::nullopt;
    }
    const bool negative = !value->is_number_unsigned() && value->get<std::int64_t>() < 0;
    const std::uint64_t number = negative ? 0 : value->get<std::uint64_t>();
    if (negative || number < min || number > max) {
        complain(path_of(key), value->dump() + " is outside " + range + "; check it");
        return std::nullopt;
    }
    return number;
}

std::optional<std::uint32_t> RequestReader::code(const char* key, Words words, bool required,
                                                 bool numbers_too)
{
    const json* value = find(key);
    if (value == nullptr) {
        if (required)
            complain(path_of(key),
                     "missing; it says what is wanted, for example \"" + std::string(words.front().word) +
                         '"',
                     Errc::bad_json);
        return std::nullopt;
    }
    if (numbers_too && value->is_number()) {
        const auto number = whole(key, 0, 255);
        return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
    }
    const std::string* text = find_text(key);
    if (text == nullptr)
        return std::nullopt;
    const auto found = code_of(words, *text);
    if (!found)
        complain(path_of(key), in_quotes(*text) + " is no word for it; the nearest one is \"" +
                                   std::string(nearest_word(words, *text)) + '"');
    return found;
}

void RequestReader::word_or_code(const char* key, Words words, std::optional<std::uint8_t>& value)
{
    if (const auto read = code(key, words, false, true))
        value = static_cast<std::uint8_t>(*read);
}

void RequestReader::flags(const char* key, Words words, std::optional<std::uint32_t>& value)
{
    std::vector<std::string> given;
    texts(key, given, words.size());
    if (failure_ || !has(key))
        return;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto bit = code_of(words, given[i]);
        if (!bit)
            complain(path_of(key, i), in_quotes(given[i]) + " is no word for it; the nearest one is \"" +
                                          std::string(nearest_word(words, given[i])) + '"');
        bits |= bit.value_or(0);
    }
    value = bits;
}

void RequestReader::date(const char* key, std::optional<LocalSeconds>& value)
{
    const std::string* text = find_text(key);
    if (text == nullptr)
        return;
    if (const auto time = local_from_text(*text + "T00:00:00"); time && text->size() == 10)
        value = *time;
    else
        complain(path_of(key), in_quotes(*text) + " is no day; write it as 2026-11-01");
}

void RequestReader::time(const char* key, std::optional<LocalSeconds>& value)
{
    const std::string* text = find_text(key);
    if (text == nullptr)
        return;
    if (const auto time = local_from_text(*text))
        value = *time;
    else
        complain(path_of(key),
                 in_quotes(*text) + " is no time; write it as 2026-11-01T09:00:00, the shop's own time");
}

void RequestReader::dotted_date(const char* key, std::string& value)
{
    if (const std::string* text = find_text(key))
        value = dotted_of_iso(*text).value_or(*text);
}

void RequestReader::hex(const char* key, Bytes& value)
{
    const std::string* text = find_text(key);
    if (text == nullptr)
        return;
    if (auto bytes = from_hex(*text))
        value = *std::move(bytes);
    else
        complain(path_of(key), in_quotes(*text) + " is no hex; write two digits of 0-9, A-F for each byte");
}

void RequestReader::end()
{
    if (failure_ || !object_.is_object())
        return;
    for (const auto& [name, value] : object_.items()) {
        const auto asked = [&given = name](const Word& each) { return each.word == given; };
        if (value.is_null() || std::any_of(known_.begin(), known_.end(), asked))
            continue;
        complain(path_.empty() ? shortened(name) : path_ + '.' + shortened(name),
                 known_.empty() ? "nobody knows this member; leave it out"
                                : "nobody knows this member; the nearest one is \"" +
                                      std::string(nearest_word(known_, name)) + '"');
    }
}

} // namespace kb::fiscal
