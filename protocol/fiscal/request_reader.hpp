// Reads the members of one JSON object of a request: form only, nothing of what is allowed on a receipt.
// For .cpp files only: it brings nlohmann/json.hpp along.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

/// Members that are absent or null leave their values as they are. The first fault is kept, after it nothing
/// more is read. end() is called when all members were asked for: what nobody asked for is a fault.
class RequestReader {
public:
    static constexpr bool kReads = true;

    /// `path` is empty for the root, which must be an object. Both references must outlive the reader.
    RequestReader(const nlohmann::json& object, std::string path, std::optional<Error>& failure);

    [[nodiscard]] bool has(const char* key) const;

    void text(const char* key, std::string& value, std::string_view /*otherwise*/ = {});
    /// May be empty, but must be there.
    void contents(const char* key, std::string& value);
    void texts(const char* key, std::vector<std::string>& values, std::size_t at_most);
    void money(const char* key, Kopecks& value);
    void money(const char* key, std::optional<Kopecks>& value);
    void quantity(const char* key, std::optional<Quantity>& value);
    void flag(const char* key, bool& value);
    void flag(const char* key, std::optional<bool>& value);
    /// Whole numbers min..max.
    template <class T>
    void number(const char* key, T& value, std::uint64_t min, std::uint64_t max, std::uint64_t /*otherwise*/)
    {
        if (const auto read = whole(key, min, max))
            value = static_cast<T>(*read);
    }
    template <class T>
    void number(const char* key, std::optional<T>& value, std::uint64_t min, std::uint64_t max)
    {
        if (const auto read = whole(key, min, max))
            value = static_cast<T>(*read);
    }
    template <class E>
    void required_word(const char* key, Words words, E& value)
    {
        if (const auto read = code(key, words, true, false))
            value = static_cast<E>(*read);
    }
    template <class E>
    void word(const char* key, Words words, E& value, E /*otherwise*/)
    {
        if (const auto read = code(key, words, false, false))
            value = static_cast<E>(*read);
    }
    template <class T>
    void word(const char* key, Words words, std::optional<T>& value)
    {
        if (const auto read = code(key, words, false, false))
            value = static_cast<T>(*read);
    }
    /// Besides words also the numbers 0..255 that the formats have for them.
    void word_or_code(const char* key, Words words, std::optional<std::uint8_t>& value);
    /// A list of words that are bits.
    void flags(const char* key, Words words, std::optional<std::uint32_t>& value);
    void date(const char* key, std::optional<LocalSeconds>& value);
    void time(const char* key, std::optional<LocalSeconds>& value);
    /// 2024-03-01, kept as 01.03.2024; what is no date is kept as it is.
    void dotted_date(const char* key, std::string& value);
    void hex(const char* key, Bytes& value);

    template <class F>
    void object(const char* key, F read)
    {
        if (const auto* inner = find_object(key)) {
            RequestReader reader(*inner, path_of(key), failure_);
            read(reader);
            reader.end();
        }
    }
    template <class T>
    void part(const char* key, T& value)
    {
        object(key, [&value](RequestReader& inner) { members(inner, value); });
    }
    template <class T>
    void structure(const char* key, std::optional<T>& value)
    {
        object(key, [&value](RequestReader& inner) { members(inner, value.emplace()); });
    }
    template <class T>
    void list(const char* key, std::vector<T>& values, std::size_t at_most)
    {
        const auto* elements = find_array(key, at_most);
        for (std::size_t i = 0; elements != nullptr && i < elements->size() && !failure_; ++i) {
            RequestReader reader((*elements)[i], path_of(key, i), failure_);
            members(reader, values.emplace_back());
            reader.end();
        }
    }

    void end();

private:
    const nlohmann::json* find(const char* key);
    const nlohmann::json* find_object(const char* key);
    const nlohmann::json::array_t* find_array(const char* key, std::size_t at_most);
    const std::string* find_text(const char* key);
    std::optional<std::string> decimal(const char* key, std::size_t decimals, std::string_view what);
    std::optional<std::uint64_t> whole(const char* key, std::uint64_t min, std::uint64_t max);
    std::optional<std::uint32_t> code(const char* key, Words words, bool required, bool numbers_too);
    [[nodiscard]] std::string path_of(const char* key) const;
    [[nodiscard]] std::string path_of(const char* key, std::size_t index) const;
    void complain(const std::string& path, std::string_view reason_and_cure, Errc code = Errc::bad_value);

    const nlohmann::json& object_;
    std::string path_;
    std::optional<Error>& failure_;
    std::vector<Word> known_; ///< members asked for
};

} // namespace kb::fiscal
