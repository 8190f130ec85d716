// Reading documents out of the FN, in the fewest commands and without ever getting in a sale's way.
#include "drivers/shtrih/driver.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/short_record.hpp"
#include "protocol/shtrih/modes.hpp"

#include <algorithm>

namespace kb::shtrih {
namespace {

using std::chrono::milliseconds;

// A mode seen so long ago says nothing any more: the cashier may have begun a receipt. At 115200 baud that is
// one status of 3 ms in some six documents; at 4800 baud one before each.
constexpr milliseconds kModeFresh{500};
// Closing a receipt prints it for a second or two, and right then its document is wanted.
constexpr milliseconds kPrintingWait{3'000};
// See ticket_received().
constexpr milliseconds kTicketsFresh{5'000};
// A whole document of 65535 bytes in pieces of one TLV (six bytes at least) each.
constexpr int kMostPieces = 11'000;

constexpr int kFnWrongState = 0x02;

bool is(const Error& error, int device_code) { return error.device_code == device_code; }

bool worth_another_try(const Error& error)
{
    switch (error.code) {
    case Errc::no_answer:
    case Errc::bad_frame:
    case Errc::bad_checksum:
    case Errc::protocol_violation:
        return true;
    default:
        return false;
    }
}

std::string name_of(std::uint32_t fd_number) { return "fd " + std::to_string(fd_number); }

} // namespace

Task<FnStatusReply> ShtrihDriver::ask_fn()
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

Task<void> ShtrihDriver::finish_reading()
{
    const ReadDocumentPiece next;
    for (int i = 0; i < kMostPieces; ++i) {
        const auto piece = co_await line_.ask(next);
        if (piece) {
            continue;
        }
        if (piece.error().device_code) {
            // 08h: the end. Any other refusal: no document is open (any more).
            reading_ = false;
            mode_.reset();
            co_return Result<void>{};
        }
        co_return pass(piece);
    }
    co_return fail(Errc::bad_length, "shtrih FF3B: a document without end, " + port_name());
}

Task<void> ShtrihDriver::may_read()
{
    if (mode_ && Steady::now() - mode_at_ < kModeFresh) {
        const Mode seen = mode_of(mode_->mode);
        const auto submode = static_cast<Submode>(mode_->submode);
        const bool idle =
            seen == Mode::shift_open || seen == Mode::shift_over_24h || seen == Mode::shift_closed;
        if (idle && submode == Submode::paper_present) {
            co_return Result<void>{};
        }
    }
    auto mode = co_await wait_for_printing(kPrintingWait);
    if (mode && mode_of(mode->mode) == Mode::data_output) {
        // Left by a reading that was taken for finished: from now on its end is asked for.
        leaves_by_itself_ = false;
        reading_ = true;
        if (const auto ready = co_await finish_reading(); !ready) {
            co_return pass(ready);
        }
        mode = co_await read_mode();
    }
    if (!mode) {
        co_return pass(mode);
    }
    const auto status = to_device_status(mode->mode, mode->submode, mode->flags, has_cover_sensor_);
    if (status.may_read_archive) {
        co_return Result<void>{};
    }
    const std::string why = "read archive: " + std::string(mode_text_ru(mode->mode)) + ", " +
                            std::string(submode_text_ru(mode->submode)) + ", " + port_name();
    const Mode seen = mode_of(mode->mode);
    const bool idle = seen == Mode::shift_open || seen == Mode::shift_over_24h || seen == Mode::shift_closed;
    co_return fail(!idle                                   ? Errc::wrong_mode
                   : status.waits_for_continue             ? Errc::waits_for_continue
                   : status.paper == fiscal::Paper::absent ? Errc::no_paper
                                                           : Errc::device_busy,
                   why);
}

Task<fiscal::FiscalDocument> ShtrihDriver::read_document(std::uint32_t fd_number)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    if (const auto allowed = co_await may_read(); !allowed) {
        co_return pass(allowed);
    }
    auto document = co_await read_once(fd_number);
    if (!document && worth_another_try(document.error()) && !line_.session().cancelled()) {
        // The line failed beyond what the exchange could mend: the position in the document is lost.
        mode_.reset();
        if (reading_) {
            if (const auto ready = co_await finish_reading(); !ready) {
                co_return pass(ready);
            }
        }
        if (const auto allowed = co_await may_read(); !allowed) {
            co_return pass(allowed);
        }
        document = co_await read_once(fd_number);
    }
    co_return document;
}

Task<fiscal::FiscalDocument> ShtrihDriver::read_once(std::uint32_t fd_number)
{
    if (fn_serial_.empty()) {
        if (const auto fn = co_await ask_fn(); !fn) {
            co_return pass(fn);
        }
    }
    OpenDocument open;
    open.fd_number = fd_number;
    reading_ = true; // also when the answer gets lost
    const auto opened = co_await line_.ask(open);
    if (!opened) {
        const Error& error = opened.error();
        if (!error.device_code) {
            co_return pass(opened);
        }
        reading_ = false;
        if (is_end_of_data(error)) {
            co_return co_await short_record(fd_number);
        }
        mode_.reset();
        if (is(error, kFnWrongState)) {
            co_return fail(Errc::device_busy, error.context + ": the drive talks to the OFD",
                           Outcome::not_done, error.device_code);
        }
        co_return pass(opened);
    }
    const auto body = co_await read_body(fd_number, *opened);
    if (!body) {
        co_return pass(body);
    }
    const auto head = fiscal::head_of(*body);
    if (!head) {
        Error error = head.error();
        error.context = "shtrih FF3B " + name_of(fd_number) + ": " + error.context;
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (head->fd_number != fd_number || head->fn_serial != fn_serial_) {
        co_return fail(Errc::bad_value, "shtrih FF3A " + name_of(fd_number) + " of FN " + fn_serial_ +
                                            ": the register gave fd " + std::to_string(head->fd_number) +
                                            " of FN " + head->fn_serial);
    }
    const auto ticket = co_await ticket_received(fd_number);
    // The document is in hand: that the line failed since is the next call's trouble.
    co_return fiscal::fiscal_document_of(*body, ticket && *ticket);
}

Task<Bytes> ShtrihDriver::read_body(std::uint32_t fd_number, OpenDocumentReply opened)
{
    const std::size_t whole = std::size_t{4} + opened.length;
    ByteWriter header;
    header.u16(opened.type).u16(opened.length);
    Bytes raw = header.take();
    raw.reserve(whole);
    const ReadDocumentPiece next;
    int pieces = 0;
    while (raw.size() < whole) {
        const auto piece = co_await line_.ask(next);
        if (!piece) {
            if (!piece.error().device_code) {
                co_return pass(piece);
            }
            auto why = co_await why_broken_off(piece.error());
            if (!why) {
                co_return pass(why);
            }
            why->context += ", " + name_of(fd_number) + " after " + std::to_string(raw.size() - 4) + " of " +
                            std::to_string(opened.length) + " bytes";
            co_return tl::unexpected<Error>(*std::move(why));
        }
        raw.insert(raw.end(), piece->block.begin(), piece->block.end());
        if (raw.size() > whole || ++pieces > kMostPieces) {
            co_return fail(Errc::bad_length, "shtrih FF3B " + name_of(fd_number) + ": more bytes than the " +
                                                 std::to_string(opened.length) + " announced");
        }
    }
    if (const auto ended = co_await end_reading(); !ended) {
        co_return pass(ended);
    }
    co_return raw;
}

Task<void> ShtrihDriver::end_reading()
{
    if (!leaves_by_itself_) {
        const auto mode = co_await read_mode();
        if (!mode) {
            co_return pass(mode);
        }
        leaves_by_itself_ = mode_of(mode->mode) != Mode::data_output;
    }
    if (*leaves_by_itself_) {
        reading_ = false;
        co_return Result<void>{};
    }
    const ReadDocumentPiece next;
    const auto end = co_await line_.ask(next);
    if (end) {
        co_return fail(Errc::bad_length, "shtrih FF3B: more bytes than announced, " + port_name());
    }
    if (!is_end_of_data(end.error())) {
        co_return pass(end);
    }
    reading_ = false;
    if (mode_ && mode_of(mode_->mode) == Mode::data_output) {
        mode_.reset();
    }
    co_return Result<void>{};
}

// The device stopped giving pieces before the announced end. A sale that took the register is no fault: the
// document is read again later.
Task<Error> ShtrihDriver::why_broken_off(Error error)
{
    reading_ = false;
    const auto mode = co_await read_mode();
    if (!mode) {
        reading_ = true;
        co_return pass(mode);
    }
    if (mode_of(mode->mode) == Mode::data_output) {
        reading_ = true;
    }
    const auto status = to_device_status(mode->mode, mode->submode, mode->flags, has_cover_sensor_);
    if (is_end_of_data(error) && status.may_read_archive) {
        error.code = Errc::bad_length;
        error.outcome = Outcome::not_done;
        error.context = "shtrih FF3B: the document ended early";
    } else {
        error.code = Errc::device_busy;
        error.outcome = Outcome::not_done;
        error.context += ": the reading was broken off, now " + std::string(mode_text_ru(mode->mode));
    }
    co_return error;
}

Task<fiscal::FiscalDocument> ShtrihDriver::short_record(std::uint32_t fd_number)
{
    if (fn_serial_.empty()) {
        if (const auto fn = co_await ask_fn(); !fn) {
            co_return pass(fn);
        }
    }
    FindDocument question;
    question.fd_number = fd_number;
    const auto raw = co_await line_.ask_raw(question);
    if (!raw && is(raw.error(), kFnWrongState)) {
        co_return fail(Errc::device_busy, raw.error().context + ": the drive talks to the OFD",
                       Outcome::not_done, raw.error().device_code);
    }
    if (!raw) {
        co_return pass(raw);
    }
    auto document = fiscal::fiscal_document_of_record(*raw, fn_serial_);
    if (!document) {
        Error error = document.error();
        error.context = "shtrih FF0A " + name_of(fd_number) + ": " + error.context;
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (document->fd_number != fd_number) {
        co_return fail(Errc::bad_value, "shtrih FF0A " + name_of(fd_number) + ": the register gave fd " +
                                            std::to_string(document->fd_number));
    }
    co_return document;
}

Task<fiscal::FiscalDocument> ShtrihDriver::read_short_record(std::uint32_t fd_number)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    co_return co_await short_record(fd_number);
}

Task<std::optional<fiscal::FiscalDocument>> ShtrihDriver::last_document()
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
    if (!document && has_to_wait(document.error().code)) {
        // In a receipt the body has to wait, but the record answers what was asked: which document is the
        // last.
        document = co_await short_record(fn->last_fd_number);
    }
    if (!document) {
        co_return pass(document);
    }
    co_return std::optional<fiscal::FiscalDocument>(*std::move(document));
}

// FF0A would tell it for each document, at the price of one command a document. The drive sends documents in
// their order, so one number says it for all: FF39 tells the first one not confirmed yet. Below it the answer
// stays true for ever; at or above it is asked again when the last answer is some seconds old. So a backlog
// costs one FF39, and a fresh document is reported as unconfirmed at most kTicketsFresh too long.
Task<bool> ShtrihDriver::ticket_received(std::uint32_t fd_number)
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
    const OfdStatus question;
    const auto reply = co_await line_.ask(question);
    if (!reply) {
        if (!reply.error().device_code) {
            co_return pass(reply);
        }
        FindDocument record_question; // FF39 is promised with the shift closed only, FF0A in every mode
        record_question.fd_number = fd_number;
        const auto record = co_await line_.ask(record_question);
        if (!record) {
            co_return pass(record);
        }
        co_return record->ticket_received != 0;
    }
    ofd_asked_ = true;
    ofd_asked_at_ = now;
    if (reply->messages == 0) {
        // All documents known before the question existed when the queue was empty.
        confirmed_below_ = std::max(fd_number, last_fd_number_) + 1;
    } else if (reply->first_fd_number != 0) {
        confirmed_below_ = reply->first_fd_number;
    }
    co_return fd_number < confirmed_below_;
}

} // namespace kb::shtrih
