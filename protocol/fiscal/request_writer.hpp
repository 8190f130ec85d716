// Writes the members of one JSON object of a request in the order it is asked to, leaving out what says
// nothing.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/money.hpp"
#include "protocol/core/quantity.hpp"
#include "protocol/core/time.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

class RequestWriter {
public:
    static constexpr bool kReads = false;

    /// The object in braces; the writer is empty then.
    std::string take();

    /// Left out when it is `otherwise`.
    void text(const char* key, const std::string& value, std::string_view otherwise = {});
    void contents(const char* key, const std::string& value);
    void texts(const char* key, const std::vector<std::string>& values, std::size_t at_most);
    void money(const char* key, Kopecks value);
    void money(const char* key, const std::optional<Kopecks>& value);
    void quantity(const char* key, const std::optional<Quantity>& value);
    void flag(const char* key, bool value);
    void flag(const char* key, const std::optional<bool>& value);
    template <class T>
    void number(const char* key, T value, std::uint64_t /*min*/, std::uint64_t /*max*/,
                std::uint64_t otherwise)
    {
        if (value != otherwise)
            raw(key, std::to_string(value));
    }
    template <class T>
    void number(const char* key, const std::optional<T>& value, std::uint64_t /*min*/, std::uint64_t /*max*/)
    {
        if (value)
            raw(key, std::to_string(*value));
    }
    template <class E>
    void required_word(const char* key, Words words, E value)
    {
        code(key, words, static_cast<std::uint32_t>(value));
    }
    template <class E>
    void word(const char* key, Words words, E value, E otherwise)
    {
        if (value != otherwise)
            code(key, words, static_cast<std::uint32_t>(value));
    }
    template <class T>
    void word(const char* key, Words words, const std::optional<T>& value)
    {
        if (value)
            code(key, words, *value);
    }
    void word_or_code(const char* key, Words words, const std::optional<std::uint8_t>& value)
    {
        word(key, words, value);
    }
    void flags(const char* key, Words words, const std::optional<std::uint32_t>& value);
    void date(const char* key, const std::optional<LocalSeconds>& value);
    void time(const char* key, const std::optional<LocalSeconds>& value);
    void dotted_date(const char* key, const std::string& value);
    void hex(const char* key, const Bytes& value);

    template <class F>
    void object(const char* key, F write)
    {
        RequestWriter inner;
        write(inner);
        raw(key, inner.take());
    }
    template <class T>
    void part(const char* key, const T& value)
    {
        if (value != T{})
            object(key, [&value](RequestWriter& inner) { members(inner, value); });
    }
    template <class T>
    void structure(const char* key, const std::optional<T>& value)
    {
        if (value)
            object(key, [&value](RequestWriter& inner) { members(inner, *value); });
    }
    template <class T>
    void list(const char* key, const std::vector<T>& values, std::size_t /*at_most*/)
    {
        if (values.empty())
            return;
        std::string elements;
        for (const T& value : values) {
            RequestWriter inner;
            members(inner, value);
            elements += elements.empty() ? "" : ",";
            elements += inner.take();
        }
        raw(key, '[' + elements + ']');
    }

private:
    void raw(const char* key, std::string_view json);
    void code(const char* key, Words words, std::uint32_t value);

    std::string members_;
};

} // namespace kb::fiscal
