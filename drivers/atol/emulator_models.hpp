// The ATOL models the emulator can be, as rows of data. Source: docs/sources.md#atol, section 9.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kb::emulator::atol {

struct Model {
    std::string_view id;   ///< as in --model
    std::string_view name; ///< as A5h tells it
    std::uint8_t code;     ///< A5h, 3Fh
    std::uint8_t line;     ///< characters
    bool platform5;        ///< born on platform 5, whose own commands nobody has published
    std::uint16_t build;   ///< of the firmware, four digits
};

// Unverified: characters per line of the models not named in the source (the width of their paper decides
// here), and the builds: the lowest seen with an FN, or a higher one.
inline constexpr std::array<Model, 31> kModels = {{
    {"30f", "АТОЛ 30Ф", 61, 32, false, 5800},
    {"1f", "АТОЛ 1Ф", 93, 32, true, 8500},
    {"2f", "АТОЛ 2Ф", 96, 32, true, 8500},
    {"11f", "АТОЛ 11Ф", 67, 32, false, 5800},
    {"15f", "АТОЛ 15Ф", 78, 32, false, 5800},
    {"20f", "АТОЛ 20Ф", 81, 48, false, 5800},
    {"alliance-20f", "Alliance 20Ф", 50, 48, false, 5800},
    {"22ptk", "АТОЛ FPrint-22ПТК", 63, 48, false, 7651},
    {"22v2f", "АТОЛ 22v2Ф", 95, 48, true, 8500},
    {"25f", "АТОЛ 25Ф", 57, 48, false, 5800},
    {"27f", "АТОЛ 27Ф", 87, 48, true, 8500},
    {"27-fp7-f", "АТОЛ 27-FP7-Ф", 99, 48, true, 8500},
    {"35f", "АТОЛ 35Ф", 97, 32, true, 8500},
    {"42fa", "АТОЛ 42ФА", 70, 32, false, 7942},
    {"42fs", "АТОЛ 42ФС", 77, 32, false, 7942},
    {"47fa", "АТОЛ 47ФА", 48, 48, false, 7942},
    {"50f", "АТОЛ 50Ф", 80, 32, false, 5800},
    {"52f", "АТОЛ 52Ф", 64, 36, false, 5800},
    {"55f", "АТОЛ 55Ф", 62, 36, false, 5800},
    {"55v2f", "АТОЛ 55v2Ф", 66, 36, false, 5800},
    {"60f", "АТОЛ 60Ф", 75, 32, false, 5800},
    {"77f", "АТОЛ 77Ф", 69, 48, false, 5800},
    {"90f", "АТОЛ 90Ф", 72, 32, false, 5800},
    {"91f", "АТОЛ 91Ф", 82, 32, false, 5800},
    {"92f", "АТОЛ 92Ф", 84, 32, false, 5800},
    {"paymaster", "Казначей ФА", 76, 67, false, 7942},
    {"pt-5f", "PT-5Ф", 89, 32, true, 8500},
    {"sigma-7f", "АТОЛ Sigma 7Ф", 90, 32, true, 8500},
    {"sigma-8f", "АТОЛ Sigma 8Ф", 91, 32, true, 8500},
    {"sigma-10", "АТОЛ Sigma 10", 86, 32, true, 8500},
    {"stb-6f", "STB-6Ф", 94, 32, true, 8500},
}};

const Model* find_model(std::string_view id);

} // namespace kb::emulator::atol
