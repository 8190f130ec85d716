// docs/devices.md is what a buyer reads: its rows are those of the model table, word for word.
#include "protocol/shtrih/abilities.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace kb;
using namespace kb::shtrih;

namespace {

std::string confidence_text(fiscal::Confidence confidence)
{
    switch (confidence) {
    case fiscal::Confidence::guess:
        return "догадка";
    case fiscal::Confidence::documents:
        return "по документам";
    case fiscal::Confidence::emulated:
        return "на эмуляторе";
    case fiscal::Confidence::field_tested:
        return "на кассах";
    }
    return "";
}

std::string family_text(Family family)
{
    switch (family) {
    case Family::shtrih:
        return "Штрих";
    case Family::elves:
        return "Элвес";
    case Family::retail:
        return "Ритейл";
    case Family::rr:
        return "РР";
    }
    return "";
}

std::string update_text(const std::vector<fiscal::UpdateWay>& ways)
{
    std::string text;
    for (const fiscal::UpdateWay way : ways) {
        text += text.empty() ? "" : ", ";
        text += way == fiscal::UpdateWay::dfu ? "DFU" : way == fiscal::UpdateWay::sd_card ? "SD" : "XModem";
    }
    return text.empty() ? "нет сведений" : text;
}

/// The line that docs/devices.md must have for a model.
std::string line_of(const Model& model)
{
    // As kktctl doctor is told it.
    using fiscal::Ability;
    const fiscal::Abilities abilities = abilities_of(model);
    const auto& lacks = abilities.lacks;
    const bool no_cash = std::find(lacks.begin(), lacks.end(), Ability::cash_commands) != lacks.end();
    if (!abilities.can(Ability::fn)) {
        return "| " + std::string(model.name) + " | " + family_text(model.family) + " | " +
               std::string(model.evidence) + " |";
    }
    const std::string cells[] = {std::string(model.name),
                                 std::string(to_string(model.framings)),
                                 abilities.can(Ability::sd_card) ? "да" : "нет",
                                 abilities.can(Ability::ffd_version) ? "читается" : "не сообщает",
                                 abilities.can(Ability::ofd_sender) ? "видно" : "не видно",
                                 no_cash ? "не при ФФД 1.2" : "да",
                                 update_text(abilities.updates),
                                 confidence_text(abilities.confidence),
                                 std::string(model.evidence)};
    std::string line = "|";
    for (const std::string& cell : cells) {
        line += " " + cell + " |";
    }
    return line;
}

} // namespace

TEST_CASE("every row of the model table is a row of docs/devices.md, with its confidence and evidence",
          "[shtrih]")
{
    std::ifstream file(KB_DEVICES_DOCUMENT);
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    const std::string document = text.str();
    for (const Model& model : all_models()) {
        const std::string line = line_of(model);
        UNSCOPED_INFO("docs/devices.md lacks the line\n" << line);
        CHECK(document.find("\n" + line + "\n") != std::string::npos);
    }
}
