#include "protocol/core/money.hpp"

#include "protocol/core/quantity.hpp"

#include <charconv>
#include <limits>

namespace kb {

Result<Kopecks> Kopecks::plus(Kopecks other) const
{
    std::int64_t sum = 0;
    if (__builtin_add_overflow(count_, other.count_, &sum))
        return fail(Errc::overflow, "sum of kopecks");
    return Kopecks(sum);
}

Result<Kopecks> Kopecks::minus(Kopecks other) const
{
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(count_, other.count_, &difference))
        return fail(Errc::overflow, "difference of kopecks");
    return Kopecks(difference);
}

std::string Kopecks::to_rubles() const
{
    // Through unsigned: the most negative number has no positive twin.
    const std::uint64_t size =
        count_ < 0 ? 0 - static_cast<std::uint64_t>(count_) : static_cast<std::uint64_t>(count_);
    const std::uint64_t rest = size % 100;
    std::string text = count_ < 0 ? "-" : "";
    text += std::to_string(size / 100);
    text += rest < 10 ? ".0" : ".";
    text += std::to_string(rest);
    return text;
}

Result<Kopecks> Kopecks::from_rubles(std::string_view text)
{
    const auto bad = [&] { return fail(Errc::bad_value, "sum in rubles: \"" + std::string(text) + "\""); };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative)
        rest.remove_prefix(1);
    const std::size_t dot = rest.find('.');
    const std::string_view whole = rest.substr(0, dot);
    std::string decimals{dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1)};
    if (whole.empty() || (dot != std::string_view::npos && decimals.empty()) || decimals.size() > 2)
        return bad();
    decimals.resize(2, '0');
    const std::string digits = std::string(whole) + decimals;
    if (digits.find_first_not_of("0123456789") != std::string::npos)
        return bad();
    std::int64_t count = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (ec != std::errc{} || end != digits.data() + digits.size())
        return bad();
    return Kopecks(negative ? -count : count);
}

Result<Kopecks> cost(Kopecks price, Quantity quantity)
{
    __extension__ using Wide = __int128;
    const Wide product = static_cast<Wide>(price.count()) * quantity.millionths();
    constexpr Wide kScale = Quantity::kScale;
    const Wide half = product < 0 ? -kScale / 2 : kScale / 2;
    const Wide rounded = (product + half) / kScale;
    if (rounded > std::numeric_limits<std::int64_t>::max() ||
        rounded < std::numeric_limits<std::int64_t>::min())
        return fail(Errc::overflow, "price x quantity");
    return Kopecks(static_cast<std::int64_t>(rounded));
}

} // namespace kb
