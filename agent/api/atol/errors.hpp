// The numbers and words in which ATOL's driver tells what went wrong. Source: docs/sources.md#atol-web.
#pragma once

#include "storage/jobs.hpp"

#include <string>
#include <string_view>

namespace kb::agent::awr {

/// Numbers of the driver (libfptr) and of its web server.
namespace error {
inline constexpr int none = 0;
inline constexpr int no_connection = 2;
inline constexpr int port_busy = 3;
inline constexpr int port_denied = 4;
inline constexpr int bad_data = 5;
inline constexpr int internal = 6;
inline constexpr int bad_settings = 9;
inline constexpr int not_configured = 10;
inline constexpr int unsupported = 11;
inline constexpr int wrong_mode = 12;
inline constexpr int bad_sum = 16;
inline constexpr int no_paper = 44;
inline constexpr int busy = 55;
inline constexpr int wrong_password = 71;
inline constexpr int shift_closed = 73;
inline constexpr int shift_open = 83;
inline constexpr int not_fiscalised = 89;
inline constexpr int fn_no_data = 123;
inline constexpr int storage = 137;
inline constexpr int document_cancelled = 249;
inline constexpr int interrupted = 502; ///< an earlier task of the same request failed
inline constexpr int cancelled = 503;
inline constexpr int web_server = 505; ///< whatever the web server itself has to say
} // namespace error

/// As it stands in answers: {"code": …, "description": …}.
struct DriverError {
    int code = error::none;
    std::string description = "Ошибок нет";
};

DriverError interrupted();
/// `why` may be empty.
DriverError cancelled(std::string_view why);
/// Of a job that ended without having done what was asked: refused, or undecided.
DriverError error_of(const storage::Job& job);

} // namespace kb::agent::awr
