// What was understood of a message, on one line for people: "model=РИТЕЙЛ-01Ф protocol=1.14".
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

namespace kb {

class Told {
public:
    /// A text or a number under a name of the glossary.
    template <class T>
    Told& operator()(std::string_view name, const T& value)
    {
        text_.append(text_.empty() ? "" : " ").append(name).append("=");
        if constexpr (std::is_convertible_v<const T&, std::string_view>)
            text_.append(std::string_view(value));
        else
            text_.append(std::to_string(value));
        return *this;
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

} // namespace kb
