// One row per key.
#include "storage/settings.hpp"

#include "storage/statement.hpp"

namespace kb::storage {

Settings::Settings(Database& database) : database_(&database) {}

Result<std::optional<std::string>> Settings::get(std::string_view key)
{
    const std::string name(key);
    return database_->run("setting " + name, [&]() -> Result<std::optional<std::string>> {
        auto row = database_->prepared("SELECT value FROM setting WHERE key = ?");
        row.text(1, name);
        return row.step() ? std::optional(row.text(0)) : std::nullopt;
    });
}

Result<void> Settings::set(std::string_view key, std::string_view value)
{
    const std::string name(key);
    const std::string text(value);
    return database_->transact("setting " + name, Durability::fsynced, [&]() -> Result<void> {
        database_
            ->prepared(
                "INSERT INTO setting(key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")
            .text(1, name)
            .text(2, text)
            .exec();
        return {};
    });
}

Result<void> Settings::remove(std::string_view key)
{
    const std::string name(key);
    return database_->transact("setting " + name, Durability::fsynced, [&]() -> Result<void> {
        database_->prepared("DELETE FROM setting WHERE key = ?").text(1, name).exec();
        return {};
    });
}

} // namespace kb::storage
