// The tools a program reads its TOML file with: each wrong value becomes a problem with line, reason and
// cure. For .cpp files only: it brings toml++ along.
#pragma once

#include "config/problem.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kb {

/// Where problems go, and in which language.
struct ConfigReport {
    Language language;
    std::vector<ConfigProblem> problems;

    void add(std::uint32_t line, std::string key, std::string reason, std::string cure,
             std::string details = {})
    {
        problems.push_back({line, std::move(key), std::move(reason), std::move(cure), std::move(details)});
    }
    [[nodiscard]] std::string say(const std::string& russian, const std::string& english) const
    {
        return in(language, russian, english);
    }
};

/// Where `section.key` stands; the section's line when the key is not written, 0 when neither is.
std::uint32_t line_of_key(const toml::table& root, std::string_view section, std::string_view key);

class ConfigValue;

/// One key of a section: its name, how it is written for example, and where its value goes.
template <class Target>
struct ConfigKey {
    std::string_view name;
    std::string_view example;
    void (*read)(ConfigValue value, Target& target);
};

/// Reads every key of `table` into `target`; unknown ones are problems. The path of the file itself is empty.
/// `sections` in it are read by somebody else.
template <class Target, std::size_t Count>
void read_section(ConfigReport& report, const toml::table& table, const std::string& path,
                  const ConfigKey<Target> (&keys)[Count], Target& target,
                  const std::vector<std::string_view>& sections = {});

/// One value of the file on its way into the config.
class ConfigValue {
public:
    ConfigValue(ConfigReport& report, const toml::node& node, std::string path, std::string_view example)
        : report_(report),
          node_(node),
          path_(std::move(path)),
          example_(example)
    {}

    /// A text that is not empty. False: a problem was reported.
    bool text(std::string& out);
    template <class Number>
    bool number(Number& out, std::int64_t least, std::int64_t most)
    {
        std::int64_t value = 0;
        if (!whole_number(value, least, most))
            return false;
        out = static_cast<Number>(value);
        return true;
    }
    template <class Duration>
    void duration(Duration& out, std::int64_t least, std::int64_t most)
    {
        std::int64_t value = 0;
        if (whole_number(value, least, most))
            out = Duration{value};
    }
    bool texts(std::vector<std::string>& out);
    /// true or false.
    void flag(bool& out);
    /// A TOML date without quotes.
    bool date(std::optional<std::chrono::year_month_day>& out);
    /// A section with keys of its own.
    template <class Target, std::size_t Count>
    void section(const ConfigKey<Target> (&keys)[Count], Target& target)
    {
        if (const toml::table* table = node_.as_table())
            read_section(report_, *table, path_, keys, target);
        else
            complain(say("это раздел, а не значение", "this is a section, not a value"),
                     say("Напишите [" + path_ + "] отдельной строкой.",
                         "Write [" + path_ + "] on a line of its own."));
    }
    template <class Choice>
    void choice(Choice& out, std::initializer_list<std::pair<std::string_view, Choice>> choices)
    {
        std::string word;
        if (!text(word))
            return;
        std::vector<std::string> names;
        for (const auto& [name, value] : choices) {
            if (name == word)
                out = value;
            names.emplace_back(name);
        }
        if (std::find(names.begin(), names.end(), word) == names.end())
            not_one_of(word, names);
    }

    /// A list of such words, which may be empty. Nothing changes when one of them is wrong.
    template <class Choice>
    void choices(std::vector<Choice>& out, std::initializer_list<std::pair<std::string_view, Choice>> known)
    {
        std::vector<std::string> names;
        for (const auto& [name, value] : known)
            names.emplace_back(name);
        std::vector<std::size_t> places;
        if (!places_of_words(places, names))
            return;
        out.clear();
        for (const std::size_t place : places)
            out.push_back((known.begin() + place)->second);
    }

    /// One of `words`, where words that are numbers may be written as such. False: a problem was reported.
    bool word(std::string& out, const std::vector<std::string_view>& words);

    /// Of this value, with the cure "write for example".
    void complain(std::string reason) { complain(std::move(reason), write_for_example()); }
    void complain(std::string reason, std::string cure, std::string details = {});
    void not_one_of(const std::string& word, const std::vector<std::string>& names);
    [[nodiscard]] std::string say(const std::string& russian, const std::string& english) const
    {
        return report_.say(russian, english);
    }
    [[nodiscard]] std::string write_for_example() const;

private:
    bool places_of_words(std::vector<std::size_t>& out, const std::vector<std::string>& names);
    bool whole_number(std::int64_t& out, std::int64_t least, std::int64_t most);
    [[nodiscard]] std::string kind() const;

    ConfigReport& report_;
    const toml::node& node_;
    std::string path_;
    std::string_view example_;
};

/// The known name that `word` was probably meant to be; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
/// "a, b, c"
std::string listed(const std::vector<std::string>& names);

/// A key that is none of `names`.
void report_unknown_key(ConfigReport& report, std::uint32_t line, const std::string& path,
                        std::string_view key, const std::vector<std::string>& names);

template <class Target, std::size_t Count>
void read_section(ConfigReport& report, const toml::table& table, const std::string& path,
                  const ConfigKey<Target> (&keys)[Count], Target& target,
                  const std::vector<std::string_view>& sections)
{
    for (const auto& [key, node] : table) {
        if (std::find(sections.begin(), sections.end(), key.str()) != sections.end())
            continue;
        const std::string name = (path.empty() ? path : path + ".") + std::string(key.str());
        const auto known = std::find_if(std::begin(keys), std::end(keys),
                                        [&](const auto& one) { return one.name == key.str(); });
        if (known != std::end(keys)) {
            known->read(ConfigValue(report, node, name, known->example), target);
            continue;
        }
        std::vector<std::string> names;
        for (const auto& one : keys)
            names.emplace_back(one.name);
        report_unknown_key(report, key.source().begin.line, path, key.str(), names);
    }
}

} // namespace kb
