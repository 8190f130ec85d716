// The disk under the journals of a test, in between SQLite and the file system: it may be full, and it knows
// what a power cut would have left of it. Nothing waits for a real disk: what was told to be synced is known
// here.
#pragma once

#include "tests/support/power_cut/rebuild.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace kb::test {

class TestDisk {
public:
    /// Everything that SQLite keeps in `folder` from now on. One at a time.
    explicit TestDisk(const std::filesystem::path& folder);
    ~TestDisk();
    TestDisk(const TestDisk&) = delete;
    TestDisk& operator=(const TestDisk&) = delete;

    /// Writes so far.
    [[nodiscard]] std::size_t writes() const;
    /// After so many more writes there is no room, until free_up().
    void fill_up_after(std::size_t writes);
    void free_up();
    /// Writes that found no room since fill_up_after().
    [[nodiscard]] std::size_t refused() const;

    using Files = power_cut::Disk::Files;
    /// What is left of the folder when the power goes now.
    [[nodiscard]] Files after_cut(power_cut::Unsynced unsynced, std::mt19937& random) const;
    /// The folder holds exactly this. Precondition: nobody has a file of it open.
    void become(const Files& files);

private:
    friend struct DiskCalls;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kb::test
