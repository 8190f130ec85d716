// The journal's schema, version by version.
#pragma once

#include "storage/database.hpp"

#include <span>

namespace kb::storage {

struct Migration {
    int version;
    const char* sql;
};

/// Ascending, without gaps, append-only: a released entry is never edited.
std::span<const Migration> migrations();
int schema_version();

/// "KKTJ": how a file of ours is told from another program's.
inline constexpr std::int32_t kApplicationId = 0x4B4B544A;

/// Brings a file from its version to the present one, each step in its own transaction. Does nothing on a
/// present file. Errc::storage_failed for a file of a newer program, which is left alone.
Result<void> migrate(Database& database);

} // namespace kb::storage
