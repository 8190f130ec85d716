#include "drivers/shtrih/emulator_models.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr EmulatorClass kDesktop{.name = "desktop"};

constexpr EmulatorClass kNano{.name = "nano", .nano_vat_codes = true};

// Only the numbers of the FN and OFD tables and the order of an item's TLV are known of it. No table tells
// the FFD version: nobody has said where it is.
constexpr EmulatorClass kMobile{.name = "mobile",
                                .fn_table = 14,
                                .ofd_table = 15,
                                .sd_table = 0,
                                .ffd = {},
                                .reg_number = {14, 3},
                                .without = {17},
                                .item_tlv_first = true};

constexpr EmulatorClass kCashCore{.name = "cash_core",
                                  .fn_table = 13,
                                  .ofd_table = 14,
                                  .sd_table = 0,
                                  .embedded_table = 16,
                                  .ffd = {10, 29},
                                  .reg_number = {13, 3},
                                  .longest_command = 1455,
                                  .tcp_port_code = 0x39, // 12345
                                  .item_tlv_first = true,
                                  .one_tlv_a_piece = true,
                                  .six_decimals = true,
                                  .cash_commands_with_ffd_1_2 = false,
                                  .technological_reset_always = true};

// The РНМ is field 2 of table 11; what else stands there is not known.
constexpr EmulatorClass kElvesMf{.name = "elves_mf",
                                 .sd_table = 0,
                                 .ffd = {},
                                 .reg_number = {11, 2},
                                 .serial_in_fn_table = false,
                                 .without = {17},
                                 .own_tables = "T11|1|Регистрация\n"
                                               "1|C17|0|0||---\n"
                                               "2|C21|0|0||Рнм\n"};

constexpr std::uint64_t bit(unsigned n) { return 1ULL << n; }
// The flags of a real РИТЕЙЛ-01Ф (vector R30): no v2 (28), no 6Bh (36), no relay (44), 10h of 16 bytes (34).
constexpr std::uint64_t kOldFlags = 0x0000'6C20'0740'A05AULL;
// The same without non-fiscal documents (22) and with v2 (28), 17 bytes of 10h (34), 6Bh (36, 49), relay
// (44), FFD 1.1 (47) and correction as an ordinary receipt (48). Nobody has shown F7h of such a unit.
constexpr std::uint64_t kNewFlags = 0x0003'FC30'1700'A05AULL;

constexpr EmulatorParameters old_parameters(std::uint64_t flags)
{
    return {.flags = flags,
            .end = ParametersEnd::ofd_table,
            .font1 = 12,
            .font2 = 24,
            .tax_field = 6,
            .barcode_bytes = 64};
}
constexpr EmulatorParameters kOld = old_parameters(kOldFlags);
constexpr EmulatorParameters kOldNoCutter = old_parameters(kOldFlags & ~bit(emulator_flag::kCutter));
constexpr EmulatorParameters kNew{.flags = kNewFlags};
constexpr EmulatorParameters kNewNoCutter{.flags = kNewFlags & ~bit(emulator_flag::kCutter)};
// Vector U11.
constexpr EmulatorParameters kMobileParameters{.flags = 0x0000'1E00'3700'0018ULL,
                                               .end = ParametersEnd::ofd_table,
                                               .rnm_digits = 10,
                                               .bluetooth_table = 12,
                                               .tax_field = 6,
                                               .barcode_bytes = 32,
                                               .graphics_bytes = 32,
                                               .graphics_height = 600};
// Vector U13, with 6Bh and the newer bits of the desktop.
constexpr EmulatorParameters kCashCoreParameters{.flags = 0x0003'983F'F780'0008ULL,
                                                 .rnm_digits = 10,
                                                 .tax_field = 6,
                                                 .graphics_bytes = 0,
                                                 .graphics_height = 0};

constexpr EmulatorRelease kRelease2019{{'C', '2'}, 34865, {13, 6, 19}};
constexpr EmulatorRelease kRelease2026{{'C', '3'}, 3664, {21, 1, 26}};
constexpr EmulatorRelease kCashCoreRelease{{'1', '4'}, 43098, {15, 1, 26}};

// Known: codes 22, 45, 152 and 153, the protocol versions of 22, 24 and 45, names, classes, widths, digits
// (not Mobile's). The other codes are those of the older unit on the same mechanism; releases and the FFD are
// a choice.
constexpr std::array kModels = {
    // clang-format off
    //            family    id              name                firmware,   parameters,           release             code  pr.  digits ffd dots char    fonts
    EmulatorModel{"shtrih", "shtrih-m-02f", "ШТРИХ-М-02Ф",      &kDesktop,  &kNew,                &kRelease2026,     250, 1, 14, "08", 4, 576, 12, 24, 9},
    EmulatorModel{"shtrih", "shtrih-m-01f", "ШТРИХ-М-01Ф",      &kDesktop,  &kOld,                &kRelease2019,     250, 1, 14, "06", 2, 576, 12, 24, 9},
    EmulatorModel{"shtrih", "fr-01f",       "ШТРИХ-ФР-01Ф",     &kDesktop,  &kOld,                &kRelease2019,     4,   1, 14, "02", 2, 432, 12, 24, 9},
    EmulatorModel{"shtrih", "fr-02f",       "ШТРИХ-ФР-02Ф",     &kDesktop,  &kNew,                &kRelease2026,     4,   1, 14, "19", 4, 432, 12, 24, 9},
    EmulatorModel{"shtrih", "light-01f",    "ШТРИХ-ЛАЙТ-01Ф",   &kDesktop,  &kOldNoCutter,        &kRelease2019,     252, 1, 14, "07", 2, 320, 10, 24, 9},
    EmulatorModel{"shtrih", "light-02f",    "ШТРИХ-ЛАЙТ-02Ф",   &kDesktop,  &kNewNoCutter,        &kRelease2026,     252, 1, 14, "09", 4, 320, 10, 24, 9},
    EmulatorModel{"shtrih", "mini-01f",     "ШТРИХ-МИНИ-01Ф",   &kDesktop,  &kOldNoCutter,        &kRelease2019,     7,   1, 14, "01", 2, 600, 12, 24, 9},
    EmulatorModel{"shtrih", "on-line",      "ШТРИХ-ON-LINE",    &kDesktop,  &kNew,                &kRelease2026,     4,   1, 14, "04", 4, 432, 12, 24, 9},
    EmulatorModel{"shtrih", "nano-f",       "ШТРИХ-НАНО-Ф",     &kNano,     &kNewNoCutter,        &kRelease2026,     152, 1, 14, "41", 4, 384,  9, 24, 9},
    EmulatorModel{"shtrih", "mobile-f",     "ШТРИХ-MOBILE-Ф",   &kMobile,   &kMobileParameters,   &kRelease2019,     19,  1, 14, "10", 2, 576, 12, 24, 5},
    EmulatorModel{"shtrih", "smartpos-f",   "ШТРИХ-СМАРТПОС-Ф", &kCashCore, &kCashCoreParameters, &kCashCoreRelease, 45,  2, 0,  "33", 4, 384,  8, 19, 6},
    EmulatorModel{"elves",  "elves-mf",     "ЭЛВЕС-МФ",         &kElvesMf,  nullptr,              &kRelease2019,     153, 1, 12, "30", 2, 384, 12, 24, 5},
    EmulatorModel{"elves",  "elves-fr-f",   "ЭЛВЕС-ФР-Ф",       &kDesktop,  &kOld,                &kRelease2019,     6,   1, 14, "22", 2, 432, 12, 24, 9},
    EmulatorModel{"retail", "retail-01f",   "РИТЕЙЛ-01Ф",       &kDesktop,  &kOld,                &kRelease2019,     22,  1, 14, "12", 2, 504, 12, 19, 9},
    EmulatorModel{"rr",     "rr-01f",       "РР-01Ф",           &kDesktop,  &kOld,                &kRelease2019,     24,  1, 12, "03", 2, 576, 12, 24, 9},
    EmulatorModel{"rr",     "rr-02f",       "РР-02Ф",           &kDesktop,  &kOld,                &kRelease2019,     24,  1, 12, "13", 2, 576, 12, 24, 9},
    EmulatorModel{"rr",     "rr-03f",       "РР-03Ф",           &kDesktop,  &kNew,                &kRelease2026,     24,  1, 14, "14", 4, 576, 12, 24, 9},
    EmulatorModel{"rr",     "rr-04f",       "РР-04Ф",           &kDesktop,  &kNew,                &kRelease2026,     24,  1, 14, "15", 4, 576, 12, 24, 9},
    // clang-format on
};

} // namespace

std::span<const EmulatorModel> emulator_models() { return kModels; }

const EmulatorModel* find_emulator_model(std::string_view id)
{
    const auto at = std::find_if(kModels.begin(), kModels.end(),
                                 [id](const EmulatorModel& model) { return model.id == id; });
    return at == kModels.end() ? nullptr : &*at;
}

} // namespace kb::shtrih
