// A folder as a disk may hold it after a power cut at any recorded moment.
#pragma once

#include "tests/support/power_cut/record.hpp"

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace kb::test::power_cut {

struct Record {
    Action action;
    std::uint64_t offset;
    std::string name;
    std::string data;
};

/// Throws std::runtime_error on a log that ends within a record.
std::vector<Record> read_log(const std::filesystem::path& log);

/// What became of the writes that were not synced before the cut.
enum class Unsynced {
    lost,
    kept,
    some, ///< each by chance, also only its first sectors of 512 bytes: a disk writes in any order
};

/// Plays a log forward; at any moment the disk's possible content can be asked for. New names and removals
/// are taken as durable at once, as on a journalling file system.
class Disk {
public:
    void play(const Record& record);
    using Files = std::map<std::string, std::string>;
    [[nodiscard]] Files after_cut(Unsynced unsynced, std::mt19937& random) const;
    /// Everything written to a file so far, synced or not: what the program has told the world.
    [[nodiscard]] std::string told(const std::string& name) const;

private:
    struct File {
        std::string durable;
        std::vector<Record> pending;
    };
    std::map<std::string, File> files_;
};

} // namespace kb::test::power_cut
