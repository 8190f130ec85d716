// What of a single ATOL request or answer is private, and how it is replaced in its place.
#pragma once

#include "protocol/core/bytes.hpp"

#include <span>

namespace kb::atol {

/// Only what a command that asks says may be seen, without its passwords. Of every other command nothing but
/// its code.
void mask_request(Bytes& request);
/// An answer to `request` (as it was on the line): its fields are told one by one, and what is not understood
/// becomes zeros. Nothing of a piece of a document is shown here.
void mask_answer(BytesView request, Bytes& answer);

} // namespace kb::atol
