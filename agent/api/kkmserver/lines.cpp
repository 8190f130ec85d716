#include "agent/api/kkmserver/lines.hpp"

#include "protocol/core/code_page.hpp"
#include "protocol/fiscal/plain_text.hpp"

#include <algorithm>
#include <optional>

namespace kb::agent::kkmserver {

namespace {

using fiscal::PrintItem;

std::size_t characters_in(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A mark like "<#10#>" cut out of a text: what stands before it and behind it.
struct Split {
    std::string_view before;
    std::string_view behind;
};
std::optional<Split> split_at_mark(std::string_view text, std::string_view opening, std::string_view closing)
{
    const std::size_t open = text.find(opening);
    if (open == std::string_view::npos)
        return std::nullopt;
    const std::size_t number = open + opening.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789", number), text.size());
    if (!text.substr(end).starts_with(closing))
        return std::nullopt;
    return Split{text.substr(0, open), text.substr(end + closing.size())};
}

/// The one character between "<<" and ">>".
std::optional<std::string_view> filling(std::string_view text)
{
    if (!text.starts_with("<<") || !text.ends_with(">>") || text.size() < 5)
        return std::nullopt;
    const std::string_view inside = text.substr(2, text.size() - 4);
    return characters_in(inside) == 1 ? std::optional(inside) : std::nullopt;
}

PrintItem line_of(std::string_view text, bool wide)
{
    PrintItem line;
    line.text = one_line(text);
    line.wide = wide;
    return line;
}

PrintItem marked_line(std::string_view text, bool wide, std::size_t width)
{
    const std::size_t room = wide ? width / 2 : width;
    if (const auto filler = filling(text)) {
        PrintItem line = line_of("", wide);
        for (std::size_t i = 0; i < room; ++i)
            line.text += one_line(*filler);
        return line;
    }
    if (const auto middle = split_at_mark(text, ">#", "#<"); middle && middle->before.empty()) {
        PrintItem line = line_of(middle->behind, wide);
        line.align = PrintItem::Align::center;
        return line;
    }
    if (const auto columns = split_at_mark(text, "<#", "#>")) {
        std::string_view right = columns->behind;
        right.remove_prefix(right.starts_with('>') ? 1 : 0); // another mark for "at the right edge"
        PrintItem line = line_of(columns->before, wide);
        const std::string end = one_line(right);
        const std::size_t taken = characters_in(line.text) + characters_in(end);
        line.text.append(taken < room ? room - taken : 1, ' ');
        line.text += end;
        return line;
    }
    return line_of(text, wide);
}

} // namespace

std::string one_line(std::string_view text)
{
    const std::string plain = fiscal::plain_text(text);
    std::string line;
    std::string_view rest = plain;
    while (!rest.empty()) {
        const std::string_view before = rest;
        const auto character = cut_character(rest);
        if (!character) // not UTF-8: for the checks to tell
            return line + std::string(before);
        if (*character == '\n' || *character == '\t')
            line += ' ';
        else if (*character >= ' ' && (*character < 0x7F || *character >= 0xA0))
            line += before.substr(0, before.size() - rest.size());
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::vector<PrintItem> text_lines(std::string_view text, bool wide, std::size_t width)
{
    std::vector<PrintItem> lines;
    for (;;) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        lines.push_back(marked_line(line, wide, width));
        if (end == std::string_view::npos)
            return lines;
        text.remove_prefix(end + 1);
    }
}

std::string contact_of(std::string_view text)
{
    std::string contact = one_line(text);
    if (contact.find('@') != std::string::npos)
        return contact;
    std::string digits;
    for (const char c : contact) {
        if (c >= '0' && c <= '9')
            digits += c;
        else if (std::string_view(" ()-+").find(c) == std::string_view::npos)
            return contact;
    }
    const bool of_russia =
        digits.size() == 11 && (digits[0] == '7' || (digits[0] == '8' && contact[0] != '+'));
    if (of_russia)
        return "+7" + digits.substr(1);
    if (digits.size() == 10 && contact[0] != '+')
        return "+7" + digits;
    return contact.starts_with('+') ? "+" + digits : contact;
}

} // namespace kb::agent::kkmserver
