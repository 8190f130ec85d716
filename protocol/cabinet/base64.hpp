// Base64 (RFC 4648, with padding), the form in which document bytes travel inside JSON.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <string_view>

namespace kb {

std::string to_base64(BytesView bytes);
/// Strict: padding required, no white space, unused bits zero, so that every byte string has exactly one
/// form. Errc::bad_encoding otherwise.
Result<Bytes> from_base64(std::string_view text);

} // namespace kb
