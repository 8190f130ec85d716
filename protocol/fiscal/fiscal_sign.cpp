#include "protocol/fiscal/fiscal_sign.hpp"

namespace kb::fiscal {

Result<std::uint32_t> fiscal_sign_from_bytes(BytesView six)
{
    if (six.size() != 6)
        return fail(Errc::bad_length, "length " + std::to_string(six.size()) + ", a fiscal sign has 6 bytes");
    std::uint32_t sign = 0;
    for (const std::uint8_t byte : six.last(4))
        sign = (sign << 8) | byte;
    return sign;
}

Bytes fiscal_sign_to_bytes(std::uint32_t sign, std::uint16_t service)
{
    const auto byte = [](std::uint32_t number, unsigned shift) {
        return static_cast<std::uint8_t>(number >> shift);
    };
    return {byte(service, 8), byte(service, 0), byte(sign, 24), byte(sign, 16), byte(sign, 8), byte(sign, 0)};
}

std::string fiscal_sign_text(std::uint32_t sign)
{
    std::string text = std::to_string(sign);
    return std::string(10 - text.size(), '0') + text;
}

} // namespace kb::fiscal
