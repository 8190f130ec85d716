#include "protocol/core/crc.hpp"

#include <array>

namespace kb {

namespace {

constexpr std::array<std::uint16_t, 256> make_table()
{
    std::array<std::uint16_t, 256> table{};
    for (unsigned i = 0; i < 256; ++i) {
        unsigned crc = i << 8;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
        table[i] = static_cast<std::uint16_t>(crc);
    }
    return table;
}

constexpr auto kTable = make_table();

} // namespace

std::uint16_t crc16_ccitt(BytesView bytes, std::uint16_t start)
{
    unsigned crc = start;
    for (const std::uint8_t byte : bytes)
        crc = ((crc << 8) ^ kTable[((crc >> 8) ^ byte) & 0xFFU]) & 0xFFFFU;
    return static_cast<std::uint16_t>(crc);
}

std::uint8_t xor_sum(BytesView bytes)
{
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes)
        sum ^= byte;
    return static_cast<std::uint8_t>(sum);
}

} // namespace kb
