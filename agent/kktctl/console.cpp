// Output only; nothing here knows what is shown.
#include "agent/kktctl/console.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace kb::agent::kktctl {

namespace {

/// Letters of a UTF-8 text, which is what columns are made of.
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

std::string Console::paint(Colour colour, const std::string& text) const
{
    if (!colours || colour == Colour::none)
        return text;
    const char* code = colour == Colour::green    ? "\x1b[32m"
                       : colour == Colour::yellow ? "\x1b[33m"
                       : colour == Colour::red    ? "\x1b[31m"
                                                  : "\x1b[90m";
    return code + text + "\x1b[0m";
}

void Console::line(const std::string& text) const { std::cout << text << '\n'; }

void Console::complain(const std::string& text) const { std::cerr << text << '\n'; }

Words Console::words_for(std::string_view reason) const
{
    if (const auto code = errc_of(reason)) {
        const Explanation why = explain(*code);
        return {say(why.cause), say(why.cure)};
    }
    return {std::string(reason), say({"обновите kktctl", "update kktctl"})};
}

Words Console::words_for_register(std::string_view reason) const
{
    if (const auto code = errc_of(reason)) {
        const Explanation why = explain_of_register(*code);
        return {say(why.cause), say(why.cure)};
    }
    return words_for(reason);
}

int Console::fail(const Error& error, const Words& own, ExitCode code) const
{
    const Words common = words_for(to_string(error.code));
    const std::string& headline = own.headline.empty() ? common.headline : own.headline;
    const std::string& cure = own.cure.empty() ? common.cure : own.cure;
    if (json) {
        nlohmann::ordered_json out{{"error",
                                    {{"code", to_string(error.code)},
                                     {"outcome", to_string(error.outcome)},
                                     {"reason", headline},
                                     {"cure", cure},
                                     {"details", error.details()}}}};
        line(out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        return code;
    }
    complain(paint(Colour::red, say("Ошибка: ", "Error: ")) + headline + " [" +
             std::string(to_string(error.code)) + "]");
    complain(say("Что делать: ", "Cure: ") + cure);
    if (!error.context.empty())
        complain(paint(Colour::grey, say("Подробности: ", "Details: ") + error.details()));
    return code;
}

int Console::fail(Errc what, const Words& own, ExitCode code) const
{
    return fail(Error{what, Outcome::not_done, "", {}}, own, code);
}

void Console::table(const std::vector<std::vector<std::string>>& rows) const
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string text;
        for (std::size_t i = 0; i < rows[r].size(); ++i) {
            text += rows[r][i];
            if (i + 1 < rows[r].size())
                text += std::string(widths[i] - width(rows[r][i]) + 2, ' ');
        }
        line(r == 0 ? paint(Colour::grey, text) : text);
    }
}

Progress::Progress(const Console& console, std::string what) : console_(console), what_(std::move(what)) {}

Progress::~Progress()
{
    if (shown_ >= 0)
        std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::show(double part)
{
    if (!console_.progress)
        return;
    constexpr int kCells = 30;
    const int percent = static_cast<int>(part * 100);
    if (percent == shown_)
        return;
    shown_ = percent;
    const auto full = static_cast<std::size_t>(percent * kCells / 100);
    std::string bar;
    for (std::size_t i = 0; i < kCells; ++i)
        bar += i < full ? "█" : "░";
    std::cerr << '\r' << what_ << ' ' << bar << ' ' << percent << " %\x1b[K" << std::flush;
}

Language choose_language(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        const std::string_view word(argv[i]);
        if (word == "--lang" && i + 1 < argc)
            return std::string_view(argv[i + 1]) == "en" ? Language::english : Language::russian;
        if (word.starts_with("--lang="))
            return word == "--lang=en" ? Language::english : Language::russian;
    }
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return std::string_view(value).starts_with("en") ? Language::english : Language::russian;
    return Language::russian;
}

std::string duration_text(const Console& console, std::int64_t seconds)
{
    const auto number = [](std::int64_t value) { return std::to_string(value); };
    if (seconds < 60)
        return number(seconds) + console.say(" с", " s");
    if (seconds < 3600)
        return number(seconds / 60) + console.say(" мин", " min");
    if (seconds < 86'400)
        return number(seconds / 3600) + console.say(" ч ", " h ") + number(seconds % 3600 / 60) +
               console.say(" мин", " min");
    return number(seconds / 86'400) + console.say(" сут ", " d ") + number(seconds % 86'400 / 3600) +
           console.say(" ч", " h");
}

} // namespace kb::agent::kktctl
