// A journal that is not sound is moved out of the way. What the FN holds is read from the FN again; requests
// to registers are in no FN, so what can still be read of them is carried over into the new file.
#pragma once

#include "storage/database.hpp"

#include <vector>

namespace kb::storage {

struct DamagedFile {
    std::filesystem::path moved_to;
    std::string reason;
    std::uint64_t jobs_kept = 0; ///< requests to registers that are in the new file
    /// false: it cannot be shown that these are all, or that none of them has changed. People must be told:
    /// a key may be forgotten, and what it stood for may be on paper.
    bool jobs_complete = true;
};

/// Moves the file and its -wal to "<stem>.damaged-<time><ext>" beside it, with a mark that its jobs are not
/// in another file yet.
Result<DamagedFile> set_damaged_file_aside(const std::filesystem::path& file, UtcMs at, std::string reason);

/// Those set aside in the place of `file` that still have their mark, newest first: normally none, one after
/// set_damaged_file_aside(), also when the program died since. A move that it died in is brought to its end.
/// To be called before `file` is opened.
std::vector<DamagedFile> unsalvaged_files(const std::filesystem::path& file);

/// Carries over what can be read of the jobs and paused queues of one of these, in one transaction, and then
/// takes its mark away. What is in `into` already stays as it is; new ids begin above the seconds of `now`.
/// Errors are those of the new file only: the mark stays then.
Result<void> salvage_jobs(DamagedFile& damaged, Database& into, UtcMs now);

/// The last act of it. Nobody may use the new file while the mark is there: what happens to a job from then
/// on must never be undone by what the old file says.
Result<void> take_mark_away(const DamagedFile& damaged);

} // namespace kb::storage
