// The agent's journal: one SQLite file with everything that must outlive a power cut.
#pragma once

#include "storage/damaged_file.hpp"
#include "storage/documents.hpp"
#include "storage/jobs.hpp"
#include "storage/outbox.hpp"
#include "storage/settings.hpp"
#include "storage/telemetry.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace kb::storage {

struct RetentionPolicy {
    std::chrono::days keep_documents{400};
    std::chrono::days keep_telemetry{30};
    std::chrono::days keep_jobs{400}; ///< after they ended; less than kLeastJobsKept is taken for that
    static constexpr std::chrono::days kLeastJobsKept{30};
    std::uint64_t max_bytes = 2ULL * 1024 * 1024 * 1024; ///< of the file; 0: no limit
};

struct RetentionReport {
    std::uint64_t documents = 0;
    std::uint64_t samples = 0;
    std::uint64_t events = 0;
    std::uint64_t jobs = 0;
    bool more = false; ///< one slice was not enough: call again when idle
};

struct OpenedJournal;

/// Used by one thread at a time (storage/worker.hpp gives it its own).
class Journal {
public:
    /// Opens `<data_dir>/journal.db` for its owner, creating what is missing. A damaged file is moved aside
    /// and a new one begun, with the jobs that can still be read: `damaged` says so, and the caller refills
    /// the rest from the FN. It also says so when a program before this one died over doing that.
    static Result<OpenedJournal> open(const std::filesystem::path& data_dir, UtcMs now,
                                      const DatabaseOptions& options = {});
    /// Opens beside a running agent, for looking only. Errc::not_found without a file.
    static Result<Journal> open_read_only(const std::filesystem::path& data_dir);

    Journal(Journal&&) noexcept;
    Journal& operator=(Journal&&) noexcept;
    ~Journal();

    Documents& documents();
    Outbox& outbox();
    Telemetry& telemetry();
    Settings& settings();
    Jobs& jobs();

    /// Ready, full, damaged or failed, by the last write. After Errc::storage_damaged call replace_damaged().
    [[nodiscard]] StoreState state() const;
    /// Sets the present file aside and begins a new one in its place, with the jobs that can still be read;
    /// all references got before stay valid.
    /// When no new one can be begun (a full disk, say), the journal is closed, every call answers with the
    /// reason, and the next call of this goes on where it stopped.
    Result<DamagedFile> replace_damaged(UtcMs now, std::string reason);
    /// Why it is closed; nullopt while it is open.
    [[nodiscard]] const std::optional<Error>& closed_because() const;
    /// For whoever got this error of it: replaces a damaged file, and one that could not be replaced before
    /// as soon as it is time to try again (after a second, then ever more, a minute at most). nullopt:
    /// nothing to do, or not yet.
    Result<std::optional<DamagedFile>> care_for(const Error& error, UtcMs now,
                                                std::chrono::steady_clock::time_point clock);

    /// Removes one slice of what is old or too much, and only what the cabinet has acknowledged. By the
    /// register's own date of the document; `today` is the PC's wall clock. Of jobs only those that ended
    /// long ago, however large the file is.
    Result<RetentionReport> retain(const RetentionPolicy& policy, UtcMs now, LocalSeconds today);
    Result<std::uint64_t> file_bytes();
    [[nodiscard]] const std::filesystem::path& file() const;
    /// Another number after each row written and each file replaced: as long as it stays, whatever was read
    /// stays true.
    [[nodiscard]] std::uint64_t changes() const;

    /// For a quiet moment, as in Database.
    [[nodiscard]] bool wants_checkpoint() const;
    void checkpoint() noexcept;

    struct CheckReport {
        bool sound = true;
        std::vector<std::string> problems;      ///< of the file's structure, as SQLite words them
        std::uint64_t documents = 0;            ///< rows looked at
        std::vector<std::string> bad_documents; ///< "<fn_serial> <fd_number>: reason"
        std::uint64_t jobs = 0;                 ///< looked at
        std::vector<std::string> bad_jobs;      ///< "<job_id>: reason"
        std::vector<FnProgress> fns;            ///< with their gaps
    };
    /// Reads everything: structure, every checksum, ranges against rows, every job. `progress` gets 0..1.
    Result<CheckReport> check(const std::function<void(double)>& progress);

private:
    struct Impl;
    explicit Journal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

struct OpenedJournal {
    Journal journal;
    std::optional<DamagedFile> damaged;
};

} // namespace kb::storage
