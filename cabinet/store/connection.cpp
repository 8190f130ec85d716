#include "cabinet/store/connection.hpp"

#include "cabinet/store/migrations.hpp"
#include "cabinet/store/sql.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <exception>

namespace kb::cabinet::store {

Connection::Connection(const std::string& path)
    : session_(std::make_unique<soci::session>(soci::sqlite3, "db=\"" + path + "\" timeout=10"))
{
    // Connection settings are the one thing that is SQLite's own here; PostgreSQL needs none of them.
    *session_ << "PRAGMA journal_mode = WAL";
    *session_ << "PRAGMA synchronous = FULL";
    *session_ << "PRAGMA foreign_keys = ON";
    *session_ << "PRAGMA cache_size = -32768";
    *session_ << "PRAGMA wal_autocheckpoint = 4000";
    *session_ << "PRAGMA temp_store = MEMORY";
}

Connection::~Connection() { prepared_.clear(); }

Result<void> guarded(const std::function<void()>& work)
{
    try {
        work();
        return {};
    } catch (const soci::sqlite3_soci_error& error) {
        switch (error.result() & 0xFF) {
        case 13: // SQLITE_FULL
            return fail(Errc::storage_full, "the cabinet's disk is full");
        case 11: // SQLITE_CORRUPT
        case 26: // SQLITE_NOTADB
            return fail(Errc::storage_damaged, error.what());
        default:
            return fail(Errc::storage_failed, error.what());
        }
    } catch (const std::exception& error) {
        return fail(Errc::storage_failed, error.what());
    }
}

Result<void> prepare_database(const std::string& path)
{
    return guarded([&] {
        Connection connection(path);
        migrate(connection);
    });
}

Readers::Readers(const std::string& path, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        free_.push_back(std::make_unique<Connection>(path));
}

Result<void> Readers::run(const std::function<void(Connection&)>& work)
{
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return !free_.empty(); });
    auto connection = std::move(free_.back());
    free_.pop_back();
    lock.unlock();
    auto result = guarded([&] {
        soci::transaction snapshot(connection->sql());
        work(*connection);
        snapshot.commit();
    });
    lock.lock();
    free_.push_back(std::move(connection));
    lock.unlock();
    given_back_.notify_one();
    return result;
}

} // namespace kb::cabinet::store
