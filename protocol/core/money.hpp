// Money: whole kopecks, never a floating point number.
#pragma once

#include "protocol/core/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace kb {

class Kopecks {
public:
    constexpr Kopecks() = default;
    constexpr explicit Kopecks(std::int64_t count) : count_(count) {}

    [[nodiscard]] constexpr std::int64_t count() const { return count_; }
    constexpr auto operator<=>(const Kopecks&) const = default;

    /// Errc::overflow outside the 64-bit range.
    [[nodiscard]] Result<Kopecks> plus(Kopecks other) const;
    [[nodiscard]] Result<Kopecks> minus(Kopecks other) const;

    /// Rubles with a dot and two decimals: "350.50", "-0.05".
    [[nodiscard]] std::string to_rubles() const;
    /// Reads "350", "350.5", "350.50", "-1.05"; Errc::bad_value for anything else (more decimals included).
    static Result<Kopecks> from_rubles(std::string_view text);

private:
    std::int64_t count_ = 0;
};

class Quantity;

/// price x quantity, rounded half away from zero to a kopeck: the only place where such a product is made.
/// Errc::overflow when the sum leaves the 64-bit range.
Result<Kopecks> cost(Kopecks price, Quantity quantity);

} // namespace kb
