// The character set in which ATOL registers print: CP866 with a few signs in other places.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <string_view>

namespace kb::atol {

/// UTF-8 to the page of printed lines and item names. № is 24h, $ is FCh, the euro F2h; both ' and the
/// typographic apostrophe are 27h. Errc::bad_encoding for broken UTF-8, Errc::not_representable naming the
/// first character the page does not have.
Result<Bytes> to_wire(std::string_view utf8);
/// The other way. Total: a byte without a character becomes U+FFFD.
std::string from_wire(BytesView bytes);

} // namespace kb::atol
