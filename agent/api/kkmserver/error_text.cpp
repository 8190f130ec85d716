#include "agent/api/kkmserver/error_text.hpp"

#include "protocol/core/code_page.hpp"

namespace kb::agent::kkmserver {

namespace {

constexpr std::string_view kInstead =
    "Ответа кассы ещё нет, и сделан ли документ, пока неизвестно: агент узнаёт это у фискального накопителя. "
    "Не пробивайте заново, запросите результат этой же команды: GetRezult.";

constexpr std::u32string_view kStems[] = {U"смен", U"лиценз"};

/// Small Russian letters for capital ones; bytes that are no UTF-8 are left out.
std::u32string small_letters(std::string_view text)
{
    constexpr char32_t kFirstCapital = U'А';
    constexpr char32_t kLastCapital = U'Я';
    std::u32string letters;
    while (!text.empty()) {
        const auto letter = cut_character(text);
        if (!letter) {
            text.remove_prefix(1);
            continue;
        }
        const bool capital = *letter >= kFirstCapital && *letter <= kLastCapital;
        letters += capital ? *letter + (U'а' - U'А') : *letter;
    }
    return letters;
}

} // namespace

bool has_danger_stem(std::string_view text)
{
    const std::u32string letters = small_letters(text);
    for (const std::u32string_view stem : kStems)
        if (letters.find(stem) != std::u32string::npos)
            return true;
    return false;
}

std::string told(Made made, std::string text)
{
    if (made == Made::unknown && has_danger_stem(text))
        return std::string(kInstead);
    return text;
}

} // namespace kb::agent::kkmserver
