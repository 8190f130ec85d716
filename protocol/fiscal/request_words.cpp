#include "protocol/fiscal/request_words.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace kb::fiscal {

std::optional<std::uint32_t> code_of(Words words, std::string_view word)
{
    const auto found =
        std::find_if(words.begin(), words.end(), [word](const Word& each) { return each.word == word; });
    return found == words.end() ? std::nullopt : std::optional(found->code);
}

std::string_view word_of(Words words, std::uint32_t code)
{
    const auto found =
        std::find_if(words.begin(), words.end(), [code](const Word& each) { return each.code == code; });
    return found == words.end() ? std::string_view{} : found->word;
}

std::string_view nearest_word(Words words, std::string_view misspelt)
{
    return std::min_element(words.begin(), words.end(),
                            [misspelt](const Word& a, const Word& b) {
                                return distance(a.word, misspelt) < distance(b.word, misspelt);
                            })
        ->word;
}

std::size_t distance(std::string_view a, std::string_view b)
{
    constexpr std::size_t kLooked = 64; // words are shorter; what is longer is far away as it is
    a = a.substr(0, kLooked);
    b = b.substr(0, kLooked);
    std::vector<std::size_t> row(b.size() + 1); // row[j]: from the first i letters of a to the first j of b
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

} // namespace kb::fiscal
