#include "cabinet/log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace kb::cabinet {

namespace {

spdlog::logger& logger()
{
    static const auto fallback =
        std::make_shared<spdlog::logger>("cabinet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return spdlog::get("cabinet-log") ? *spdlog::get("cabinet-log") : *fallback;
}

/// Control characters would let a request forge log lines.
void append_clean(std::string& line, std::string_view text)
{
    for (const char c : text)
        line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
}

std::string fill(std::string_view form, std::initializer_list<std::string_view> values)
{
    std::string line;
    const auto* value = values.begin();
    for (std::size_t at = 0; at < form.size();) {
        if (form.substr(at, 2) == "{}" && value != values.end()) {
            append_clean(line, *value++);
            at += 2;
        } else {
            line += form[at++];
        }
    }
    return line;
}

} // namespace

Result<void> open_log(const std::string& level, const std::string& file)
try {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (file.empty())
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
        sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file, 16U << 20U, 5);
    auto opened = std::make_shared<spdlog::logger>("cabinet-log", std::move(sink));
    opened->set_level(spdlog::level::from_str(level));
    opened->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    opened->flush_on(spdlog::level::warn);
    spdlog::drop("cabinet-log");
    spdlog::register_logger(std::move(opened));
    spdlog::flush_every(std::chrono::seconds(2));
    return {};
} catch (const spdlog::spdlog_ex& error) {
    return fail(Errc::bad_config, "log.file: " + std::string(error.what()));
}

void log_info(std::string_view form, std::initializer_list<std::string_view> values)
{
    logger().info(fill(form, values));
}
void log_warning(std::string_view form, std::initializer_list<std::string_view> values)
{
    logger().warn(fill(form, values));
}
void log_error(std::string_view form, std::initializer_list<std::string_view> values)
{
    logger().error(fill(form, values));
}

void log_access(std::string_view method, std::string_view pattern, int status, std::size_t bytes, double ms)
{
    logger().info("{} {} {} {} B {:.1f} ms", fill("{}", {method}), pattern.empty() ? "-" : pattern, status,
                  bytes, ms);
}

} // namespace kb::cabinet
