// The emulator program: its registers in one thread, one control server over all of them.
#pragma once

#include "drivers/emulator/register_options.hpp"

#include <string>
#include <vector>

namespace kb::emulator {

struct RunOptions {
    std::string control; ///< empty: the usual address, or any free one
    std::vector<RegisterOptions> registers;
};

inline constexpr int kBadUsage = 2;

/// Registers that are checked and settled. Runs until SIGINT or SIGTERM. The process exit code.
int run_emulator(const RunOptions& options);
/// The models as a table, or as JSON.
std::string list_models(bool json);

} // namespace kb::emulator
