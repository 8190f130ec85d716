// The two languages people are spoken to in.
#pragma once

#include <cstdlib>
#include <string_view>

namespace kb {

enum class Language { russian, english };

/// The one of two texts that fits.
template <class Text>
constexpr const Text& in(Language language, const Text& russian, const Text& english)
{
    return language == Language::russian ? russian : english;
}

/// The one a service was started in: Russian where the locale says so.
inline Language language_of_the_user()
{
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return std::string_view(value).starts_with("ru") ? Language::russian : Language::english;
    return Language::english;
}

} // namespace kb
