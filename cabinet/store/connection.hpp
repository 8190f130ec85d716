// One connection to the cabinet's database, and the two ways to it: a pool of readers and the one writer.
// SOCI's exceptions stay behind these two: outside everything is a Result.
#pragma once

#include "protocol/core/result.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <unordered_map>
#include <vector>

namespace soci {
class session;
}

namespace kb::cabinet::store {

class Connection {
public:
    /// Opens (and creates) the SQLite file with WAL and synchronous=FULL. Throws soci::soci_error.
    explicit Connection(const std::string& path);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] soci::session& sql() { return *session_; }
    /// Statements prepared once per connection: made at the first call with this type.
    template <class Statements>
    Statements& prepared();

private:
    std::unique_ptr<soci::session> session_;
    std::unordered_map<std::type_index, std::shared_ptr<void>> prepared_; // destroyed before the session
};

template <class Statements>
Statements& Connection::prepared()
{
    auto& slot = prepared_[typeid(Statements)];
    if (!slot)
        slot = std::make_shared<Statements>(*session_);
    return *static_cast<Statements*>(slot.get());
}

/// Creates or migrates the database. Errc::storage_*.
Result<void> prepare_database(const std::string& path);
/// Runs `work`, turning what the database throws into an Error: storage_full, storage_damaged,
/// storage_failed.
Result<void> guarded(const std::function<void()>& work);

/// Connections for reading, any thread. A reader waits while all are lent.
class Readers {
public:
    Readers(const std::string& path, std::size_t count);

    /// Runs `work` with a connection, inside one read transaction.
    Result<void> run(const std::function<void(Connection&)>& work);

private:
    std::mutex mutex_;
    std::condition_variable given_back_;
    std::vector<std::unique_ptr<Connection>> free_;
};

} // namespace kb::cabinet::store
