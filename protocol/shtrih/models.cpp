#include "protocol/shtrih/models.hpp"

#include "protocol/core/cp1251.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::array kClasses = {
    //          id, name,             FN, OFD, FFD t, f, SD, РНМ t, f, serial11, tlv1st, nano, cutter, relay,
    //          cash
    DeviceClass{ClassId::desktop, "desktop", 18, 19, 17, 17, 14, 18, 3, false, false, false, true, true,
                true},
    DeviceClass{ClassId::nano, "nano", 18, 19, 17, 17, 14, 18, 3, false, false, true, false, true, true},
    // Unverified: where Mobile keeps the FFD version, unless its model parameters tell.
    DeviceClass{ClassId::mobile, "mobile", 14, 15, 0, 0, 0, 14, 3, false, true, false, false, true, true},
    DeviceClass{ClassId::cash_core, "cash core", 13, 14, 10, 29, 0, 13, 3, false, true, false, false, true,
                false},
    DeviceClass{ClassId::elves_mf, "elves-mf", 18, 19, 0, 0, 0, 11, 2, true, false, false, false, false,
                true},
};

constexpr auto kShtrih = Family::shtrih;
constexpr auto kDesktop = ClassId::desktop;

// Source: docs/sources.md#shtrih, sections 6.1 and 6.4.
constexpr std::array kModels = {
    Model{0, "ШТРИХ-ФР-Ф", kShtrih, kDesktop, {36, 18, 36, 18, 36, 40, 36}, 432},
    Model{1, "ШТРИХ-ФР-Ф (Казахстан)", kShtrih, kDesktop, {}, 0},
    Model{2, "ЭЛВЕС-МИНИ-ФР-Ф", Family::elves, kDesktop, {}, 0},
    Model{3, "ФЕЛИКС-Р Ф", kShtrih, kDesktop, {}, 0},
    Model{4, "ШТРИХ-ФР-К", kShtrih, kDesktop, {36, 18, 36, 18, 36, 40, 36}, 432},
    Model{5, "ШТРИХ-950К", kShtrih, kDesktop, {36, 18, 36, 36, 36, 36, 36}, 432},
    Model{6, "ЭЛВЕС-ФР-К", Family::elves, kDesktop, {36, 18, 36, 36, 36, 36, 36}, 432},
    Model{7, "ШТРИХ-МИНИ-ФР-К", kShtrih, kDesktop, {50, 25, 50, 25, 60, 50, 50}, 600},
    Model{8, "ШТРИХ-ФР-Ф (Беларусь)", kShtrih, kDesktop, {36, 18, 36, 18, 36, 40, 36}, 432},
    Model{9, "ШТРИХ-КОМБО-ФР-К", kShtrih, kDesktop, {48, 24, 48, 24, 57, 48, 48}, 432},
    Model{10, "ШТРИХ-POS-Ф", kShtrih, kDesktop, {}, 0},
    Model{11, "ШТРИХ-950К v02", kShtrih, kDesktop, {36, 18, 36, 36, 36, 36, 36}, 432},
    Model{12, "ШТРИХ-КОМБО-ФР-К v02", kShtrih, kDesktop, {48, 24, 48, 24, 57, 48, 48}, 432},
    Model{14, "ШТРИХ-МИНИ-ФР-К v02", kShtrih, kDesktop, {50, 25, 50, 25, 60, 50, 50}, 600},
    Model{15, "ШТРИХ-КИОСК-ФР-К", kShtrih, kDesktop, {}, 0},
    Model{16, "кассовое ядро (16)", kShtrih, ClassId::cash_core, {}, 0},
    Model{17, "NCR-001K", kShtrih, kDesktop, {44, 22, 44, 22, 48, 48, 56, 28}, 576},
    Model{18, "SurtPrint BK", kShtrih, kDesktop, {}, 0},
    Model{19, "ШТРИХ-MOBILE-Ф", kShtrih, ClassId::mobile, {48, 24, 48, 24, 57}, 576},
    Model{20, "кассовое ядро (20)", kShtrih, ClassId::cash_core, {}, 0},
    Model{21, "кассовое ядро (21)", kShtrih, ClassId::cash_core, {}, 0},
    Model{22, "РИТЕЙЛ-01Ф", Family::retail, kDesktop, {42, 21, 42, 21, 51, 42, 42}, 432},
    Model{24, "РР-01К", Family::rr, kDesktop, {48, 24, 48, 24, 57, 48, 48}, 576},
    Model{26, "Webkassa", kShtrih, kDesktop, {}, 0},
    Model{31, "CUSTOM-PTK", kShtrih, kDesktop, {}, 0},
    Model{45, "ШТРИХ-СМАРТПОС-Ф", kShtrih, ClassId::cash_core, {}, 384},
    Model{46, "кассовое ядро (46)", kShtrih, ClassId::cash_core, {}, 0},
    Model{152, "ШТРИХ-НАНО-Ф", kShtrih, ClassId::nano, {42, 21, 42, 21, 42, 42, 56, 24, 23}, 384},
    Model{153, "ЭЛВЕС-МФ", Family::elves, ClassId::elves_mf, {}, 0},
    Model{232, "ШТРИХ-М-ПТК", kShtrih, kDesktop, {48, 24, 48, 48, 48, 48, 48}, 576},
    Model{239, "ШТРИХ-М-ПТК", kShtrih, kDesktop, {48, 24, 48, 48, 48, 48, 48}, 576},
    Model{240, "ШТРИХ-LIGHT-ПТК", kShtrih, kDesktop, {}, 0},
    Model{243, "YARUS-01К", kShtrih, kDesktop, {42, 21, 42, 21, 42, 42, 56, 24, 23}, 384},
    Model{244, "ШТРИХ-КИОСК-ФР-К", kShtrih, kDesktop, {}, 0},
    Model{248, "YARUS-02К", kShtrih, kDesktop, {50, 25, 50, 25, 60, 50, 50}, 432},
    Model{249, "ШТРИХ-М-ФР-К 57 мм", kShtrih, kDesktop, {}, 0},
    Model{250, "ШТРИХ-М-ФР-К", kShtrih, kDesktop, {48, 24, 48, 48, 48, 48, 48}, 576},
    Model{251, "ШТРИХ-LightPOS-K", kShtrih, kDesktop, {}, 0},
    Model{252, "ШТРИХ-LIGHT-ФР-К", kShtrih, kDesktop, {32, 16, 32, 16, 38, 32, 32}, 320},
    Model{255, "PAYONLINE-01-ФА", kShtrih, kDesktop, {}, 0},
};
static_assert(std::is_sorted(kModels.begin(), kModels.end(),
                             [](const Model& a, const Model& b) { return a.code < b.code; }));

struct NamedModel {
    std::string_view name;
    ClassId class_id;
};
/// Models of the age of the fiscal drive; most have no documented code of their own.
/// Unverified: РИТЕЙЛ-02Ф, РИТЕЙЛ-КОМБО-01Ф, РР-02Ф and ЭЛВЕС-ФР-Ф are known from catalogues only.
constexpr std::array kNames = {
    NamedModel{"ШТРИХ-ON-LINE", ClassId::desktop},    NamedModel{"ШТРИХ-ФР-01Ф", ClassId::desktop},
    NamedModel{"ШТРИХ-ФР-02Ф", ClassId::desktop},     NamedModel{"ШТРИХ-М-01Ф", ClassId::desktop},
    NamedModel{"ШТРИХ-М-02Ф", ClassId::desktop},      NamedModel{"ШТРИХ-ЛАЙТ-01Ф", ClassId::desktop},
    NamedModel{"ШТРИХ-ЛАЙТ-02Ф", ClassId::desktop},   NamedModel{"ШТРИХ-МИНИ-01Ф", ClassId::desktop},
    NamedModel{"ШТРИХ-МИНИ-02Ф", ClassId::desktop},   NamedModel{"ШТРИХ-НАНО-Ф", ClassId::nano},
    NamedModel{"ШТРИХ-MOBILE-Ф", ClassId::mobile},    NamedModel{"ШТРИХ-СМАРТПОС-Ф", ClassId::cash_core},
    NamedModel{"РИТЕЙЛ-01Ф", ClassId::desktop},       NamedModel{"РИТЕЙЛ-02Ф", ClassId::desktop},
    NamedModel{"РИТЕЙЛ-КОМБО-01Ф", ClassId::desktop}, NamedModel{"РР-01Ф", ClassId::desktop},
    NamedModel{"РР-02Ф", ClassId::desktop},           NamedModel{"РР-03Ф", ClassId::desktop},
    NamedModel{"РР-04Ф", ClassId::desktop},           NamedModel{"ЭЛВЕС-МФ", ClassId::elves_mf},
    NamedModel{"ШТРИХ-ЭЛВЕС-МФ", ClassId::elves_mf},  NamedModel{"ЭЛВЕС-ФР-Ф", ClassId::desktop},
    NamedModel{"PAYONLINE-01-ФА", ClassId::desktop},  NamedModel{"PAY VKP-80K-ФА", ClassId::desktop},
    NamedModel{"MSTAR-TK", ClassId::desktop},
};

struct SerialModel {
    std::string_view digits;
    std::string_view name;
};
constexpr std::array kSerials = {
    SerialModel{"01", "ШТРИХ-МИНИ-01Ф"},   SerialModel{"02", "ШТРИХ-ФР-01Ф"},
    SerialModel{"03", "РР-01Ф"},           SerialModel{"04", "ШТРИХ-ON-LINE"},
    SerialModel{"05", "PAYONLINE-01-ФА"},  SerialModel{"06", "ШТРИХ-М-01Ф"},
    SerialModel{"07", "ШТРИХ-ЛАЙТ-01Ф"},   SerialModel{"08", "ШТРИХ-М-02Ф"},
    SerialModel{"09", "ШТРИХ-ЛАЙТ-02Ф"},   SerialModel{"12", "РИТЕЙЛ-01Ф"},
    SerialModel{"13", "РР-02Ф"},           SerialModel{"14", "РР-03Ф"},
    SerialModel{"15", "РР-04Ф"},           SerialModel{"19", "ШТРИХ-ФР-02Ф"},
    SerialModel{"22", "ЭЛВЕС-ФР-Ф"},       SerialModel{"24", "ШТРИХ-МИНИ-02Ф"},
    SerialModel{"27", "PAY VKP-80K-ФА"},   SerialModel{"30", "ЭЛВЕС-МФ"},
    SerialModel{"33", "ШТРИХ-СМАРТПОС-Ф"}, SerialModel{"40", "ЭЛВЕС-МФ"},
    SerialModel{"41", "ШТРИХ-НАНО-Ф"},     SerialModel{"43", "ШТРИХ-СМАРТПОС-Ф"},
};

/// CP1251 of the Cyrillic letter that looks like a Latin one; other bytes as they are.
std::uint8_t look_alike(std::uint8_t byte)
{
    constexpr std::string_view kLatin = "ABCEHKMOPTXY";
    constexpr std::array<std::uint8_t, 12> kCyrillic = {0xC0, 0xC2, 0xD1, 0xC5, 0xCD, 0xCA,
                                                        0xCC, 0xCE, 0xD0, 0xD2, 0xD5, 0xD3};
    const auto at = kLatin.find(static_cast<char>(byte));
    return at == std::string_view::npos ? byte : kCyrillic[at];
}

std::uint8_t upper(std::uint8_t byte)
{
    if ((byte >= 'a' && byte <= 'z') || byte >= 0xE0)
        return static_cast<std::uint8_t>(byte - 0x20);
    return byte;
}

/// Whether one name is the other, or the device's has something more behind it ("ШТРИХ-М-01Ф v2").
const NamedModel* by_name(std::string_view device_name)
{
    if (device_name.empty())
        return nullptr;
    const std::string folded = fold_name(device_name);
    const NamedModel* best = nullptr;
    for (const NamedModel& model : kNames)
        if (folded.starts_with(fold_name(model.name)) &&
            (best == nullptr || model.name.size() > best->name.size()))
            best = &model;
    return best;
}

Family family_of(std::string_view name)
{
    const std::string folded = fold_name(name);
    if (folded.find(fold_name("ЭЛВЕС")) != std::string::npos)
        return Family::elves;
    if (folded.find(fold_name("РИТЕЙЛ")) != std::string::npos)
        return Family::retail;
    if (folded.starts_with(fold_name("РР-0")) || folded.starts_with(fold_name("RR-0")))
        return Family::rr;
    return Family::shtrih;
}

} // namespace

std::string_view to_string(Family family)
{
    switch (family) {
    case Family::shtrih:
        return "shtrih";
    case Family::elves:
        return "elves";
    case Family::retail:
        return "retail";
    case Family::rr:
        return "rr";
    }
    return "unnamed";
}

const DeviceClass& device_class(ClassId id) { return kClasses[static_cast<std::size_t>(id)]; }

std::span<const Model> all_models() { return kModels; }

const Model* find_model(std::uint8_t code)
{
    const auto at =
        std::find_if(kModels.begin(), kModels.end(), [&](const Model& m) { return m.code == code; });
    return at != kModels.end() ? &*at : nullptr;
}

std::string fold_name(std::string_view utf8)
{
    const auto bytes = to_cp1251(utf8);
    if (!bytes)
        return std::string(utf8);
    constexpr std::uint8_t kEnDash = 0x96;
    constexpr std::uint8_t kEmDash = 0x97;
    Bytes folded;
    for (const std::uint8_t byte : *bytes)
        if (byte != ' ' && byte != '-' && byte != kEnDash && byte != kEmDash && byte != 0)
            folded.push_back(look_alike(upper(byte)));
    return from_cp1251(folded);
}

std::string_view model_by_serial(std::string_view kkt_serial)
{
    if (kkt_serial.size() != 16)
        return {};
    const auto at = std::find_if(kSerials.begin(), kSerials.end(),
                                 [&](const SerialModel& m) { return m.digits == kkt_serial.substr(8, 2); });
    return at != kSerials.end() ? at->name : std::string_view();
}

Identity identify(const DeviceTypeReply& type, const ModelParametersReply* parameters,
                  std::string_view kkt_serial)
{
    Identity identity;
    identity.row = find_model(type.model);
    const NamedModel* by_its_name = by_name(type.name);
    const NamedModel* named = by_its_name != nullptr ? by_its_name : by_name(model_by_serial(kkt_serial));
    if (named != nullptr)
        identity.class_id = named->class_id;
    else if (identity.row != nullptr)
        identity.class_id = identity.row->class_id;

    if (named != nullptr && (by_its_name != nullptr || type.name.empty()))
        identity.model = named->name;
    else if (type.name.empty() && identity.row != nullptr)
        identity.model = identity.row->name;
    else
        identity.model = type.name;

    identity.family = family_of(identity.model);
    if (identity.family == Family::shtrih && named != nullptr)
        identity.family = family_of(named->name);
    if (identity.family == Family::shtrih && named == nullptr && identity.row != nullptr)
        identity.family = identity.row->family;
    if (parameters != nullptr && parameters->has(model_flag::kCashCore))
        identity.class_id = ClassId::cash_core;
    if (identity.row != nullptr)
        identity.dots = identity.row->dots;

    identity.device_class = device_class(identity.class_id);
    if (parameters == nullptr)
        return identity;
    DeviceClass& told = identity.device_class;
    told.cutter = parameters->has(model_flag::kCutter);
    told.ofd_relay = told.ofd_relay && parameters->has(model_flag::kOfdRelay);
    const auto adopt = [](std::uint8_t& field, const std::optional<std::uint8_t>& value) {
        if (value.value_or(0) != 0)
            field = *value;
    };
    if (told.rnm_table == told.fn_table)
        adopt(told.rnm_table, parameters->fn_table);
    adopt(told.fn_table, parameters->fn_table);
    adopt(told.ofd_table, parameters->ofd_table);
    if (identity.class_id != ClassId::elves_mf) {
        adopt(told.ffd_table, parameters->ffd_table);
        adopt(told.ffd_field, parameters->ffd_field);
    }
    // The number of the SD table is fixed, unless the device uses it for something else.
    if (told.fn_table == told.sd_table || told.ofd_table == told.sd_table)
        told.sd_table = 0;
    return identity;
}

fiscal::FfdVersion ffd_version(std::uint64_t table_value)
{
    return table_value >= 1 && table_value <= 4 ? static_cast<fiscal::FfdVersion>(table_value)
                                                : fiscal::FfdVersion::unknown;
}

fiscal::SdCard to_sd_card(const std::array<std::uint32_t, 6>& values)
{
    fiscal::SdCard card;
    card.vendor_status = values[0];
    card.sector_size = values[1];
    card.total_sectors = values[2];
    card.free_sectors = values[3];
    card.io_errors = values[4];
    card.retries = values[5];
    if (card.vendor_status == sd_field::kNotConnected)
        card.state = fiscal::SdCard::State::missing;
    else if (card.vendor_status != 0 || card.io_errors != 0)
        card.state = fiscal::SdCard::State::failing;
    else
        card.state = fiscal::SdCard::State::present;
    return card;
}

} // namespace kb::shtrih
