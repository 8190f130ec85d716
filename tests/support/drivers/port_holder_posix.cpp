#include "tests/support/drivers/port_holder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

namespace kb::test {

PortHolder::PortHolder(const std::string& path)
{
    int ready[2] = {};
    if (::pipe(ready) != 0) {
        throw std::runtime_error("no pipe to be had");
    }
    pid_ = ::fork();
    if (pid_ == 0) {
        // The child of a program with threads: nothing but system calls.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // also when the test ends without a farewell
        const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
        const char done = fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 ? 'y' : 'n';
        [[maybe_unused]] const auto told = ::write(ready[1], &done, 1);
        ::pause();
        ::_exit(0);
    }
    char done = 'n';
    const auto got = pid_ > 0 ? ::read(ready[0], &done, 1) : 0;
    ::close(ready[0]);
    ::close(ready[1]);
    if (got != 1 || done != 'y') {
        throw std::runtime_error("the other process could not take the port");
    }
}

PortHolder::~PortHolder()
{
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string PortHolder::program() const
{
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(pid_) + "/comm"), name);
    return name;
}

} // namespace kb::test
