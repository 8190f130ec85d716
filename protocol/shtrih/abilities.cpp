#include "protocol/shtrih/abilities.hpp"

namespace kb::shtrih {

namespace {

using fiscal::Abilities;
using fiscal::Ability;
using fiscal::UpdateWay;

Abilities of_line(const DeviceClass& line)
{
    Abilities abilities;
    for (const Ability every : {Ability::full_documents, Ability::short_records, Ability::shift, Ability::fn,
                                Ability::ofd_queue, Ability::clock, Ability::cash_in_drawer, Ability::paper})
        abilities.set(every, true);
    abilities.set(Ability::sd_card, line.sd_table != 0);
    abilities.set(Ability::ffd_version, line.ffd.table != 0);
    abilities.set(Ability::ofd_sender, line.ofd_sender.table != 0);
    if (!line.cash_commands)
        abilities.set(Ability::cash_commands, false);
    if (!line.ofd_relay)
        abilities.set(Ability::ofd_through_pc, false);
    if (line.update.dfu)
        abilities.updates.push_back(UpdateWay::dfu);
    if (line.update.sd_card)
        abilities.updates.push_back(UpdateWay::sd_card);
    if (line.update.xmodem)
        abilities.updates.push_back(UpdateWay::xmodem);
    return abilities;
}

} // namespace

Abilities abilities_of(const Model& model)
{
    Abilities abilities = of_line(device_class(model.class_id));
    abilities.known_model = true;
    abilities.confidence = model.confidence;
    if (!model.fn) {
        for (const Ability of_the_drive :
             {Ability::full_documents, Ability::short_records, Ability::fn, Ability::ofd_queue})
            abilities.set(of_the_drive, false);
        abilities.updates.clear(); // the ways of a line are those of registers with a drive
    }
    return abilities;
}

std::optional<Abilities> abilities_of(const fiscal::DeviceInfo& info)
{
    if (!info.protocol.starts_with("shtrih"))
        return std::nullopt;
    if (const Model* row = model_by_name(info.model))
        return abilities_of(*row);
    // As identify() does with a name of its own: the number may tell the firmware line, the model it is not.
    const Model* relative = model_by_serial(info.kkt_serial);
    Abilities abilities = of_line(device_class(relative != nullptr ? relative->class_id : ClassId::desktop));
    abilities.updates.clear(); // nobody shall change the firmware of a register by a guess
    return abilities;
}

} // namespace kb::shtrih
