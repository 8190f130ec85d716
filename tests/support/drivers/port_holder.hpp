// Another process that has a serial port locked, as a POS program would have.
#pragma once

#include <string>

namespace kb::test {

class PortHolder {
public:
    /// Returns once the port is locked.
    explicit PortHolder(const std::string& path);
    ~PortHolder();
    PortHolder(const PortHolder&) = delete;
    PortHolder& operator=(const PortHolder&) = delete;

    [[nodiscard]] int pid() const { return pid_; }
    /// As the system calls it.
    [[nodiscard]] std::string program() const;

private:
    int pid_ = -1;
};

} // namespace kb::test
