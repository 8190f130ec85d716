// From what a device says of itself to its rows.
#include "protocol/shtrih/models.hpp"

#include "protocol/core/cp1251.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

/// What a family's names have in common, for models without a row.
struct FamilyMark {
    std::string_view mark;
    Family family;
};
constexpr std::array kMarks = {
    FamilyMark{"ЭЛВЕС", Family::elves},
    FamilyMark{"РИТЕЙЛ", Family::retail},
    FamilyMark{"РР-0", Family::rr},
    FamilyMark{"RR-0", Family::rr},
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

const FamilyMark* mark_in(std::string_view name)
{
    const std::string folded = fold_name(name);
    const auto at = std::find_if(kMarks.begin(), kMarks.end(), [&](const FamilyMark& mark) {
        return folded.find(fold_name(mark.mark)) != std::string::npos;
    });
    return at != kMarks.end() ? &*at : nullptr;
}

/// The class that flags and table numbers prove, where they differ from those of `likely`.
ClassId class_told(const ModelParametersReply& parameters, ClassId likely)
{
    if (parameters.has(model_flag::kCashCore))
        return ClassId::cash_core;
    const std::uint8_t table = parameters.fn_table.value_or(0);
    if (table == 0 || table == device_class(likely).fn_table)
        return likely;
    for (const DeviceClass& other : all_classes())
        if (other.fn_table == table && other.ofd_table == parameters.ofd_table.value_or(other.ofd_table))
            return other.id;
    return likely;
}

/// What the device says of its own tables and hardware is right, whatever its row says.
void adopt(DeviceClass& told, const ModelParametersReply& parameters)
{
    told.cutter = parameters.has(model_flag::kCutter);
    told.ofd_relay = told.ofd_relay && parameters.has(model_flag::kOfdRelay);
    const std::uint8_t fn_table = parameters.fn_table.value_or(0);
    const std::uint8_t ofd_table = parameters.ofd_table.value_or(0);
    if (fn_table != 0) {
        for (TableField* kept : {&told.kkt_serial, &told.kkt_reg_number})
            if (kept->table == told.fn_table)
                kept->table = fn_table;
        told.fn_table = fn_table;
    }
    if (ofd_table != 0)
        told.ofd_table = ofd_table;
    if (told.ffd_as_told && parameters.ffd_table.value_or(0) != 0 && parameters.ffd_field.value_or(0) != 0)
        told.ffd = {*parameters.ffd_table, *parameters.ffd_field};
    // The numbers of the others are fixed, unless the device uses them for something else.
    for (std::uint8_t* fixed : {&told.sd_table, &told.exchange_table, &told.ofd_sender.table})
        if (*fixed == told.fn_table || *fixed == told.ofd_table)
            *fixed = 0;
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

std::string_view to_string(Framings framings)
{
    switch (framings) {
    case Framings::v1:
        return "v1";
    case Framings::v1_and_v2:
        return "v1, v2";
    case Framings::v2:
        return "v2";
    }
    return "unnamed";
}

const Model* find_model(std::uint8_t code)
{
    for (const Model& model : all_models())
        if (std::find(model.codes.begin(), model.codes.end(), code) != model.codes.end())
            return &model;
    return nullptr;
}

const Model* model_by_name(std::string_view device_name)
{
    const std::string folded = fold_name(device_name);
    const Model* best = nullptr;
    std::size_t best_size = 0;
    // The device's name may have something more behind it ("ШТРИХ-М-01Ф v2"): the longest row wins.
    const auto compare = [&](const Model& model, std::string_view name) {
        const std::string known = fold_name(name);
        if (!known.empty() && folded.starts_with(known) && known.size() > best_size) {
            best = &model;
            best_size = known.size();
        }
    };
    for (const Model& model : all_models()) {
        compare(model, model.name);
        for (const std::string_view other : model.other_names)
            compare(model, other);
    }
    return best;
}

const Model* model_by_serial(std::string_view kkt_serial)
{
    if (kkt_serial.size() != 16)
        return nullptr;
    const std::string_view digits = kkt_serial.substr(8, 2);
    for (const Model& model : all_models())
        if (std::find(model.serial_digits.begin(), model.serial_digits.end(), digits) !=
            model.serial_digits.end())
            return &model;
    return nullptr;
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

Identity identify(const DeviceTypeReply& type, const ModelParametersReply* parameters,
                  std::string_view kkt_serial)
{
    const Model* by_name = model_by_name(type.name);
    const Model* by_serial = model_by_serial(kkt_serial);
    const Model* by_code = find_model(type.model);
    Identity identity;
    identity.row = by_name != nullptr ? by_name : by_serial != nullptr ? by_serial : by_code;

    // A name of its own is the model's name, also where the house has no row of it.
    const bool unknown_name = !type.name.empty() && by_name == nullptr;
    if (identity.row != nullptr) {
        identity.model = identity.row->name;
        identity.family = identity.row->family;
        identity.class_id = identity.row->class_id;
        identity.confidence = identity.row->confidence;
        identity.dots = identity.row->dots;
    }
    if (unknown_name) {
        identity.model = type.name;
        identity.confidence = fiscal::Confidence::guess;
        if (const FamilyMark* mark = mark_in(type.name))
            identity.family = mark->family;
    }
    // A newer unit keeps the code, and with it the width, of the mechanism it is built on.
    if (identity.dots == 0 && by_code != nullptr)
        identity.dots = by_code->dots;

    if (parameters != nullptr)
        identity.class_id = class_told(*parameters, identity.class_id);
    identity.device_class = device_class(identity.class_id);
    if (parameters != nullptr)
        adopt(identity.device_class, *parameters);
    return identity;
}

fiscal::FfdVersion ffd_version(std::uint64_t table_value)
{
    return table_value >= 1 && table_value <= 4 ? static_cast<fiscal::FfdVersion>(table_value)
                                                : fiscal::FfdVersion::unknown;
}

fiscal::OfdSender ofd_sender(std::uint64_t table_value)
{
    switch (table_value) {
    case 0:
        return fiscal::OfdSender::host_program;
    case 1:
        return fiscal::OfdSender::itself;
    default:
        return fiscal::OfdSender::unknown;
    }
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
