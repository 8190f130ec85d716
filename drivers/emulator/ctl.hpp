// `kkt-emulator ctl`: the control API as words for a terminal.
#pragma once

#include <string>
#include <vector>

namespace kb::emulator {

inline constexpr const char* kDefaultControl = "127.0.0.1:8410";

/// Runs one verb against the emulator at `address`, on the register of that name (empty: the only one);
/// prints its answer. The process exit code.
int run_ctl(const std::string& address, const std::string& which, const std::vector<std::string>& words);
/// The verbs with examples, for --help.
extern const char* const kCtlHelp;

} // namespace kb::emulator
