// Every key is one row of a table here; the example file is tested against these rows.
#include "agent/config.hpp"

#include "config/config_reader.hpp"

#include "agent/http/client.hpp"
#include "drivers/registry.hpp"
#include "drivers/transport/port_url.hpp"

#include <algorithm>
#include <map>

namespace kb::agent {

namespace {

void read_address(ConfigValue& value, ListenAddress& listen)
{
    std::string text;
    if (!value.text(text))
        return;
    const std::size_t colon = text.rfind(':');
    const std::string host = text.substr(0, colon);
    const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
    const bool digits =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoul(port) > 65535) {
        value.complain(value.say("нужны адрес и порт через двоеточие", "an address and a port are wanted"));
        return;
    }
    if (host != "localhost" && host != "[::1]" && !host.starts_with("127.")) {
        value.complain(
            value.say("адрес «" + host + "» виден из сети; эти страницы только для этого компьютера",
                      "the address \"" + host +
                          "\" can be reached from the network; these pages are for "
                          "this computer only"));
        return;
    }
    listen.host = host == "localhost" ? "127.0.0.1" : host == "[::1]" ? "::1" : host;
    listen.port = static_cast<std::uint16_t>(std::stoul(port));
}

void read_url(ConfigValue value, CabinetConfig& cabinet)
{
    std::string url;
    if (!value.text(url))
        return;
    while (url.ends_with('/'))
        url.pop_back();
    if (!url.starts_with("https://") && !url.starts_with("http://")) {
        value.complain(
            value.say("адрес должен начинаться с https://", "the address must begin with https://"));
        return;
    }
    if (auto fine = http::check_url(url); !fine) {
        if (url.starts_with("http://"))
            value.complain(
                value.say("без шифрования (http) можно только к этому же компьютеру",
                          "without encryption (http) only this computer may be talked to"),
                value.say("Напишите https:// вместо http://.", "Write https:// instead of http://."));
        else
            value.complain(value.say("это не адрес кабинета", "this is no address of a cabinet"),
                           value.write_for_example(), fine.error().context);
        return;
    }
    cabinet.url = url;
}

void read_port(ConfigValue value, DeviceConfig& device)
{
    std::string text;
    if (!value.text(text))
        return;
    if (text == kAnyPort) {
        device.port = text;
        return;
    }
    const auto url = parse_port_url(text);
    if (!url)
        value.complain(
            value.say("это не порт: «" + text + "»; нужно auto, serial:ИМЯ, tcp:АДРЕС:ПОРТ или usb:VID:PID",
                      "this is no port: " + url.error().context),
            text.starts_with("tcp:") ? value.say("Напишите, например: ", "Write for example: ") +
                                           "port = \"tcp:192.168.137.111:7778\""
                                     : value.write_for_example());
    else
        device.port = text;
}

void read_family(ConfigValue value, DeviceConfig& device)
{
    std::string text;
    if (!value.text(text))
        return;
    if (check_family(text)) {
        device.family = text;
        return;
    }
    const auto families = driver_families();
    value.not_one_of(text, {families.begin(), families.end()});
}

constexpr ConfigKey<Config> kAgentKeys[] = {
    {"data_dir", "\"/var/lib/kkt-bridge\"",
     [](ConfigValue value, Config& config) {
         if (std::string text; value.text(text))
             config.data_dir = text;
     }},
    {"log_level", "\"info\"",
     [](ConfigValue value, Config& config) {
         value.choice(config.log_level, {{"trace", LogLevel::trace},
                                         {"debug", LogLevel::debug},
                                         {"info", LogLevel::info},
                                         {"warning", LogLevel::warning},
                                         {"error", LogLevel::error}});
     }},
    {"log_format", "\"text\"",
     [](ConfigValue value, Config& config) {
         value.choice(config.log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}});
     }},
    {"listen", "\"127.0.0.1:8761\"",
     [](ConfigValue value, Config& config) { read_address(value, config.listen); }},
};

constexpr ConfigKey<CabinetConfig> kCabinetKeys[] = {
    {"url", "\"https://cabinet.example.ru\"", read_url},
    {"ca_file", "\"/etc/kkt-bridge/ca.pem\"",
     [](ConfigValue value, CabinetConfig& cabinet) { value.text(cabinet.ca_file); }},
    {"batch_documents", "500",
     [](ConfigValue value, CabinetConfig& cabinet) { value.number(cabinet.batch_documents, 1, 2000); }},
    {"batch_kb", "1024",
     [](ConfigValue value, CabinetConfig& cabinet) {
         if (std::uint32_t kb = 0; value.number(kb, 64, 16'384))
             cabinet.batch_bytes = kb * 1024;
     }},
    {"retry_first_ms", "1000",
     [](ConfigValue value, CabinetConfig& cabinet) { value.duration(cabinet.retry_first, 50, 60'000); }},
    {"retry_cap_s", "300",
     [](ConfigValue value, CabinetConfig& cabinet) { value.duration(cabinet.retry_cap, 1, 3600); }},
    {"request_timeout_s", "30",
     [](ConfigValue value, CabinetConfig& cabinet) { value.duration(cabinet.request_timeout, 1, 600); }},
    {"command_wait_s", "25",
     [](ConfigValue value, CabinetConfig& cabinet) { value.duration(cabinet.command_wait, 1, 55); }},
};

constexpr ConfigKey<DeviceConfig> kDeviceKeys[] = {
    {"port", "\"serial:/dev/ttyACM0\"", read_port},
    {"family", "\"auto\"", read_family},
    {"baud", "115200",
     [](ConfigValue value, DeviceConfig& device) {
         std::uint32_t baud = 0;
         if (!value.number(baud, 0, 4'000'000))
             return;
         if (baud != 0 && baud < 1200)
             value.complain(
                 value.say("слишком малая скорость; 0 значит «подобрать»", "too slow; 0 means: search"));
         else
             device.baud = baud;
     }},
    {"password", "30",
     [](ConfigValue value, DeviceConfig& device) { value.number(device.password, 0, 99'999'999); }},
    {"library", "\"/usr/lib/libfptr10.so\"",
     [](ConfigValue value, DeviceConfig& device) { value.text(device.library); }},
    {"ofd_channel", "\"auto\"",
     [](ConfigValue value, DeviceConfig& device) {
         using Channel = DriverOptions::OfdChannel;
         value.choice(device.ofd_channel,
                      {{"auto", Channel::automatic}, {"none", Channel::none}, {"usb", Channel::usb}});
     }},
    {"marking_wait_s", "5",
     [](ConfigValue value, DeviceConfig& device) { value.duration(device.marking_wait, 1, 30); }},
    {"marking_refused", "\"refuse\"",
     [](ConfigValue value, DeviceConfig& device) {
         using Refused = DriverOptions::MarkingRefused;
         value.choice(device.marking_refused, {{"refuse", Refused::refuse}, {"sell", Refused::sell}});
     }},
    {"name", "\"Касса 1\"", [](ConfigValue value, DeviceConfig& device) { value.text(device.name); }},
    {"poll_busy_ms", "800",
     [](ConfigValue value, DeviceConfig& device) { value.duration(device.poll_busy, 50, 60'000); }},
    {"poll_quiet_ms", "5000",
     [](ConfigValue value, DeviceConfig& device) { value.duration(device.poll_quiet, 50, 600'000); }},
    {"sample_every_s", "300",
     [](ConfigValue value, DeviceConfig& device) { value.duration(device.sample_every, 1, 86'400); }},
    {"cabinet_commands", "[\"x_report\", \"close_shift\"]",
     [](ConfigValue value, DeviceConfig& device) {
         using Kind = cabinet_api::CommandKind;
         value.choices(device.cabinet_commands, {{"x_report", Kind::x_report},
                                                 {"close_shift", Kind::close_shift},
                                                 {"message", Kind::message},
                                                 {"print", Kind::print}});
     }},
};

constexpr ConfigKey<RetentionConfig> kRetentionKeys[] = {
    {"documents_days", "400",
     [](ConfigValue value, RetentionConfig& retention) {
         value.duration(retention.keep_documents, 31, 36'500);
     }},
    {"telemetry_days", "30",
     [](ConfigValue value, RetentionConfig& retention) {
         value.duration(retention.keep_telemetry, 1, 3650);
     }},
    {"max_mb", "2048",
     [](ConfigValue value, RetentionConfig& retention) {
         if (std::uint64_t mb = 0; value.number(mb, 0, 1'048'576))
             retention.max_bytes = mb * 1024 * 1024;
     }},
};

/// Of [api.atol] and [api.kkmserver], whose usual addresses differ.
constexpr ConfigKey<CompatibleApiConfig> kCompatibleApiKeys[] = {
    {"enabled", "true", [](ConfigValue value, CompatibleApiConfig& api) { value.flag(api.enabled); }},
    {"listen", "\"127.0.0.1:16732\"",
     [](ConfigValue value, CompatibleApiConfig& api) { read_address(value, api.listen); }},
    {"user", "\"pos\"", [](ConfigValue value, CompatibleApiConfig& api) { value.text(api.user); }},
    {"password", "\"...\"", [](ConfigValue value, CompatibleApiConfig& api) { value.text(api.password); }},
};

constexpr ConfigKey<ApiConfig> kApiKeys[] = {
    {"listen", "\"127.0.0.1:8760\"",
     [](ConfigValue value, ApiConfig& api) { read_address(value, api.listen); }},
    {"token_file", "\"/var/lib/kkt-bridge/pos.token\"",
     [](ConfigValue value, ApiConfig& api) { value.text(api.token_file); }},
    {"origins", "[\"https://pos.example.ru\"]",
     [](ConfigValue value, ApiConfig& api) { value.texts(api.origins); }},
    {"open_shift", "true", [](ConfigValue value, ApiConfig& api) { value.flag(api.open_shift); }},
    {"close_expired_shift", "true",
     [](ConfigValue value, ApiConfig& api) { value.flag(api.close_expired_shift); }},
    {"mark_receipts", "true", [](ConfigValue value, ApiConfig& api) { value.flag(api.mark_receipts); }},
    {"wait_minutes", "1440", [](ConfigValue value, ApiConfig& api) { value.duration(api.wait, 1, 43'200); }},
    {"keep_days", "400",
     [](ConfigValue value, ApiConfig& api) { value.duration(api.keep_jobs, 30, 36'500); }},
};

const std::vector<std::string> kSections{"agent", "api", "cabinet", "device", "retention"};

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

bool is_number(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `[device.<vendor>]`: the keys of a vendor's row in the registry.
void read_vendor_section(ConfigReport& report, const toml::node& node, const std::string& path,
                         const Vendor& vendor, DeviceConfig& device)
{
    const std::string name(vendor.name);
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        report.add(line_of(node), path,
                   report.say("это раздел, а не значение", "this is a section, not a value"),
                   report.say("Напишите [device." + name + "] отдельной строкой.",
                              "Write [device." + name + "] on a line of its own."));
        return;
    }
    for (const auto& [key, value_node] : *table) {
        const auto row = std::find_if(vendor.keys.begin(), vendor.keys.end(),
                                      [&](const VendorKey& one) { return one.name == key.str(); });
        if (row == vendor.keys.end()) {
            std::vector<std::string> names(vendor.keys.size());
            std::transform(vendor.keys.begin(), vendor.keys.end(), names.begin(),
                           [](const VendorKey& one) { return std::string(one.name); });
            report_unknown_key(report, key.source().begin.line, path, key.str(), names);
            continue;
        }
        const std::string usual(row->usual);
        const std::string example = is_number(usual) ? usual : '"' + usual + '"';
        ConfigValue value(report, value_node, path + "." + std::string(key.str()), example);
        std::string text;
        if (row->words.empty()) {
            if (std::int64_t number = 0; value.number(number, row->least, row->most))
                text = std::to_string(number);
        } else {
            value.word(text, row->words);
        }
        if (!text.empty())
            device.vendor_keys[name + "." + std::string(key.str())] = text;
    }
}

std::vector<std::string_view> vendor_sections()
{
    std::vector<std::string_view> names;
    for (const Vendor& vendor : vendors())
        if (!vendor.keys.empty())
            names.push_back(vendor.name);
    return names;
}

void read_devices(ConfigReport& report, const toml::node& node, std::vector<DeviceConfig>& devices)
{
    const toml::array* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
        report.add(
            line_of(node), "device",
            report.say("касс может быть несколько, поэтому раздел пишется с двойными скобками",
                       "there may be several registers, so the section has double brackets"),
            report.say("Напишите [[device]] вместо [device].", "Write [[device]] instead of [device]."));
        return;
    }
    std::map<std::string, std::size_t> seen;
    for (std::size_t index = 0; index < list->size(); ++index) {
        const toml::table& table = *list->get(index)->as_table();
        const std::string path = "device[" + std::to_string(index + 1) + "]";
        DeviceConfig device;
        read_section(report, table, path, kDeviceKeys, device, vendor_sections());
        for (const Vendor& vendor : vendors())
            if (const toml::node* section = table.get(vendor.name);
                section != nullptr && !vendor.keys.empty())
                read_vendor_section(report, *section, path + "." + std::string(vendor.name), vendor, device);
        if (!table.contains("port"))
            report.add(line_of(table), path + ".port",
                       report.say("не указан порт кассы", "the register's port is missing"),
                       report.say("Добавьте, например: ", "Add for example: ") +
                           "port = \"serial:/dev/ttyACM0\"");
        else if (const auto [first, fresh] = seen.emplace(device.port, index + 1);
                 !fresh && !device.port.empty() && device.port != kAnyPort)
            report.add(line_of(*table.get("port")), path + ".port",
                       report.say("тот же порт, что у кассы " + std::to_string(first->second),
                                  "the same port as of device " + std::to_string(first->second)),
                       report.say("Укажите другой порт или уберите один из разделов [[device]].",
                                  "Give another port, or remove one of the [[device]] sections."));
        if (device.poll_quiet < device.poll_busy)
            report.add(
                line_of(table), path + ".poll_quiet_ms",
                report.say("опрос в покое чаще, чем в работе", "polling is quicker at rest than at work"),
                report.say("poll_quiet_ms должен быть не меньше poll_busy_ms.",
                           "poll_quiet_ms must not be below poll_busy_ms."));
        devices.push_back(std::move(device));
    }
}

template <class Target, std::size_t Count>
void read_table(ConfigReport& report, const toml::node& node, const std::string& name,
                const ConfigKey<Target> (&keys)[Count], Target& target)
{
    if (const toml::table* table = node.as_table())
        read_section(report, *table, name, keys, target);
    else
        report.add(line_of(node), name,
                   report.say("это раздел, а не значение", "this is a section, not a value"),
                   report.say("Напишите [" + name + "] отдельной строкой.",
                              "Write [" + name + "] on a line of its own."));
}

void read_api(ConfigReport& report, const toml::node& node, ApiConfig& api)
{
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        read_table(report, node, "api", kApiKeys, api); // says that it is a section
        return;
    }
    api.enabled = true;
    read_section(report, *table, "api", kApiKeys, api, {"atol", "kkmserver"});
    for (const auto& [name, into] :
         {std::pair<const char*, CompatibleApiConfig*>{"atol", &api.atol}, {"kkmserver", &api.kkmserver}})
        if (const toml::node* section = table->get(name))
            read_table(report, *section, std::string("api.") + name, kCompatibleApiKeys, *into);
}

void read_root(ConfigReport& report, const toml::table& root, Config& config)
{
    for (const auto& [key, node] : root) {
        const std::string name(key.str());
        if (name == "agent") {
            read_table(report, node, name, kAgentKeys, config);
        } else if (name == "cabinet") {
            read_table(report, node, name, kCabinetKeys, config.cabinet);
        } else if (name == "api") {
            read_api(report, node, config.api);
        } else if (name == "retention") {
            read_table(report, node, name, kRetentionKeys, config.retention);
        } else if (name == "device") {
            read_devices(report, node, config.devices);
        } else {
            const std::string meant = nearest(name, kSections);
            report.add(key.source().begin.line, name,
                       report.say("такого раздела нет", "there is no such section"),
                       meant.empty() ? report.say("Разделы: ", "Sections: ") + listed(kSections) + "."
                                     : report.say("Может быть, имелось в виду «" + meant + "»?",
                                                  "Did you mean \"" + meant + "\"?"));
        }
    }
    const toml::table* agent = root["agent"].as_table();
    if (agent == nullptr || !agent->contains("data_dir"))
        report.add(agent == nullptr ? 0 : line_of(*agent), "agent.data_dir",
                   report.say("не указана папка для журнала", "the folder for the journal is missing"),
                   report.say("Добавьте в раздел [agent]: ", "Add to the section [agent]: ") +
                       "data_dir = \"/var/lib/kkt-bridge\"");
    if (config.cabinet.retry_cap < config.cabinet.retry_first)
        report.add(line_of_key(root, "cabinet", "retry_cap_s"), "cabinet.retry_cap_s",
                   report.say("предел повтора меньше первой задержки retry_first_ms",
                              "the retry cap is below the first delay retry_first_ms"),
                   report.say("Увеличьте retry_cap_s.", "Raise retry_cap_s."));
}

template <class Target, std::size_t Count>
void name_keys(std::vector<std::string>& names, const std::string& section,
               const ConfigKey<Target> (&keys)[Count])
{
    for (const auto& key : keys)
        names.push_back(section + "." + std::string(key.name));
}

} // namespace

ConfigResult parse_config(std::string_view toml, Language language)
{
    ConfigResult result;
    ConfigReport report{language, {}};
    try {
        read_root(report, toml::parse(toml), result.config);
    } catch (const toml::parse_error& error) {
        report.add(error.source().begin.line, "", report.say("это не TOML", "this is not TOML"),
                   report.say("Проверьте кавычки, скобки и знак «=» в этой строке и перед ней.",
                              "Check quotes, brackets and \"=\" on this line and before it."),
                   std::string(error.description()));
    }
    sort_by_line(report.problems);
    result.problems = std::move(report.problems);
    return result;
}

std::vector<std::string> known_config_keys()
{
    std::vector<std::string> names;
    name_keys(names, "agent", kAgentKeys);
    name_keys(names, "api", kApiKeys);
    name_keys(names, "api.atol", kCompatibleApiKeys);
    name_keys(names, "api.kkmserver", kCompatibleApiKeys);
    name_keys(names, "cabinet", kCabinetKeys);
    name_keys(names, "device", kDeviceKeys);
    for (const Vendor& vendor : vendors())
        for (const VendorKey& key : vendor.keys)
            names.push_back("device." + std::string(vendor.name) + "." + std::string(key.name));
    name_keys(names, "retention", kRetentionKeys);
    return names;
}

} // namespace kb::agent
