// How kktctl talks: two languages, tables, colours on a terminal, JSON on demand, a progress bar.
#pragma once

#include "agent/config.hpp"
#include "agent/explanations.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::agent::kktctl {

/// What a command ends with; written down in --help.
enum ExitCode : int {
    kDone = 0,
    kFailed = 1,   ///< the command could not do its work
    kBadUsage = 2, ///< wrong arguments or a wrong configuration file
    kProblems = 3, ///< it worked, and found problems
    kNotFound = 4, ///< nothing under that name or number
    kUnknown = 5,  ///< a request left, and what became of it is not known yet: ask again, do not repeat it
    kWaiting = 6,  ///< a request still waits for its register
};

enum class Colour { none, green, yellow, red, grey };

/// What people are told of a failure, in their language.
struct Words {
    std::string headline; ///< what is wrong; empty: as explanations.hpp has it
    std::string cure;     ///< what to do; empty: as explanations.hpp has it
};

struct Console {
    Language language = Language::russian;
    bool json = false;
    bool colours = false;
    bool progress = false;

    [[nodiscard]] std::string say(const std::string& russian, const std::string& english) const
    {
        return in(language, russian, english);
    }
    [[nodiscard]] std::string say(Text text) const { return text.in(language); }
    /// For a failure known by its name only; a name of a newer program stands for itself.
    [[nodiscard]] Words words_for(std::string_view reason) const;
    /// The same where a register is what failed, and not the cabinet.
    [[nodiscard]] Words words_for_register(std::string_view reason) const;
    [[nodiscard]] std::string paint(Colour colour, const std::string& text) const;
    /// One line on stdout.
    void line(const std::string& text = "") const;
    /// One line on stderr.
    void complain(const std::string& text) const;
    /// Headline, cure and, as a detail, the words of the layer the error comes from: on stderr, or as
    /// {"error": {...}} on stdout with --json.
    int fail(const Error& error, const Words& own = {}, ExitCode code = kFailed) const;
    /// The same for what this program finds out itself.
    int fail(Errc what, const Words& own, ExitCode code = kFailed) const;
    /// Columns as wide as their widest cell; the first row is the head.
    void table(const std::vector<std::vector<std::string>>& rows) const;
};

/// A bar on stderr while it lives, when a person watches.
class Progress {
public:
    Progress(const Console& console, std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// 0..1
    void show(double part);

private:
    const Console& console_;
    std::string what_;
    int shown_ = -1;
};

/// From --lang before all else, then the environment; Russian unless English is asked for.
Language choose_language(int argc, char** argv);
/// "3 ч 5 мин" / "3 h 5 min".
std::string duration_text(const Console& console, std::int64_t seconds);

} // namespace kb::agent::kktctl
