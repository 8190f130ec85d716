// How ATOL's web server tells that a call cannot be served. Source: docs/sources.md#atol-web, errors.
#pragma once

#include "agent/api/atol/errors.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"

#include <string>

namespace kb::agent::awr {

/// {"error": {"code": 505, "description": "…"}}
kb::http::Response web_error(int status, std::string description, int code = error::web_server);
/// Of the journal: the status says whether to try again.
kb::http::Response web_error(const Error& error);
/// What no handler sees, in the same form.
kb::http::Response web_error(const kb::http::Fault& fault);
kb::http::Response web_answer(std::string json, int status = 200);

} // namespace kb::agent::awr
