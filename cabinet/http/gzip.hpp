// gzip both ways, never larger than asked for.
#pragma once

#include "protocol/core/result.hpp"

#include <string>
#include <string_view>

namespace kb::cabinet {

/// Errc::bad_encoding for broken data, Errc::too_many as soon as more than max_bytes come out.
Result<std::string> gunzip(std::string_view data, std::size_t max_bytes);
std::string gzip(std::string_view data, int level);

} // namespace kb::cabinet
