// Opening a tty for this process alone, with errors that name the cure.
#include "drivers/transport/serial_platform.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#ifdef __linux__
#include <linux/serial.h>
#endif

namespace kb::detail {
namespace {

namespace fs = std::filesystem;

std::optional<speed_t> speed_of(unsigned baud)
{
    switch (baud) {
    case 2400:
        return B2400;
    case 4800:
        return B4800;
    case 9600:
        return B9600;
    case 19200:
        return B19200;
    case 38400:
        return B38400;
    case 57600:
        return B57600;
    case 115200:
        return B115200;
    case 230400:
        return B230400;
#ifdef B460800
    case 460800:
        return B460800;
    case 921600:
        return B921600;
#endif
    default:
        return std::nullopt;
    }
}

// What the system calls the process; empty when it is gone.
std::string program_of(const std::string& pid)
{
    std::string program;
    std::getline(std::ifstream("/proc/" + pid + "/comm"), program);
    return program;
}

// The process that has the port open, as /proc tells it; other users' stay unseen without root.
std::string opener_of(const std::string& real_path)
{
    std::error_code error;
    const std::string own = std::to_string(::getpid());
    for (const auto& process : fs::directory_iterator("/proc", error)) {
        std::string pid = process.path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos || pid == own) {
            continue;
        }
        std::error_code unseen;
        fs::directory_iterator handles(process.path() / "fd", unseen);
        for (; !unseen && handles != fs::directory_iterator(); handles.increment(unseen)) {
            std::error_code gone;
            if (fs::read_symlink(handles->path(), gone) == real_path) {
                return pid;
            }
        }
    }
    return {};
}

// The process that holds a lock on the port, whoever's it is.
//
//     1: FLOCK  ADVISORY  WRITE 812 00:15:4 0 EOF       the number before the range: device and inode
std::string locker_of(const std::string& real_path)
{
    struct stat facts {};
    if (::stat(real_path.c_str(), &facts) != 0) {
        return {};
    }
    char place[64];
    std::snprintf(place, sizeof(place), "%02x:%02x:%llu", major(facts.st_dev), minor(facts.st_dev),
                  static_cast<unsigned long long>(facts.st_ino));
    std::ifstream locks("/proc/locks");
    std::string line;
    while (std::getline(locks, line)) {
        std::istringstream words(line);
        std::string number;
        std::string kind;
        std::string manner;
        std::string access;
        std::string pid;
        std::string where;
        // A process that waits for a lock is listed with an arrow before its kind.
        if (words >> number >> kind >> manner >> access >> pid >> where && kind == "FLOCK" &&
            where == place) {
            return pid;
        }
    }
    return {};
}

std::string group_of(const std::string& path)
{
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) {
        if (const group* owner = ::getgrgid(facts.st_gid); owner != nullptr && owner->gr_name != nullptr) {
            return owner->gr_name;
        }
    }
    return "dialout";
}

tl::unexpected<Error> busy(const std::string& path, const std::string& real_path)
{
    const std::string locker = locker_of(real_path);
    if (locker == std::to_string(::getpid())) {
        return fail(Errc::port_busy, "open " + path + ": this program has it open already");
    }
    const std::string pid = locker.empty() ? opener_of(real_path) : locker;
    const std::string program = pid.empty() ? std::string() : program_of(pid);
    return fail(Errc::port_busy,
                "open " + path + ": " +
                    (program.empty() ? "another program holds the port; stop it (fuser -v " + real_path +
                                           " as root names it)"
                                     : program + " (pid " + pid + ") holds the port; stop it"));
}

tl::unexpected<Error> open_failure(int reason, const std::string& path, const std::string& real_path)
{
    switch (reason) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return fail(Errc::port_not_found,
                    "open " + path +
                        ": no such port; check the cable and power of the register, then the name");
    case EACCES:
    case EPERM:
        return fail(Errc::port_denied, "open " + path + ": permission denied; add the user to group " +
                                           group_of(real_path) + " (usermod -aG " + group_of(real_path) +
                                           " USER) and start the program again");
    case EBUSY:
        return busy(path, real_path);
    default:
        return fail(Errc::port_lost, "open " + path + ": " + std::strerror(reason));
    }
}

Result<void> make_raw(int fd, speed_t speed, const std::string& path)
{
    termios line{};
    if (::tcgetattr(fd, &line) != 0) {
        const int reason = errno;
        return fail(reason == ENOTTY ? Errc::port_not_found : Errc::port_lost,
                    "open " + path + ": " + (reason == ENOTTY ? "not a serial port" : std::strerror(reason)));
    }
    ::cfmakeraw(&line);
    line.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | PARENB | CSIZE);
#ifdef CRTSCTS
    line.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS);
#endif
    line.c_cflag |= CS8 | CREAD | CLOCAL;
    line.c_iflag |= IGNPAR;
    line.c_cc[VMIN] = 1; // with 0 a read without data would look like a hang-up
    line.c_cc[VTIME] = 0;
    ::cfsetispeed(&line, speed);
    ::cfsetospeed(&line, speed);
    if (::tcsetattr(fd, TCSANOW, &line) != 0) {
        return fail(Errc::port_lost, "configure " + path + ": " + std::strerror(errno));
    }
    return {};
}

// USB adapters hold received bytes back for up to 16 ms unless asked not to; ttys without the call go on as
// is.
void ask_low_latency([[maybe_unused]] int fd)
{
#if defined(__linux__) && defined(TIOCGSERIAL)
    serial_struct facts{};
    if (::ioctl(fd, TIOCGSERIAL, &facts) == 0) {
        facts.flags = static_cast<int>(static_cast<unsigned>(facts.flags) | ASYNC_LOW_LATENCY);
        (void)::ioctl(fd, TIOCSSERIAL, &facts);
    }
#endif
}

} // namespace

SerialHandle::~SerialHandle()
{
    if (owns_) {
        ::close(native_);
    }
}

Result<SerialHandle> open_serial_port(const SerialSettings& settings)
{
    const auto speed = speed_of(settings.baud);
    if (!speed) {
        return fail(Errc::bad_config, "open " + settings.path + ": this system cannot set " +
                                          std::to_string(settings.baud) + " baud");
    }
    std::error_code unresolved;
    const std::string real_path = fs::canonical(settings.path, unresolved).string();
    if (unresolved) {
        return open_failure(unresolved.value(), settings.path, settings.path);
    }
    const int fd = ::open(real_path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return open_failure(errno, settings.path, real_path);
    }
    SerialHandle handle(fd);
    // TIOCEXCL keeps strangers out but lets root pass; flock keeps out root's programs that ask, ours
    // included.
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return busy(settings.path, real_path);
    }
    if (const auto raw = make_raw(fd, *speed, settings.path); !raw) {
        return pass(raw);
    }
    (void)::ioctl(fd, TIOCEXCL);
    ask_low_latency(fd);
    (void)::tcflush(fd, TCIOFLUSH);
    return handle;
}

Result<void> discard_serial_input(asio::serial_port& port, const std::string& name)
{
    if (::tcflush(port.native_handle(), TCIFLUSH) != 0) {
        return fail(Errc::port_lost, name + ": discard input: " + std::strerror(errno));
    }
    return {};
}

std::string node_stamp(const std::string& path)
{
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
        return {};
    }
    // Using the port changes its other times, but not this one.
    return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) + ":" +
           std::to_string(facts.st_ctim.tv_sec) + "." + std::to_string(facts.st_ctim.tv_nsec);
}

void CloseSerial::operator()(asio::serial_port& port) const
{
    boost::system::error_code ignored;
    int waiting = 0;
    if (!port.is_open() || ::ioctl(port.native_handle(), TIOCOUTQ, &waiting) != 0 || waiting == 0) {
        port.close(ignored);
        return;
    }
    // Closing waits up to 30 s for a device that takes no bytes. The lock goes at once, so that the port can
    // be opened again; the rest is a thread's trouble.
    (void)::ioctl(port.native_handle(), TIOCNXCL);
    (void)::flock(port.native_handle(), LOCK_UN);
    const int rest = ::dup(port.native_handle());
    port.close(ignored);
    if (rest >= 0) {
        std::thread([rest] {
            std::this_thread::sleep_for(std::chrono::seconds(1)); // what was written may still go out
            (void)::tcflush(rest, TCIOFLUSH);
            ::close(rest);
        }).detach();
    }
}

} // namespace kb::detail
