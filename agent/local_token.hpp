// The key to the agent's own calls on loopback: whoever may read the agent's data folder may make them,
// nobody else on this PC, and no page in a browser.
#pragma once

#include "protocol/core/result.hpp"

#include <filesystem>
#include <string>

namespace kb::agent {

/// <data_dir>/local.token
std::filesystem::path local_token_file(const std::filesystem::path& data_dir);
/// A new key of 256 bits in a file that only its owner may read.
Result<std::string> make_token(const std::filesystem::path& file);
/// A new key, at each start of the agent; readable only by whoever owns data_dir.
Result<std::string> make_local_token(const std::filesystem::path& data_dir);
/// Errc::not_found when no agent ever ran there, Errc::storage_failed when this user may not read it.
Result<std::string> load_token(const std::filesystem::path& file);
Result<std::string> load_local_token(const std::filesystem::path& data_dir);

} // namespace kb::agent
