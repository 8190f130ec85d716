// LD_PRELOAD library: writes down what a program does to the files of one folder (KB_POWER_CUT_DIR), in
// order, into KB_POWER_CUT_LOG, so that a test can rebuild the folder as a power cut at any moment would
// leave it. Writes through a memory map are not seen: SQLite's -shm, which is rebuilt anyway.
#include "tests/support/power_cut/record.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace {

using kb::test::power_cut::Action;
using kb::test::power_cut::RecordHead;

template <class Function>
Function real(const char* name)
{
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

ssize_t real_write(int file, const void* data, std::size_t size)
{
    static const auto write_function = real<ssize_t (*)(int, const void*, std::size_t)>("write");
    return write_function(file, data, size);
}

/// Made at first use: SQLite may open files before this library's own constructors have run.
class Recorder {
public:
    static Recorder& instance()
    {
        static auto* recorder = new Recorder; // never destroyed: files are closed after static destruction
        return *recorder;
    }

    void opened(int file, const char* path, int flags)
    {
        if (log_ < 0 || file < 0 || static_cast<std::size_t>(file) >= names_.size())
            return;
        const std::string name = inside(path);
        const std::lock_guard lock(mutex_);
        names_[static_cast<std::size_t>(file)] = name;
        if (name.empty())
            return;
        if ((flags & O_CREAT) != 0)
            record(Action::created, name, 0, nullptr, 0);
        if ((flags & O_TRUNC) != 0)
            record(Action::truncated, name, 0, nullptr, 0);
    }

    void closed(int file)
    {
        if (log_ < 0 || file < 0 || static_cast<std::size_t>(file) >= names_.size())
            return;
        const std::lock_guard lock(mutex_);
        names_[static_cast<std::size_t>(file)].clear();
    }

    void did(int file, Action action, std::uint64_t offset, const void* data = nullptr, std::size_t size = 0)
    {
        if (log_ < 0 || file < 0 || static_cast<std::size_t>(file) >= names_.size())
            return;
        const std::lock_guard lock(mutex_);
        const std::string& name = names_[static_cast<std::size_t>(file)];
        if (!name.empty())
            record(action, name, offset, data, size);
    }

    void did(const char* path, Action action, const char* new_path = nullptr)
    {
        if (log_ < 0)
            return;
        const std::string name = inside(path);
        const std::string target = new_path == nullptr ? "" : inside(new_path);
        const std::lock_guard lock(mutex_);
        if (!name.empty())
            record(action, name, 0, target.data(), target.size());
    }

    bool watches(int file)
    {
        if (log_ < 0 || file < 0 || static_cast<std::size_t>(file) >= names_.size())
            return false;
        const std::lock_guard lock(mutex_);
        return !names_[static_cast<std::size_t>(file)].empty();
    }

private:
    Recorder()
    {
        const char* folder = std::getenv("KB_POWER_CUT_DIR");
        const char* log = std::getenv("KB_POWER_CUT_LOG");
        if (folder == nullptr || log == nullptr)
            return;
        folder_ = std::string(folder) + "/";
        static const auto open_function = real<int (*)(const char*, int, ...)>("open");
        log_ = open_function(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }

    [[nodiscard]] std::string inside(const char* path) const
    {
        return std::strncmp(path, folder_.c_str(), folder_.size()) == 0 ? std::string(path + folder_.size())
                                                                        : "";
    }

    void record(Action action, const std::string& name, std::uint64_t offset, const void* data,
                std::size_t size) const
    {
        const RecordHead head{offset, static_cast<std::uint32_t>(size),
                              static_cast<std::uint16_t>(name.size()), action, 0};
        std::string line(reinterpret_cast<const char*>(&head), sizeof head);
        line += name;
        if (size > 0)
            line.append(static_cast<const char*>(data), size);
        if (real_write(log_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            std::abort(); // a log with a hole would prove anything
    }

    std::mutex mutex_;
    std::array<std::string, 1024> names_;
    std::string folder_;
    int log_ = -1;
};

int open_with(const char* name, const char* path, int flags, mode_t mode)
{
    const int file = real<int (*)(const char*, int, ...)>(name)(path, flags, mode);
    Recorder::instance().opened(file, path, flags);
    return file;
}

/// A C++ file stream opens its file so, and then writes to the descriptor itself.
FILE* open_stream_with(const char* name, const char* path, const char* mode)
{
    FILE* const file = real<FILE* (*)(const char*, const char*)>(name)(path, mode);
    if (file != nullptr)
        Recorder::instance().opened(fileno(file), path,
                                    mode[0] == 'r'   ? 0
                                    : mode[0] == 'w' ? O_CREAT | O_TRUNC
                                                     : O_CREAT);
    return file;
}

mode_t mode_argument(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_with("open", path, flags, mode);
}

int open64(const char* path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_with("open64", path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) { return open_stream_with("fopen", path, mode); }

FILE* fopen64(const char* path, const char* mode) { return open_stream_with("fopen64", path, mode); }

int fclose(FILE* file)
{
    static const auto function = real<int (*)(FILE*)>("fclose");
    Recorder::instance().closed(fileno(file));
    return function(file);
}

int close(int file)
{
    static const auto function = real<int (*)(int)>("close");
    Recorder::instance().closed(file);
    return function(file);
}

ssize_t write(int file, const void* data, std::size_t size)
{
    Recorder& recorder = Recorder::instance();
    const off_t at = recorder.watches(file) ? lseek(file, 0, SEEK_END) : 0;
    const ssize_t done = real_write(file, data, size);
    if (done > 0)
        recorder.did(file, Action::written, static_cast<std::uint64_t>(at), data,
                     static_cast<std::size_t>(done));
    return done;
}

ssize_t writev(int file, const iovec* parts, int count)
{
    static const auto function = real<ssize_t (*)(int, const iovec*, int)>("writev");
    Recorder& recorder = Recorder::instance();
    auto at = static_cast<std::uint64_t>(recorder.watches(file) ? lseek(file, 0, SEEK_END) : 0);
    const ssize_t done = function(file, parts, count);
    std::size_t left = done > 0 ? static_cast<std::size_t>(done) : 0;
    for (int i = 0; i < count && left > 0; ++i) {
        const std::size_t size = std::min(left, parts[i].iov_len);
        recorder.did(file, Action::written, at, parts[i].iov_base, size);
        at += size;
        left -= size;
    }
    return done;
}

ssize_t pwrite(int file, const void* data, std::size_t size, off_t offset)
{
    static const auto function = real<ssize_t (*)(int, const void*, std::size_t, off_t)>("pwrite");
    const ssize_t done = function(file, data, size, offset);
    if (done > 0)
        Recorder::instance().did(file, Action::written, static_cast<std::uint64_t>(offset), data,
                                 static_cast<std::size_t>(done));
    return done;
}

ssize_t pwrite64(int file, const void* data, std::size_t size, off64_t offset)
{
    static const auto function = real<ssize_t (*)(int, const void*, std::size_t, off64_t)>("pwrite64");
    const ssize_t done = function(file, data, size, offset);
    if (done > 0)
        Recorder::instance().did(file, Action::written, static_cast<std::uint64_t>(offset), data,
                                 static_cast<std::size_t>(done));
    return done;
}

int ftruncate(int file, off_t size) noexcept
{
    static const auto function = real<int (*)(int, off_t)>("ftruncate");
    const int failed = function(file, size);
    if (failed == 0)
        Recorder::instance().did(file, Action::truncated, static_cast<std::uint64_t>(size));
    return failed;
}

int ftruncate64(int file, off64_t size) noexcept
{
    static const auto function = real<int (*)(int, off64_t)>("ftruncate64");
    const int failed = function(file, size);
    if (failed == 0)
        Recorder::instance().did(file, Action::truncated, static_cast<std::uint64_t>(size));
    return failed;
}

int fsync(int file)
{
    static const auto function = real<int (*)(int)>("fsync");
    const int failed = function(file);
    if (failed == 0)
        Recorder::instance().did(file, Action::synced, 0);
    return failed;
}

int fdatasync(int file)
{
    static const auto function = real<int (*)(int)>("fdatasync");
    const int failed = function(file);
    if (failed == 0)
        Recorder::instance().did(file, Action::synced, 0);
    return failed;
}

int unlink(const char* path) noexcept
{
    static const auto function = real<int (*)(const char*)>("unlink");
    const int failed = function(path);
    if (failed == 0)
        Recorder::instance().did(path, Action::removed);
    return failed;
}

int remove(const char* path) noexcept
{
    static const auto function = real<int (*)(const char*)>("remove");
    const int failed = function(path);
    if (failed == 0)
        Recorder::instance().did(path, Action::removed);
    return failed;
}

int rename(const char* from, const char* to) noexcept
{
    static const auto function = real<int (*)(const char*, const char*)>("rename");
    const int failed = function(from, to);
    if (failed == 0)
        Recorder::instance().did(from, Action::renamed, to);
    return failed;
}

} // extern "C"
