#include "protocol/atol/abilities.hpp"

#include "protocol/atol/models.hpp"

namespace kb::atol {

namespace {

using fiscal::Abilities;
using fiscal::Ability;

/// What every ATOL register with an FN does, both ways.
Abilities common(const Model* row)
{
    Abilities abilities;
    abilities.known_model = row != nullptr;
    for (const Ability every :
         {Ability::full_documents, Ability::short_records, Ability::shift, Ability::fn, Ability::ofd_queue,
          Ability::clock, Ability::cash_in_drawer, Ability::paper, Ability::ffd_version})
        abilities.set(every, true);
    abilities.set(Ability::sd_card, false);
    return abilities;
}

} // namespace

std::optional<Abilities> abilities_over_line(const fiscal::DeviceInfo& info)
{
    if (!info.protocol.starts_with("atol "))
        return std::nullopt;
    const Model* row = model_by_name(info.model);
    Abilities abilities = common(row);
    abilities.set(Ability::ofd_sender, true);
    abilities.set(Ability::platform_5, false);
    // docs/devices.md: these commands were tried on the emulator, which is every model of platform 2.5.
    if (row != nullptr && (row->platform == Platform::v2_5 || row->platform == Platform::v2_5_or_5))
        abilities.confidence = fiscal::Confidence::emulated;
    return abilities;
}

std::optional<Abilities> abilities_through_library(const fiscal::DeviceInfo& info)
{
    if (!info.protocol.starts_with(kLibraryProtocol))
        return std::nullopt;
    const Model* row = model_by_name(info.model);
    Abilities abilities = common(row);
    abilities.through_library = true;
    abilities.set(Ability::ofd_sender, false);
    if (row != nullptr && row->platform != Platform::before_fn)
        abilities.confidence = fiscal::Confidence::emulated;
    return abilities;
}

} // namespace kb::atol
