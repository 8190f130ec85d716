// Looks into a document before it is stored: is it what its key says, what does it sum to, what is wrong with
// it.
#pragma once

#include "cabinet/store/types.hpp"

namespace kb::cabinet::ingest {

/// Errc::bad_tlv or bad_length for bytes that do not hold together, Errc::bad_value when the bytes tell
/// another FN, number, type, time or sign than the message around them. Findings of the checks refuse
/// nothing.
Result<store::Digest> digest_of(const fiscal::FiscalDocument& document);

} // namespace kb::cabinet::ingest
