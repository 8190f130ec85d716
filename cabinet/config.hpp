// The cabinet's configuration file: every key known, every mistake told with its line and the cure.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <string>

namespace kb::cabinet {

struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443;
    std::string data_dir;
    std::string tls_certificate;
    std::string tls_key;
    std::string web_root;
    std::string catalogue;
    std::string log_level = "info";
    std::string log_file; ///< empty: stderr
};

/// Relative paths are taken from the file's folder. Errc::bad_config: "FILE, line N: key: reason; cure".
Result<Config> load_config(const std::string& file);
/// The text of a new configuration file for a data folder.
std::string config_template(const std::string& data_dir, const std::string& web_root,
                            const std::string& catalogue);

[[nodiscard]] std::string database_file(const std::string& data_dir);

} // namespace kb::cabinet
