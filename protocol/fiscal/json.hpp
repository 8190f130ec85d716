// Fiscal documents as JSON with the tax service's (FNS) names, both ways.
// Source: docs/sources.md#ffd, sections 2 and 9.
#pragma once

#include "protocol/fiscal/tlv.hpp"

#include <string>
#include <string_view>

namespace kb::fiscal {

/// The document's JSON object, keys in the order of its tags. Numbers as numbers (money in kopecks, times as
/// local pseudo-Unix seconds, quantities as exact decimals), 1077 as its printed number, byte strings in
/// lower-case hex, repeatable tags as arrays, tags without an FNS name as "tagN". Never fails: a value that
/// is not of its tag's type comes as "tagN" in hex.
std::string to_json(const Tlv& document);

/// Reads such an object back into the document `code` (its "code" member, if any, must agree;
/// "messageFiscalSign" and "rawData" are skipped). A number for 1077 gets the service bytes 31 04.
/// Errc::bad_json for text that is not JSON of this form, else the error of the value; both name the member.
Result<Tlv> from_json(std::string_view text, Tag code);

/// FNS name of a document kind, "receipt", "openShift"; empty for a code without one.
std::string_view json_root_key(Tag code);

} // namespace kb::fiscal
