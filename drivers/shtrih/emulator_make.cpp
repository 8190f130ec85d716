// The Shtrih-M make for the table of makes: every model of emulator_models.hpp, behind one face.
#include "drivers/emulator/make.hpp"
#include "drivers/shtrih/emulator.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::string_view kStrayFf = "stray_ff";

void identify(const emulator::ModelRow& row, std::uint64_t number, emulator::Identity& who)
{
    const EmulatorModel& model = *find_emulator_model(row.id);
    // Digits 9 and 10 of the factory number tell the model.
    if (who.kkt_serial.empty())
        who.kkt_serial = fmt::format("00493612{}{:06}", model.serial_digits, number % 1'000'000);
    who.kkt_version = fmt::format("{}.{}", model.release->version[0], model.release->version[1]);
    who.six_decimals = model.firmware->six_decimals;
}

std::unique_ptr<emulator::Face> face(emulator::VirtualKkt& kkt, emulator::Faults& faults,
                                     const emulator::FaceRequest& request)
{
    FaceOptions options;
    const EmulatorModel& model = *find_emulator_model(request.model);
    options.framing = request.framing == "v2" ? Framing::v2
                      : request.framing == "v1" || !model.has(emulator_flag::kProtocolV2)
                          ? Framing::v1
                          : Framing::automatic;
    options.stray_ff =
        std::find(request.quirks.begin(), request.quirks.end(), kStrayFf) != request.quirks.end();
    options.over_tcp = request.over_tcp;
    options.think = request.think;
    return std::make_unique<EmulatorFace>(kkt, model, faults, options);
}

} // namespace

emulator::Make emulator_make();

emulator::Make emulator_make()
{
    emulator::Make make;
    make.name = "shtrih";
    for (const EmulatorModel& model : emulator_models()) {
        emulator::ModelRow row;
        row.family = model.family;
        row.id = model.id;
        row.name = model.name;
        row.group = model.firmware->name;
        row.framings = {"v1"};
        if (model.has(emulator_flag::kProtocolV2))
            row.framings.emplace_back("v2");
        row.transports = {"serial", "usb", "tcp"};
        row.sd_card = model.firmware->sd_table != 0;
        make.models.push_back(std::move(row));
    }
    make.quirks = {{kStrayFf, "FFh before each control byte, as desktop units do over TCP"}};
    make.identify = &identify;
    make.face = &face;
    return make;
}

} // namespace kb::shtrih
