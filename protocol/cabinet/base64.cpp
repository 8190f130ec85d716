#include "protocol/cabinet/base64.hpp"

#include <array>

namespace kb {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values()
{
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr auto kValues = make_values();

std::uint32_t digit(char c) { return kValues[static_cast<unsigned char>(c)]; }

} // namespace

std::string to_base64(BytesView bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    std::size_t out = 0;
    std::size_t in = 0;
    for (; in + 3 <= bytes.size(); in += 3) {
        const std::uint32_t word = static_cast<std::uint32_t>(bytes[in]) << 16U |
                                   static_cast<std::uint32_t>(bytes[in + 1]) << 8U | bytes[in + 2];
        text[out++] = kAlphabet[word >> 18U];
        text[out++] = kAlphabet[word >> 12U & 63U];
        text[out++] = kAlphabet[word >> 6U & 63U];
        text[out++] = kAlphabet[word & 63U];
    }
    const std::size_t left = bytes.size() - in;
    if (left > 0) {
        const std::uint32_t word = static_cast<std::uint32_t>(bytes[in]) << 16U |
                                   (left == 2 ? static_cast<std::uint32_t>(bytes[in + 1]) << 8U : 0U);
        text[out++] = kAlphabet[word >> 18U];
        text[out++] = kAlphabet[word >> 12U & 63U];
        if (left == 2)
            text[out++] = kAlphabet[word >> 6U & 63U];
    }
    return text;
}

Result<Bytes> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0)
        return fail(Errc::bad_encoding, "base64: length is not a multiple of 4");
    std::size_t digits = text.size();
    while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=')
        --digits;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const std::uint32_t value = digit(text[i]);
        if (value == kNoDigit)
            return fail(Errc::bad_encoding, "base64: wrong character at " + std::to_string(i));
        word = word << 6U | value;
        if (i % 4 == 3) {
            bytes.push_back(static_cast<std::uint8_t>(word >> 16U));
            bytes.push_back(static_cast<std::uint8_t>(word >> 8U));
            bytes.push_back(static_cast<std::uint8_t>(word));
            word = 0;
        }
    }
    const std::size_t left = digits % 4;
    const std::uint32_t unused_bits = left == 2 ? word & 0xFU : word & 0x3U;
    if (left != 0 && unused_bits != 0)
        return fail(Errc::bad_encoding, "base64: unused bits of the last character are not zero");
    if (left == 2)
        bytes.push_back(static_cast<std::uint8_t>(word >> 4U));
    if (left == 3) {
        bytes.push_back(static_cast<std::uint8_t>(word >> 10U));
        bytes.push_back(static_cast<std::uint8_t>(word >> 2U));
    }
    Result<Bytes> result(std::move(bytes));
    return result;
}

} // namespace kb
