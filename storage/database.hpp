// The one SQLite file of the agent: how it is opened, kept durable, and how its failures become ours.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace SQLite {
class Database;
class Exception;
} // namespace SQLite

namespace kb::storage {

class Statement;

enum class OpenMode {
    owner,     ///< the agent: reads and writes, one process at a time (Errc::storage_busy for the second)
    read_only, ///< kktctl: reads beside a running owner; the file must exist
};

/// When a commit is on the disk.
enum class Durability {
    fsynced, ///< when commit() returns: whatever is fiscal or acknowledged
    lazy,    ///< some time later, in order: samples and events, to spare the shop's flash card
};

struct DatabaseOptions {
    OpenMode mode = OpenMode::owner;
    std::chrono::milliseconds busy_timeout{5000};
    /// A ceiling for the file; Errc::storage_full above it. 0: only the disk limits it.
    std::uint64_t max_bytes = 0;
    /// false only in the test that shows the power-cut rig can tell a safe journal from an unsafe one.
    bool synchronous = true;
};

/// The store as people see it; becomes `ready` again by itself with the next write that succeeds.
enum class StoreState { ready, full, damaged, failed };
std::string_view to_string(StoreState state);

/// One connection, used by one thread at a time. Nothing here throws.
class Database {
public:
    /// Opens (owner: creates and migrates). Errc::storage_damaged when the file is not a sound journal,
    /// Errc::storage_busy when another process owns it, Errc::storage_full / storage_failed for the disk.
    static Result<Database> open(const std::filesystem::path& file, const DatabaseOptions& options);

    /// Closed: everything answers Errc::storage_failed.
    Database();
    /// Closed: everything answers with this reason, and the state is `damaged`.
    explicit Database(Error closed_because);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// Runs `work`; whatever SQLite throws in it becomes an Error with `what` as its context.
    template <class Work>
    auto run(std::string_view what, Work&& work) -> decltype(work());
    /// The same inside one transaction: committed when `work` returns a value, rolled back on an error.
    template <class Work>
    auto transact(std::string_view what, Durability durability, Work&& work) -> decltype(work());

    /// A prepared statement of this connection, reset and without bindings. `sql` must be a literal: it is
    /// known by its address. Throws inside run()/transact() only.
    Statement prepared(const char* sql);
    void execute(const char* sql);
    [[nodiscard]] std::int64_t last_insert_id() const;
    /// Another number after each row written by this connection.
    [[nodiscard]] std::uint32_t changes() const;

    [[nodiscard]] StoreState state() const;
    /// Of the second kind of closed.
    [[nodiscard]] const std::optional<Error>& closed_because() const { return closed_because_; }
    [[nodiscard]] const std::filesystem::path& file() const;
    [[nodiscard]] bool read_only() const;
    /// Pages in use and the free ones that could be given back, in bytes.
    Result<std::uint64_t> used_bytes();

    /// The write-ahead log has grown so long that the next quiet moment is one for checkpoint(). It is left
    /// to the owner, because a commit that does it on its way makes a customer wait for several flushes;
    /// only a log without any quiet moment is taken in by the commit that makes it too long.
    [[nodiscard]] bool wants_checkpoint() const;
    /// Carries what the log holds into the file, as far as readers allow it. What fails stays in the log,
    /// which is as durable, and is tried again after the next commit.
    void checkpoint() noexcept;

private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::optional<Error> guard(std::string_view what, const std::function<void()>& work);
    void begin(Durability durability);
    void commit();
    void roll_back() noexcept;

    std::unique_ptr<Impl> impl_;
    std::optional<Error> closed_because_;
};

template <class Work>
auto Database::run(std::string_view what, Work&& work) -> decltype(work())
{
    std::optional<decltype(work())> result;
    if (auto error = guard(what, [&] { result.emplace(work()); }))
        return tl::unexpected<Error>(*std::move(error));
    return *std::move(result);
}

template <class Work>
auto Database::transact(std::string_view what, Durability durability, Work&& work) -> decltype(work())
{
    std::optional<decltype(work())> result;
    const auto error = guard(what, [&] {
        begin(durability);
        result.emplace(work());
        if (*result)
            commit();
        else
            roll_back();
    });
    if (error)
        return tl::unexpected<Error>(*error);
    return *std::move(result);
}

} // namespace kb::storage
