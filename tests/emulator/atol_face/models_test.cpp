// The tables of the driver's side and the emulator's were made apart from each other: what the one calls
// emulated is what the other can be.
#include "drivers/atol/emulator_models.hpp"
#include "protocol/atol/abilities.hpp"
#include "protocol/atol/models.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

TEST_CASE("an ATOL model calls itself emulated only when the emulator is that model", "[emulator]")
{
    const auto& emulated = kb::emulator::atol::kModels;
    for (const kb::atol::Model& row : kb::atol::all_models()) {
        INFO(row.name);
        const auto same = std::find_if(emulated.begin(), emulated.end(),
                                       [&](const auto& model) { return model.code == row.code; });
        kb::fiscal::DeviceInfo info;
        info.model = row.name;
        info.protocol = "atol v3";
        const auto abilities = kb::atol::abilities_over_line(info);
        REQUIRE(abilities);
        CHECK(abilities->known_model);
        CHECK((abilities->confidence == kb::fiscal::Confidence::emulated) ==
              (same != emulated.end() && !same->platform5));
    }
}

TEST_CASE("the table knows every model by the name its emulator tells", "[emulator]")
{
    for (const auto& model : kb::emulator::atol::kModels) {
        INFO(model.name);
        const kb::atol::Model* row = kb::atol::model_by_name(model.name);
        REQUIRE(row != nullptr);
        CHECK(row->code == model.code);
    }
}
