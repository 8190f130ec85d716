// What GetDataCheck and GetCounters tell of a document out of the FN. For .cpp files only: it brings
// nlohmann/json.hpp along. Source: docs/sources.md#kkmserver, section 6.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/fiscal/fiscal_document.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace kb::agent::kkmserver {

/// Members Slip, QRCode, URL and RegisterCheck; of a short record, what it still has.
Result<nlohmann::ordered_json> check_of(const fiscal::FiscalDocument& document, std::size_t width);

/// Eight elements: of the drive, then of the shift, each for sale, its return, purchase, its return.
/// Errc::no_data when the document has no counters (they came with FFD 1.1).
Result<nlohmann::ordered_json> counters_of(const fiscal::FiscalDocument& shift_close);

} // namespace kb::agent::kkmserver
