// Reading the jobs of a damaged file: row by row from both ends of the table, never through its indexes, and
// into a table whose checks drop what is no job.
#include "storage/damaged_file.hpp"
#include "storage/statement.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace kb::storage {

namespace fs = std::filesystem;

namespace {

const std::string kJobColumns =
    "id, job_id, caller, key, kkt_serial, kind, request, priority, created_at_ms, expires_at_ms, state, "
    "attempts, intent_fn_serial, intent_last_fd_number, intent, fn_serial, fd_number, fiscal_sign, "
    "document_at_s, printed, error_code, error_text, evidence, updated_at_ms, after_job_id, note";
const std::string kInsertJob =
    "INSERT INTO job(" + kJobColumns +
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const std::string kPauseColumns = "kkt_serial, reason, paused_at_ms";
constexpr int kJobId = 1; ///< its place among the columns

/// A value that one of our columns may hold; `text` lives until the row is written.
struct Cell {
    std::optional<std::int64_t> number;
    std::optional<std::string> text;
};
using Row = std::vector<Cell>;

/// nullopt for a row with a value of a type that no column of ours has.
std::optional<Row> cells_of(SQLite::Statement& rows)
{
    Row row(static_cast<std::size_t>(rows.getColumnCount()));
    for (int i = 0; i < rows.getColumnCount(); ++i) {
        const SQLite::Column value = rows.getColumn(i);
        Cell& cell = row[static_cast<std::size_t>(i)];
        if (value.isInteger())
            cell.number = value.getInt64();
        else if (value.isText())
            cell.text = value.getString();
        else if (!value.isNull())
            return std::nullopt;
    }
    return row;
}

/// The damaged file. Nothing here throws: what cannot be read is the end of reading.
class Damaged {
public:
    explicit Damaged(const fs::path& file)
    {
        try {
            database_.emplace(file.string(), SQLite::OPEN_READONLY);
            // A table of which the schema makes no sense must not keep the others from being read, and a
            // page that makes no sense is to be noticed before its rows are taken for jobs.
            database_->exec("PRAGMA writable_schema = ON");
            database_->exec("PRAGMA cell_size_check = ON");
        } catch (const SQLite::Exception&) {
            database_.reset();
        }
    }

    /// Calls `take` with each row until it returns false (then that row counts as unreadable too). True when
    /// the last row was reached.
    bool for_each(const std::string& sql, const std::function<bool(SQLite::Statement&)>& take)
    {
        std::optional<SQLite::Statement> rows;
        bool at_end = false;
        const auto step = [&] {
            try {
                if (!rows)
                    rows.emplace(*database_, sql);
                at_end = !rows->executeStep();
                return !at_end;
            } catch (const SQLite::Exception&) {
                return false;
            }
        };
        while (database_ && step())
            if (!take(*rows)) // outside of the try: what it throws is not this file's
                return false;
        return at_end;
    }

    /// The first column of the first row; empty when there is none.
    std::string ask(const std::string& sql)
    {
        std::string answer;
        for_each(sql, [&](SQLite::Statement& row) {
            answer = row.getColumn(0).getString();
            return false;
        });
        return answer;
    }

private:
    std::optional<SQLite::Database> database_;
};

class Salvage {
public:
    Salvage(Damaged& from, Database& into) : from_(from), into_(into) {}

    void run()
    {
        if (from_.ask("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'job'") != "1") {
            // Version 1 had no jobs; of any other it is not known what is missing.
            complete = from_.ask("PRAGMA user_version") == "1";
            return;
        }
        // Rows may be gone without a trace for one who only reads them in order.
        complete = from_.ask("PRAGMA quick_check(job)") == "ok";
        const std::string select = "SELECT " + kJobColumns + " FROM job NOT INDEXED WHERE id > ";
        if (!carry_jobs(select + "0 ORDER BY id", true)) {
            complete = false;
            carry_jobs(select + std::to_string(reached_) + " ORDER BY id DESC", false);
        }
        const std::string pauses = "SELECT " + kPauseColumns + " FROM paused_queue ORDER BY kkt_serial";
        if (!carry_pauses(pauses)) {
            complete = false;
            carry_pauses(pauses + " DESC");
        }
    }

    std::uint64_t kept = 0;
    bool complete = true;

private:
    bool carry_jobs(const std::string& sql, bool ascending)
    {
        std::optional<std::int64_t> previous;
        return from_.for_each(sql, [&](SQLite::Statement& rows) {
            const std::int64_t id = rows.getColumn(0).getInt64();
            // Out of order: of a page that is not where it belongs.
            if (previous && (ascending ? id <= *previous : id >= *previous))
                return false;
            previous = id;
            if (ascending)
                reached_ = id;
            const auto row = cells_of(rows);
            if (row && (is_there(*row) || insert(kInsertJob, *row)))
                ++kept;
            else
                complete = false;
            return true;
        });
    }

    bool carry_pauses(const std::string& sql)
    {
        static const std::string insert_pause =
            "INSERT INTO paused_queue(" + kPauseColumns + ") VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        return from_.for_each(sql, [&](SQLite::Statement& rows) {
            const auto row = cells_of(rows);
            if (!row || !insert(insert_pause, *row))
                complete = false;
            return true;
        });
    }

    /// Carried over before, by a program that died before it could take the mark away.
    bool is_there(const Row& row)
    {
        const auto& job_id = row[kJobId].text;
        auto found = into_.prepared("SELECT 1 FROM job WHERE job_id = ?");
        if (job_id)
            found.text(1, *job_id);
        return found.step();
    }

    /// False for what the new table does not take.
    bool insert(const std::string& sql, const Row& row)
    {
        auto statement = into_.prepared(sql.c_str());
        for (std::size_t i = 0; i < row.size(); ++i) {
            const int parameter = static_cast<int>(i) + 1;
            if (row[i].number)
                statement.integer(parameter, *row[i].number);
            else if (row[i].text)
                statement.text(parameter, *row[i].text);
        }
        try {
            statement.exec();
            return true;
        } catch (const SQLite::Exception& thrown) {
            if ((thrown.getErrorCode() & 0xFF) != SQLITE_CONSTRAINT)
                throw;
            return false;
        }
    }

    Damaged& from_;
    Database& into_;
    std::int64_t reached_ = 0;
};

} // namespace

Result<void> salvage_jobs(DamagedFile& damaged, Database& into, UtcMs now)
{
    auto salvaged = into.transact("salvage jobs", Durability::fsynced, [&]() -> Result<void> {
        Damaged from(damaged.moved_to);
        Salvage salvage(from, into);
        salvage.run();
        // An id that a step under way still holds must not come to mean another job: those of this file begin
        // where no file before it came, at one job a second.
        const auto begin = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
        into.prepared("DELETE FROM sqlite_sequence WHERE name = 'job' AND seq < ?1").integer(1, begin).exec();
        into.prepared("INSERT INTO sqlite_sequence(name, seq) SELECT 'job', ?1 WHERE NOT EXISTS "
                      "(SELECT 1 FROM sqlite_sequence WHERE name = 'job')")
            .integer(1, begin)
            .exec();
        damaged.jobs_kept = salvage.kept;
        damaged.jobs_complete = salvage.complete;
        return {};
    });
    // What reading has left beside it.
    std::error_code ignored;
    const fs::path log = damaged.moved_to.string() + "-wal";
    fs::remove(damaged.moved_to.string() + "-shm", ignored);
    if (fs::is_empty(log, ignored))
        fs::remove(log, ignored);
    if (!salvaged)
        return salvaged;
    return take_mark_away(damaged);
}

} // namespace kb::storage
