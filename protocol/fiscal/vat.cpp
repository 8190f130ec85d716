#include "protocol/fiscal/vat.hpp"

#include <array>

namespace kb::fiscal {

namespace {

constexpr std::array<VatShare, kVatRateCodes> kShares = {{{0, 0, 0},
                                                          {20, 120, tag::vat_20},
                                                          {10, 110, tag::vat_10},
                                                          {20, 120, tag::vat_20_120},
                                                          {10, 110, tag::vat_10_110},
                                                          {0, 0, tag::turnover_vat_0},
                                                          {0, 0, tag::turnover_no_vat},
                                                          {5, 105, 0},
                                                          {7, 107, 0},
                                                          {5, 105, 0},
                                                          {7, 107, 0},
                                                          {22, 122, 0},
                                                          {22, 122, 0}}};

} // namespace

const VatShare& vat_share(std::size_t rate) { return kShares.at(rate); }

std::int64_t share_of(std::int64_t sum, std::int64_t part, std::int64_t whole)
{
    return sum / whole * part + (sum % whole * part * 2 + whole) / (whole * 2);
}

} // namespace kb::fiscal
