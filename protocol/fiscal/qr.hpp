// The text of the QR code on a receipt, by which the tax service finds it.
// Source: docs/sources.md#ffd, section 5.2.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <string>
#include <string_view>

namespace kb::fiscal {

struct ReceiptQr {
    LocalSeconds datetime{}; ///< printed to the minute; some registers print seconds
    Kopecks total;
    std::string fn_serial;
    std::uint32_t fd_number = 0;
    std::uint32_t fiscal_sign = 0;
    Operation operation{};
};

/// "t=20240301T0915&s=350.50&fn=9999078900001234&i=3&fp=3735928559&n=1"
std::string receipt_qr_text(const ReceiptQr& qr);
/// Members in any order, time with or without seconds. Errc::bad_value naming the member.
Result<ReceiptQr> receipt_qr_from_text(std::string_view text);
/// Errc::bad_value when the head is not that of a receipt (1054 or 1020 missing).
Result<ReceiptQr> receipt_qr_of(const Head& head);

} // namespace kb::fiscal
