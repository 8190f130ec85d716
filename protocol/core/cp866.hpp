// CP866, the code page of text inside fiscal TLVs.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <string_view>

namespace kb {

/// UTF-8 to CP866. Errc::bad_encoding for broken UTF-8, Errc::not_representable naming the first character
/// that CP866 does not have: a text is never silently changed.
Result<Bytes> to_cp866(std::string_view utf8);
/// CP866 to UTF-8. Total: a byte without a character becomes U+FFFD.
std::string from_cp866(BytesView bytes);
/// Whether CP866 has this character.
bool is_in_cp866(char32_t character);

} // namespace kb
