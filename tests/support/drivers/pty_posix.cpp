#include "tests/support/drivers/pty.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace kb::test {

Pty::Pty() : fd_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))
{
    char name[128] = {};
    if (fd_ < 0 || ::grantpt(fd_) != 0 || ::unlockpt(fd_) != 0 || ::ptsname_r(fd_, name, sizeof(name)) != 0) {
        throw std::runtime_error("no pty to be had");
    }
    path_ = name;
}

Pty::~Pty() { hang_up(); }

void Pty::write(BytesView bytes)
{
    if (::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("pty: short write");
    }
}

Bytes Pty::read(std::size_t count)
{
    Bytes all(count);
    std::size_t at = 0;
    while (at < count) {
        const ssize_t got = ::read(fd_, all.data() + at, count - at);
        if (got <= 0) {
            throw std::runtime_error("pty: nothing to read");
        }
        at += static_cast<std::size_t>(got);
    }
    return all;
}

void Pty::hang_up()
{
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

unsigned Pty::baud() const
{
    termios line{};
    if (::tcgetattr(fd_, &line) != 0) {
        return 0;
    }
    switch (::cfgetospeed(&line)) {
    case B4800:
        return 4800;
    case B9600:
        return 9600;
    case B115200:
        return 115200;
    default:
        return 0;
    }
}

} // namespace kb::test
