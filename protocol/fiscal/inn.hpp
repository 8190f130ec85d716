// ИНН, the taxpayer's number, and its check digits. Source: docs/sources.md#ffd, section 5.4.
#pragma once

#include <string_view>

namespace kb::fiscal {

/// 10 or 12 digits with right check digits.
bool is_valid_inn(std::string_view inn);

} // namespace kb::fiscal
