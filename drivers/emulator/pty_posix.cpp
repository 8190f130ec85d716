#include "drivers/emulator/pty_posix.hpp"

#include <asm/termbits.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace kb::emulator {

namespace {

[[noreturn]] void give_up(const std::string& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

} // namespace

PtyMaster open_pty()
{
    PtyMaster out;
    out.file = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (out.file < 0 || ::grantpt(out.file) != 0 || ::unlockpt(out.file) != 0)
        give_up("pty");
    const char* name = ::ptsname(out.file);
    if (name == nullptr)
        give_up("pty name");
    out.slave = name;
    // Set through the master, so that even a host that sets nothing gets all 256 byte values through.
    termios2 mode{};
    if (::ioctl(out.file, TCGETS2, &mode) != 0)
        give_up("pty mode");
    mode.c_iflag = 0;
    mode.c_oflag = 0;
    mode.c_lflag = 0;
    mode.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | (static_cast<tcflag_t>(BOTHER) << IBSHIFT);
    mode.c_ispeed = 115200;
    mode.c_ospeed = 115200;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (::ioctl(out.file, TCSETS2, &mode) != 0)
        give_up("pty mode");
    return out;
}

std::uint32_t pty_baud(int master)
{
    termios2 mode{};
    return ::ioctl(master, TCGETS2, &mode) == 0 ? mode.c_ospeed : 0;
}

void renew_link(const std::string& path, const std::string& target)
{
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISLNK(info.st_mode))
            throw std::runtime_error(path + " exists and is not a link");
        ::unlink(path.c_str());
    }
    if (::symlink(target.c_str(), path.c_str()) != 0)
        give_up(path);
}

void remove_link(const std::string& path) { ::unlink(path.c_str()); }

} // namespace kb::emulator
