// What people are told of a journal that was found damaged and replaced.
#pragma once

#include "storage/damaged_file.hpp"

#include <string>

namespace kb::agent {

/// The event's text, Russian; says so when requests to registers may be missing from the new journal.
std::string text_of_damage(const storage::DamagedFile& damaged);
/// The same for the log.
void log_damage(const storage::DamagedFile& damaged);

} // namespace kb::agent
