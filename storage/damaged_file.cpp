// Moving a damaged file out of the way, so that no death of the program in between can make it forgotten.
#include "storage/damaged_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace kb::storage {

namespace fs = std::filesystem;

namespace {

// Beside a file set aside, for as long as its jobs are nowhere else. Holds the reason.
constexpr std::string_view kMark = ".unsalvaged";

fs::path mark_of(const fs::path& moved_to) { return moved_to.string() + std::string(kMark); }

fs::path free_name(const fs::path& file, UtcMs at)
{
    std::string time = to_text(at);
    std::erase_if(time, [](char c) { return c == ':' || c == '-' || c == '.'; });
    const std::string stem = file.stem().string() + ".damaged-" + time;
    fs::path target = file.parent_path() / (stem + file.extension().string());
    std::error_code error;
    for (int copy = 2; fs::exists(target, error); ++copy)
        target = file.parent_path() / (stem + "-" + std::to_string(copy) + file.extension().string());
    return target;
}

/// Without its log the file would lose its newest rows; the shared memory is only an index of the log.
void move_log(const fs::path& file, const fs::path& target)
{
    std::error_code no_log;
    fs::rename(file.string() + "-wal", target.string() + "-wal", no_log);
    fs::remove(file.string() + "-shm", no_log);
}

std::string content_of(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace

Result<DamagedFile> set_damaged_file_aside(const fs::path& file, UtcMs at, std::string reason)
{
    const fs::path target = free_name(file, at);
    const fs::path mark = mark_of(target);
    {
        std::ofstream marking(mark, std::ios::binary | std::ios::trunc);
        if (!marking)
            return fail(Errc::storage_failed,
                        "move aside " + file.string() + ": cannot write " + mark.string());
        marking << reason; // for people; the mark holds without it
    }
    std::error_code error;
    fs::rename(file, target, error);
    if (error) {
        std::error_code ignored;
        fs::remove(mark, ignored);
        return fail(Errc::storage_failed, "move aside " + file.string() + ": " + error.message());
    }
    move_log(file, target);
    DamagedFile damaged;
    damaged.moved_to = target;
    damaged.reason = std::move(reason);
    return damaged;
}

Result<void> take_mark_away(const DamagedFile& damaged)
{
    std::error_code error;
    fs::remove(mark_of(damaged.moved_to), error);
    if (error)
        return fail(Errc::storage_failed,
                    "remove " + mark_of(damaged.moved_to).string() + ": " + error.message());
    return {};
}

std::vector<DamagedFile> unsalvaged_files(const fs::path& file)
{
    const std::string prefix = file.stem().string() + ".damaged-";
    std::vector<DamagedFile> marked;
    std::error_code error;
    for (fs::directory_iterator entry(file.parent_path(), error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!name.starts_with(prefix) || !name.ends_with(kMark))
            continue;
        DamagedFile damaged;
        damaged.moved_to = file.parent_path() / name.substr(0, name.size() - kMark.size());
        damaged.reason = content_of(entry->path());
        if (damaged.reason.empty())
            damaged.reason = "set aside by a program that died over it";
        marked.push_back(std::move(damaged));
    }
    std::sort(marked.begin(), marked.end(),
              [](const DamagedFile& a, const DamagedFile& b) { return a.moved_to > b.moved_to; });
    std::vector<DamagedFile> found;
    std::error_code ignored;
    for (DamagedFile& damaged : marked) {
        if (!fs::exists(damaged.moved_to, ignored)) {
            // Died before the move: the file is in its place still, and met again there.
            fs::remove(mark_of(damaged.moved_to), ignored);
            continue;
        }
        if (found.empty() && !fs::exists(file, ignored))
            move_log(file, damaged.moved_to);
        found.push_back(std::move(damaged));
    }
    return found;
}

} // namespace kb::storage
