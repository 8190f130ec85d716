// The tags of a receipt that its host sends and the register does not make itself, as the bytes registers
// take. Source: docs/sources.md#ffd, section 3; docs/sources.md#shtrih, section 4.3; docs/sources.md#atol,
// section 4.8.
#pragma once

#include "protocol/fiscal/request.hpp"

#include <vector>

namespace kb::fiscal {

/// One tag with its header, as it goes over the wire.
struct HostTag {
    Tag tag = 0;
    Bytes bytes;
};

// Of a request that went through fit_to(): what the format has in other places is there already.

/// Of the receipt as a whole: cashier, buyer, tax system, correction, attributes. Errc::bad_value or
/// bad_length naming the tag.
Result<std::vector<HostTag>> receipt_tags(const Request& request);
/// Of one position, but for what the register's own item command carries: name, price, quantity, sum, VAT,
/// payment method, kind.
Result<std::vector<HostTag>> position_tags(const Position& position);
/// 2108, 1023 and 1291 of a position whose mark is checked by measure or in part, one behind the other.
Result<Bytes> measure_tags(const Position& position);
/// Cashier and his INN alone, for reports.
Result<std::vector<HostTag>> cashier_tags(const Request& request);

} // namespace kb::fiscal
