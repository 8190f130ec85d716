// The registers (91h) and table fields (46h) the house reads, and what their bytes mean.
#pragma once

#include "protocol/atol/layout.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <optional>
#include <string>

namespace kb::atol {

// Source: docs/sources.md#atol, section 5.
namespace reg {
inline constexpr std::uint8_t kCashIns = 0x08;  ///< how many, in the shift
inline constexpr std::uint8_t kCashOuts = 0x09; ///< the same
inline constexpr std::uint8_t kCash = 0x0A;
inline constexpr std::uint8_t kClock = 0x11;
inline constexpr std::uint8_t kShiftState = 0x12;
inline constexpr std::uint8_t kSerial = 0x16;
inline constexpr std::uint8_t kLineWidth = 0x18;
inline constexpr std::uint8_t kUnsent = 0x2C;
inline constexpr std::uint8_t kReceiptAndShift = 0x35;
inline constexpr std::uint8_t kFfd = 0x36;
inline constexpr std::uint8_t kExtendedError = 0x37;
} // namespace reg

struct TablePlace {
    std::uint8_t table;
    std::uint16_t row;
    std::uint8_t field;
};
namespace place {
inline constexpr TablePlace kLinesInReceipts{2, 1, 51}; ///< whether lines are printed in an open receipt
inline constexpr TablePlace kLineWidth{2, 1, 55};       ///< characters per line, BCD
inline constexpr TablePlace kTaxName{13, 1, 1};
inline constexpr TablePlace kTaxRate{13, 1, 2}; ///< hundredths of a percent, BCD
inline constexpr TablePlace kOfdChannel{15, 1, 1};
inline constexpr TablePlace kOfdHost{19, 1, 1};
inline constexpr TablePlace kOfdPort{19, 1, 2}; ///< two bytes, binary, highest first
} // namespace place

/// Who carries documents to the OFD (place::kOfdChannel). Other values are passed through.
namespace ofd_channel {
inline constexpr std::uint8_t kEthernet = 2;
/// Inside the exchange protocol, by the maker's library and only while a program keeps it open.
inline constexpr std::uint8_t kOverTransport = 5;
} // namespace ofd_channel
/// Unknown for the other channels: over USB it is a service of the PC that carries them, or nobody.
fiscal::OfdSender ofd_sender(std::uint8_t channel);

struct ShiftRegister {
    enum class State : std::uint8_t { closed = 0, open = 1, over_24h = 2 };
    State state = State::closed;
    /// When 24 hours will have passed, or when the shift was closed; nullopt when it is no instant.
    std::optional<LocalSeconds> moment;
};

struct ReceiptAndShift {
    std::uint32_t receipt_number = 0; ///< in the shift
    std::uint32_t shift_number = 0;
};

struct ExtendedError {
    std::uint16_t command = 0;
    std::uint16_t error = 0;
};

// Each reads the value of its register; Errc::bad_length or bad_value naming it.

Result<ShiftRegister> read_shift_register(BytesView value);
Result<ReceiptAndShift> read_receipt_and_shift(BytesView value);
Result<ExtendedError> read_extended_error(BytesView value);
/// All digits, as printed on the register; eight of old devices, fourteen of those with a fiscal drive.
Result<std::string> read_serial(BytesView value);
/// A count or sum of any width.
Result<std::uint64_t> read_number(BytesView value, std::string_view what);
/// Of the register (first byte) and of the drive (second). Unverified: that 4 is FFD 1.2.
Result<fiscal::FfdVersion> read_ffd(BytesView value);
/// Characters per line.
Result<std::uint8_t> read_line_width(BytesView value);

} // namespace kb::atol
