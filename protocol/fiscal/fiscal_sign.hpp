// The fiscal sign of a document (ФПД, tag 1077): six bytes on the wire, one number on paper.
// Source: docs/sources.md#ffd, section 5.1.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstdint>
#include <string>

namespace kb::fiscal {

/// service u16 | number u32 BIG-endian. Errc::bad_length unless six bytes.
Result<std::uint32_t> fiscal_sign_from_bytes(BytesView six_bytes);
/// `service`: the two leading bytes, as the drive sets them.
Bytes fiscal_sign_to_bytes(std::uint32_t sign, std::uint16_t service = 0x3104);
/// Ten digits with leading zeros, as printed.
std::string fiscal_sign_text(std::uint32_t sign);

} // namespace kb::fiscal
