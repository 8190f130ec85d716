// The driver's rows and the emulator's were made apart from each other, from the same documents: they must
// agree on what there is.
#include "drivers/shtrih/emulator_models.hpp"
#include "protocol/shtrih/models.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::shtrih;

TEST_CASE("every model the emulator can be has its row in the driver, and the rows agree", "[emulator]")
{
    for (const EmulatorModel& emulated : emulator_models()) {
        INFO(emulated.name);
        const Model* row = model_by_name(emulated.name);
        REQUIRE(row != nullptr);
        CHECK(row->name == emulated.name);
        CHECK(to_string(row->family) == emulated.family);
        const DeviceClass& line = device_class(row->class_id);
        CHECK(line.fn_table == emulated.firmware->fn_table);
        CHECK(line.ofd_table == emulated.firmware->ofd_table);
        CHECK(line.sd_table == emulated.firmware->sd_table);
        CHECK(line.ffd == TableField{emulated.firmware->ffd.table, emulated.firmware->ffd.field});
        CHECK((line.kkt_serial.table != 0) == emulated.firmware->serial_in_fn_table);
        CHECK(line.kkt_reg_number ==
              TableField{emulated.firmware->reg_number.table, emulated.firmware->reg_number.field});
        CHECK((line.item_tlv == ItemTlv::before_operation) == emulated.firmware->item_tlv_first);
        CHECK(line.nano_vat_codes == emulated.firmware->nano_vat_codes);
        CHECK(line.cash_commands == emulated.firmware->cash_commands_with_ffd_1_2);
        const bool v2 = emulated.parameters != nullptr &&
                        (emulated.parameters->flags >> emulator_flag::kProtocolV2 & 1U) != 0;
        CHECK((row->framings != Framings::v1) == v2);
    }
}

TEST_CASE("a row calls itself emulated only when the emulator is that model", "[emulator]")
{
    const auto models = emulator_models();
    for (const Model& row : all_models()) {
        INFO(row.name);
        const bool emulated = std::any_of(models.begin(), models.end(), [&](const EmulatorModel& model) {
            return model_by_name(model.name) == &row;
        });
        // That a model is emulated does not make a guess about its protocol more than a guess.
        CHECK((row.confidence == fiscal::Confidence::emulated) ==
              (emulated && row.confidence != fiscal::Confidence::guess));
    }
}
