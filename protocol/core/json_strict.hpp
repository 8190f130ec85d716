// JSON that can be read in one way only: what parsers let pass, and then understand each in its own way, is
// an error.
#pragma once

#include "protocol/core/result.hpp"

#include <string_view>

namespace kb {

/// Of a text that parse_json() took: a member that an object has twice is Errc::bad_json (parsers take the
/// first or the last of them), and a number of more digits than a JSON number is sure to keep (15) is
/// Errc::not_representable. Both name the path: "items[2].sum: there twice; leave one of them out".
Result<void> reads_in_one_way(std::string_view json);

} // namespace kb
