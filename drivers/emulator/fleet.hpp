// A file of several registers: packaging/examples/fleet.toml explains every key.
#pragma once

#include "drivers/emulator/register_options.hpp"

#include <tl/expected.hpp>

#include <string>
#include <vector>

namespace kb::emulator {

struct Fleet {
    std::string control; ///< empty: the usual address
    std::vector<RegisterOptions> registers;
};

/// Every mistake at once, each as "fleet.toml:12: baud: ...": line, key, reason and cure.
tl::expected<Fleet, std::vector<std::string>> read_fleet(const std::string& text,
                                                         const std::string& file_name);

} // namespace kb::emulator
