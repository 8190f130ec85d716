// The agent's configuration file: read whole, checked whole, every problem with its line and cure.
#pragma once

#include "config/problem.hpp"

#include "drivers/driver_options.hpp"
#include "protocol/cabinet/messages.hpp"
#include "protocol/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent {

using kb::ConfigProblem;
using kb::Language;

enum class LogLevel { trace, debug, info, warning, error };
enum class LogFormat { text, json };

/// As DeviceConfig::port: the register is looked for wherever one may be.
inline constexpr std::string_view kAnyPort = "auto";

struct DeviceConfig {
    std::string port; ///< "serial:/dev/ttyACM0", "tcp:192.168.137.111:7778", "usb:1FC9:0083" or kAnyPort
    std::string family = "auto"; ///< or the vendor's: "shtrih"
    std::uint32_t baud = 0;      ///< 0: search
    std::uint32_t password = 30; ///< of the system administrator
    std::string library;         ///< file of the maker's library, for families that need one; empty: searched
    DriverOptions::OfdChannel ofd_channel = DriverOptions::OfdChannel::automatic;
    std::chrono::seconds marking_wait = DriverOptions{}.marking_wait;
    DriverOptions::MarkingRefused marking_refused = DriverOptions::MarkingRefused::refuse;
    std::string name; ///< for people: "Касса 1"; empty: named by model and number
    std::chrono::milliseconds poll_busy{800};
    std::chrono::milliseconds poll_quiet{5000};
    std::chrono::seconds sample_every{300};
    std::vector<cabinet_api::CommandKind> cabinet_commands;      ///< what the cabinet may do with it
    std::map<std::string, std::string, std::less<>> vendor_keys; ///< DriverOptions::vendor_keys

    [[nodiscard]] DriverOptions driver_options() const
    {
        DriverOptions options;
        options.password = password;
        options.library = library;
        options.ofd_channel = ofd_channel;
        options.marking_wait = marking_wait;
        options.marking_refused = marking_refused;
        options.vendor_keys = vendor_keys;
        return options;
    }
};

struct CabinetConfig {
    std::string url;     ///< "https://cabinet.example.ru"; empty: the agent only keeps its journal
    std::string ca_file; ///< PEM of a private authority; empty: the system's
    std::uint32_t batch_documents = 500;
    std::uint32_t batch_bytes = 1024 * 1024;
    std::chrono::milliseconds retry_first{1000};
    std::chrono::seconds retry_cap{300};
    std::chrono::seconds request_timeout{30};
    std::chrono::seconds command_wait{25}; ///< how long one long poll for commands lasts
};

struct RetentionConfig {
    std::chrono::days keep_documents{400};
    std::chrono::days keep_telemetry{30};
    std::uint64_t max_bytes = 2048ULL * 1024 * 1024;
};

/// Host and port of a listening socket.
struct ListenAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8761; ///< 0: any free one
    [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

/// One of the interfaces that existing software already speaks; loopback only, without encryption.
struct CompatibleApiConfig {
    bool enabled = false;
    ListenAddress listen;
    std::string user;     ///< empty: as each interface is used to
    std::string password; ///< of that user; without both nobody is asked
};

/// Receipts on request. Present: registers are printed on, and the native API is served.
struct ApiConfig {
    bool enabled = false; ///< the section [api] is there
    ListenAddress listen{"127.0.0.1", 8760};
    std::string token_file;           ///< empty: api.token in the data folder
    std::vector<std::string> origins; ///< pages that may call: "https://pos.example.ru"
    bool open_shift = true;
    bool close_expired_shift = true;
    bool mark_receipts = true;
    std::chrono::minutes wait{1440}; ///< how long a job may wait for its register
    std::chrono::days keep_jobs{400};
    CompatibleApiConfig atol{false, {"127.0.0.1", 16732}, {}, {}};
    CompatibleApiConfig kkmserver{false, {"127.0.0.1", 5893}, {}, {}};
};

struct Config {
    std::filesystem::path data_dir;
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    ListenAddress listen; ///< /health, /metrics, /status; loopback only
    CabinetConfig cabinet;
    std::vector<DeviceConfig> devices;
    RetentionConfig retention;
    ApiConfig api;
};

/// Either a config without problems, or all its problems, by line.
struct ConfigResult {
    Config config;
    std::vector<ConfigProblem> problems;
    [[nodiscard]] bool ok() const { return problems.empty(); }
};

ConfigResult load_config(const std::filesystem::path& file, Language language);
/// The same of a text.
ConfigResult parse_config(std::string_view toml, Language language);

/// Every key there is: "agent.data_dir", "device.port", … The example file is tested against it.
std::vector<std::string> known_config_keys();

} // namespace kb::agent
