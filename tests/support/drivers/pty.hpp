// A pty for tests: the test holds the device's side, the driver opens the other by name.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>

namespace kb::test {

class Pty {
public:
    Pty();
    ~Pty();
    Pty(const Pty&) = delete;
    Pty& operator=(const Pty&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    void write(BytesView bytes);
    /// What the host has written; waits until `count` bytes are there.
    Bytes read(std::size_t count);
    /// The device's side, for who wants more than this class gives.
    [[nodiscard]] int handle() const { return fd_; }
    /// The cable is pulled.
    void hang_up();
    /// The speed the host has set, as a termios constant's number of baud; 0 when it is none of the usual.
    [[nodiscard]] unsigned baud() const;

private:
    int fd_ = -1;
    std::string path_;
};

} // namespace kb::test
