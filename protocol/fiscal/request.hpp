// What a register is asked to do, before it has put its numbers on it: receipts, shifts, reports, cash,
// paper. One form for all ways a request comes in (native API, ATOL Web Requests, KkmServer, kktctl, cabinet)
// and for all makes that carry it out.
#pragma once

#include "protocol/fiscal/document.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kb::fiscal {

enum class RequestKind {
    receipt, ///< also of correction
    shift_open,
    shift_close,
    x_report,
    state_report, ///< отчёт о текущем состоянии расчётов
    cash_in,
    cash_out,
    copy, ///< of a document, by its number, rebuilt from the FN
    text, ///< lines that are no receipt
    cash_drawer,
    beep,
    cut,
    set_time,
    known_state, ///< whatever was left half done is ended: an open receipt cancelled, printing continued
    continue_printing, ///< paper is back
};

/// The word of the kind: "receipt", "shift_open".
std::string_view to_string(RequestKind kind);
std::optional<RequestKind> request_kind_of(std::string_view word);

/// The FN makes a document of it, with a number: its outcome can always be asked for.
constexpr bool makes_document(RequestKind kind)
{
    return kind == RequestKind::receipt || kind == RequestKind::shift_open ||
           kind == RequestKind::shift_close || kind == RequestKind::state_report;
}

/// What is printed and belongs to nothing fiscal.
struct PrintItem {
    enum class Kind { text, barcode, qr };
    enum class Align { left, center, right };
    Kind kind = Kind::text;
    std::string text; ///< the line; of a bar code its contents
    Align align = Align::left;
    bool wide = false;                  ///< double width
    std::string barcode_type = "EAN13"; ///< EAN13, EAN8, CODE128, CODE39
};

/// The mark of an item that has one. The code as scanned, group separators (1Dh) included.
struct Marking {
    std::string code;
    std::uint8_t planned_status = 1; ///< 2003: 1 piece sold, 2 by measure sold, 3 piece returned, 4 by
                                     ///< measure returned, 255 unchanged
};

/// One position of a receipt.
struct Position {
    Item item; ///< price, quantity, sum and vat_rate are set once checked
    std::uint8_t department = 1;
    std::optional<Marking> marking;
};

/// A receipt or a correction receipt to be made.
struct ReceiptRequest {
    Operation operation = Operation::sell;
    bool correction = false; ///< receipt.correction_type and correction_basis say of what
    Receipt receipt;         ///< without items; user, place and other facts of the registration stay empty
    std::vector<Position> positions;
    std::optional<Kopecks> total;  ///< as the caller counts; nullopt: the sum of the positions
    bool electronic_only = false;  ///< nothing is printed, the buyer gets it by receipt.buyer_contact
    std::vector<PrintItem> before; ///< printed with the receipt
    std::vector<PrintItem> after;
};

struct Request {
    RequestKind kind = RequestKind::receipt;
    std::string cashier;                   ///< 1021; empty: as the register is set
    std::string cashier_inn;               ///< 1203
    std::optional<ReceiptRequest> receipt; ///< of kind receipt, then always
    Kopecks sum;                           ///< of cash_in, cash_out
    std::uint32_t fd_number = 0;           ///< of copy
    std::vector<PrintItem> lines;          ///< of text
    std::optional<LocalSeconds> time;      ///< of set_time; nullopt: this computer's
};

/// Sum of the positions; Errc::overflow.
Result<Kopecks> total_of(const ReceiptRequest& request);
/// Which document the FN makes of it; nullopt for kinds that make none. `bso`: the register is registered for
/// strict forms instead of receipts.
std::optional<DocumentType> document_type_of(const Request& request);

/// Puts the values in that a caller may leave out: sums of positions (price x quantity), payment method
/// (full payment), item kind (goods), the payment when there is none (all of it cash). Errc::overflow.
Result<void> fill_in(Request& request);

} // namespace kb::fiscal
