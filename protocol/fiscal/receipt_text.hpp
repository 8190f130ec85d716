// A fiscal document as the lines of its paper, in Russian.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

/// UTF-8 lines of at most `width` characters (32..48 is usual; other widths are brought into 24..64). A
/// receipt ends with the text of its QR code; one who shows the picture instead takes receipt_qr_of() and
/// drops the lines from the one that begins with "t=".
std::vector<std::string> receipt_text(const Document& document, std::size_t width = 42);

/// Names as printed; empty for a value without one.
std::string_view document_name_ru(DocumentType type);
std::string_view operation_name_ru(Operation operation);
std::string_view tax_system_name_ru(std::uint32_t bit);     ///< 1055
std::string_view vat_rate_name_ru(std::uint8_t rate);       ///< 1199
std::string_view payment_method_name_ru(std::uint8_t code); ///< 1214
std::string_view item_kind_name_ru(std::uint8_t code);      ///< 1212
std::string_view unit_name_ru(std::uint8_t code);           ///< 2108

} // namespace kb::fiscal
