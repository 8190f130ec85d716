// What Documents keeps in memory, and the row helpers that the outbox and retention share with it.
#pragma once

#include "storage/documents.hpp"
#include "storage/statement.hpp"

#include <map>

namespace kb::storage {

/// fn.id * 2^32 + fd_number.
constexpr std::int64_t document_id(std::int64_t fn_id, std::uint32_t fd_number)
{
    return fn_id * (std::int64_t{1} << 32) + fd_number;
}
constexpr std::uint32_t fd_number_of(std::int64_t id) { return static_cast<std::uint32_t>(id & 0xFFFFFFFF); }

struct FnEntry {
    std::int64_t id = 0;
    FdRanges known;
};

struct Documents::Impl {
    explicit Impl(Database& opened) : database(&opened) {}

    /// Reads FNs and runs from the disk; a read-only journal does it before each answer.
    Result<void> load();
    Result<void> refresh() { return database->read_only() ? load() : Result<void>{}; }

    /// The row of this register or FN, made when there is none. Inside a transaction.
    std::int64_t device_id(const std::string& kkt_serial, UtcMs at);
    /// The register of an FN. One whose number is not known (yet) is the one the FN was last seen in, or else
    /// the nameless one.
    std::int64_t device_of(const std::string& fn_serial, const std::string& kkt_serial, UtcMs at);
    FnEntry fn_entry(const std::string& fn_serial, std::int64_t device, UtcMs at);
    [[nodiscard]] const FnEntry* find_fn(const std::string& fn_serial) const;

    Database* database;
    std::map<std::string, FnEntry> fns;
};

/// "SELECT ... FROM document d ... <rest>" with the columns that read_row() expects. Keep the result in a
/// static: Database::prepared() knows a statement by its address.
std::string select_documents(std::string_view rest);
JournalDocument read_row(const Statement& row);
/// CRC-32 over head and bytes: SQLite notices torn pages, not flipped bits inside a row.
std::uint32_t checksum_of(const fiscal::FiscalDocument& document);

/// Writes one run that add() has returned: whatever it swallowed goes. Inside a transaction.
void save_run(Database& database, std::int64_t fn_id, FdRange run);
/// Takes numbers out of the stored runs. Inside a transaction.
void remove_run(Database& database, std::int64_t fn_id, FdRange numbers);
void add_rejected(Database& database, std::int64_t fn_id, std::int64_t device_id,
                  const RejectedDocument& rejected);

} // namespace kb::storage
