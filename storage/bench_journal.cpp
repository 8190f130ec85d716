// journal_append: documents a second, durable, through Journal, against raw SQLite with the same rows, tables
// and batches. Prints one JSON object: {"rows_per_s", "raw_rows_per_s", "ratio", "open_ms", "rows", "batch"}.
//   kb_bench_journal [ROWS] [BATCH] [DIR]
#include "storage/journal.hpp"
#include "storage/migrations.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

using namespace kb;
using namespace kb::storage;

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

const std::string kFn = "9999078900001234";

std::vector<JournalDocument> make_documents(std::uint32_t count)
{
    std::vector<JournalDocument> documents(count);
    std::uint64_t state = 1;
    for (std::uint32_t i = 0; i < count; ++i) {
        auto& document = documents[i].document;
        document.fn_serial = kFn;
        document.fd_number = i + 1;
        document.type = fiscal::DocumentType::receipt;
        document.datetime = LocalSeconds{std::chrono::seconds{1709283600 + 60 * i}};
        document.raw.resize(350 + i * 7919 % 500); // receipts of one to five items
        for (auto& byte : document.raw) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            byte = static_cast<std::uint8_t>(state >> 56);
        }
        document.fiscal_sign = static_cast<std::uint32_t>(state >> 32);
        documents[i].kkt_serial = "0000000001011546";
        documents[i].read_at = UtcMs{std::chrono::milliseconds{1709283600000 + i}};
    }
    return documents;
}

double seconds_since(Steady::time_point start)
{
    return std::chrono::duration<double>(Steady::now() - start).count();
}

double journal_rows_per_s(const fs::path& dir, const std::vector<std::vector<JournalDocument>>& batches,
                          std::size_t rows)
{
    auto opened = Journal::open(dir, UtcMs{});
    if (!opened)
        throw std::runtime_error(opened.error().message());
    const auto start = Steady::now();
    for (const auto& batch : batches)
        if (const auto report = opened->journal.documents().append(batch);
            !report || report->added != batch.size())
            throw std::runtime_error("append failed");
    return static_cast<double>(rows) / seconds_since(start);
}

/// The C interface with nothing between: prepared statements, one transaction a batch.
double raw_rows_per_s(const fs::path& file, const std::vector<std::vector<JournalDocument>>& batches,
                      std::size_t rows)
{
    sqlite3* database = nullptr;
    const auto must = [&](int code) {
        if (code != SQLITE_OK && code != SQLITE_DONE)
            throw std::runtime_error(sqlite3_errmsg(database));
    };
    must(sqlite3_open(file.c_str(), &database));
    const auto execute = [&](const char* sql) {
        must(sqlite3_exec(database, sql, nullptr, nullptr, nullptr));
    };
    execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
            "PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864");
    for (const Migration& migration : migrations())
        execute(migration.sql);
    execute("INSERT INTO device VALUES(1, '0000000001011546', '', '', '', 0, 0); "
            "INSERT INTO fn VALUES(1, '9999078900001234', 1, 0, 0, 0)");
    sqlite3_stmt* document = nullptr;
    sqlite3_stmt* outbox = nullptr;
    must(sqlite3_prepare_v2(
        database,
        "INSERT INTO document(id, type, datetime_s, fiscal_sign, form, body_wanted, ticket, "
        "device_id, source, read_at_ms, checksum, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        -1, &document, nullptr));
    must(sqlite3_prepare_v2(database, "INSERT INTO outbox(document_id, queued_at_ms) VALUES (?, ?)", -1,
                            &outbox, nullptr));
    const auto start = Steady::now();
    for (const auto& batch : batches) {
        execute("BEGIN IMMEDIATE");
        for (const auto& entry : batch) {
            const std::int64_t id = (std::int64_t{1} << 32) + entry.document.fd_number;
            int column = 0;
            sqlite3_bind_int64(document, ++column, id);
            sqlite3_bind_int64(document, ++column, 3);
            sqlite3_bind_int64(document, ++column, entry.document.datetime.time_since_epoch().count());
            sqlite3_bind_int64(document, ++column, entry.document.fiscal_sign);
            sqlite3_bind_text(document, ++column, "full", 4, SQLITE_STATIC);
            sqlite3_bind_int64(document, ++column, 0);
            sqlite3_bind_int64(document, ++column, 0);
            sqlite3_bind_int64(document, ++column, 1);
            sqlite3_bind_text(document, ++column, "archive", 7, SQLITE_STATIC);
            sqlite3_bind_int64(document, ++column, entry.read_at.time_since_epoch().count());
            sqlite3_bind_int64(document, ++column, entry.document.fiscal_sign); // as wide as a checksum
            sqlite3_bind_blob(document, ++column, entry.document.raw.data(),
                              static_cast<int>(entry.document.raw.size()), SQLITE_STATIC);
            must(sqlite3_step(document));
            must(sqlite3_reset(document));
            sqlite3_bind_int64(outbox, 1, id);
            sqlite3_bind_int64(outbox, 2, entry.read_at.time_since_epoch().count());
            must(sqlite3_step(outbox));
            must(sqlite3_reset(outbox));
        }
        execute("COMMIT");
    }
    const double rate = static_cast<double>(rows) / seconds_since(start);
    sqlite3_finalize(document);
    sqlite3_finalize(outbox);
    sqlite3_close(database);
    return rate;
}

double open_ms(const fs::path& dir)
{
    const auto start = Steady::now();
    auto opened = Journal::open(dir, UtcMs{});
    if (!opened || !opened->journal.documents().fns() || !opened->journal.outbox().next_batch({}))
        throw std::runtime_error("open failed");
    return seconds_since(start) * 1000;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
try {
    const std::uint32_t rows = argc > 1 ? static_cast<std::uint32_t>(std::stoul(argv[1])) : 50'000;
    const std::size_t batch_size = argc > 2 ? std::stoul(argv[2]) : 500;
    const fs::path root = (argc > 3 ? fs::path(argv[3]) : fs::temp_directory_path()) / "kb_bench_journal";
    fs::remove_all(root);

    const auto documents = make_documents(rows);
    std::vector<std::vector<JournalDocument>> batches;
    for (std::size_t i = 0; i < documents.size(); i += batch_size)
        batches.emplace_back(documents.begin() + static_cast<std::ptrdiff_t>(i),
                             documents.begin() +
                                 static_cast<std::ptrdiff_t>(std::min(documents.size(), i + batch_size)));
    // Taken in turns, so that whatever else the machine does meets both alike.
    std::vector<double> ours;
    std::vector<double> raw;
    double opening = 0;
    for (int round = 0; round < 3; ++round) {
        const fs::path dir = root / std::to_string(round);
        fs::create_directories(dir / "raw");
        raw.push_back(raw_rows_per_s(dir / "raw" / "raw.db", batches, rows));
        ours.push_back(journal_rows_per_s(dir / "ours", batches, rows));
        opening = open_ms(dir / "ours");
        fs::remove_all(dir);
    }
    fs::remove_all(root);
    std::cout << R"({"rows_per_s": )" << static_cast<long>(median(ours)) << R"(, "raw_rows_per_s": )"
              << static_cast<long>(median(raw)) << R"(, "ratio": )" << median(ours) / median(raw)
              << R"(, "open_ms": )" << opening << R"(, "rows": )" << rows << R"(, "batch": )" << batch_size
              << "}\n";
    return 0;
} catch (const std::exception& error) {
    std::cerr << "kb_bench_journal: " << error.what() << '\n';
    return 1;
}
