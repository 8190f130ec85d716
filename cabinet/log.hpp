// The cabinet's log, behind a few functions so that spdlog stays in one file. No personal data, no query
// strings.
#pragma once

#include "protocol/core/result.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace kb::cabinet {

/// Level: debug, info, warning, error. An empty file name means stderr. Errc::bad_config: it cannot be
/// written.
Result<void> open_log(const std::string& level, const std::string& file);

/// "{}" in `form` are replaced in order.
void log_info(std::string_view form, std::initializer_list<std::string_view> values = {});
void log_warning(std::string_view form, std::initializer_list<std::string_view> values = {});
void log_error(std::string_view form, std::initializer_list<std::string_view> values = {});
/// One line a request: method, route pattern, status, bytes, milliseconds.
void log_access(std::string_view method, std::string_view pattern, int status, std::size_t bytes, double ms);

} // namespace kb::cabinet
