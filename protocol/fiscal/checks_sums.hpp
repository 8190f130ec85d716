// Arithmetic of one receipt: items, total, payments, VAT.
#pragma once

#include "protocol/fiscal/findings.hpp"

namespace kb::fiscal {

/// Source: docs/sources.md#ffd, section 8. Precondition: the document is a receipt.
void check_sums(Findings& found, const Document& document);

} // namespace kb::fiscal
