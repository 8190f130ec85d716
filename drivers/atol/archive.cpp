// Reading documents out of the FN, without ever getting in a sale's way.
#include "drivers/atol/driver.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/short_record.hpp"

#include <algorithm>

namespace kb::atol {
namespace {

using std::chrono::milliseconds;

// A state seen so long ago says nothing any more: the cashier may have begun a receipt.
constexpr milliseconds kStateFresh{500};
// Closing a receipt prints it for a second or two, and right then its document is wanted.
constexpr milliseconds kPrintingWait{3'000};
// See ticket_received().
constexpr milliseconds kTicketsFresh{5'000};
// A whole document of 65535 bytes in pieces of one TLV (six bytes at least) each.
constexpr int kMostPieces = 11'000;

constexpr int kNoMoreRecords = 0xAD;
constexpr int kFnWrongState = 0xD4;

bool worth_another_try(const Error& error)
{
    switch (error.code) {
    case Errc::no_answer:
    case Errc::bad_frame:
    case Errc::bad_checksum:
    case Errc::protocol_violation:
    // The sum of v2 does not see a lost zero; if it is the document itself, the second reading gives it
    // again.
    case Errc::bad_length:
    case Errc::bad_tlv:
    case Errc::bad_value:
        return !error.device_code;
    default:
        return false;
    }
}

bool has_none(const Error& error)
{
    return error.device_code == kNoData || error.device_code == kNoSuchDocument ||
           error.device_code == kNoMoreRecords;
}

std::string name_of(std::uint32_t fd_number) { return "fd " + std::to_string(fd_number); }

} // namespace

Task<FnStatusReply> AtolDriver::ask_fn()
{
    const FnStatus question;
    auto reply = co_await line_.ask(question);
    if (reply && reply->fn_serial != fn_serial_) {
        fn_serial_ = reply->fn_serial;
        confirmed_below_ = 0;
        ofd_asked_ = false;
    }
    if (reply) {
        last_fd_number_ = reply->last_fd_number;
    }
    co_return reply;
}

Task<void> AtolDriver::may_read()
{
    if (full_ && Steady::now() - full_at_ < kStateFresh &&
        to_device_status(*full_, nullptr, line_.dialect()).may_read_archive) {
        co_return Result<void>{};
    }
    const auto full = co_await wait_for_printing(kPrintingWait);
    if (!full) {
        co_return pass(full);
    }
    if (to_device_status(*full, nullptr, line_.dialect()).may_read_archive) {
        co_return Result<void>{};
    }
    const ReceiptType receipt = open_receipt(*full);
    co_return fail(
        Errc::wrong_mode,
        "read archive: " +
            std::string(receipt != ReceiptType::none ? receipt_text_ru(receipt) : mode_text_ru(full->mode)) +
            ", " + port_name());
}

Task<fiscal::FiscalDocument> AtolDriver::read_document(std::uint32_t fd_number)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    if (const auto allowed = co_await may_read(); !allowed) {
        co_return pass(allowed);
    }
    auto document = co_await read_once(fd_number);
    if (!document && worth_another_try(document.error()) && !line_.session().cancelled()) {
        // A lost piece cannot be asked for again, since asking moves on: the document is read from its
        // beginning.
        full_.reset();
        if (const auto allowed = co_await may_read(); !allowed) {
            co_return pass(allowed);
        }
        document = co_await read_once(fd_number);
    }
    co_return document;
}

Task<fiscal::FiscalDocument> AtolDriver::read_once(std::uint32_t fd_number)
{
    if (fn_serial_.empty()) {
        if (const auto fn = co_await ask_fn(); !fn) {
            co_return pass(fn);
        }
    }
    auto body = co_await read_body(fd_number);
    if (!body) {
        if (has_none(body.error())) {
            co_return co_await short_record(fd_number);
        }
        co_return pass(body);
    }
    if (!body->type) {
        const auto type = co_await type_of(fd_number);
        if (!type) {
            co_return pass(type);
        }
        body->type = *type;
    }
    if (body->tlvs.size() > 0xFFFF) {
        co_return fail(Errc::bad_length, "atol A4 46 " + name_of(fd_number) + ": a document without end");
    }
    ByteWriter whole;
    whole.u16(*body->type).u16(static_cast<std::uint16_t>(body->tlvs.size())).bytes(body->tlvs);
    const Bytes raw = whole.take();
    const auto head = fiscal::head_of(raw);
    if (!head) {
        Error error = head.error();
        error.context = "atol A4 46 " + name_of(fd_number) + ": " + error.context;
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (head->fd_number != fd_number || head->fn_serial != fn_serial_) {
        co_return fail(Errc::bad_value, "atol A4 45 " + name_of(fd_number) + " of FN " + fn_serial_ +
                                            ": the register gave fd " + std::to_string(head->fd_number) +
                                            " of FN " + head->fn_serial);
    }
    const auto ticket = co_await ticket_received(fd_number);
    // The document is in hand: that the line failed since is the next call's trouble.
    co_return fiscal::fiscal_document_of(raw, ticket && *ticket);
}

// Pieces until the drive says that there are no more: the length in its header would save that question, but
// whether the register passes the header through is unverified, and so every program reads to the end.
Task<AtolDriver::Body> AtolDriver::read_body(std::uint32_t fd_number)
{
    FnOpenDocument open;
    open.fd_number = fd_number;
    const auto opened = co_await line_.ask(open);
    if (!opened) {
        if (opened.error().device_code == kFnWrongState) {
            co_return fail(Errc::device_busy, opened.error().context + ": the drive is at something else",
                           Outcome::not_done, kFnWrongState);
        }
        co_return pass(opened);
    }
    Body body;
    body.type = opened->type;
    body.length = opened->length;
    const FnReadDocument next;
    for (int pieces = 0; pieces < kMostPieces; ++pieces) {
        const auto piece = co_await line_.ask(next);
        if (piece) {
            body.tlvs.insert(body.tlvs.end(), piece->value.begin(), piece->value.end());
            if (body.length && body.tlvs.size() > *body.length) {
                break;
            }
            continue;
        }
        if (!piece.error().device_code) {
            co_return pass(piece);
        }
        // Some firmware ends with EEh. Without the header's length only the drive's own word is taken for the
        // end.
        const bool whole =
            body.length ? body.tlvs.size() == *body.length : has_none(piece.error()) && !body.tlvs.empty();
        if (whole) {
            co_return body;
        }
        auto why = co_await why_broken_off(piece.error(), fd_number);
        if (!why) {
            co_return pass(why);
        }
        why->context += " after " + std::to_string(body.tlvs.size()) +
                        (body.length ? " of " + std::to_string(*body.length) : std::string()) + " bytes";
        co_return tl::unexpected<Error>(*std::move(why));
    }
    co_return fail(Errc::bad_length, "atol A4 46 " + name_of(fd_number) + ": more bytes than announced");
}

// The drive stopped giving pieces before the end. A sale that took it is no fault: the document is read again
// later.
Task<Error> AtolDriver::why_broken_off(Error error, std::uint32_t fd_number)
{
    const std::uint32_t before = last_fd_number_;
    full_.reset();
    const auto full = co_await read_full();
    if (!full) {
        co_return pass(full);
    }
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return pass(fn);
    }
    const bool ended = has_none(error);
    const bool idle = to_device_status(*full, nullptr, line_.dialect()).may_read_archive;
    error.outcome = Outcome::not_done;
    if (ended && idle && fn->last_fd_number == before && fn->current_document == 0) {
        error.code = Errc::bad_length;
        error.context = "atol A4 46 " + name_of(fd_number) + ": the document ended early";
        error.device_code.reset();
    } else {
        error.code = Errc::device_busy;
        error.context += ": the reading of " + name_of(fd_number) + " was broken off, now " +
                         std::string(mode_text_ru(full->mode));
    }
    co_return error;
}

// Where the register keeps the drive's header to itself, the short record tells what kind of document it is.
Task<std::uint16_t> AtolDriver::type_of(std::uint32_t fd_number)
{
    const auto record = co_await short_record(fd_number);
    if (!record) {
        if (record.error().outcome != Outcome::refused) {
            co_return pass(record);
        }
        co_return fail(Errc::unsupported,
                       "atol A4 45 " + name_of(fd_number) +
                           ": this firmware tells no kind of document; write family = \"atol-fptr\", " +
                           port_name(),
                       Outcome::refused, record.error().device_code);
    }
    co_return static_cast<std::uint16_t>(record->type);
}

Task<fiscal::FiscalDocument> AtolDriver::short_record(std::uint32_t fd_number)
{
    if (fn_serial_.empty()) {
        if (const auto fn = co_await ask_fn(); !fn) {
            co_return pass(fn);
        }
    }
    FnFindDocument question;
    question.fd_number = fd_number;
    const auto found = co_await line_.ask(question);
    if (!found) {
        co_return pass(found);
    }
    auto document = fiscal::fiscal_document_of_record(found->value, fn_serial_);
    if (!document) {
        Error error = document.error();
        error.context = "atol A4 40 " + name_of(fd_number) + ": " + error.context;
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (document->fd_number != fd_number) {
        co_return fail(Errc::bad_value, "atol A4 40 " + name_of(fd_number) + ": the register gave fd " +
                                            std::to_string(document->fd_number));
    }
    co_return document;
}

Task<fiscal::FiscalDocument> AtolDriver::read_short_record(std::uint32_t fd_number)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    co_return co_await short_record(fd_number);
}

Task<std::optional<fiscal::FiscalDocument>> AtolDriver::last_document()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return pass(fn);
    }
    if (fn->last_fd_number == 0) {
        co_return std::optional<fiscal::FiscalDocument>();
    }
    auto document = co_await read_document(fn->last_fd_number);
    if (!document &&
        (document.error().code == Errc::wrong_mode || document.error().code == Errc::device_busy)) {
        // In a receipt the body has to wait, but the record answers what was asked: which document is the
        // last.
        document = co_await short_record(fn->last_fd_number);
    }
    if (!document) {
        co_return pass(document);
    }
    co_return std::optional<fiscal::FiscalDocument>(*std::move(document));
}

// The short record would tell it for each document, at the price of one command a document. The drive sends
// documents in their order, so one number says it for all: A4 20 tells the first one not confirmed yet. Below
// it the answer stays true for ever; at or above it is asked again when the last answer is some seconds old.
Task<bool> AtolDriver::ticket_received(std::uint32_t fd_number)
{
    if (autonomous_) {
        co_return false;
    }
    if (fd_number < confirmed_below_) {
        co_return true;
    }
    const auto now = Steady::now();
    if (ofd_asked_ && now - ofd_asked_at_ < kTicketsFresh) {
        co_return false;
    }
    const FnExchange question;
    const auto reply = co_await line_.ask(question);
    if (!reply) {
        if (!reply.error().device_code) {
            co_return pass(reply);
        }
        const auto record = co_await short_record(fd_number);
        if (!record) {
            co_return pass(record);
        }
        co_return record->ticket_received;
    }
    ofd_asked_ = true;
    ofd_asked_at_ = now;
    if (reply->unsent == 0) {
        // All documents known before the question existed when the queue was empty.
        confirmed_below_ = std::max(fd_number, last_fd_number_) + 1;
    } else if (reply->first_fd_number != 0) {
        confirmed_below_ = reply->first_fd_number;
    }
    co_return fd_number < confirmed_below_;
}

} // namespace kb::atol
