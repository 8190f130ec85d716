#include "cabinet/config.hpp"

#include "config/config_reader.hpp"

#include "cabinet/tls_check.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

namespace kb::cabinet {

namespace {

namespace fs = std::filesystem;

void read_listen(ConfigValue value, Config& config)
{
    std::string text;
    if (!value.text(text))
        return;
    const std::size_t colon = text.rfind(':');
    unsigned port = 0;
    const char* end = text.data() + text.size();
    if (colon != std::string::npos && colon > 0) {
        const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
        if (error == std::errc() && stop == end && port > 0 && port <= UINT16_MAX) {
            config.address = text.substr(0, colon);
            config.port = static_cast<std::uint16_t>(port);
            return;
        }
    }
    value.complain(
        value.say("нужны адрес и порт (1..65535) через двоеточие, а здесь «" + text + "»",
                  "an address and a port (1..65535) with a colon are wanted, this is \"" + text + "\""));
}

constexpr ConfigKey<Config> kTlsKeys[] = {
    {"certificate", "\"tls/server.pem\"",
     [](ConfigValue value, Config& config) { value.text(config.tls_certificate); }},
    {"key", "\"tls/server.key\"", [](ConfigValue value, Config& config) { value.text(config.tls_key); }},
};

constexpr ConfigKey<Config> kLogKeys[] = {
    {"level", "\"info\"",
     [](ConfigValue value, Config& config) {
         value.choice(config.log_level, {{"debug", LogLevel::debug},
                                         {"info", LogLevel::info},
                                         {"warning", LogLevel::warning},
                                         {"error", LogLevel::error}});
     }},
    {"file", "\"cabinet.log\"", [](ConfigValue value, Config& config) { value.text(config.log_file); }},
};

constexpr ConfigKey<Config> kKeys[] = {
    {"listen", "\"0.0.0.0:8443\"", read_listen},
    {"data_dir", "\"/var/lib/kkt-cabinet\"",
     [](ConfigValue value, Config& config) { value.text(config.data_dir); }},
    {"web_root", "\"/usr/share/kkt-bridge/web\"",
     [](ConfigValue value, Config& config) { value.text(config.web_root); }},
    {"catalogue", "\"/usr/share/kkt-bridge/catalogue.toml\"",
     [](ConfigValue value, Config& config) { value.text(config.catalogue); }},
    {"tls", "", [](ConfigValue value, Config& config) { value.section(kTlsKeys, config); }},
    {"log", "", [](ConfigValue value, Config& config) { value.section(kLogKeys, config); }},
};

std::map<std::string, std::uint32_t> lines_of(const toml::table& root)
{
    std::map<std::string, std::uint32_t> lines;
    for (const auto& [key, node] : root) {
        lines[std::string(key.str())] = node.source().begin.line;
        if (const toml::table* table = node.as_table())
            for (const auto& [inner, value] : *table)
                lines[std::string(key.str()) + "." + std::string(inner.str())] = value.source().begin.line;
    }
    return lines;
}

/// Whether `path` is `folder` or lies in it.
bool is_inside(const std::string& path, const std::string& folder)
{
    const fs::path way = fs::path(path).lexically_relative(folder);
    return !folder.empty() && !way.empty() && *way.begin() != "..";
}

void check_required(ConfigReport& report, const ConfigResult& result)
{
    struct Required {
        const char* key;
        const char* section;
        const char* example;
        const char* russian;
        const char* english;
    };
    constexpr Required kRequired[] = {
        {"data_dir", "", "data_dir = \"/var/lib/kkt-cabinet\"", "не указана папка для базы данных",
         "the folder for the database is missing"},
        {"catalogue", "", "catalogue = \"/usr/share/kkt-bridge/catalogue.toml\"", "не указана книга моделей",
         "the book of models is missing"},
        {"tls.certificate", "tls", "certificate = \"tls/server.pem\"", "не указан файл сертификата",
         "the file of the certificate is missing"},
        {"tls.key", "tls", "key = \"tls/server.key\"", "не указан файл ключа",
         "the file of the key is missing"},
    };
    for (const Required& one : kRequired) {
        if (result.lines.contains(one.key))
            continue;
        const auto section = result.lines.find(one.section);
        const std::string where = one.section;
        report.add(section == result.lines.end() ? 0 : section->second, one.key,
                   report.say(one.russian, one.english),
                   (where.empty() ? report.say("Добавьте в начало файла: ", "Add at the top of the file: ")
                                  : report.say("Добавьте в раздел [" + where + "]: ",
                                               "Add to the section [" + where + "]: ")) +
                       one.example);
    }
}

} // namespace

std::string_view to_string(LogLevel level)
{
    switch (level) {
    case LogLevel::debug:
        return "debug";
    case LogLevel::info:
        return "info";
    case LogLevel::warning:
        return "warning";
    case LogLevel::error:
        break;
    }
    return "error";
}

ConfigResult load_config(const std::string& file, Language language)
{
    ConfigResult result;
    ConfigReport report{language, {}};
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    std::error_code error;
    if (!stream || fs::is_directory(file, error) || !(text << stream.rdbuf())) {
        report.add(0, "",
                   fs::exists(file, error)
                       ? report.say("файл не читается или пуст", "the file cannot be read or is empty")
                       : report.say("файла нет", "there is no such file"),
                   report.say("Новый файл напишет kkt-cabinet init.", "kkt-cabinet init writes a new one."));
        result.problems = std::move(report.problems);
        return result;
    }
    Config& config = result.config;
    try {
        const toml::table root = toml::parse(text.str());
        result.lines = lines_of(root);
        read_section(report, root, "", kKeys, config);
        check_required(report, result);
    } catch (const toml::parse_error& fault) {
        report.add(fault.source().begin.line, "",
                   report.say("это не TOML: ", "this is not TOML: ") + std::string(fault.description()),
                   report.say("Проверьте кавычки, скобки и знак «=» в этой строке и перед ней.",
                              "Check quotes, brackets and \"=\" on this line and before it."));
    }
    const fs::path folder = fs::absolute(file).parent_path();
    for (std::string* path : {&config.data_dir, &config.web_root, &config.catalogue, &config.tls_certificate,
                              &config.tls_key, &config.log_file})
        if (!path->empty())
            *path = (folder / *path).lexically_normal().string();
    if (is_inside(config.data_dir, config.web_root))
        report.add(
            result.lines["web_root"], "web_root",
            report.say("в этой папке лежит и data_dir: базу и ключи раздавали бы всем",
                       "this folder holds data_dir too: its database and keys would be served to all"),
            report.say("Укажите папку, где только страницы.", "Name a folder that holds the pages only."));
    sort_by_line(report.problems);
    result.problems = std::move(report.problems);
    return result;
}

FileCheck check_files(const ConfigResult& loaded, UtcMs now, Language language)
{
    ConfigReport report{language, {}};
    ConfigReport warnings{language, {}};
    const Config& config = loaded.config;
    const auto line = [&](const std::string& key) {
        const auto at = loaded.lines.find(key);
        return at == loaded.lines.end() ? 0 : at->second;
    };
    std::error_code error;
    if (!config.data_dir.empty() && !fs::is_directory(config.data_dir, error))
        report.add(line("data_dir"), "data_dir",
                   report.say("папки " + config.data_dir + " нет", "there is no folder " + config.data_dir),
                   report.say("Создайте кабинет: kkt-cabinet init --data ",
                              "Make a cabinet: kkt-cabinet init --data ") +
                       config.data_dir + " --email …");
    if (!config.tls_certificate.empty() && !config.tls_key.empty())
        for (TlsProblem& problem : check_tls(config.tls_certificate, config.tls_key, now, language)) {
            const std::string key = problem.about_key ? "tls.key" : "tls.certificate";
            (problem.can_serve ? warnings : report)
                .add(line(key), key, std::move(problem.reason), std::move(problem.cure));
        }
    sort_by_line(report.problems);
    return {std::move(report.problems), std::move(warnings.problems)};
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
           "# The web pages, as built from cabinet/web.\n" +
           (web_root.empty() ? "# web_root = \"web\"" : "web_root = " + quoted(web_root)) +
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
