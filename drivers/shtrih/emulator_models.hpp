// The models the emulator can be, as rows of data. Source: docs/sources.md#shtrih, sections 3.1, 3.2 and 6.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kb::shtrih {

struct EmulatorModel {
    std::string_view id;   ///< as in --model
    std::string_view name; ///< as FCh tells it
    std::uint8_t code;     ///< FCh model
    std::uint8_t protocol; ///< FCh protocol version
    std::uint8_t subversion;
    std::uint64_t flags;            ///< F7h
    std::string_view serial_digits; ///< digits 9 and 10 of the factory number
    bool cash_core;                 ///< one TLV a FF3B, six decimals, other table numbers
    bool nano;                      ///< other codes of VAT 22 %, no cutter
    std::uint8_t fn_table, ofd_table, ffd_table, ffd_field;
    std::uint16_t print_width;
    std::uint8_t char_width;
    std::array<char, 2> version; ///< 11h: "C3" is C.3
    std::uint16_t build;
    std::array<std::uint8_t, 3> date; ///< of the firmware, dd mm yy
};

// Flags: a real desktop unit's (vector R30) without non-fiscal documents (22), with v2 (28), 6Bh (36, 49),
// OFD relay (44), FFD 1.1 (47) and correction as an ordinary receipt (48). The cash core's are vector U13
// with the same. Unverified: nobody has shown F7h of a М-02Ф or of a Nano.
inline constexpr std::array<EmulatorModel, 3> kEmulatorModels = {{
    {"shtrih-m-02f",
     "ШТРИХ-М-02Ф",
     250,
     1,
     14,
     0x0003'FC30'1700'A05AULL,
     "08",
     false,
     false,
     18,
     19,
     17,
     17,
     576,
     12,
     {'C', '3'},
     3664,
     {21, 1, 26}},
    {"nano-f",
     "ШТРИХ-НАНО-Ф",
     152,
     1,
     14,
     0x0003'FC30'1700'805AULL,
     "41",
     false,
     true,
     18,
     19,
     17,
     17,
     384,
     9,
     {'C', '3'},
     3664,
     {21, 1, 26}},
    {"smartpos-f",
     "ШТРИХ-СМАРТПОС-Ф",
     45,
     2,
     0,
     0x0003'983F'F780'0008ULL,
     "33",
     true,
     false,
     13,
     14,
     10,
     29,
     384,
     8,
     {'1', '4'},
     43098,
     {15, 1, 26}},
}};

const EmulatorModel* find_emulator_model(std::string_view id);

} // namespace kb::shtrih
