// Which register is this, and in what does its model differ: one row of data per class.
#pragma once

#include "protocol/fiscal/device_state.hpp"
#include "protocol/shtrih/replies.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kb::shtrih {

/// Marketed families that speak this protocol.
enum class Family { shtrih, elves, retail, rr };
/// "shtrih", "elves", "retail", "rr".
std::string_view to_string(Family family);

/// Firmware lines that differ in tables and order of commands.
enum class ClassId { desktop, nano, mobile, cash_core, elves_mf };

/// What a driver must know about a firmware line (docs/sources.md#shtrih, sections 5 and 6.4).
struct DeviceClass {
    ClassId id;
    std::string_view name;
    std::uint8_t fn_table;  ///< F1 serial, F3 РНМ, F5 tax systems, F7 user, ...
    std::uint8_t ofd_table; ///< F1 server, F2 port
    std::uint8_t ffd_table; ///< where the FFD version is; 0: not readable
    std::uint8_t ffd_field;
    std::uint8_t sd_table;  ///< 0: no SD card
    std::uint8_t rnm_table; ///< where the РНМ is
    std::uint8_t rnm_field;
    bool serial_in_status; ///< the factory number is told by 11h, not by the FN table
    bool item_tlv_first;   ///< FF4D goes before FF46
    bool nano_vat_codes;   ///< 22 % is 90h
    bool cutter;           ///< unless the model parameters tell
    bool ofd_relay;        ///< the host may carry messages to the OFD
    bool cash_commands;    ///< 50h and 51h work with FFD 1.2
};
const DeviceClass& device_class(ClassId id);

struct Model {
    std::uint8_t code; ///< of FCh
    std::string_view name;
    Family family;
    ClassId class_id;
    std::array<std::uint8_t, 9> chars{}; ///< characters per line in fonts 1..; zeros: ask 26h
    std::uint16_t dots = 0;              ///< print width; 0: ask 26h
};
std::span<const Model> all_models();
/// nullptr for a code without a row.
const Model* find_model(std::uint8_t code);

/// Upper case, Latin look-alikes turned into Cyrillic ones, blanks and hyphens unified: names of the same
/// model become equal, whichever letters the firmware used.
std::string fold_name(std::string_view utf8);

/// Name of the model by digits 9 and 10 of the 16-digit factory number; empty when they are not known.
/// Unverified: a hint, from one public list.
std::string_view model_by_serial(std::string_view kkt_serial);

/// Everything known about a device, put together.
struct Identity {
    std::string model; ///< as people know it
    Family family = Family::shtrih;
    ClassId class_id = ClassId::desktop;
    DeviceClass device_class{}; ///< with the table numbers that the device itself told
    const Model* row = nullptr; ///< by code, may be missing
    std::uint16_t dots = 0;
};
/// Decides by the flags and table numbers of F7h (nullptr: the device does not know F7h), then by the name,
/// then by the serial number (may be empty), last by the code.
Identity identify(const DeviceTypeReply& type, const ModelParametersReply* parameters,
                  std::string_view kkt_serial);

/// FFD version as the tables number it (1.0, 1.05, 1.1, 1.2 are 1..4); unknown for other values.
fiscal::FfdVersion ffd_version(std::uint64_t table_value);

// Fields of tables that the house reads (docs/sources.md#shtrih, section 5).
namespace sd_field {
inline constexpr std::uint8_t kStatus = 1; ///< 0 ok, FEh not connected
inline constexpr std::uint8_t kSectorSize = 2;
inline constexpr std::uint8_t kTotalSectors = 3;
inline constexpr std::uint8_t kFreeSectors = 4;
inline constexpr std::uint8_t kIoErrors = 5;
inline constexpr std::uint8_t kRetries = 6;
inline constexpr std::uint8_t kNotConnected = 0xFE;
} // namespace sd_field
namespace fn_field {
inline constexpr std::uint8_t kSerial = 1;
inline constexpr std::uint8_t kInn = 2;
inline constexpr std::uint8_t kRegNumber = 3;
inline constexpr std::uint8_t kFnSerial = 4;
inline constexpr std::uint8_t kTaxSystems = 5;
inline constexpr std::uint8_t kWorkModes = 6;
inline constexpr std::uint8_t kUser = 7;
inline constexpr std::uint8_t kOperator = 8;
inline constexpr std::uint8_t kAddress = 9;
inline constexpr std::uint8_t kOfdName = 10;
inline constexpr std::uint8_t kOfdInn = 12;
inline constexpr std::uint8_t kPlace = 14;
} // namespace fn_field
namespace ofd_field {
inline constexpr std::uint8_t kServer = 1;
inline constexpr std::uint8_t kPort = 2;
} // namespace ofd_field

/// Table 14 in the words of the house. `values` by field number - 1; missing ones are zero.
fiscal::SdCard to_sd_card(const std::array<std::uint32_t, 6>& values);

} // namespace kb::shtrih
