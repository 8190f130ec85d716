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

/// What is printed and belongs to nothing fiscal. An empty text is an empty line.
struct PrintItem {
    enum class Kind { text, barcode, qr };
    enum class Align { left, center, right };
    Kind kind = Kind::text;
    std::string text; ///< the line; of a bar code its contents
    Align align = Align::left;
    bool wide = false;                  ///< double width
    std::string barcode_type = "EAN13"; ///< of a bar code: EAN13, EAN8, CODE128, CODE39
    bool operator==(const PrintItem&) const = default;
};

/// The mark of an item that has one. The code as scanned, group separators (1Dh) included.
struct Marking {
    std::string code;
    /// 2003: 1 piece sold, 2 by measure sold, 3 piece returned, 4 by measure returned, 255 unchanged; 0: as
    /// fill_in() sees it by the operation and the unit.
    std::uint8_t planned_status = 0;
    bool operator==(const Marking&) const = default;
};

/// One position of a receipt.
struct Position {
    /// Price, quantity, sum, vat_rate, payment_method and item_kind are set once checked. Not of a request,
    /// since the register makes them: unit_vat, fraction.text, product_codes, marking_mode, marking_check,
    /// control_code.
    Item item;
    std::uint8_t department = 1;
    std::optional<Marking> marking;
    bool operator==(const Position&) const = default;
};

/// A receipt or a correction receipt to be made.
struct ReceiptRequest {
    Operation operation = Operation::sell;
    bool correction = false; ///< receipt.correction_type and correction_basis say of what
    /// Without items, VAT sums, electronic_payments and cashier_inn (Request has it); user, fns_site,
    /// internet_only and other facts of the registration stay empty; address, place and machine_number are
    /// set where they are not those of the registration. Callers put all there is of the buyer into `buyer`,
    /// and fit_to() puts it where the register's format has it.
    Receipt receipt;
    std::vector<Position> positions;
    std::optional<Kopecks> total;  ///< as the caller counts; nullopt: the sum of the positions
    bool electronic_only = false;  ///< nothing is printed, the buyer gets it by receipt.buyer_contact
    std::vector<PrintItem> before; ///< printed with the receipt
    std::vector<PrintItem> after;
    bool operator==(const ReceiptRequest&) const = default;
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
    bool operator==(const Request&) const = default;
};

/// Sum of the positions' sums; a sum that is missing counts as nothing. Errc::overflow.
Result<Kopecks> total_of(const ReceiptRequest& request);
/// Which document the FN makes of it; nullopt for kinds that make none. `bso`: the register is registered for
/// strict forms instead of receipts.
std::optional<DocumentType> document_type_of(const Request& request, bool bso = false);

/// Puts the values in that a caller may leave out: sums of positions (price x quantity; not of a position
/// with a fraction, where only the caller knows what is meant), payment method (full payment), item kind
/// (goods; goods_with_mark of a marked position), planned status of a mark, the payment when there is none
/// (all of it cash). Takes out what says nothing: empty structures, payments of nothing beside others, flags
/// that are false; writes dates as the formats do. Doing it twice changes nothing more. Errc::overflow.
Result<void> fill_in(Request& request);

/// Puts what formats hold in different places where this one has it, without changing what is said: before
/// FFD 1.2 name and INN of the buyer to the top level (1227, 1228) and the unit's code into its text (1197);
/// in FFD 1.2 the other way round, and the agent of the whole receipt (1057 ...) to each item. What the
/// format has no place for stays, and check_request() finds it. Doing it twice changes nothing more.
void fit_to(Request& request, FfdVersion ffd);

} // namespace kb::fiscal
