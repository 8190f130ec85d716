// Opening, replacing and checking the journal's file.
#include "storage/journal.hpp"

#include "storage/journal_impl.hpp"
#include "storage/migrations.hpp"

#include <algorithm>

namespace kb::storage {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFileName = "journal.db";
constexpr std::chrono::seconds kFirstRetry{1};
constexpr std::chrono::seconds kLastRetry{60};

/// What an attempt to begin a file has left in the place of one that was moved away: the next attempt would
/// take it for another damaged journal. Its header at most: a file with tables in it is somebody's.
void remove_stump(const fs::path& file)
{
    constexpr std::uintmax_t kOnePage = 4096;
    std::error_code absent;
    if (fs::file_size(file, absent) > kOnePage && !absent)
        return;
    std::error_code ignored;
    for (const char* part : {"", "-wal", "-shm", "-journal"})
        fs::remove(file.string() + part, ignored);
}

/// Into a file that is open and not used yet. The newest of them, with what was kept of all.
Result<std::optional<DamagedFile>> salvage_all(std::vector<DamagedFile> unsalvaged, Database& database,
                                               UtcMs now)
{
    std::optional<DamagedFile> told;
    for (DamagedFile& damaged : unsalvaged) {
        if (auto salvaged = salvage_jobs(damaged, database, now); !salvaged)
            return pass(salvaged);
        if (!told) {
            told = std::move(damaged);
        } else {
            told->jobs_kept += damaged.jobs_kept;
            told->jobs_complete = told->jobs_complete && damaged.jobs_complete;
        }
    }
    return told;
}

} // namespace

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<OpenedJournal> Journal::open(const fs::path& data_dir, UtcMs now, const DatabaseOptions& options)
{
    std::error_code error;
    fs::create_directories(data_dir, error);
    if (error)
        return fail(Errc::storage_failed, "data_dir " + data_dir.string() + ": " + error.message());
    const fs::path file = data_dir / kFileName;
    // Twice at most: what is wrong with a file just begun is not cured by beginning another.
    for (int attempt = 0;; ++attempt) {
        std::vector<DamagedFile> unsalvaged = unsalvaged_files(file);
        const bool begun_before = !unsalvaged.empty();
        std::optional<Error> why;
        if (auto database = Database::open(file, options)) {
            auto impl = std::make_unique<Impl>(*std::move(database), options);
            if (auto loaded = impl->documents.impl_->load(); !loaded)
                why = loaded.error();
            else if (auto damaged = salvage_all(std::move(unsalvaged), impl->database, now); !damaged)
                why = damaged.error();
            else
                return OpenedJournal{Journal(std::move(impl)), *std::move(damaged)};
        } else {
            why = database.error();
        }
        // One that was begun in the place of another and never used.
        if (begun_before && why->code != Errc::storage_busy)
            remove_stump(file);
        if (why->code != Errc::storage_damaged || attempt > 0)
            return tl::unexpected<Error>(*std::move(why));
        if (begun_before && !fs::exists(file, error))
            continue;
        if (auto moved = set_damaged_file_aside(file, now, why->context); !moved)
            return pass(moved);
    }
}

Result<Journal> Journal::open_read_only(const fs::path& data_dir)
{
    DatabaseOptions options;
    options.mode = OpenMode::read_only;
    auto database = Database::open(data_dir / kFileName, options);
    if (!database)
        return pass(database);
    auto impl = std::make_unique<Impl>(*std::move(database), options);
    if (auto loaded = impl->documents.impl_->load(); !loaded)
        return pass(loaded);
    return Journal(std::move(impl));
}

Documents& Journal::documents() { return impl_->documents; }
Outbox& Journal::outbox() { return impl_->outbox; }
Telemetry& Journal::telemetry() { return impl_->telemetry; }
Settings& Journal::settings() { return impl_->settings; }
Jobs& Journal::jobs() { return impl_->jobs; }

StoreState Journal::state() const { return impl_->database.state(); }

const fs::path& Journal::file() const { return impl_->path; }

std::uint64_t Journal::changes() const
{
    return (std::uint64_t{impl_->replaced} << 32U) | impl_->database.changes();
}

bool Journal::wants_checkpoint() const { return impl_->database.wants_checkpoint(); }

void Journal::checkpoint() noexcept { impl_->database.checkpoint(); }

Result<std::uint64_t> Journal::file_bytes()
{
    std::error_code error;
    std::uint64_t bytes = fs::file_size(impl_->path, error);
    if (error)
        return fail(Errc::storage_failed, impl_->path.string() + ": " + error.message());
    const std::uint64_t log = fs::file_size(impl_->path.string() + "-wal", error);
    return error ? bytes : bytes + log;
}

const std::optional<Error>& Journal::closed_because() const { return impl_->database.closed_because(); }

Result<DamagedFile> Journal::replace_damaged(UtcMs now, std::string reason)
{
    const auto stay_closed = [this](const Error& why) -> tl::unexpected<Error> {
        impl_->database = Database(why);
        return tl::unexpected<Error>(why);
    };
    ++impl_->replaced;
    impl_->database = Database();
    impl_->documents.impl_->fns.clear();
    impl_->retention_from.clear();
    if (!impl_->set_aside) {
        auto moved = set_damaged_file_aside(impl_->path, now, std::move(reason));
        if (!moved)
            return stay_closed(moved.error());
        impl_->set_aside = *std::move(moved);
    }
    auto opened = open(impl_->path.parent_path(), now, impl_->options);
    if (!opened) {
        if (opened.error().code != Errc::storage_busy)
            remove_stump(impl_->path);
        return stay_closed(opened.error());
    }
    impl_->database = std::move(opened->journal.impl_->database);
    impl_->documents.impl_->fns = std::move(opened->journal.impl_->documents.impl_->fns);
    DamagedFile replaced = *std::move(impl_->set_aside);
    impl_->set_aside.reset();
    replaced.jobs_kept = opened->damaged ? opened->damaged->jobs_kept : 0;
    replaced.jobs_complete = opened->damaged && opened->damaged->jobs_complete;
    return replaced;
}

Result<std::optional<DamagedFile>> Journal::care_for(const Error& error, UtcMs now,
                                                     std::chrono::steady_clock::time_point clock)
{
    const bool closed = closed_because().has_value();
    if (closed ? clock < impl_->try_again_at : error.code != Errc::storage_damaged)
        return std::optional<DamagedFile>{};
    auto replaced = replace_damaged(now, error.message());
    if (!replaced) {
        impl_->try_again_after = std::clamp(impl_->try_again_after * 2, kFirstRetry, kLastRetry);
        impl_->try_again_at = clock + impl_->try_again_after;
        return pass(replaced);
    }
    impl_->try_again_after = std::chrono::seconds{0};
    return std::optional<DamagedFile>(*std::move(replaced));
}

Result<Journal::CheckReport> Journal::check(const std::function<void(double)>& progress)
{
    CheckReport report;
    const auto tell = [&](double part) {
        if (progress)
            progress(part);
    };
    tell(0);
    auto structure = impl_->database.run("integrity check", [&]() -> Result<void> {
        for (const char* sql : {"PRAGMA integrity_check(100)", "PRAGMA foreign_key_check"}) {
            auto rows = impl_->database.prepared(sql);
            while (rows.step())
                if (const std::string line = rows.text(0); line != "ok")
                    report.problems.push_back(line);
        }
        return {};
    });
    if (!structure && structure.error().code == Errc::storage_damaged)
        report.problems.push_back(structure.error().context);
    else if (!structure)
        return pass(structure);
    tell(0.3);
    const auto total = impl_->documents.count();
    std::map<std::string, FdRanges> held;
    DocumentFilter all;
    all.at_most = 0;
    all.newest_first = false;
    auto read = impl_->documents.for_each(all, [&](const JournalDocument& entry) {
        const auto& document = entry.document;
        if (entry.damaged)
            report.bad_documents.push_back(document.fn_serial + " " + std::to_string(document.fd_number) +
                                           ": does not match its checksum");
        held[document.fn_serial].add({document.fd_number, document.fd_number});
        if (++report.documents % 1000 == 0 && total)
            tell(0.3 + 0.7 * static_cast<double>(report.documents) /
                           static_cast<double>(std::max<std::uint64_t>(1, *total)));
        return true;
    });
    if (!read)
        report.problems.push_back(read.error().context);
    auto fns = impl_->documents.fns();
    if (fns) {
        for (const auto& [serial, numbers] : held)
            for (const FdRange& run : numbers.runs())
                if (const FnEntry* entry = impl_->documents.impl_->find_fn(serial);
                    entry == nullptr || !entry->known.missing(run).empty())
                    report.problems.push_back("documents of FN " + serial + " that its ranges do not know");
        report.fns = *std::move(fns);
    } else {
        report.problems.push_back(fns.error().context);
    }
    if (auto jobs = impl_->jobs.check()) {
        report.jobs = jobs->jobs;
        report.bad_jobs = std::move(jobs->problems);
    } else {
        report.problems.push_back(jobs.error().context);
    }
    report.sound = report.problems.empty() && report.bad_documents.empty() && report.bad_jobs.empty();
    tell(1);
    return report;
}

} // namespace kb::storage
