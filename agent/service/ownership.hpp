// Files made by one user for a service that runs as another.
#pragma once

#include <filesystem>

namespace kb::agent::service {

/// Gives `file` to the owner of `folder`, where this user may do so (root); else it stays as it is.
void give_to_owner_of(const std::filesystem::path& folder, const std::filesystem::path& file);

} // namespace kb::agent::service
