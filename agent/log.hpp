// The agent's log: one line per event with named fields, to stderr, where systemd and people collect it.
// Documents' contents, buyers' contacts and marking codes never go in.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace kb::agent::log {

enum class Form { text, json };

/// Once, before the first line; without it: text, from info on. level: "debug", "info", "warning", "error".
void start(Form form, std::string_view level);

struct Field {
    Field(std::string_view n, std::string_view v) : name(n), value(v) {}
    Field(std::string_view n, const std::string& v) : name(n), value(v) {}
    Field(std::string_view n, const char* v) : name(n), value(v) {}
    Field(std::string_view n, std::int64_t v) : name(n), value(std::to_string(v)), number(true) {}
    Field(std::string_view n, std::uint64_t v) : name(n), value(std::to_string(v)), number(true) {}
    Field(std::string_view n, int v) : name(n), value(std::to_string(v)), number(true) {}
    Field(std::string_view n, std::uint32_t v) : name(n), value(std::to_string(v)), number(true) {}

    std::string_view name;
    std::string value;
    bool number = false; ///< written without quotes in JSON
};
using Fields = std::initializer_list<Field>;

void debug(std::string_view text, Fields fields = {});
void info(std::string_view text, Fields fields = {});
void warning(std::string_view text, Fields fields = {});
void error(std::string_view text, Fields fields = {});

} // namespace kb::agent::log
