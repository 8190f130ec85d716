// Why the register does not do it, in the library's numbers.
#pragma once

#include <string>

namespace stand_in {

/// Of the word of a refusal; empty: kOk.
int error_of(const std::string& refused);

} // namespace stand_in
