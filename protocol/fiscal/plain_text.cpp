#include "protocol/fiscal/plain_text.hpp"

#include "protocol/core/code_page.hpp"

#include <algorithm>
#include <iterator>

namespace kb::fiscal {

namespace {

struct Plain {
    char32_t character;
    std::string_view form;
};

constexpr Plain kForms[] = {
    {0x00A0, " "},  {0x00AB, "\""}, {0x00AD, ""},   {0x00AE, "(R)"},  {0x00A9, "(C)"}, {0x00B2, "2"},
    {0x00B3, "3"},  {0x00B4, "'"},  {0x00BB, "\""}, {0x00BC, "1/4"},  {0x00BD, "1/2"}, {0x00BE, "3/4"},
    {0x00D7, "x"},  {0x2009, " "},  {0x200B, ""},   {0x2010, "-"},    {0x2011, "-"},   {0x2012, "-"},
    {0x2013, "-"},  {0x2014, "-"},  {0x2015, "-"},  {0x2018, "'"},    {0x2019, "'"},   {0x201A, "'"},
    {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}, {0x2022, "*"},    {0x2026, "..."}, {0x202F, " "},
    {0x2033, "\""}, {0x2032, "'"},  {0x20BD, "р."}, {0x2122, "(TM)"}, {0x2212, "-"},   {0xFEFF, ""}};

} // namespace

std::optional<std::string_view> plain_form(char32_t character)
{
    const auto* found = std::find_if(std::begin(kForms), std::end(kForms), [character](const Plain& plain) {
        return plain.character == character;
    });
    return found == std::end(kForms) ? std::nullopt : std::optional(found->form);
}

std::string plain_text(std::string_view text)
{
    std::string plain;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view before = rest;
        const auto character = cut_character(rest);
        if (!character)
            return plain + std::string(before); // not UTF-8: for the checks to tell
        const auto form = plain_form(*character);
        plain += form ? *form : before.substr(0, before.size() - rest.size());
    }
    return plain;
}

} // namespace kb::fiscal
