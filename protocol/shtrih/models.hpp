// Which register is this, and in what does its model differ: rows of data, never code paths.
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

/// One value of a table; table 0: this firmware does not tell it.
struct TableField {
    std::uint8_t table = 0;
    std::uint8_t field = 0;
    bool operator==(const TableField&) const = default;
};

/// When the TLV of an item (FF4D) is sent.
enum class ItemTlv { after_operation, before_operation };

/// Ways to change the firmware that the maker's own programs use.
struct UpdateWays {
    bool dfu = false;     ///< FE ED; comes back as USB 1FC9:0089
    bool sd_card = false; ///< FF4E in blocks of 128 bytes, a good card in the device
    bool xmodem = false;  ///< RS-232 at 115200, in the loader
};

/// What a driver must know about a firmware line (docs/sources.md#shtrih, sections 5 and 6.4).
struct DeviceClass {
    ClassId id = ClassId::desktop;
    std::string_view name;
    std::uint8_t fn_table = 0;       ///< F1 serial, F3 РНМ, F5 tax systems, F7 user, ...
    std::uint8_t ofd_table = 0;      ///< F1 server, F2 port
    std::uint8_t sd_table = 0;       ///< 0: no SD card
    std::uint8_t exchange_table = 0; ///< state of the exchange with the OFD; 0: none
    TableField kkt_serial{};         ///< table 0: the short number of 11h is all there is
    TableField kkt_reg_number{};
    TableField ffd{};      ///< table 0: taken for kAssumedFfd
    TableField no_paper{}; ///< 1: nothing is printed of the next document; table 0: such a place is not known
    TableField ofd_sender{}; ///< 0 a program on the host, 1 the register itself
    bool ffd_as_told = true; ///< the model parameters may name another place of the FFD version
    ItemTlv item_tlv = ItemTlv::after_operation;
    bool nano_vat_codes = false; ///< 22 % is 90h
    bool cutter = false;         ///< unless the model parameters tell
    bool ofd_relay = true;       ///< the host may carry messages to the OFD
    bool cash_commands = true;   ///< 50h and 51h work with FFD 1.2
    UpdateWays update{};
};
const DeviceClass& device_class(ClassId id);
std::span<const DeviceClass> all_classes();

/// As the maker's own driver takes it where the device does not tell.
inline constexpr fiscal::FfdVersion kAssumedFfd = fiscal::FfdVersion::v1_05;

/// Framings a model speaks; which one it is, the search finds out.
enum class Framings { v1, v1_and_v2, v2 };
/// "v1", "v1, v2", "v2".
std::string_view to_string(Framings framings);

/// One model as people know it (docs/sources.md#shtrih, sections 6.1 to 6.4; docs/devices.md shows the rows).
struct Model {
    std::string_view name;
    Family family = Family::shtrih;
    ClassId class_id = ClassId::desktop;
    Framings framings = Framings::v1;
    std::array<std::optional<std::uint8_t>, 4> codes{}; ///< of FCh, where they are known
    std::array<std::string_view, 2> serial_digits{};    ///< 9 and 10 of the factory number
    std::array<std::string_view, 2> other_names{};      ///< of FCh
    bool fn = true;                                     ///< of the age of the fiscal drive
    std::array<std::uint8_t, 9> chars{};                ///< per line in fonts 1..; zeros: ask 26h
    std::uint16_t dots = 0;                             ///< print width; 0: ask 26h
    fiscal::Confidence confidence = fiscal::Confidence::documents;
    std::string_view evidence; ///< tags of docs/sources.md#shtrih
};
std::span<const Model> all_models();
/// nullptr for a code without a row.
const Model* find_model(std::uint8_t code);
/// The row whose name, whichever letters it is written in, is `device_name` or its beginning; else nullptr.
const Model* model_by_name(std::string_view device_name);
/// By digits 9 and 10 of the 16-digit factory number; nullptr when they are not known.
/// Unverified: a hint, from one public list.
const Model* model_by_serial(std::string_view kkt_serial);

/// Upper case, Latin look-alikes turned into Cyrillic ones, blanks and hyphens unified: names of the same
/// model become equal, whichever letters the firmware used.
std::string fold_name(std::string_view utf8);

/// Everything known about a device, put together.
struct Identity {
    std::string model; ///< as people know it
    Family family = Family::shtrih;
    ClassId class_id = ClassId::desktop;
    /// With the table numbers that the device itself told.
    DeviceClass device_class = shtrih::device_class(ClassId::desktop);
    const Model* row = nullptr; ///< nullptr: a model this house has no row of
    fiscal::Confidence confidence = fiscal::Confidence::guess;
    std::uint16_t dots = 0;
};
/// Decides by the flags and table numbers of F7h (nullptr: the device does not know F7h), then by the name,
/// then by the serial number (may be empty), last by the code.
Identity identify(const DeviceTypeReply& type, const ModelParametersReply* parameters,
                  std::string_view kkt_serial);

/// FFD version as the tables number it (1.0, 1.05, 1.1, 1.2 are 1..4); unknown for other values.
fiscal::FfdVersion ffd_version(std::uint64_t table_value);
/// Who carries documents to the OFD, as DeviceClass::ofd_sender tells it.
fiscal::OfdSender ofd_sender(std::uint64_t table_value);

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
inline constexpr std::uint8_t kMarkingWait = 8; ///< seconds for the state system's answer to a check
} // namespace ofd_field

/// Table 14 in the words of the house. `values` by field number - 1; missing ones are zero.
fiscal::SdCard to_sd_card(const std::array<std::uint32_t, 6>& values);

} // namespace kb::shtrih
