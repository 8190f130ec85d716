#include "protocol/core/quantity.hpp"

#include <charconv>

namespace kb {

std::string Quantity::to_text() const
{
    const std::uint64_t size = millionths_ < 0 ? 0 - static_cast<std::uint64_t>(millionths_)
                                               : static_cast<std::uint64_t>(millionths_);
    std::string text = millionths_ < 0 ? "-" : "";
    text += std::to_string(size / kScale);
    std::string decimals = std::to_string(size % kScale);
    decimals.insert(0, 6 - decimals.size(), '0');
    decimals.erase(decimals.find_last_not_of('0') + 1);
    return decimals.empty() ? text : text + '.' + decimals;
}

Result<Quantity> Quantity::from_text(std::string_view text)
{
    const auto bad = [&] { return fail(Errc::bad_value, "quantity: \"" + std::string(text) + "\""); };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative)
        rest.remove_prefix(1);
    const std::size_t dot = rest.find('.');
    const std::string_view whole = rest.substr(0, dot);
    std::string decimals{dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1)};
    if (whole.empty() || (dot != std::string_view::npos && decimals.empty()))
        return bad();
    if (decimals.size() > 6) {
        if (decimals.find_first_not_of('0', 6) != std::string::npos)
            return fail(Errc::not_representable,
                        "quantity: more than six decimals: \"" + std::string(text) + "\"");
    }
    decimals.resize(6, '0');
    const std::string digits = std::string(whole) + decimals;
    if (digits.find_first_not_of("0123456789") != std::string::npos)
        return bad();
    std::int64_t count = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (ec != std::errc{} || end != digits.data() + digits.size())
        return bad();
    return Quantity(negative ? -count : count);
}

} // namespace kb
