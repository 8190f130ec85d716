#include "protocol/fiscal/abilities.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kb::fiscal {

namespace {

using namespace std::string_view_literals;

constexpr std::array kAbilities{
    Ability::full_documents, Ability::short_records,  Ability::shift,          Ability::fn,
    Ability::ofd_queue,      Ability::clock,          Ability::cash_in_drawer, Ability::paper,
    Ability::sd_card,        Ability::ffd_version,    Ability::ofd_sender,     Ability::recording,
    Ability::cash_commands,  Ability::ofd_through_pc, Ability::platform_5,
};
constexpr std::array kNames{
    "full_documents"sv, "short_records"sv,  "shift"sv,      "fn"sv,          "ofd_queue"sv,  "clock"sv,
    "cash_in_drawer"sv, "paper"sv,          "sd_card"sv,    "ffd_version"sv, "ofd_sender"sv, "recording"sv,
    "cash_commands"sv,  "ofd_through_pc"sv, "platform_5"sv,
};
static_assert(kNames.size() == kAbilities.size());

} // namespace

std::span<const Ability> all_abilities() { return kAbilities; }

std::string_view to_string(Ability ability) { return kNames.at(static_cast<std::size_t>(ability)); }

std::string_view to_string(UpdateWay way)
{
    switch (way) {
    case UpdateWay::dfu:
        return "dfu";
    case UpdateWay::sd_card:
        return "sd_card";
    case UpdateWay::xmodem:
        return "xmodem";
    }
    return "";
}

bool Abilities::can(Ability ability) const
{
    return std::find(works.begin(), works.end(), ability) != works.end();
}

void Abilities::set(Ability ability, bool works_here)
{
    auto& into = works_here ? works : lacks;
    std::erase(works_here ? lacks : works, ability);
    const auto place = std::lower_bound(into.begin(), into.end(), ability);
    if (place == into.end() || *place != ability)
        into.insert(place, ability);
}

std::string_view to_text(FfdVersion version)
{
    constexpr std::array kTexts{""sv, "1.0"sv, "1.05"sv, "1.1"sv, "1.2"sv};
    return kTexts.at(static_cast<std::size_t>(version));
}

} // namespace kb::fiscal
