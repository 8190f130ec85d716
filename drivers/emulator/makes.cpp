// The table of makes and the choice of a model from it.
#include "drivers/emulator/make.hpp"

#include <algorithm>

#define KB_MAKE(name)                                                                                        \
    namespace kb::name {                                                                                     \
    emulator::Make emulator_make();                                                                          \
    }
#include "drivers/emulator/makes.def"
#undef KB_MAKE

namespace kb::emulator {

namespace {

template <class Words>
std::string listed(const Words& words)
{
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

std::vector<std::string_view> families()
{
    std::vector<std::string_view> names;
    for (const Make& make : makes())
        for (const ModelRow& row : make.models)
            if (std::find(names.begin(), names.end(), row.family) == names.end())
                names.push_back(row.family);
    return names;
}

} // namespace

const std::vector<Make>& makes()
{
    static const std::vector<Make> rows = {
#define KB_MAKE(name) kb::name::emulator_make(),
#include "drivers/emulator/makes.def"
#undef KB_MAKE
    };
    return rows;
}

Result<Chosen> choose_model(std::string_view family, std::string_view model)
{
    std::vector<std::string_view> near;
    for (const Make& make : makes()) {
        for (const ModelRow& row : make.models) {
            if (!family.empty() && row.family != family)
                continue;
            if (model.empty() || row.id == model)
                return Chosen{&make, &row};
            near.push_back(row.id);
        }
    }
    if (near.empty())
        return fail(Errc::bad_config,
                    "no family \"" + std::string(family) + "\"; write one of: " + listed(families()));
    return fail(Errc::bad_config, "no model \"" + std::string(model) + "\"" +
                                      (family.empty() ? "" : " in family \"" + std::string(family) + "\"") +
                                      "; write one of: " + listed(near));
}

Result<void> check_framing(const ModelRow& model, std::string_view framing)
{
    const auto& known = model.framings;
    if (framing == "auto" || std::find(known.begin(), known.end(), framing) != known.end())
        return {};
    return fail(Errc::bad_config, "framing \"" + std::string(framing) + "\" is not spoken by " +
                                      std::string(model.id) + "; write one of: " + listed(known) + ", auto");
}

Result<void> check_quirk(const Make& make, std::string_view quirk)
{
    std::vector<std::string_view> names;
    for (const Quirk& known : make.quirks) {
        if (known.name == quirk)
            return {};
        names.push_back(known.name);
    }
    return fail(Errc::bad_config, "no quirk \"" + std::string(quirk) + "\" of make " +
                                      std::string(make.name) +
                                      (names.empty() ? "; it has none" : "; write one of: " + listed(names)));
}

Result<void> check_serial(const ModelRow& model, std::string_view serial)
{
    if (serial.size() == model.serial_digits &&
        serial.find_first_not_of("0123456789") == std::string_view::npos)
        return {};
    return fail(Errc::bad_config, "factory number \"" + std::string(serial) + "\": want " +
                                      std::to_string(model.serial_digits) + " digits");
}

} // namespace kb::emulator
