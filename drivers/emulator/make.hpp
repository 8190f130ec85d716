// What a make of registers hands to the emulator: its models as rows to list, and a face for each of them.
// The program knows the makes only from here, so that a new one is a line in makes.def and nothing else.
#pragma once

#include "drivers/emulator/face.hpp"
#include "drivers/emulator/faults.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kb::emulator {

struct ModelRow {
    std::string_view family; ///< as in --family
    std::string_view id;     ///< as in --model
    std::string_view name;   ///< as people know it
    std::string_view group;  ///< models that behave alike: "desktop", "cash_core"
    /// Words of --framing this model speaks, the make's own; `auto` need not be listed.
    std::vector<std::string_view> framings;
    /// Lines that real units have: "serial", "usb", "tcp". The emulator listens on any.
    std::vector<std::string_view> transports;
    bool sd_card = false;
    std::uint8_t ffd = 4;           ///< as registered unless told otherwise: 2 is 1.05, 3 is 1.1, 4 is 1.2
    std::size_t serial_digits = 16; ///< length of the factory number
};

/// A habit of some units that a client must bear; asked for by name.
struct Quirk {
    std::string_view name;
    std::string_view what;
};

struct FaceRequest {
    std::string model;
    std::string framing = "auto"; ///< one of the model's, or auto
    bool over_tcp = false;
    std::vector<std::string> quirks;
    std::chrono::milliseconds think{0}; ///< time to execute a command
};

struct Make {
    std::string_view name; ///< the folder
    std::vector<ModelRow> models;
    std::vector<Quirk> quirks;
    /// Fills what depends on the model: version and habits; the factory number from `number` when there is
    /// none.
    void (*identify)(const ModelRow& model, std::uint64_t number, Identity& who) = nullptr;
    /// A face whose model, framing and quirks were checked; kkt and faults outlive it.
    std::unique_ptr<Face> (*face)(VirtualKkt& kkt, Faults& faults, const FaceRequest& request) = nullptr;
};

/// The rows of makes.def.
const std::vector<Make>& makes();

struct Chosen {
    const Make* make;
    const ModelRow* model;
};
/// An empty family means any; an empty model the family's first. Errc::bad_config names what there is.
Result<Chosen> choose_model(std::string_view family, std::string_view model);
/// Errc::bad_config when this model does not speak so, has no such quirk or no such factory number.
Result<void> check_framing(const ModelRow& model, std::string_view framing);
Result<void> check_quirk(const Make& make, std::string_view quirk);
Result<void> check_serial(const ModelRow& model, std::string_view serial);

} // namespace kb::emulator
