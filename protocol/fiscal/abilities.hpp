// What this house does with a model of register, and what the model keeps from it: one vocabulary for the
// rows of every vendor (docs/devices.md).
#pragma once

#include "protocol/fiscal/device_state.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace kb::fiscal {

/// Their names are a contract: `kktctl doctor --json` tells them.
enum class Ability {
    full_documents, ///< documents as the FN holds them, while it keeps their bodies
    short_records,  ///< what the FN keeps of each document for years
    shift,
    fn,
    ofd_queue,
    clock,
    cash_in_drawer,
    paper,
    sd_card,     ///< the register tells of its card
    ffd_version, ///< the register tells it
    ofd_sender,  ///< the register tells who carries its documents to the OFD
    recording,   ///< the bytes of its line can be recorded and masked
    // What no program of this house does; told where a model lacks it, since its owner may count on it.
    cash_commands,  ///< cash in and out by a command of the PC
    ofd_through_pc, ///< documents to the OFD carried by a program on the PC
    platform_5,     ///< ATOL's newer firmware, which FFD 1.2 wants
};
std::span<const Ability> all_abilities();
/// "full_documents", ...
std::string_view to_string(Ability ability);

/// Ways to change the firmware that the maker's own programs use.
enum class UpdateWay { dfu, sd_card, xmodem };
/// "dfu", "sd_card", "xmodem".
std::string_view to_string(UpdateWay way);

struct Abilities {
    bool known_model = false; ///< there is a row of it
    Confidence confidence = Confidence::guess;
    bool through_library = false; ///< the maker's own speaks to it
    // Each ability in one of them at most, in the order of the enumeration.
    std::vector<Ability> works;
    std::vector<Ability> lacks;
    std::vector<UpdateWay> updates; ///< empty: none are known

    [[nodiscard]] bool can(Ability ability) const;
    /// Into `works` or `lacks`, and out of the other.
    void set(Ability ability, bool works_here);
};

/// "1.05"; empty: unknown.
std::string_view to_text(FfdVersion version);

} // namespace kb::fiscal
