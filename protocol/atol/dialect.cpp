#include "protocol/atol/dialect.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace kb::atol {

namespace {

constexpr std::array<std::string_view, 2> kTexts = {"cp866", "wire"};
constexpr std::array<std::string_view, 3> kMeanings = {"ignore", "when_set", "when_clear"};
constexpr std::array<std::string_view, 2> kOrders = {"big_endian", "little_endian"};
constexpr std::array<std::string_view, 2> kForms = {"binary", "bcd"};
constexpr std::array<std::string_view, 2> kNoPrint = {"4", "2"};
constexpr std::array<std::string_view, 2> kTaxBytes = {"7", "5"};
constexpr std::array<std::string_view, 2> kCuts = {"1", "4"};

template <class Number>
Number number(std::string_view text)
{
    Number value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

FlagMeaning meaning(std::string_view word)
{
    return word == "when_set"     ? FlagMeaning::yes_when_set
           : word == "when_clear" ? FlagMeaning::yes_when_clear
                                  : FlagMeaning::ignore;
}

NumberForm form(std::string_view word) { return word == "bcd" ? NumberForm::bcd : NumberForm::binary; }

constexpr std::array kKeys = {
    DialectKey{"access_password",
               "0",
               {},
               0,
               9999,
               [](Dialect& dialect, std::string_view value) {
                   dialect.access_password = number<std::uint16_t>(value);
               }},
    DialectKey{"requisite_text", "cp866", kTexts, 0, 0,
               [](Dialect& dialect, std::string_view value) {
                   dialect.requisite_text = value == "wire" ? RequisiteText::wire : RequisiteText::cp866;
               }},
    DialectKey{"drawer_open_flag", "ignore", kMeanings, 0, 0,
               [](Dialect& dialect, std::string_view value) { dialect.drawer_open_flag = meaning(value); }},
    DialectKey{"paper_absent_flag", "ignore", kMeanings, 0, 0,
               [](Dialect& dialect, std::string_view value) { dialect.paper_absent_flag = meaning(value); }},
    DialectKey{"status_numbers", "big_endian", kOrders, 0, 0,
               [](Dialect& dialect, std::string_view value) {
                   dialect.status_numbers =
                       value == "little_endian" ? DigitOrder::little_endian : DigitOrder::big_endian;
               }},
    DialectKey{"fn_numbers", "binary", kForms, 0, 0,
               [](Dialect& dialect, std::string_view value) { dialect.fn_numbers = form(value); }},
    DialectKey{"item_codes", "binary", kForms, 0, 0,
               [](Dialect& dialect, std::string_view value) { dialect.item_codes = form(value); }},
    DialectKey{"no_print_flag", "4", kNoPrint, 0, 0,
               [](Dialect& dialect, std::string_view value) {
                   dialect.no_print_flag = number<std::uint8_t>(value);
               }},
    DialectKey{"tax_sum_bytes", "7", kTaxBytes, 0, 0,
               [](Dialect& dialect, std::string_view value) {
                   dialect.tax_sum_bytes = number<std::uint8_t>(value);
               }},
    DialectKey{
        "partial_cut", "1", kCuts, 0, 0,
        [](Dialect& dialect, std::string_view value) { dialect.partial_cut = number<std::uint8_t>(value); }},
};

bool allowed(const DialectKey& key, std::string_view value)
{
    if (!key.words.empty())
        return std::find(key.words.begin(), key.words.end(), value) != key.words.end();
    std::int64_t read = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
    return error == std::errc() && end == value.data() + value.size() && read >= key.least &&
           read <= key.most;
}

std::string what_is_allowed(const DialectKey& key)
{
    if (key.words.empty())
        return "a number " + std::to_string(key.least) + ".." + std::to_string(key.most);
    std::string list;
    for (const std::string_view word : key.words)
        list += (list.empty() ? "" : ", ") + std::string(word);
    return "one of: " + list;
}

} // namespace

std::span<const DialectKey> dialect_keys() { return kKeys; }

Result<void> set_key(Dialect& dialect, std::string_view key, std::string_view value)
{
    const auto row =
        std::find_if(kKeys.begin(), kKeys.end(), [&](const DialectKey& one) { return one.name == key; });
    if (row == kKeys.end())
        return fail(Errc::bad_config, "atol." + std::string(key) + ": there is no such key");
    if (!allowed(*row, value))
        return fail(Errc::bad_config, "atol." + std::string(key) + ": \"" + std::string(value) +
                                          "\" cannot be, write " + what_is_allowed(*row));
    row->set(dialect, value);
    return {};
}

} // namespace kb::atol
