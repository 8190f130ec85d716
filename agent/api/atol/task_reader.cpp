#include "agent/api/atol/task_reader.hpp"

#include "protocol/fiscal/plain_text.hpp"

#include <algorithm>
#include <charconv>

namespace kb::agent::awr {

namespace {

constexpr std::string_view kDigits = "0123456789";

bool only_digits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::string trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// What a caller wrote, fit to be told in one line.
std::string shown(const nlohmann::json& value)
{
    std::string text = value.is_string()
                           ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    constexpr std::size_t kShown = 60;
    if (text.size() > kShown) {
        std::size_t size = kShown;
        while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
            --size; // not through the middle of a character
        text = text.substr(0, size) + "…";
    }
    return "«" + text + "»";
}

/// One more in the last place of "12.99": 13.00.
void round_up(std::string& digits)
{
    for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
        if (*at == '.')
            continue;
        if (*at != '9') {
            ++*at;
            return;
        }
        *at = '0';
    }
    digits.insert(digits.begin(), '1');
}

/// Doubles have some sixteen digits: behind so many noughts or nines nobody has written anything.
constexpr std::size_t kNoise = 4;

bool begins_with(std::string_view text, char digit)
{
    return text.size() >= kNoise && text.substr(0, kNoise).find_first_not_of(digit) == std::string_view::npos;
}

/// "+79161234567" of "8 (916) 123-45-67", 79161234567 and 9161234567; anything else stays.
std::string formed_phone(const std::string& text)
{
    std::string digits;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            digits += c;
        else if (c != ' ' && c != '(' && c != ')' && c != '-' && c != '+')
            return text;
    }
    if (digits.size() == 11 && (digits[0] == '8' || digits[0] == '7'))
        return "+7" + digits.substr(1);
    if (digits.size() == 10 && digits[0] == '9')
        return "+7" + digits;
    return text.starts_with('+') ? "+" + digits : text;
}

} // namespace

std::optional<std::string> decimal_text(const nlohmann::json& value, std::size_t places)
{
    std::string text = value.is_number()   ? value.dump()
                       : value.is_string() ? trimmed(value.get<std::string>())
                                           : std::string();
    const bool negative = text.starts_with('-');
    if (negative)
        text.erase(0, 1);
    const std::size_t dot = text.find('.');
    const std::string_view all = text;
    if (!only_digits(all.substr(0, dot)) || (dot != std::string::npos && !only_digits(all.substr(dot + 1))))
        return std::nullopt;
    if (dot != std::string::npos) {
        text.erase(std::max(text.find_last_not_of('0'), dot) + 1); // noughts say nothing
        if (text.size() - dot - 1 > places) {
            const std::string rest = text.substr(dot + 1 + places);
            text.erase(dot + 1 + places);
            if (begins_with(rest, '9'))
                round_up(text);
            else if (!begins_with(rest, '0'))
                return std::nullopt;
        }
        text.erase(std::max(text.find_last_not_of('0'), text.find('.')) + 1);
        if (text.back() == '.')
            text.pop_back();
    }
    const bool nought = text.find_first_not_of("0.") == std::string::npos;
    return (negative && !nought ? "-" : "") + text;
}

TaskReader::TaskReader(const nlohmann::json& object, std::string path, std::optional<TaskFault>& fault)
    : object_(&object),
      path_(std::move(path)),
      fault_(&fault)
{
    if (!object_->is_object() && !fault)
        fault = TaskFault{error::bad_data, path_, "ожидается объект: {…}"};
}

bool TaskReader::has(const char* key) const
{
    if (!object_->is_object())
        return false;
    const auto at = object_->find(key);
    return at != object_->end() && !at->is_null();
}

std::string TaskReader::path_of(const char* key) const { return path_.empty() ? key : path_ + '.' + key; }

void TaskReader::complain(const char* key, std::string text, int code)
{
    if (!*fault_)
        *fault_ = TaskFault{code, *key == '\0' ? path_ : path_of(key), std::move(text)};
}

const nlohmann::json* TaskReader::find(const char* key) const
{
    return has(key) ? &*object_->find(key) : nullptr;
}

std::string TaskReader::lines(const char* key)
{
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return {};
    if (value->is_number())
        return value->dump();
    if (!value->is_string()) {
        complain(key, "ожидается текст в кавычках, а не " + shown(*value));
        return {};
    }
    return fiscal::plain_text(value->get<std::string>());
}

std::string TaskReader::text(const char* key)
{
    std::string text = lines(key);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return trimmed(text);
}

std::string TaskReader::inn(const char* key)
{
    std::string digits = text(key);
    if (has(key) && find(key)->is_number_integer() && (digits.size() == 9 || digits.size() == 11))
        digits.insert(digits.begin(), '0');
    return digits;
}

std::string TaskReader::contact(const char* key) { return formed_phone(text(key)); }

std::vector<std::string> TaskReader::phones(const char* key)
{
    std::vector<std::string> found;
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return found;
    if (!value->is_array()) {
        found.push_back(contact(key));
        return found;
    }
    for (const nlohmann::json& one : *value) {
        if (!one.is_string() && !one.is_number_integer()) {
            complain(key, "ожидается список телефонов в кавычках");
            return found;
        }
        found.push_back(formed_phone(one.is_string() ? trimmed(one.get<std::string>()) : one.dump()));
    }
    return found;
}

std::optional<std::string> TaskReader::decimal(const char* key, std::size_t places)
{
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    auto text = decimal_text(*value, places);
    if (!text)
        complain(key, shown(*value) + ": ожидается число, не больше " + std::to_string(places) +
                          " знаков после точки; округлите в кассовой программе");
    return text;
}

std::optional<Kopecks> TaskReader::money(const char* key)
{
    const auto text = decimal(key, 2);
    if (!text)
        return std::nullopt;
    const auto sum = Kopecks::from_rubles(*text);
    if (!sum) {
        complain(key, "сумма " + *text + " больше любых денег; проверьте", error::bad_sum);
        return std::nullopt;
    }
    return *sum;
}

std::optional<Quantity> TaskReader::quantity(const char* key)
{
    const auto text = decimal(key, 6);
    if (!text)
        return std::nullopt;
    const auto quantity = Quantity::from_text(*text);
    if (!quantity) {
        complain(key, "количество " + *text + " слишком велико; проверьте");
        return std::nullopt;
    }
    return *quantity;
}

bool TaskReader::flag(const char* key)
{
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return false;
    if (!value->is_boolean()) {
        complain(key, shown(*value) + ": ожидается true или false без кавычек");
        return false;
    }
    return value->get<bool>();
}

std::optional<std::uint32_t> TaskReader::number(const char* key, std::uint32_t max)
{
    const auto text = decimal(key, 0);
    if (!text)
        return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (failed != std::errc() || end != text->data() + text->size() || number > max) {
        complain(key, *text + ": ожидается целое число от 0 до " + std::to_string(max));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(number);
}

std::optional<std::uint32_t> TaskReader::code(const char* key, fiscal::Words words, bool numbers)
{
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    const std::string word = value->is_string()           ? trimmed(value->get<std::string>())
                             : value->is_number_integer() ? value->dump()
                                                          : std::string();
    if (const auto known = fiscal::code_of(words, word))
        return known;
    if (numbers && (value->is_number() || only_digits(word)))
        return number(key, 255);
    if (value->is_string() && word.empty())
        return std::nullopt;
    complain(key, value->is_string()
                      ? "неизвестное значение " + shown(*value) + "; ближайшее из известных — «" +
                            std::string(fiscal::nearest_word(words, word)) + "»"
                      : "ожидается слово в кавычках, а не " + shown(*value));
    return std::nullopt;
}

std::optional<std::uint32_t> TaskReader::flags(const char* key, fiscal::Words words)
{
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    std::uint32_t bits = 0;
    const auto add = [&](const nlohmann::json& one) {
        const auto bit = one.is_string() ? fiscal::code_of(words, one.get<std::string>()) : std::nullopt;
        if (!bit)
            complain(key, "неизвестное значение " + shown(one));
        bits |= bit.value_or(0);
    };
    if (value->is_array())
        std::for_each(value->begin(), value->end(), add);
    else
        add(*value);
    return bits;
}

std::optional<std::chrono::year_month_day> TaskReader::day(const char* key)
{
    std::string text = this->text(key);
    if (text.empty())
        return std::nullopt;
    std::string digits = text.substr(0, 10);
    std::replace_if(
        digits.begin(), digits.end(), [](char c) { return c == '.' || c == '/'; }, '-');
    if (digits.size() == 10 && digits[2] == '-' && digits[5] == '-') // 01.03.2024
        digits = digits.substr(6) + digits.substr(2, 4) + digits.substr(0, 2);
    const auto parsed = local_from_text(digits + "T00:00:00");
    if (!parsed) {
        complain(key, "«" + text + "» не дата; пишите как 2026.11.01");
        return std::nullopt;
    }
    return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(*parsed));
}

std::optional<LocalSeconds> TaskReader::time(const char* key)
{
    const auto date = day(key);
    if (!date)
        return std::nullopt;
    const std::string given = text(key);
    std::string clock = given.size() > 11 ? given.substr(11, 8) : std::string("00:00:00");
    if (clock.size() == 5 || (clock.size() > 5 && clock[5] != ':'))
        clock = clock.substr(0, 5) + ":00"; // no seconds; perhaps a zone in their place
    const std::string midnight = to_text(LocalSeconds(std::chrono::local_days(*date)));
    const auto parsed = local_from_text(midnight.substr(0, 11) + clock);
    if (!parsed) {
        complain(key, "«" + given + "» не время; пишите как 2026-11-01T09:00:00");
        return std::nullopt;
    }
    return *parsed;
}

TaskReader TaskReader::part(const char* key)
{
    static const nlohmann::json nothing = nlohmann::json::object();
    const nlohmann::json* value = find(key);
    return {value != nullptr ? *value : nothing, path_of(key), *fault_};
}

std::vector<TaskReader> TaskReader::list(const char* key, std::size_t at_most)
{
    std::vector<TaskReader> found;
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return found;
    if (!value->is_array()) {
        found.emplace_back(*value, path_of(key), *fault_);
        return found;
    }
    if (value->size() > at_most) {
        complain(key, "элементов " + std::to_string(value->size()) + ", можно " + std::to_string(at_most) +
                          "; разделите");
        return found;
    }
    for (std::size_t i = 0; i < value->size(); ++i)
        found.emplace_back((*value)[i], path_of(key) + '[' + std::to_string(i) + ']', *fault_);
    return found;
}

} // namespace kb::agent::awr
