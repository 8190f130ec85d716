// What became of a document whose task failed: what the library says of it and what the FN holds, put
// together. Pure. Source: docs/sources.md#atol-fptr, section 6.
#pragma once

#include "drivers/driver.hpp"
#include "protocol/fiscal/request.hpp"
#include "protocol/fiscal/short_record.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kb::atol_fptr {

/// The document that was to be made, as far as the archive's record tells it.
struct WantedDocument {
    fiscal::DocumentType type{}; ///< a receipt's, also where the register makes strict forms of them
    std::optional<fiscal::Operation> operation;
    std::optional<Kopecks> total;
};
/// Of a kind that makes a document.
WantedDocument wanted_document(const fiscal::Request& request);

/// What was seen once the task had failed and whatever it left open was cancelled.
struct Aftermath {
    bool told_closed = false;      ///< the library: the document was closed. It may mean the one before.
    bool told_printed = true;      ///< the library: and printed
    bool receipt_open = false;     ///< and could not be cancelled
    std::uint32_t last_before = 0; ///< the FN's last document before the task
    std::uint32_t last_now = 0;    ///< and after
    std::vector<fiscal::ShortRecord> new_records; ///< of those between, the first few
};

enum class Became {
    made,     ///< one of the FN's new documents fits. The same may be rung on the keypad: its body tells
    not_made, ///< nothing in the FN, nothing open
    unclear,  ///< the FN has to be asked again
};
/// `doubtful`: the task ended so that it may have been carried out all the same.
Became what_became(const Aftermath& after, const WantedDocument& wanted, bool doubtful);

} // namespace kb::atol_fptr
