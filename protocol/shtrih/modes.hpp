// What the mode bytes, VAT codes and small numeric codes of Shtrih-M registers mean.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kb::shtrih {

// Low nibble of the mode byte; the high nibble is a status of modes 8, 13 and 14.
// Source: docs/sources.md#shtrih, section 2.2.
enum class Mode : std::uint8_t {
    data_output = 1, ///< a dump, or a document being read by FF3A/FF3B
    shift_open = 2,
    shift_over_24h = 3,
    shift_closed = 4,
    inspector_blocked = 5,
    waits_for_date = 6,
    decimal_point = 7,
    document_open = 8,
    technological_reset = 9,
    test_run = 10,
    full_report = 11,
    eklz_report = 12,
    slip_document = 13,
    slip_printing = 14,
    slip_formed = 15,
};

enum class Submode : std::uint8_t {
    paper_present = 0,
    paper_out = 1,          ///< while nothing was printed
    paper_out_printing = 2, ///< while printing
    waits_for_continue = 3, ///< paper is back: send B0h, the whole document is printed again
    printing_report = 4,
    printing_operation = 5,
};

inline Mode mode_of(std::uint8_t mode_byte) { return static_cast<Mode>(mode_byte & 0x0F); }

/// Kind of the document open in mode 8, in the order of command 8Dh.
enum class OpenDocumentKind : std::uint8_t {
    sale = 0,
    purchase = 1,
    sale_return = 2,
    purchase_return = 3,
    non_fiscal = 4
};
/// nullopt outside mode 8 or for an unknown status.
std::optional<OpenDocumentKind> open_document(std::uint8_t mode_byte);

/// 8Dh, mode byte and registers count sale, purchase, sale return, purchase return (0..3); tag 1054 and FF46
/// count sale, sale return, purchase, purchase return (1..4). Precondition: in range.
std::uint8_t to_operation_tag(std::uint8_t receipt_type);
std::uint8_t to_receipt_type(std::uint8_t operation_tag);

/// Mode, sub-mode and flags of 10h or 11h in the words of the house. The paper is judged by the sub-mode,
/// since sensors may be switched off; the cover by its flag where the model has one.
fiscal::DeviceStatus to_device_status(std::uint8_t mode_byte, std::uint8_t submode, std::uint16_t flags,
                                      bool has_cover_sensor);
/// For logs and people: "смена открыта", "открыт чек: приход".
std::string_view mode_text_ru(std::uint8_t mode_byte);
std::string_view submode_text_ru(std::uint8_t submode);

/// Rates of tag 1199.
enum class VatRate : std::uint8_t {
    vat20 = 1,
    vat10 = 2,
    vat20_120 = 3,
    vat10_110 = 4,
    vat0 = 5,
    none = 6,
    vat5 = 7,
    vat7 = 8,
    vat5_105 = 9,
    vat7_107 = 10,
    vat22 = 11,
    vat22_122 = 12,
};
/// Row of table 6 (1..12) of a rate.
std::uint8_t vat_row(VatRate rate);
/// VAT byte of FF46. `nano`: models that code 22 % as 90h and 22/122 as A0h instead of C0h + row.
/// Unverified for Nano: one source only.
std::uint8_t vat_code(VatRate rate, bool nano);
/// The device's side: accepts both codings of 22 %. nullopt for a code without a meaning.
std::optional<VatRate> vat_from_code(std::uint8_t code);

/// Byte time-out code of 14h and 15h: 0..150 ms; then steps of 150 ms; from 250 on of 15 s.
std::chrono::milliseconds byte_timeout(std::uint8_t code);
/// 2400 .. 921600 for the speed codes 0..9; nullopt above.
std::optional<std::uint32_t> baud_rate(std::uint8_t code);
std::optional<std::uint8_t> baud_code(std::uint32_t rate);
/// On port 128 the speed byte codes the TCP port: 57 (39h) stands for 12345 (3039h).
std::uint16_t tcp_port_of(std::uint8_t speed);

/// Factory password of an operator: the number of the row, 1..28 cashiers, 29 administrator, 30 system
/// administrator.
inline constexpr std::uint32_t default_password(std::uint8_t row) { return row; }
inline constexpr std::uint8_t kOperators = 30;

} // namespace kb::shtrih
