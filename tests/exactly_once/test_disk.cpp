// A file system of SQLite's (https://www.sqlite.org/vfs.html, a shim) that passes everything on to the usual
// one but what changes files.
#include "tests/exactly_once/test_disk.hpp"

#include "tests/support/temp_dir.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace kb::test {

namespace {

using power_cut::Action;

/// Behind each of these SQLite has room for a file of the usual kind.
struct Shim {
    sqlite3_file base;
    std::string* name; ///< within the folder; nullptr: not of it
};

constexpr const char* kName = "kb-test-disk";

sqlite3_vfs* usual = nullptr;

} // namespace

struct TestDisk::Impl {
    explicit Impl(const std::filesystem::path& watched) : folder(std::filesystem::canonical(watched)) {}

    [[nodiscard]] bool full()
    {
        if (!room_for) {
            return false;
        }
        if (*room_for > 0) {
            --*room_for;
            return false;
        }
        ++refused;
        return true;
    }
    void did(const Shim& file, Action action, sqlite3_int64 offset = 0, std::string data = {})
    {
        if (file.name != nullptr) {
            disk.play({action, static_cast<std::uint64_t>(offset), *file.name, std::move(data)});
        }
    }

    std::filesystem::path folder;
    power_cut::Disk disk;
    std::size_t writes = 0;
    std::size_t refused = 0;
    std::optional<std::size_t> room_for; ///< writes; nullopt: no end of it
    sqlite3_vfs vfs{};

    static inline Impl* current = nullptr;
};

namespace {

Shim& shim(sqlite3_file* file) { return *reinterpret_cast<Shim*>(file); }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(&shim(file) + 1); }

} // namespace

/// SQLite's calls.
struct DiskCalls {
    using Disk = TestDisk::Impl;

    static int close(sqlite3_file* file)
    {
        delete shim(file).name;
        shim(file).name = nullptr;
        return real(file)->pMethods->xClose(real(file));
    }
    static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 at)
    {
        return real(file)->pMethods->xRead(real(file), data, size, at);
    }
    static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at)
    {
        if (shim(file).name != nullptr) {
            if (Disk::current->full()) {
                return SQLITE_FULL;
            }
            ++Disk::current->writes;
        }
        const int done = real(file)->pMethods->xWrite(real(file), data, size, at);
        if (done == SQLITE_OK) {
            Disk::current->did(shim(file), Action::written, at,
                               std::string(static_cast<const char*>(data), static_cast<std::size_t>(size)));
        }
        return done;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size)
    {
        const int done = real(file)->pMethods->xTruncate(real(file), size);
        if (done == SQLITE_OK) {
            Disk::current->did(shim(file), Action::truncated, size);
        }
        return done;
    }
    static int sync(sqlite3_file* file, int /*flags*/)
    {
        Disk::current->did(shim(file), Action::synced);
        return SQLITE_OK;
    }
    static int size(sqlite3_file* file, sqlite3_int64* size)
    {
        return real(file)->pMethods->xFileSize(real(file), size);
    }
    static int lock(sqlite3_file* file, int kind) { return real(file)->pMethods->xLock(real(file), kind); }
    static int unlock(sqlite3_file* file, int kind)
    {
        return real(file)->pMethods->xUnlock(real(file), kind);
    }
    static int check_lock(sqlite3_file* file, int* held)
    {
        return real(file)->pMethods->xCheckReservedLock(real(file), held);
    }
    static int control(sqlite3_file* file, int what, void* value)
    {
        return real(file)->pMethods->xFileControl(real(file), what, value);
    }
    static int sector(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
    static int abilities(sqlite3_file* file)
    {
        return real(file)->pMethods->xDeviceCharacteristics(real(file));
    }
    static int map(sqlite3_file* file, int page, int size, int extend, void volatile** to)
    {
        return real(file)->pMethods->xShmMap(real(file), page, size, extend, to);
    }
    static int lock_map(sqlite3_file* file, int offset, int count, int flags)
    {
        return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
    }
    static void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
    static int unmap(sqlite3_file* file, int remove)
    {
        return real(file)->pMethods->xShmUnmap(real(file), remove);
    }

    static int open(sqlite3_vfs* /*vfs*/, const char* path, sqlite3_file* file, int flags, int* got)
    {
        static const sqlite3_io_methods kMethods = [] {
            sqlite3_io_methods methods{};
            methods.iVersion = 2; // no memory maps: every write passes here
            methods.xClose = &close;
            methods.xRead = &read;
            methods.xWrite = &write;
            methods.xTruncate = &truncate;
            methods.xSync = &sync;
            methods.xFileSize = &size;
            methods.xLock = &lock;
            methods.xUnlock = &unlock;
            methods.xCheckReservedLock = &check_lock;
            methods.xFileControl = &control;
            methods.xSectorSize = &sector;
            methods.xDeviceCharacteristics = &abilities;
            methods.xShmMap = &map;
            methods.xShmLock = &lock_map;
            methods.xShmBarrier = &barrier;
            methods.xShmUnmap = &unmap;
            return methods;
        }();
        shim(file).base.pMethods = nullptr;
        shim(file).name = nullptr;
        const int opened = usual->xOpen(usual, path, real(file), flags, got);
        if (opened != SQLITE_OK) {
            if (real(file)->pMethods != nullptr) {
                real(file)->pMethods->xClose(real(file));
            }
            return opened;
        }
        shim(file).base.pMethods = &kMethods;
        if (path != nullptr && std::filesystem::path(path).parent_path() == Disk::current->folder) {
            shim(file).name = new std::string(std::filesystem::path(path).filename().string());
            Disk::current->did(shim(file), Action::created);
        }
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs* /*vfs*/, const char* path, int sync_folder)
    {
        const int done = usual->xDelete(usual, path, sync_folder);
        if (done == SQLITE_OK && std::filesystem::path(path).parent_path() == Disk::current->folder) {
            Disk::current->disk.play(
                {Action::removed, 0, std::filesystem::path(path).filename().string(), {}});
        }
        return done;
    }
};

TestDisk::TestDisk(const std::filesystem::path& folder) : impl_(std::make_unique<Impl>(folder))
{
    if (Impl::current != nullptr) {
        throw std::logic_error("two disks at once");
    }
    if (usual == nullptr) {
        usual = sqlite3_vfs_find(nullptr);
    }
    Impl::current = impl_.get();
    impl_->vfs = *usual;
    impl_->vfs.pNext = nullptr;
    impl_->vfs.zName = kName;
    impl_->vfs.szOsFile += static_cast<int>(sizeof(Shim));
    impl_->vfs.xOpen = &DiskCalls::open;
    impl_->vfs.xDelete = &DiskCalls::remove;
    sqlite3_vfs_register(&impl_->vfs, 1);
}

TestDisk::~TestDisk()
{
    sqlite3_vfs_unregister(&impl_->vfs);
    sqlite3_vfs_register(usual, 1);
    Impl::current = nullptr;
}

std::size_t TestDisk::writes() const { return impl_->writes; }

void TestDisk::fill_up_after(std::size_t writes)
{
    impl_->room_for = writes;
    impl_->refused = 0;
}

void TestDisk::free_up() { impl_->room_for.reset(); }

std::size_t TestDisk::refused() const { return impl_->refused; }

TestDisk::Files TestDisk::after_cut(power_cut::Unsynced unsynced, std::mt19937& random) const
{
    return impl_->disk.after_cut(unsynced, random);
}

void TestDisk::become(const Files& files)
{
    for (const auto& entry : std::filesystem::directory_iterator(impl_->folder)) {
        std::filesystem::remove_all(entry.path());
    }
    impl_->disk = {};
    for (const auto& [name, content] : files) {
        write_file(impl_->folder / name, content);
        impl_->disk.play({Action::created, 0, name, {}});
        impl_->disk.play({Action::written, 0, name, content});
        impl_->disk.play({Action::synced, 0, name, {}});
    }
}

} // namespace kb::test
