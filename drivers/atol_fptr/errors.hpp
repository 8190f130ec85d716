// What the library's error codes mean to a caller.
// Source: docs/sources.md#atol-fptr, section 3.
#pragma once

#include "protocol/core/result.hpp"

#include <string>

namespace kb::atol_fptr {

/// The house's error for a code; `description` is the library's own text. The Outcome is that of a question:
/// nothing was changed. `context` is put before the description.
Error to_error(int code, const std::string& description, const std::string& context);

/// The drive or the list that is read out has no (more) such data.
bool is_end_of_data(const Error& error);
/// The connection is gone for good: the port is to be opened anew.
bool is_lost(int code);

} // namespace kb::atol_fptr
