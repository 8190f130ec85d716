// Texts of the ATOL library: wchar_t, which is UTF-32 on Linux and UTF-16 on Windows.
#pragma once

#include <string>
#include <string_view>

namespace kb::atol_fptr {

/// What is not valid becomes U+FFFD: a text for people is never a reason to fail.
std::wstring to_wide(std::string_view utf8);
std::string to_utf8(std::wstring_view wide);

} // namespace kb::atol_fptr
