// The Shtrih-M make for the table of makes: every model of emulator_models.hpp, behind one face.
#include "drivers/emulator/make.hpp"
#include "drivers/shtrih/emulator.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::string_view kStrayFf = "stray_ff";

std::string_view group_of(const EmulatorModel& model)
{
    return model.cash_core ? "cash_core" : model.nano ? "nano" : "desktop";
}

void identify(const emulator::ModelRow& row, std::uint64_t number, emulator::Identity& who)
{
    const EmulatorModel& model = *find_emulator_model(row.id);
    // Digits 9 and 10 of the factory number tell the model.
    if (who.kkt_serial.empty())
        who.kkt_serial = fmt::format("00493612{}{:06}", model.serial_digits, number % 1'000'000);
    who.kkt_version = fmt::format("{}.{}", model.version[0], model.version[1]);
    who.six_decimals = model.cash_core;
}

std::unique_ptr<emulator::Face> face(emulator::VirtualKkt& kkt, emulator::Faults& faults,
                                     const emulator::FaceRequest& request)
{
    FaceOptions options;
    options.framing = request.framing == "v1"   ? Framing::v1
                      : request.framing == "v2" ? Framing::v2
                                                : Framing::automatic;
    options.stray_ff =
        std::find(request.quirks.begin(), request.quirks.end(), kStrayFf) != request.quirks.end();
    options.over_tcp = request.over_tcp;
    options.think = request.think;
    return std::make_unique<EmulatorFace>(kkt, *find_emulator_model(request.model), faults, options);
}

} // namespace

emulator::Make emulator_make();

emulator::Make emulator_make()
{
    emulator::Make make;
    make.name = "shtrih";
    for (const EmulatorModel& model : kEmulatorModels) {
        emulator::ModelRow row;
        row.family = "shtrih";
        row.id = model.id;
        row.name = model.name;
        row.group = group_of(model);
        row.framings = {"v1", "v2"};
        row.transports = {"serial", "usb", "tcp"};
        row.sd_card = !model.cash_core;
        make.models.push_back(std::move(row));
    }
    make.quirks = {{kStrayFf, "FFh before each control byte, as desktop units do over TCP"}};
    make.identify = &identify;
    make.face = &face;
    return make;
}

} // namespace kb::shtrih
