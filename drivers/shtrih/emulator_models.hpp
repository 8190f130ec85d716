// The models the emulator can be, as rows of data: what a firmware line does its own way, and what a model of
// that line adds. Source: docs/sources.md#shtrih, sections 3.1, 3.2, 5 and 6; guesses:
// docs/sources.md#emulator.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace kb::shtrih {

/// A value's place in the tables; table 0: this firmware does not tell it.
struct Cell {
    std::uint8_t table = 0;
    std::uint8_t field = 0;
};

/// A firmware line.
struct EmulatorClass {
    std::string_view name;
    std::uint8_t fn_table = 18;
    std::uint8_t ofd_table = 19;
    std::uint8_t sd_table = 14; ///< 0: no SD card
    std::uint8_t embedded_table = 24;
    Cell ffd{17, 17};
    Cell reg_number{18, 3};
    bool serial_in_fn_table = true;          ///< else 11h alone tells the (short) factory number
    std::array<std::uint8_t, 4> without{};   ///< numbers of tables it does not have; 0: none
    std::string_view own_tables{};           ///< tables of its own, in the dictionary's form
    std::uint16_t longest_command = 255;     ///< of F7h
    std::uint8_t tcp_port_code = 0xFF;       ///< 15h of port 128
    bool item_tlv_first = false;             ///< FF4D before its FF46
    bool one_tlv_a_piece = false;            ///< FF3B gives one TLV, else a stretch of bytes
    bool six_decimals = false;               ///< quantities always keep six decimals
    bool nano_vat_codes = false;             ///< 22 % is 90h, else CBh
    bool cash_commands_with_ffd_1_2 = true;  ///< 50h and 51h
    bool technological_reset_always = false; ///< 16h outside mode 9
};

/// How much of the F7h answer a firmware gives: newer ones append fields.
enum class ParametersEnd { ofd_table, ffd_field };

/// What F7h tells beside flags and table numbers.
struct EmulatorParameters {
    std::uint64_t flags = 0;
    ParametersEnd end = ParametersEnd::ffd_field;
    std::uint8_t font1 = 0, font2 = 0; ///< dots per character; 0: ask 26h
    std::uint8_t rnm_digits = 16;
    std::uint8_t bluetooth_table = 0;
    std::uint8_t tax_field = 14;
    std::uint8_t barcode_bytes = 40;
    std::uint8_t graphics_bytes = 64;
    std::uint16_t graphics_height = 950;
};

/// Bits of the F7h flags that the emulator itself acts by.
namespace emulator_flag {
inline constexpr unsigned kCutter = 13;
inline constexpr unsigned kProtocolV2 = 28;
inline constexpr unsigned kLastPrintResult = 34; ///< 10h has 17 bytes
inline constexpr unsigned kErrorText = 36;       ///< 6Bh
inline constexpr unsigned kOfdRelay = 44;        ///< a host may carry messages to the OFD
} // namespace emulator_flag

/// What 11h tells of the program inside.
struct EmulatorRelease {
    std::array<char, 2> version; ///< "C3" is C.3
    std::uint16_t build;
    std::array<std::uint8_t, 3> date; ///< dd mm yy
};

struct EmulatorModel {
    std::string_view family; ///< as in --family
    std::string_view id;     ///< as in --model
    std::string_view name;   ///< as FCh tells it
    const EmulatorClass* firmware;
    const EmulatorParameters* parameters; ///< nullptr: F7h is answered 37h
    const EmulatorRelease* release;
    std::uint8_t code; ///< FCh model
    std::uint8_t protocol, subversion;
    std::string_view serial_digits; ///< digits 9 and 10 of the factory number
    std::uint8_t ffd;               ///< as registered unless told otherwise: 2 is 1.05, 4 is 1.2
    std::uint16_t print_width;
    std::uint8_t char_width, char_height, fonts;

    [[nodiscard]] bool has(unsigned flag) const
    {
        return parameters != nullptr && ((parameters->flags >> flag) & 1U) != 0;
    }
};

std::span<const EmulatorModel> emulator_models();
const EmulatorModel* find_emulator_model(std::string_view id);

} // namespace kb::shtrih
