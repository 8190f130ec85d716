#include "protocol/atol/models.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace kb::atol {

namespace {

using enum Platform;
using enum Confidence;

// Source: docs/sources.md#atol, section 9. Widths, cutters and sockets: one source.
constexpr std::array kModels = {
    Model{13, "Триум-Ф", before_fn, one_source},
    Model{14, "Феликс-РФ", before_fn, one_source},
    Model{15, "Феликс-02К", before_fn, one_source},
    Model{16, "Меркурий-140Ф", before_fn, one_source},
    Model{20, "Торнадо", before_fn, one_source},
    Model{23, "Меркурий MS-K", before_fn, one_source},
    Model{24, "Феликс-РК", before_fn, one_source},
    Model{27, "Феликс-3СК", before_fn, one_source},
    Model{29, "FPrint-01K", before_fn, one_source},
    Model{30, "FPrint-02K", before_fn, one_source},
    Model{31, "FPrint-03K", before_fn, one_source},
    Model{32, "FPrint-88K", before_fn, one_source},
    Model{33, "BIXOLON-01K", before_fn, one_source},
    Model{35, "FPrint-5200K", before_fn, one_source},
    Model{37, "PayVKP-80K", before_fn, one_source},
    Model{38, "PayPPU-700K", before_fn, one_source},
    Model{39, "PayCTS-2000K", before_fn, one_source},
    Model{41, "PayVKP-80K", before_fn, one_source},
    Model{45, "PayPPU-700K", before_fn, one_source},
    Model{46, "PayCTS-2000K", before_fn, one_source},
    Model{47, "FPrint-55K", before_fn, one_source},
    Model{48, "АТОЛ 47ФА", v2_5, one_source},
    Model{50, "Alliance 20Ф", v2_5, one_source},
    Model{51, "FPrint-11ПТК", before_fn, one_source},
    Model{52, "FPrint-22K", before_fn, one_source},
    Model{53, "FPrint-77ПТК", before_fn, one_source},
    Model{57, "АТОЛ 25Ф", v2_5_or_5, two_sources, 48, 3, Has::yes},
    Model{61, "АТОЛ 30Ф", v2_5_or_5, two_sources, 32, 3, Has::no, Has::no},
    Model{62, "АТОЛ 55Ф", v2_5_or_5, two_sources, 36, 6, Has::yes},
    Model{63, "АТОЛ FPrint-22ПТК", v2_5_or_5, two_sources, 48, 6, Has::yes, Has::unknown, "АТОЛ 22Ф"},
    Model{64, "АТОЛ 52Ф", v2_5, two_sources, 36, 6, Has::yes},
    Model{66, "АТОЛ 55v2Ф", v2_5, one_source},
    Model{67, "АТОЛ 11Ф", v2_5_or_5, two_sources, 32, 3, Has::no},
    Model{69, "АТОЛ 77Ф", v2_5_or_5, two_sources, 48, 6, Has::yes},
    Model{70, "АТОЛ 42ФА", v2_5, one_source},
    Model{72, "АТОЛ 90Ф", v2_5, one_source, 0, 0, Has::unknown, Has::no},
    Model{75, "АТОЛ 60Ф", v2_5, one_source, 0, 0, Has::unknown, Has::no},
    Model{76, "Казначей ФА", v2_5, two_sources, 67},
    Model{77, "АТОЛ 42ФС", v2_5, two_sources, 32, 0, Has::unknown, Has::no},
    Model{78, "АТОЛ 15Ф", v2_5, two_sources, 32, 3, Has::no, Has::no},
    Model{80, "АТОЛ 50Ф", v2_5_or_5, one_source},
    Model{81, "АТОЛ 20Ф", v2_5_or_5, two_sources, 48, 6, Has::yes},
    Model{82, "АТОЛ 91Ф", v2_5_or_5, two_sources, 32, 3, Has::yes, Has::no},
    Model{84, "АТОЛ 92Ф", v2_5_or_5, one_source, 0, 0, Has::unknown, Has::no},
    Model{86, "АТОЛ Sigma 10", v5, one_source},
    Model{87, "АТОЛ 27Ф", v5, one_source},
    Model{89, "АТОЛ PT-5Ф", v5, one_source},
    Model{90, "АТОЛ Sigma 7Ф", v5, one_source},
    Model{91, "АТОЛ Sigma 8Ф", v5, one_source},
    Model{93, "АТОЛ 1Ф", v5, one_source},
    Model{94, "АТОЛ STB-6Ф", unknown, one_source, 0, 0, Has::unknown, Has::unknown, "АТОЛ СТБ 6Ф"},
    Model{95, "АТОЛ 22v2Ф", v5, one_source},
    Model{96, "АТОЛ 2Ф", v5, one_source},
    Model{97, "АТОЛ 35Ф", v5, one_source},
    Model{99, "АТОЛ 27-FP7-Ф", unknown, one_source},
};
static_assert(std::is_sorted(kModels.begin(), kModels.end(),
                             [](const Model& a, const Model& b) { return a.code < b.code; }));

/// "АТОЛ 22 v2 Ф", "ATOL 22v2Ф" and "22v2Ф" are one.
std::string folded(std::string_view name)
{
    for (const std::string_view maker : {std::string_view("АТОЛ"), std::string_view("ATOL")})
        if (name.starts_with(maker))
            name.remove_prefix(maker.size());
    std::string text(name);
    std::erase_if(text, [](char c) { return c == ' ' || c == '-'; });
    return text;
}

} // namespace

std::span<const Model> all_models() { return kModels; }

const Model* find_model(std::uint8_t code)
{
    const auto found =
        std::lower_bound(kModels.begin(), kModels.end(), code,
                         [](const Model& row, std::uint8_t wanted) { return row.code < wanted; });
    return found != kModels.end() && found->code == code ? &*found : nullptr;
}

const Model* model_by_name(std::string_view device_name)
{
    // "АТОЛ 22Ф (АТОЛ FPrint-22ПТК)": one of both has a row.
    const auto bracket = device_name.find('(');
    const std::string first = folded(device_name.substr(0, bracket));
    std::string second;
    if (bracket != std::string_view::npos) {
        const std::string_view inside = device_name.substr(bracket + 1);
        second = folded(inside.substr(0, inside.find(')')));
    }
    const auto found = std::find_if(kModels.begin(), kModels.end(), [&](const Model& model) {
        const std::string name = folded(model.name);
        return name == first || name == second ||
               (!model.other_name.empty() && folded(model.other_name) == first);
    });
    return found != kModels.end() ? &*found : nullptr;
}

} // namespace kb::atol
