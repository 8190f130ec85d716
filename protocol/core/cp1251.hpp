// Windows-1251, the code page of Shtrih-M print and table commands.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <string_view>

namespace kb {

/// UTF-8 to CP1251. Errc::bad_encoding for broken UTF-8, Errc::not_representable naming the first character
/// that CP1251 does not have: a text is never silently changed.
Result<Bytes> to_cp1251(std::string_view utf8);
/// CP1251 to UTF-8. Total: a byte without a character becomes U+FFFD.
std::string from_cp1251(BytesView bytes);

} // namespace kb
