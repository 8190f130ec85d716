// The one checksum the wire formats of this field share.
#pragma once

#include "protocol/core/bytes.hpp"

namespace kb {

/// CRC-16/CCITT-FALSE: poly 1021h, init FFFFh, no reflection, no final xor; "123456789" -> 29B1h.
/// `start` continues an earlier run. Used by Shtrih v2, the FN and the РНМ check number.
std::uint16_t crc16_ccitt(BytesView bytes, std::uint16_t start = 0xFFFF);

/// XOR of all bytes (Shtrih v1 LRC).
std::uint8_t xor_sum(BytesView bytes);

} // namespace kb
