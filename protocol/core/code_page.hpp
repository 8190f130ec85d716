// What CP866 and CP1251 have in common: ASCII below 80h, a table above.
#pragma once

#include "protocol/core/bytes.hpp"

#include <array>
#include <string>
#include <string_view>

namespace kb {

using CodePage = std::array<char16_t, 128>;

Result<Bytes> to_code_page(std::string_view utf8, const CodePage& table, std::string_view name);
std::string from_code_page(BytesView bytes, const CodePage& table);

/// Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

} // namespace kb
