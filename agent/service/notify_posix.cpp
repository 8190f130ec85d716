// systemd's notification protocol by hand: one datagram of text to the socket named in NOTIFY_SOCKET.
// libsystemd would be a dependency of many megabytes for these few lines.
#include "agent/service/service.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

namespace kb::agent::service {
namespace {

std::optional<long long> number_from_environment(const char* name)
{
    const char* text = std::getenv(name);
    if (text == nullptr) {
        return std::nullopt;
    }
    long long value = 0;
    const char* end = text + std::strlen(text);
    const auto [stopped, error] = std::from_chars(text, end, value);
    if (error != std::errc() || stopped != end) {
        return std::nullopt;
    }
    return value;
}

} // namespace

void notify(std::string_view state)
{
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    const std::size_t length = path == nullptr ? 0 : std::strlen(path);
    if (length < 2 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
        return;
    }
    address.sun_family = AF_UNIX;
    std::copy_n(path, length, address.sun_path);
    if (address.sun_path[0] == '@') {
        address.sun_path[0] = '\0'; // a name in the abstract name space, as systemd writes it
    }
    const int handle = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle < 0) {
        return;
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // Whether it arrives is the manager's business: without it, it restarts us.
    [[maybe_unused]] const auto sent = ::sendto(handle, state.data(), state.size(), MSG_NOSIGNAL,
                                                reinterpret_cast<const sockaddr*>(&address), size);
    ::close(handle);
}

std::optional<std::chrono::microseconds> watchdog_interval()
{
    const auto interval = number_from_environment("WATCHDOG_USEC");
    if (!interval || *interval <= 0) {
        return std::nullopt;
    }
    const auto process = number_from_environment("WATCHDOG_PID");
    if (process && *process != ::getpid()) {
        return std::nullopt; // meant for another process
    }
    return std::chrono::microseconds(*interval);
}

int run(const std::function<int()>& body, const std::function<void()>& /*stop*/) { return body(); }

void be_small()
{
    // Two heaps for all threads, and freed pages go back: the default of 8 a core costs megabytes. With one,
    // a thread that is put aside while it holds the heap holds up the register's.
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}

void leave_start_behind()
{
    // Only what nobody may write to: such pages are clean copies of a file, and madvise(2) promises that a
    // private mapping of a file shows the file again after MADV_DONTNEED.
    const auto let_go = [](dl_phdr_info* object, std::size_t /*size*/, void* /*ours*/) {
        const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        for (const ElfW(Phdr) & segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
            if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
                continue;
            }
            const auto begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
            const auto end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
            ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED); // NOLINT: an address
        }
        return 0;
    };
    ::dl_iterate_phdr(let_go, nullptr);
}

void let_others_go_first()
{
    constexpr int kMilder = 5;
    // On Linux a thread has a nice value of its own, and this is the caller's.
    [[maybe_unused]] const int may_fail = ::setpriority(PRIO_PROCESS, 0, kMilder);
}

} // namespace kb::agent::service
