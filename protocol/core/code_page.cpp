#include "protocol/core/code_page.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace kb {

namespace {

void append_utf8(std::string& text, char16_t value)
{
    const unsigned v = value;
    if (v < 0x80) {
        text.push_back(static_cast<char>(v));
    } else if (v < 0x800) {
        text.push_back(static_cast<char>(0xC0U | (v >> 6)));
        text.push_back(static_cast<char>(0x80U | (v & 0x3FU)));
    } else {
        text.push_back(static_cast<char>(0xE0U | (v >> 12)));
        text.push_back(static_cast<char>(0x80U | ((v >> 6) & 0x3FU)));
        text.push_back(static_cast<char>(0x80U | (v & 0x3FU)));
    }
}

} // namespace

std::optional<char32_t> cut_character(std::string_view& text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    std::size_t length = 1;
    char32_t value = lead;
    char32_t smallest = 0;
    if (lead >= 0x80) {
        if (lead >= 0xC2 && lead <= 0xDF) {
            length = 2, value = lead & 0x1FU, smallest = 0x80;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            length = 3, value = lead & 0x0FU, smallest = 0x800;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            length = 4, value = lead & 0x07U, smallest = 0x10000;
        } else {
            return std::nullopt;
        }
        if (text.size() < length)
            return std::nullopt;
        for (std::size_t i = 1; i < length; ++i) {
            if ((byte(i) & 0xC0U) != 0x80U)
                return std::nullopt;
            value = (value << 6) | (byte(i) & 0x3FU);
        }
        if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
            return std::nullopt;
    }
    text.remove_prefix(length);
    return value;
}

Result<Bytes> to_code_page(std::string_view utf8, const CodePage& table, std::string_view name)
{
    Bytes bytes;
    bytes.reserve(utf8.size());
    std::string_view rest = utf8;
    while (!rest.empty()) {
        const std::size_t at = utf8.size() - rest.size();
        const auto character = cut_character(rest);
        if (!character)
            return fail(Errc::bad_encoding, "text: broken UTF-8 at byte " + std::to_string(at));
        if (*character < 0x80) {
            bytes.push_back(static_cast<std::uint8_t>(*character));
            continue;
        }
        const auto found = std::find(table.begin(), table.end(), static_cast<char16_t>(*character));
        if (*character > 0xFFFF || *character == 0xFFFD || found == table.end()) {
            std::array<char, 16> code{};
            std::snprintf(code.data(), code.size(), "U+%04X", static_cast<unsigned>(*character));
            return fail(Errc::not_representable, "text: character " + std::string(code.data()) + " at byte " +
                                                     std::to_string(at) + " is not in " + std::string(name));
        }
        bytes.push_back(static_cast<std::uint8_t>(0x80 + (found - table.begin())));
    }
    return bytes;
}

std::string from_code_page(BytesView bytes, const CodePage& table)
{
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes)
        append_utf8(text, byte < 0x80 ? static_cast<char16_t>(byte) : table[byte - 0x80U]);
    return text;
}

bool is_utf8(std::string_view text)
{
    while (!text.empty())
        if (!cut_character(text))
            return false;
    return true;
}

} // namespace kb
