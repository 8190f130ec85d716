// Opening, locking and transactions of the journal's file; the only place that reads SQLite's error codes.
#include "storage/database.hpp"

#include "storage/migrations.hpp"
#include "storage/statement.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <cerrno>
#include <unordered_map>

namespace kb::storage {

namespace fs = std::filesystem;

std::string_view to_string(StoreState state)
{
    switch (state) {
    case StoreState::ready:
        return "ready";
    case StoreState::full:
        return "full";
    case StoreState::damaged:
        return "damaged";
    case StoreState::failed:
        return "failed";
    }
    return "failed";
}

struct Database::Impl {
    Impl(fs::path path, int flags, std::chrono::milliseconds busy)
        : file(std::move(path)),
          database(file.string(), flags, static_cast<int>(busy.count()))
    {}

    /// SQLite's hook after each commit into the log.
    static int on_commit(void* impl, sqlite3* handle, const char* schema, int pages_in_log);

    fs::path file;
    // An empty database beside the journal, locked exclusively for as long as we live: the operating system
    // lets go of it when we die, and readers of the journal are not shut out.
    std::unique_ptr<SQLite::Database> owner_lock;
    SQLite::Database database;
    std::unordered_map<const char*, SQLite::Statement> statements;
    StoreState state = StoreState::ready;
    bool read_only = false;
    bool synchronous = true;
    bool full_sync = true;
    int pages_in_log = 0; ///< after the last commit; not yet in the file
};

namespace {

// SQLite's own choice for the first; with the second the log takes 16 MiB.
constexpr int kManyPagesInLog = 1000;
constexpr int kTooManyPagesInLog = 4000;

bool out_of_room(int system_errno)
{
#ifdef EDQUOT
    if (system_errno == EDQUOT)
        return true;
#endif
    return system_errno == ENOSPC || system_errno == EFBIG;
}

Errc errc_of(int code, int system_errno)
{
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Errc::storage_damaged;
    case SQLITE_FULL:
        return Errc::storage_full;
    case SQLITE_IOERR:
        return out_of_room(system_errno) ? Errc::storage_full : Errc::storage_failed;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Errc::storage_busy;
    default:
        return Errc::storage_failed;
    }
}

Error error_of(std::string_view what, const fs::path& file, const SQLite::Exception& thrown, int system_errno)
{
    return Error{errc_of(thrown.getErrorCode(), system_errno), Outcome::not_done,
                 std::string(what) + ": " + thrown.what() + ", " + file.filename().string(),
                 thrown.getExtendedErrorCode()};
}

std::int64_t pragma(Database& database, const char* sql)
{
    auto statement = database.prepared(sql);
    return statement.step() ? statement.integer(0) : 0;
}

/// Is it a journal at all, and do its tables answer?
Result<void> look_over(Database& database)
{
    return database.run("look over", [&]() -> Result<void> {
        const std::int64_t tables = pragma(database, "SELECT count(*) FROM sqlite_schema");
        const std::int64_t id = pragma(database, "PRAGMA application_id");
        const std::int64_t version = pragma(database, "PRAGMA user_version");
        if (tables == 0 && version == 0)
            return {};
        if (id != kApplicationId)
            return fail(Errc::storage_damaged, "not a journal: application id " + std::to_string(id));
        // A version far from ours is a damaged header, not a newer program.
        if (version < 0 || version > 10000)
            return fail(Errc::storage_damaged, "impossible schema version " + std::to_string(version));
        return {};
    });
}

/// One row from each end of each table: a missing table or a torn page shows here rather than in mid-sale.
Result<void> probe(Database& database)
{
    auto probed = database.run("probe", [&]() -> Result<void> {
        for (const char* sql :
             {"SELECT max(id) FROM device", "SELECT max(id) FROM fn",
              "SELECT raw FROM document ORDER BY id DESC LIMIT 1",
              "SELECT raw FROM document ORDER BY id LIMIT 1", "SELECT count(*) FROM known_range",
              "SELECT (SELECT min(seq) FROM outbox), (SELECT max(seq) FROM outbox)",
              "SELECT (SELECT min(document_id) FROM outbox), (SELECT max(document_id) FROM outbox)",
              "SELECT max(id) FROM rejected_document", "SELECT max(id) FROM status_sample",
              "SELECT max(id) FROM event", "SELECT count(*) FROM setting",
              "SELECT evidence FROM job ORDER BY id DESC LIMIT 1",
              "SELECT evidence FROM job ORDER BY id LIMIT 1",
              "SELECT count(*) FROM job INDEXED BY job_open WHERE state IN ('queued', 'printing', 'unknown')",
              "SELECT count(*) FROM job INDEXED BY job_at_work WHERE state IN ('printing', 'unknown')",
              "SELECT count(*) FROM job INDEXED BY job_waiting WHERE state = 'queued'",
              "SELECT count(*) FROM paused_queue",
              "SELECT count(*) FROM document WHERE body_wanted = 1 AND id < 0"})
            database.prepared(sql).step();
        return {};
    });
    // SQLITE_ERROR: a table or column that the schema version promises is not there.
    if (!probed && probed.error().device_code == SQLITE_ERROR)
        return fail(Errc::storage_damaged, probed.error().context);
    return probed;
}

} // namespace

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database() = default;
Database::Database(Error closed_because) : closed_because_(std::move(closed_because)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const fs::path& file, const DatabaseOptions& options)
{
    const bool owner = options.mode == OpenMode::owner;
    std::error_code ignored;
    if (!owner && !fs::exists(file, ignored))
        return fail(Errc::not_found, "no journal at " + file.string());
    std::unique_ptr<SQLite::Database> lock;
    try {
        if (owner) {
            lock = std::make_unique<SQLite::Database>(file.string() + ".lock",
                                                      SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0);
            lock->exec("BEGIN EXCLUSIVE");
        }
    } catch (const SQLite::Exception& thrown) {
        Error error =
            error_of("lock", file, thrown, sqlite3_system_errno(lock ? lock->getHandle() : nullptr));
        if (error.code == Errc::storage_busy)
            error.context = "another process owns " + file.string();
        return tl::unexpected<Error>(std::move(error));
    }
    // SQLite takes a stump for a new database, and drops the log of one that is empty.
    const auto size = fs::file_size(file, ignored);
    if (!ignored && size < 512) {
        const auto log = fs::file_size(file.string() + "-wal", ignored);
        if (size > 0 || (!ignored && log > 0))
            return fail(Errc::storage_damaged,
                        std::to_string(size) + " bytes are no database, " + file.filename().string());
    }
    std::optional<Database> opened;
    try {
        const int flags = owner ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY;
        opened = Database(std::make_unique<Impl>(file, flags, options.busy_timeout));
    } catch (const SQLite::Exception& thrown) {
        return tl::unexpected<Error>(error_of("open", file, thrown, 0));
    }
    Database& database = *opened;
    database.impl_->owner_lock = std::move(lock);
    database.impl_->read_only = !owner;
    database.impl_->synchronous = options.synchronous;
    if (auto fine = look_over(database); !fine)
        return pass(fine);
    auto set_up = database.run("set up", [&]() -> Result<void> {
        if (!owner) {
            if (pragma(database, "PRAGMA user_version") != schema_version())
                return fail(Errc::storage_failed,
                            "journal of another version; the agent brings it up to date");
            return {};
        }
        if (pragma(database, "SELECT count(*) FROM sqlite_schema") == 0) {
            database.execute("PRAGMA auto_vacuum = INCREMENTAL");
            database.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
        }
        database.execute("PRAGMA journal_mode = WAL");
        database.execute(options.synchronous ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
        database.execute("PRAGMA foreign_keys = ON");
        // The log is cut back to this after a checkpoint, so that one large backlog does not keep the room.
        database.execute("PRAGMA journal_size_limit = 67108864");
        sqlite3_wal_hook(database.impl_->database.getHandle(), &Impl::on_commit, database.impl_.get());
        if (options.max_bytes != 0) {
            const auto pages =
                options.max_bytes / static_cast<std::uint64_t>(pragma(database, "PRAGMA page_size"));
            database.execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
        }
        return {};
    });
    if (!set_up)
        return pass(set_up);
    if (owner)
        if (auto migrated = migrate(database); !migrated)
            return pass(migrated);
    if (auto probed = probe(database); !probed)
        return pass(probed);
    return *std::move(opened);
}

int Database::Impl::on_commit(void* impl, sqlite3* handle, const char* schema, int pages_in_log)
{
    static_cast<Impl*>(impl)->pages_in_log = pages_in_log;
    if (pages_in_log >= kTooManyPagesInLog)
        sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    return SQLITE_OK; // the commit is made, whatever became of that
}

bool Database::wants_checkpoint() const { return impl_ && impl_->pages_in_log >= kManyPagesInLog; }

void Database::checkpoint() noexcept
{
    if (!impl_)
        return;
    impl_->pages_in_log = 0;
    sqlite3_wal_checkpoint_v2(impl_->database.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
}

std::optional<Error> Database::guard(std::string_view what, const std::function<void()>& work)
{
    if (closed_because_) {
        Error error = *closed_because_;
        error.context = std::string(what) + ": the journal is closed: " + error.context;
        return error;
    }
    if (!impl_)
        return Error{
            Errc::storage_failed, Outcome::not_done, std::string(what) + ": the journal is closed", {}};
    try {
        work();
        return std::nullopt;
    } catch (const SQLite::Exception& thrown) {
        Error error = error_of(what, impl_->file, thrown, sqlite3_system_errno(impl_->database.getHandle()));
        roll_back();
        if (error.code == Errc::storage_full)
            impl_->state = StoreState::full;
        else if (error.code == Errc::storage_damaged)
            impl_->state = StoreState::damaged;
        else if (error.code == Errc::storage_failed)
            impl_->state = StoreState::failed;
        return error;
    }
}

Statement Database::prepared(const char* sql)
{
    auto found = impl_->statements.find(sql);
    if (found == impl_->statements.end())
        found = impl_->statements.emplace(sql, SQLite::Statement(impl_->database, sql)).first;
    found->second.clearBindings();
    return Statement(found->second);
}

void Database::execute(const char* sql) { impl_->database.exec(sql); }

std::int64_t Database::last_insert_id() const { return impl_->database.getLastInsertRowid(); }

std::uint32_t Database::changes() const
{
    return impl_ ? static_cast<std::uint32_t>(impl_->database.getTotalChanges()) : 0;
}

void Database::begin(Durability durability)
{
    const bool full_sync = durability == Durability::fsynced;
    if (impl_->synchronous && full_sync != impl_->full_sync) {
        execute(full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        impl_->full_sync = full_sync;
    }
    prepared("BEGIN IMMEDIATE").exec();
}

void Database::commit()
{
    prepared("COMMIT").exec();
    if (impl_->state != StoreState::damaged)
        impl_->state = StoreState::ready;
}

void Database::roll_back() noexcept
{
    try {
        if (sqlite3_get_autocommit(impl_->database.getHandle()) == 0)
            impl_->database.exec("ROLLBACK");
    } catch (const SQLite::Exception&) {
        // SQLite has rolled back by itself: the wanted end.
    }
}

StoreState Database::state() const
{
    return impl_ ? impl_->state : closed_because_ ? StoreState::damaged : StoreState::failed;
}

const fs::path& Database::file() const { return impl_->file; }

bool Database::read_only() const { return impl_ && impl_->read_only; }

Result<std::uint64_t> Database::used_bytes()
{
    return run("size", [&]() -> Result<std::uint64_t> {
        const std::int64_t used = pragma(*this, "PRAGMA page_count") - pragma(*this, "PRAGMA freelist_count");
        return static_cast<std::uint64_t>(used * pragma(*this, "PRAGMA page_size"));
    });
}

} // namespace kb::storage
