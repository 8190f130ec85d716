// Reads members of a JSON object with their form and limits checked; the first fault is kept with its path.
// For .cpp files only: it brings nlohmann/json.hpp along.
#pragma once

#include "protocol/core/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kb {

/// Parses text of any origin: UTF-8, at most max_depth levels. Errc::bad_json otherwise.
Result<nlohmann::json> parse_json(std::string_view text, std::size_t max_depth);
/// Dumps without ever throwing: broken UTF-8 becomes U+FFFD.
std::string dump_json(const nlohmann::json& value);

/// Reads the members of one object. After the first fault everything yields defaults; ask ok() at the end.
class JsonReader {
public:
    /// `path` is empty for the root. Both must outlive the reader; readers of one message share the failure.
    JsonReader(const nlohmann::json& object, std::string path, std::optional<Error>& failure);

    /// At most max_bytes of UTF-8, at least one unless may_be_empty.
    std::string text(const char* key, std::size_t max_bytes, bool may_be_empty = false);
    /// Like text, but an absent or null member is the empty text.
    std::string optional_text(const char* key, std::size_t max_bytes);
    /// Letters, digits and the marks of identifiers, none that needs escaping: serial numbers, ids, kinds.
    std::string name(const char* key, std::size_t max_bytes);
    std::string optional_name(const char* key, std::size_t max_bytes);
    bool boolean(const char* key);
    std::int64_t integer(const char* key, std::int64_t min, std::int64_t max);
    std::uint32_t u32(const char* key);
    UtcMs instant(const char* key);
    LocalSeconds local_time(const char* key);
    std::chrono::year_month_day date(const char* key);
    /// The member that must be an object, and its path.
    std::pair<const nlohmann::json*, std::string> object(const char* key);
    /// The member that must be an array of at most max_size.
    const nlohmann::json::array_t* array(const char* key, std::size_t max_size);
    /// One of the words of a table of {word, value} pairs.
    template <class Table>
    auto word(const char* key, const Table& table) -> decltype(table[0].second);

    /// Whether the member is there and not null.
    [[nodiscard]] bool has(const char* key) const;
    [[nodiscard]] bool ok() const { return !failure_; }
    [[nodiscard]] std::string path_of(const char* key) const;
    void complain(const char* key, std::string_view reason, Errc code = Errc::bad_value);

private:
    const nlohmann::json* find(const char* key);
    const std::string* find_text(const char* key);

    const nlohmann::json& object_;
    std::string path_;
    std::optional<Error>& failure_;
};

template <class Table>
auto JsonReader::word(const char* key, const Table& table) -> decltype(table[0].second)
{
    if (const std::string* given = find_text(key)) {
        std::string known;
        for (const auto& [text, value] : table) {
            if (text == *given)
                return value;
            known += known.empty() ? "" : ", ";
            known += text;
        }
        complain(key, "not one of: " + known);
    }
    return table[0].second;
}

} // namespace kb
