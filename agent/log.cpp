// spdlog behind log.hpp: heavy headers stay in this file.
#include "agent/log.hpp"

#include "agent/log_ring.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace kb::agent::log {
namespace {

Form g_form = Form::text;

std::shared_ptr<spdlog::logger> make_logger()
{
    auto logger =
        std::make_shared<spdlog::logger>("kkt-agent", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %-7l %v");
    logger->flush_on(spdlog::level::trace);
    return logger;
}

spdlog::logger& logger()
{
    static const std::shared_ptr<spdlog::logger> instance = make_logger();
    return *instance;
}

Ring& ring()
{
    static Ring instance;
    return instance;
}

/// A JSON string; control characters and quotes escaped, the rest as it is.
void quote(std::string& out, std::string_view text)
{
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            constexpr std::string_view kDigits = "0123456789abcdef";
            out += "\\u00";
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 0x0FU];
        } else {
            out += c;
        }
    }
    out += '"';
}

Level ours(spdlog::level::level_enum level)
{
    return level >= spdlog::level::err    ? Level::error
           : level >= spdlog::level::warn ? Level::warning
           : level >= spdlog::level::info ? Level::info
                                          : Level::debug;
}

void write(spdlog::level::level_enum level, std::string_view text, Fields fields)
{
    if (!logger().should_log(level)) {
        return;
    }
    const auto now = std::chrono::system_clock::now();
    ring().add(std::chrono::floor<std::chrono::milliseconds>(now), ours(level), text, fields);
    std::string line;
    if (g_form == Form::json) {
        quote(line, text); // the pattern opens the object: {"time":...,"level":...,"text":
    } else {
        line = text;
    }
    for (const Field& field : fields) {
        line += g_form == Form::json ? "," : " ";
        if (g_form == Form::json) {
            quote(line, field.name);
            line += ':';
        } else {
            line += field.name;
            line += '=';
        }
        const bool plain = field.number || (g_form == Form::text && !field.value.empty() &&
                                            field.value.find_first_of(" \"\\\n\r\t=") == std::string::npos);
        if (plain) {
            line += field.value;
        } else {
            quote(line, field.value);
        }
    }
    logger().log(now, {}, level, spdlog::string_view_t(line.data(), line.size()));
}

} // namespace

const Ring& last_lines() { return ring(); }

void start(Form form, std::string_view level)
{
    g_form = form;
    logger().set_level(spdlog::level::from_str(std::string(level)));
    if (form == Form::json) {
        logger().set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":%v})");
    }
}

void debug(std::string_view text, Fields fields) { write(spdlog::level::debug, text, fields); }

void info(std::string_view text, Fields fields) { write(spdlog::level::info, text, fields); }

void warning(std::string_view text, Fields fields) { write(spdlog::level::warn, text, fields); }

void error(std::string_view text, Fields fields) { write(spdlog::level::err, text, fields); }

} // namespace kb::agent::log
