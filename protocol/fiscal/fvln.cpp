// Decimal numbers of the wire, exact in text and in millionths.
#include "protocol/fiscal/tlv.hpp"

#include <charconv>

namespace kb::fiscal {

namespace {

constexpr std::uint64_t kMaxMantissa = (std::uint64_t{1} << 56) - 1; // 7 bytes

} // namespace

std::string Fvln::to_text() const
{
    std::string text = std::to_string(mantissa);
    if (decimals == 0 || mantissa == 0)
        return text;
    if (text.size() <= decimals)
        text.insert(0, decimals + 1U - text.size(), '0');
    text.insert(text.size() - decimals, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    return text;
}

Result<Quantity> Fvln::to_quantity() const { return Quantity::from_text(to_text()); }

Result<Fvln> Fvln::from_quantity(Quantity quantity)
{
    if (quantity.millionths() < 0)
        return fail(Errc::not_representable, "a negative quantity: " + quantity.to_text());
    return from_text(quantity.to_text());
}

Result<Fvln> Fvln::from_text(std::string_view text)
{
    const auto bad = [&](Errc code, const char* reason) {
        return fail(code, "\"" + std::string(text.substr(0, 40)) + "\": " + reason);
    };
    const std::size_t dot = text.find('.');
    std::string digits(text.substr(0, dot));
    std::size_t decimals = 0;
    if (dot != std::string_view::npos) {
        std::string_view fraction = text.substr(dot + 1);
        if (fraction.empty())
            return bad(Errc::bad_value, "not a decimal number");
        while (!fraction.empty() && fraction.back() == '0')
            fraction.remove_suffix(1);
        decimals = fraction.size();
        digits += fraction;
    }
    if (dot == 0 || digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
        return bad(Errc::bad_value, "not a decimal number");
    std::uint64_t mantissa = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), mantissa);
    if (ec != std::errc{} || mantissa > kMaxMantissa || decimals > 255)
        return bad(Errc::not_representable, "more digits than 7 bytes hold");
    return Fvln{static_cast<std::uint8_t>(decimals), mantissa};
}

} // namespace kb::fiscal
