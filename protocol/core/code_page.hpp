// What CP866 and CP1251 have in common: ASCII below 80h, a table above.
#pragma once

#include "protocol/core/bytes.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace kb {

using CodePage = std::array<char16_t, 128>;

Result<Bytes> to_code_page(std::string_view utf8, const CodePage& table, std::string_view name);
std::string from_code_page(BytesView bytes, const CodePage& table);

/// Cuts one character off the front of a text that is not empty; nullopt, with nothing cut, where it is no
/// UTF-8.
std::optional<char32_t> cut_character(std::string_view& text);
/// Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

} // namespace kb
