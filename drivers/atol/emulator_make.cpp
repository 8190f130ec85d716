// The ATOL make for the table of makes: every model of emulator_models.hpp, behind one face.
#include "drivers/atol/emulator.hpp"
#include "drivers/emulator/make.hpp"

#include <fmt/format.h>

namespace kb::atol {

namespace {

using emulator::atol::AtolFace;
using emulator::atol::find_model;
using emulator::atol::Framing;
using emulator::atol::Model;
using emulator::atol::Options;

constexpr std::size_t kSerialDigits = 14;

// "00106" and the model's code head the factory number here, so that a register is known by it at a glance.
void identify(const emulator::ModelRow& row, std::uint64_t number, emulator::Identity& who)
{
    const Model& model = *find_model(row.id);
    if (who.kkt_serial.empty())
        who.kkt_serial = fmt::format("00106{:03}{:06}", model.code, number % 1'000'000);
    who.kkt_version = fmt::format("5.0.{}", model.build);
}

std::unique_ptr<emulator::Face> face(emulator::VirtualKkt& kkt, emulator::Faults& faults,
                                     const emulator::FaceRequest& request)
{
    Options options;
    options.framing = request.framing == "v2"   ? Framing::v2
                      : request.framing == "v3" ? Framing::v3
                                                : Framing::automatic;
    options.over_tcp = request.over_tcp;
    options.think = request.think;
    for (const std::string& quirk : request.quirks)
        options.set(quirk);
    return std::make_unique<AtolFace>(kkt, *find_model(request.model), faults, options);
}

} // namespace

emulator::Make emulator_make();

emulator::Make emulator_make()
{
    emulator::Make make;
    make.name = "atol";
    for (const Model& model : emulator::atol::kModels) {
        emulator::ModelRow row;
        row.family = "atol";
        row.id = model.id;
        row.name = model.name;
        row.group = model.platform5 ? "platform5" : "platform2";
        row.framings = {"v3", "v2"};
        row.transports = {"serial", "usb", "tcp"};
        row.serial_digits = kSerialDigits;
        row.ffd = model.platform5 ? 4 : 2; // FFD 1.2 wants platform 5
        make.models.push_back(std::move(row));
    }
    make.quirks = Options::quirks();
    make.identify = &identify;
    make.face = &face;
    return make;
}

} // namespace kb::atol
