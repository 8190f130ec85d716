// A pseudo terminal's master side, the system calls of it.
#pragma once

#include <cstdint>
#include <string>

namespace kb::emulator {

struct PtyMaster {
    int file = -1;
    std::string slave; ///< "/dev/pts/3"
};

/// A new pty in raw mode at 115200; throws std::runtime_error.
PtyMaster open_pty();
/// The speed the host has set on the slave; 0 when it cannot be told.
std::uint32_t pty_baud(int master);
/// Makes `path` a link to `target`, replacing a link but nothing else; throws std::runtime_error.
void renew_link(const std::string& path, const std::string& target);
void remove_link(const std::string& path);

} // namespace kb::emulator
