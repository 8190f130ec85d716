// CheckStrings that are no position: texts with their marks for filling, centring and columns, and codes.
// Source: docs/sources.md#kkmserver, section 4.3.
#pragma once

#include "protocol/fiscal/request.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent::kkmserver {

/// A text as one line of a receipt: line ends and tabs become spaces, other control characters go, and what
/// typography has put in is written plainly. Not shortened.
std::string one_line(std::string_view text);

/// The lines of one PrintText, for a paper of `width` characters:
///   <<c>>            the character c over the whole width
///   >#n#<text        in the middle
///   left<#n#>right   one column at the left edge, one at the right
/// n, the least margin or width, is not needed for that. Unverified: what n means in detail.
std::vector<fiscal::PrintItem> text_lines(std::string_view text, bool wide, std::size_t width);

/// A phone as registers want it: +79161234567 for 8 (916) 123-45-67. What has an @, or is no Russian phone,
/// stays as it is.
std::string contact_of(std::string_view text);

} // namespace kb::agent::kkmserver
