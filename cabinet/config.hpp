// The cabinet's configuration file: read whole, every mistake told with its line, the reason and the cure.
#pragma once

#include "config/problem.hpp"

#include "protocol/core/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kb::cabinet {

enum class LogLevel { debug, info, warning, error };
std::string_view to_string(LogLevel level);

struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443;
    std::string data_dir;
    std::string tls_certificate;
    std::string tls_key;
    std::string web_root;
    std::string catalogue;
    LogLevel log_level = LogLevel::info;
    std::string log_file; ///< empty: stderr
};

/// Either a config without problems, or all its problems, by line.
struct ConfigResult {
    Config config;
    std::vector<ConfigProblem> problems;
    std::map<std::string, std::uint32_t> lines; ///< "tls.key" -> where it stands
    [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Relative paths are taken from the file's folder.
ConfigResult load_config(const std::string& file, Language language);
struct FileCheck {
    std::vector<ConfigProblem> problems;
    std::vector<ConfigProblem> warnings; ///< it can be served all the same
};
/// What is wrong with what it names: the data folder, the certificate and its key. Looked at before serving.
FileCheck check_files(const ConfigResult& loaded, UtcMs now, Language language);

/// The text of a new configuration file for a data folder.
std::string config_template(const std::string& data_dir, const std::string& web_root,
                            const std::string& catalogue);

[[nodiscard]] std::string database_file(const std::string& data_dir);

} // namespace kb::cabinet
