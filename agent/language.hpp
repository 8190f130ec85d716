// The two languages people are spoken to in.
#pragma once

namespace kb::agent {

enum class Language { russian, english };

/// The one of two texts that fits.
template <class Text>
constexpr const Text& in(Language language, const Text& russian, const Text& english)
{
    return language == Language::russian ? russian : english;
}

} // namespace kb::agent
