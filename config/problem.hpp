// What is wrong with a configuration file, told so that a person can put it right.
#pragma once

#include "config/language.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kb {

/// One thing wrong with the file.
struct ConfigProblem {
    std::uint32_t line = 0; ///< 1..; 0: of the file as a whole
    std::string key;        ///< "cabinet.url", "device[1].port"; empty: of the file as a whole
    std::string reason;
    std::string cure;
    std::string details = {}; ///< what a layer below said of it, in its own words; may be empty

    /// "agent.toml:12: cabinet.url: reason. cure (details)".
    [[nodiscard]] std::string text(const std::filesystem::path& file) const;
};

void sort_by_line(std::vector<ConfigProblem>& problems);

} // namespace kb
