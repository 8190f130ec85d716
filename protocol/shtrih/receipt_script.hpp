// A receipt as the commands it is made of, all of them written before the first one is sent: what the wire
// cannot hold is found while nothing has happened yet. The line puts the operator's password in. Source:
// docs/sources.md#shtrih, sections 4.2 and 4.3.
#pragma once

#include "protocol/fiscal/request.hpp"
#include "protocol/shtrih/marking.hpp"
#include "protocol/shtrih/models.hpp"
#include "protocol/shtrih/sale_commands.hpp"

#include <variant>
#include <vector>

namespace kb::shtrih {

/// What the script needs to know of the register.
struct ScriptFacts {
    ItemTlv item_tlv = ItemTlv::after_operation;
    bool nano_vat_codes = false;
    std::uint8_t tax_systems = 1;     ///< mask; its lowest bit stands for a request that names none
    std::size_t line_characters = 40; ///< in the usual font
};

using PaperStep = std::variant<PrintStringInFont, PrintEan13, LoadBlock, PrintBarcode2d>;
/// Lines and codes, long lines wrapped. Errc::bad_encoding for text without CP1251, not_representable for a
/// code this register has no command for.
Result<std::vector<PaperStep>> paper_script(const std::vector<fiscal::PrintItem>& items,
                                            const ScriptFacts& facts);

using ReceiptStep = std::variant<OpenReceipt, SendTlv, Operation, SendOperationTlv, BindMark,
                                 PrintStringInFont, PrintEan13, LoadBlock, PrintBarcode2d>;

/// 8Dh | FF0C of the receipt | lines | each item: FF46 and FF4D in the order of the model, FF67 | lines |
/// FF45
struct ReceiptScript {
    std::vector<MarkToCheck> marks; ///< to be checked and accepted before the first step
    std::vector<ReceiptStep> steps;
    Kopecks subtotal; ///< that 89h must tell before the closing
    CloseReceipt close;
};
/// Of a request that was filled in and checked; for a correction only of FFD 1.2. Errc::not_representable,
/// bad_encoding or bad_length naming the field for what does not fit.
Result<ReceiptScript> receipt_script(const fiscal::Request& request, const ScriptFacts& facts);

/// FF35 | FF0C | FF4A: a correction before FFD 1.2, which has sums by VAT rate instead of items.
struct CorrectionScript {
    std::vector<SendTlv> tags;
    Correction correction;
};
Result<CorrectionScript> correction_script(const fiscal::Request& request, const ScriptFacts& facts);

/// FF0C of cashier and INN, before a shift is opened or closed or a report made.
Result<std::vector<SendTlv>> cashier_script(const fiscal::Request& request);

} // namespace kb::shtrih
