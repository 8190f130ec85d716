// Which ATOL register is this: one row of data per model.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kb::atol {

/// Generation of the firmware: which commands it knows.
enum class Platform : std::uint8_t {
    before_fn, ///< without a fiscal drive: not spoken
    v2_5,      ///< the commands of this folder
    v2_5_or_5, ///< sold with 2.5, may have been given 5 in the field
    v5,        ///< other commands, known to the maker's library only
    unknown,
};
/// How sure the row is.
enum class Confidence : std::uint8_t {
    two_sources,
    one_source,
};
/// Of a property by model; `unknown`: ask the register where it can be asked.
enum class Has : std::uint8_t { unknown, no, yes };

struct Model {
    std::uint8_t code; ///< of 3Fh and A5h
    std::string_view name;
    Platform platform;
    Confidence confidence;
    std::uint8_t line_width = 0; ///< characters; 0: register 18h tells
    std::uint8_t feed = 0;       ///< lines before a cut
    Has cutter = Has::unknown;
    Has drawer_socket = Has::unknown;
    std::string_view other_name{}; ///< that it is told by as well
};

/// In order of the codes (docs/sources.md#atol, section 9). The code alone does not tell the platform.
std::span<const Model> all_models();
/// nullptr for a code without a row.
const Model* find_model(std::uint8_t code);
/// By the name that a register or the maker's library tells, whatever its blanks, with or without "АТОЛ"
/// before it; nullptr without a row. Of models with one name, the first.
const Model* model_by_name(std::string_view device_name);

} // namespace kb::atol
