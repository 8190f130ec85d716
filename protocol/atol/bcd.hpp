// Binary coded decimals: two digits a byte, the first byte highest.
#pragma once

#include "protocol/core/bytes.hpp"

#include <optional>

namespace kb::atol {

/// Errc::not_representable when the value has more than 2 x width digits. Precondition: width 1..9.
Result<Bytes> to_bcd(std::uint64_t value, std::size_t width);
/// nullopt when some half byte is no digit. Precondition: at most 9 bytes.
std::optional<std::uint64_t> from_bcd(BytesView bytes);

} // namespace kb::atol
