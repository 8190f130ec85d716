// What mode, submode and state bytes of ATOL registers mean.
#pragma once

#include "protocol/atol/replies.hpp"
#include "protocol/atol/sale_commands.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <optional>
#include <string_view>

namespace kb::atol {

// Low half of the mode byte; the high half is the submode. Source: docs/sources.md#atol, section 3.3.
enum class Mode : std::uint8_t {
    selection = 0,
    registration = 1, ///< also while a receipt is open; submode 4: payments are taken
    reports = 2,      ///< submode 2: a report is being printed
    z_reports = 3,    ///< submode 2: a report is being printed
    programming = 4,
    fiscal_access = 5, ///< submode 1: locked by wrong passwords, 2: a report is being printed
    fn_access = 6,
    service = 7, ///< submode 1: after a Z report; 5, 6: date, time; 11, 12, 14: clock or drive at odds
};

constexpr Mode mode_of(std::uint8_t mode_byte) { return static_cast<Mode>(mode_byte & 0x0FU); }
constexpr std::uint8_t submode_of(std::uint8_t mode_byte)
{
    return static_cast<std::uint8_t>(mode_byte >> 4U);
}
/// Whether the byte is one of the known modes and submodes.
bool is_mode(std::uint8_t mode_byte);
/// For logs and people.
std::string_view mode_text_ru(std::uint8_t mode_byte);
std::string_view receipt_text_ru(ReceiptType type);

/// In whatever mode the register is: programs look at it in mode 1 only, but a receipt that a power cut left
/// open is there in mode 0, too. Source: docs/sources.md#atol, section 4.2.
ReceiptType open_receipt(const FullStatusReply& status);

/// Date and time of the full status; nullopt for an instant that does not exist.
std::optional<LocalSeconds> clock_of(const FullStatusReply& status);
/// The last closed shift by the full status; nullopt when it is no number.
std::optional<std::uint32_t> closed_shift(const FullStatusReply& status, const Dialect& dialect);
/// nullopt when the dialect says that the bit tells nothing.
std::optional<bool> drawer_open(const FullStatusReply& status, const Dialect& dialect);

/// Both states in the words of the house. The paper is told by the state code; without it by the full status,
/// where the dialect knows its bit.
fiscal::DeviceStatus to_device_status(const FullStatusReply& full, const StateCodeReply* state,
                                      const Dialect& dialect);

} // namespace kb::atol
