// How much of a sum is VAT. Source: docs/sources.md#ffd, sections 4.5 and 4.6.
#pragma once

#include "protocol/core/money.hpp"
#include "protocol/fiscal/ffd_tags.hpp"

#include <cstdint>

namespace kb::fiscal {

/// Codes of tag 1199 are 1 up to, but not including, this.
inline constexpr std::size_t kVatRateCodes = 13;

struct VatShare {
    std::int64_t part = 0; ///< VAT is sum * part / whole; 0 / 0: no VAT, the turnover is told
    std::int64_t whole = 0;
    Tag tag = 0; ///< where a receipt tells it; 0: in 1115
};

/// Of a code of tag 1199, as the law is since 2019. Precondition: 1 <= rate < kVatRateCodes.
const VatShare& vat_share(std::size_t rate);

/// sum * part / whole, rounded half up, without leaving 64 bits. Precondition: sum >= 0, whole > 0.
std::int64_t share_of(std::int64_t sum, std::int64_t part, std::int64_t whole);

} // namespace kb::fiscal
