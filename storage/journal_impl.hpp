// The parts of a Journal at addresses that stay: replacing a damaged file changes what is in them, not where.
#pragma once

#include "storage/documents_impl.hpp"
#include "storage/journal.hpp"

namespace kb::storage {

struct Journal::Impl {
    Impl(Database opened, const DatabaseOptions& with)
        : database(std::move(opened)),
          documents(database),
          outbox(database, documents),
          telemetry(database),
          settings(database),
          jobs(database),
          options(with),
          path(database.file())
    {}

    Database database;
    Documents documents;
    Outbox outbox;
    Telemetry telemetry;
    Settings settings;
    Jobs jobs;
    DatabaseOptions options;
    std::filesystem::path path;
    std::uint32_t replaced = 0; ///< times the file was, or should have been
    /// Moved out of the way, while no new file could be begun.
    std::optional<DamagedFile> set_aside;
    std::chrono::steady_clock::time_point try_again_at;
    std::chrono::seconds try_again_after{0};
    /// Where the next retention slice of an FN begins: rows before it are unsent or set aside.
    std::map<std::int64_t, std::int64_t> retention_from;
};

} // namespace kb::storage
