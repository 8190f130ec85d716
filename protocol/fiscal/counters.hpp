// Counters of a shift or a drive (1194, 1157): summed up from receipts, and told apart number by number.
// Source: docs/sources.md#ffd, section 3.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace kb::fiscal {

/// Adds a receipt, BSO or correction. Other documents, and operations outside 1..4, count nothing.
/// Sums saturate at the ends of the 64-bit range.
void add_receipt(Counters& counters, const Document& document);

/// Every number by its path: "1129/1136" -> kopecks. Absent tags have no entry.
std::map<std::string, std::int64_t> flatten(const Counters& counters);

} // namespace kb::fiscal
