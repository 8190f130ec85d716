// The configuration's file: found, read, and its paths made whole. What is in it is read by config.cpp.
#include "config/config_reader.hpp"

#include "agent/config.hpp"

#include <fstream>
#include <sstream>

namespace kb::agent {

namespace fs = std::filesystem;

ConfigResult load_config(const fs::path& file, Language language)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    std::error_code not_a_file;
    if (!stream || fs::is_directory(file, not_a_file) || !(text << stream.rdbuf())) {
        const bool absent = !fs::exists(file, not_a_file);
        ConfigResult result;
        result.problems.push_back(
            {0,
             "",
             absent ? in<std::string>(language, "файла нет", "there is no such file")
                    : in<std::string>(language, "файл не читается или пуст",
                                      "the file cannot be read or is empty"),
             in<std::string>(language, "Укажите файл: --config ПУТЬ; образец: packaging/examples/agent.toml.",
                             "Name the file: --config PATH; a sample is packaging/examples/agent.toml."),
             {}});
        return result;
    }
    ConfigResult result = parse_config(text.str(), language);
    // Relative paths are meant from the file they stand in, wherever the program was started.
    const fs::path base = fs::absolute(file).parent_path();
    if (!result.config.data_dir.empty() && result.config.data_dir.is_relative())
        result.config.data_dir = (base / result.config.data_dir).lexically_normal();
    if (std::string& token_file = result.config.api.token_file; !token_file.empty())
        token_file = (base / token_file).lexically_normal().string();
    for (DeviceConfig& device : result.config.devices)
        if (!device.library.empty())
            device.library = (base / device.library).lexically_normal().string();
    std::string& ca_file = result.config.cabinet.ca_file;
    if (!ca_file.empty()) {
        ca_file = (base / ca_file).lexically_normal().string();
        std::ifstream certificates(ca_file);
        const std::string pem(std::istreambuf_iterator<char>(certificates), {});
        if (pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
            result.problems.push_back(
                {line_of_key(toml::parse(text.str()), "cabinet", "ca_file"),
                 "cabinet.ca_file",
                 certificates.is_open()
                     ? in<std::string>(language, "в файле " + ca_file + " нет сертификата PEM",
                                       "there is no PEM certificate in " + ca_file)
                     : in<std::string>(language, "файл " + ca_file + " не открывается",
                                       "the file " + ca_file + " cannot be opened"),
                 in<std::string>(language,
                                 "Положите туда сертификат удостоверяющего центра (PEM) или уберите ключ.",
                                 "Put the authority's certificate (PEM) there, or remove the key."),
                 {}});
        sort_by_line(result.problems);
    }
    return result;
}

} // namespace kb::agent
