// Quantity of goods: whole millionths of a unit, never a floating point number.
#pragma once

#include "protocol/core/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace kb {

class Quantity {
public:
    static constexpr std::int64_t kScale = 1'000'000; ///< millionths in one unit

    constexpr Quantity() = default;
    static constexpr Quantity from_millionths(std::int64_t count) { return Quantity(count); }
    static constexpr Quantity units(std::int64_t count) { return Quantity(count * kScale); }

    [[nodiscard]] constexpr std::int64_t millionths() const { return millionths_; }
    constexpr auto operator<=>(const Quantity&) const = default;

    /// Decimal text without needless zeros: "2", "0.5", "0.000001".
    [[nodiscard]] std::string to_text() const;
    /// Reads "2", "0.5"; Errc::bad_value for other forms, Errc::not_representable beyond six decimals.
    static Result<Quantity> from_text(std::string_view text);

private:
    constexpr explicit Quantity(std::int64_t millionths) : millionths_(millionths) {}
    std::int64_t millionths_ = 0;
};

} // namespace kb
