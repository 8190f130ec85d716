// Dates as fiscal documents have them in texts: DD.MM.YYYY (tags 1243 and 1263), and the form that programs
// prefer. Source: docs/sources.md#ffd, section 3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kb::fiscal {

/// "21.11.2023" of "2023-11-21"; nullopt when that is no day of the calendar in this form.
std::optional<std::string> dotted_of_iso(std::string_view iso);
/// "2023-11-21" of "21.11.2023"; nullopt when that is no day of the calendar in this form.
std::optional<std::string> iso_of_dotted(std::string_view dotted);

} // namespace kb::fiscal
