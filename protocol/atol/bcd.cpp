#include "protocol/atol/bcd.hpp"

namespace kb::atol {

Result<Bytes> to_bcd(std::uint64_t value, std::size_t width)
{
    Bytes bytes(width);
    std::uint64_t rest = value;
    for (std::size_t at = width; at-- > 0;) {
        const auto pair = static_cast<unsigned>(rest % 100);
        bytes[at] = static_cast<std::uint8_t>((pair / 10) << 4U | pair % 10);
        rest /= 100;
    }
    if (rest != 0)
        return fail(Errc::not_representable,
                    std::to_string(value) + " in " + std::to_string(2 * width) + " digits");
    return bytes;
}

std::optional<std::uint64_t> from_bcd(BytesView bytes)
{
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) {
        if ((byte >> 4U) > 9 || (byte & 0x0FU) > 9)
            return std::nullopt;
        const unsigned two_digits = (byte >> 4U) * 10U + (byte & 0x0FU);
        value = value * 100 + two_digits;
    }
    return value;
}

} // namespace kb::atol
