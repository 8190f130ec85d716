// One running emulator: register, face, line, control and the player, wired together.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::emulator {

struct RunOptions {
    std::string family; ///< empty: whichever has the model
    std::string model;  ///< empty: the family's first
    std::string listen;
    std::string framing = "auto";
    std::optional<std::uint32_t> baud;
    std::string state;
    std::string control;
    std::string sales; ///< "2/s", "30/min"
    std::uint32_t think_ms = 0;
    std::uint32_t print_ms = 150;
    std::uint32_t preload = 0;
    std::uint64_t seed = 1;
    std::string ffd; ///< "1.05", "1.1", "1.2"; empty: as the model is by itself
    std::string serial;
    std::string fn_serial;
    std::vector<std::string> quirks;
    bool ofd_silent = false;
};

/// Runs until SIGINT or SIGTERM. The process exit code.
int run_emulator(const RunOptions& options);
/// The models as a table, or as JSON.
std::string list_models(bool json);

} // namespace kb::emulator
