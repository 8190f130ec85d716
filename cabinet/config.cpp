#include "cabinet/config.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <filesystem>
#include <functional>
#include <map>

namespace kb::cabinet {

namespace {

namespace fs = std::filesystem;

std::string at_line(const std::string& file, const toml::node& node)
{
    return file + ", line " + std::to_string(node.source().begin.line) + ": ";
}

Result<void> read_listen(const std::string& text, Config& config)
{
    const std::size_t colon = text.rfind(':');
    unsigned port = 0;
    const char* end = text.data() + text.size();
    if (colon != std::string::npos) {
        const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
        if (error == std::errc() && stop == end && port > 0 && port <= UINT16_MAX && colon > 0) {
            config.address = text.substr(0, colon);
            config.port = static_cast<std::uint16_t>(port);
            return {};
        }
    }
    return fail(Errc::bad_config, "listen: \"" + text + "\"; want ADDRESS:PORT, for example 0.0.0.0:8443");
}

/// Whether `path` is `folder` or lies in it.
bool is_inside(const std::string& path, const std::string& folder)
{
    const fs::path way = fs::path(path).lexically_relative(folder);
    return !folder.empty() && !way.empty() && *way.begin() != "..";
}

} // namespace

Result<Config> load_config(const std::string& file)
{
    if (std::error_code error; !fs::is_regular_file(file, error))
        return fail(Errc::bad_config, file + ": there is no such file; kkt-cabinet init writes one");
    toml::table root;
    try {
        root = toml::parse_file(file);
    } catch (const toml::parse_error& error) {
        return fail(Errc::bad_config, file + ", line " + std::to_string(error.source().begin.line) + ": " +
                                          std::string(error.description()));
    }
    Config config;
    std::string listen = "127.0.0.1:8443";
    const fs::path folder = fs::absolute(file).parent_path();
    const auto set_text = [](std::string& target) {
        return [&target](const std::string& value) { target = value; };
    };
    const auto set_path = [&folder](std::string& target) {
        return [&target, &folder](const std::string& value) {
            target = value.empty() ? value : (folder / value).lexically_normal().string();
        };
    };
    const std::map<std::string, std::function<void(const std::string&)>> keys = {
        {"listen", set_text(listen)},
        {"data_dir", set_path(config.data_dir)},
        {"web_root", set_path(config.web_root)},
        {"catalogue", set_path(config.catalogue)},
        {"tls.certificate", set_path(config.tls_certificate)},
        {"tls.key", set_path(config.tls_key)},
        {"log.level", set_text(config.log_level)},
        {"log.file", set_path(config.log_file)},
    };
    const auto take = [&](const std::string& key, const toml::node& node) -> Result<void> {
        const auto known = keys.find(key);
        if (known == keys.end()) {
            std::string names;
            for (const auto& [name, setter] : keys)
                names += (names.empty() ? "" : ", ") + name;
            return fail(Errc::bad_config, at_line(file, node) + key + ": no such key; known are " + names);
        }
        const auto value = node.value<std::string>();
        if (!value || !node.is_string())
            return fail(Errc::bad_config, at_line(file, node) + key + ": not a text; put it into quotes");
        known->second(*value);
        return {};
    };
    for (const auto& [key, node] : root) {
        const std::string name(key.str());
        const auto* table = node.as_table();
        if (table == nullptr) {
            if (auto taken = take(name, node); !taken)
                return pass(taken);
            continue;
        }
        for (const auto& [inner, value] : *table)
            if (auto taken = take(name + "." + std::string(inner.str()), value); !taken)
                return pass(taken);
    }
    if (auto read = read_listen(listen, config); !read)
        return fail(Errc::bad_config, file + ": " + read.error().context);
    for (const auto& [name, value] : {std::pair{"data_dir", config.data_dir},
                                      {"tls.certificate", config.tls_certificate},
                                      {"tls.key", config.tls_key},
                                      {"catalogue", config.catalogue}})
        if (value.empty())
            return fail(Errc::bad_config,
                        file + ": " + name + ": missing; kkt-cabinet init writes a whole file");
    if (is_inside(config.data_dir, config.web_root))
        return fail(Errc::bad_config,
                    file + ": web_root: \"" + config.web_root +
                        "\" holds data_dir; its database and keys would be served to everybody");
    if (config.log_level != "debug" && config.log_level != "info" && config.log_level != "warning" &&
        config.log_level != "error")
        return fail(Errc::bad_config,
                    file + ": log.level: \"" + config.log_level + "\"; want debug, info, warning or error");
    Result<Config> result(std::move(config));
    return result;
}

std::string config_template(const std::string& data_dir, const std::string& web_root,
                            const std::string& catalogue)
{
    const auto quoted = [](const std::string& text) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        return out + "\"";
    };
    return "# KKT Bridge cabinet. Relative paths are taken from this file's folder.\n"
           "\n"
           "# Where owners and agents connect to, ADDRESS:PORT. 0.0.0.0 means all network interfaces.\n"
           "listen = \"127.0.0.1:8443\"\n"
           "# Database, log and keys.\n"
           "data_dir = " +
           quoted(data_dir) +
           "\n"
           "# The web pages, as built from cabinet/web.\n"
           "web_root = " +
           quoted(web_root) +
           "\n"
           "# Book of models: verdicts on firmware and SD cards.\n"
           "catalogue = " +
           quoted(catalogue) +
           "\n"
           "\n"
           "[tls]\n"
           "certificate = \"tls/server.pem\"\n"
           "key = \"tls/server.key\"\n"
           "\n"
           "[log]\n"
           "# debug, info, warning, error\n"
           "level = \"info\"\n"
           "# Leave out for stderr.\n"
           "# file = \"cabinet.log\"\n";
}

std::string database_file(const std::string& data_dir)
{
    return (fs::path(data_dir) / "cabinet.db").string();
}

} // namespace kb::cabinet
