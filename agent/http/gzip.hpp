// Gzip of request bodies: fiscal documents repeat their goods and shrink about fivefold.
#pragma once

#include "protocol/core/result.hpp"

#include <string>
#include <string_view>

namespace kb::agent::http {

/// The whole text as one gzip member. `level` as zlib counts, 1 fastest .. 9 smallest.
Result<std::string> gzip(std::string_view text, int level = 1);
/// Errc::bad_value for anything that is not one sound gzip member, Errc::too_many beyond `at_most` bytes.
Result<std::string> gunzip(std::string_view packed, std::size_t at_most);

} // namespace kb::agent::http
