// A receipt as the commands it is made of, all of them written before the first one is sent: what the wire
// cannot hold is found while nothing has happened yet. Source: docs/sources.md#atol, sections 4.5, 4.6, 4.8,
// 7.3 and 7.4.
#pragma once

#include "protocol/atol/paper_script.hpp"
#include "protocol/atol/sale_commands.hpp"
#include "protocol/atol/vat_table.hpp"
#include "protocol/fiscal/request_tlv.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace kb::atol {

/// What the script needs to know of the register.
struct ScriptFacts {
    Dialect dialect;
    fiscal::FfdVersion ffd = fiscal::FfdVersion::v1_05;
    VatTable vat;
    std::size_t line_characters = 32;
    bool lines_inside = false; ///< table 2.1.51: lines may be printed in an open receipt
};

using ReceiptStep =
    std::variant<OpenReceipt, WriteRequisite, BeginItem, EndItem, Discount, PrintLine, PrintQr>;

/// lines | 92h | E8h of the receipt | lines | each item: EAh, E8h, EBh | lines | 43h | 99h of all payments
/// but the last | 4Ah with the last | lines. The lines stand inside where the register prints them there.
struct ReceiptScript {
    std::vector<PaperStep> before;
    std::vector<ReceiptStep> goods; ///< 92h first; to the last item, and the rounding
    Kopecks subtotal;               ///< of the items
    Kopecks total;                  ///< less than that when the kopecks are rounded off
    std::vector<Payment> payments;
    CloseReceipt close; ///< a sum of 0: exactly what is left to be paid
    std::vector<PaperStep> after;
};

/// Of a request that went through fill_in(), fit_to() and check_request(). Errors name the field and the
/// cure: Errc::unsupported for what is not known to work over this protocol (marking of FFD 1.2, requisites
/// no document tells), not_representable, bad_encoding or bad_length for what does not fit.
Result<ReceiptScript> receipt_script(const fiscal::Request& request, const ScriptFacts& facts);

/// E8h of cashier and INN, for the next shift report or X report.
Result<std::vector<WriteRequisite>> cashier_script(const fiscal::Request& request, const Dialect& dialect);

} // namespace kb::atol
