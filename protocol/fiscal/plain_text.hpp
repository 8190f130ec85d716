// Typographic characters that programs put into names, and what paper and FN have in their place.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kb::fiscal {

/// `"` for «, - for a dash, a space for a narrow one; nullopt: nothing alike.
std::optional<std::string_view> plain_form(char32_t character);
/// A text with those replaced; all other characters stay, fit or not. For callers that cannot be changed:
/// whoever can, is told by check_request() instead.
std::string plain_text(std::string_view text);

} // namespace kb::fiscal
