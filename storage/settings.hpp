// Small facts the agent keeps over restarts: its id in the cabinet, hashes, cursors.
#pragma once

#include "storage/database.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kb::storage {

class Settings {
public:
    explicit Settings(Database& database);

    Result<std::optional<std::string>> get(std::string_view key);
    /// On the disk when it returns.
    Result<void> set(std::string_view key, std::string_view value);
    Result<void> remove(std::string_view key);

private:
    Database* database_;
};

} // namespace kb::storage
