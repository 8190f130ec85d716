// A fiscal document as ATOL's driver shows it: every tag by its number. Source: docs/sources.md#atol-web,
// results. For .cpp files only: it brings nlohmann/json.hpp along.
#pragma once

#include "agent/api/atol/readings.hpp"

namespace kb::agent::awr {

/// {"documentTLV": {…}, "rawData": "…"}; the bytes only when they are wanted and there.
Json document_json(const fiscal::FiscalDocument& document, bool raw, const LocalTime& time);

} // namespace kb::agent::awr
