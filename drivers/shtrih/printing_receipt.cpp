// A receipt from its opening to its closing, and back when it cannot be closed.
// Source: docs/sources.md#shtrih, sections 4.2, 4.3 and 8.
#include "drivers/shtrih/printing.hpp"

namespace kb::shtrih {
namespace {

constexpr int kReceiptClosed = 0x55;
constexpr int kForeignReceipt = 0x59;

} // namespace

Task<Performed> ShtrihDriver::print_receipt(const fiscal::Request& request)
{
    const auto facts = co_await script_facts();
    if (!facts) {
        co_return pass(facts);
    }
    const auto script = receipt_script(request, *facts);
    if (!script) {
        co_return pass(script);
    }
    const bool on_paper = !request.receipt->electronic_only;
    const auto mode = co_await may_print(on_paper);
    if (!mode) {
        co_return pass(mode);
    }
    if (mode_of(mode->mode) != Mode::shift_open) {
        co_return fail(Errc::wrong_mode,
                       "receipt: " + std::string(mode_text_ru(mode->mode)) + ", " + port_name());
    }
    if (script->marks.empty()) {
        co_return co_await send_receipt(*script, on_paper);
    }
    const fiscal::ReceiptRequest& asked = *request.receipt;
    // Who returns goods gets his money whatever their mark is worth; a correction tells of what has happened.
    const bool refuse = options_.marking_refused == DriverOptions::MarkingRefused::refuse &&
                        asked.operation == fiscal::Operation::sell && !asked.correction;
    if (const auto checked = co_await check_marks(*script, refuse); !checked) {
        Error error = checked.error();
        co_return co_await give_up_marks(std::move(error));
    }
    auto done = co_await send_receipt(*script, on_paper);
    if (done) {
        marks_left_ = false; // the document has taken them
    } else if (done.error().outcome != Outcome::unknown) {
        Error error = done.error();
        co_return co_await give_up_marks(std::move(error));
    }
    co_return done;
}

Task<Performed> ShtrihDriver::send_receipt(const ReceiptScript& script, bool on_paper)
{
    if (!on_paper) {
        if (const auto quiet = co_await suppress_paper(); !quiet) {
            co_return pass(quiet);
        }
    }
    for (const ReceiptStep& step : script.steps) {
        auto task = std::visit([this](const auto& command) { return give(command); }, step);
        const auto given = co_await std::move(task);
        if (!given) {
            Error error = std::holds_alternative<BindMark>(step) ? of_mark(given.error()) : given.error();
            co_return co_await take_back(std::move(error));
        }
    }
    // An item that was taken twice, for whatever reason, is found here and not by the buyer.
    const Subtotal question;
    const auto subtotal = co_await ask_when_free(question);
    if (!subtotal) {
        Error error = subtotal.error();
        co_return co_await take_back(std::move(error));
    }
    if (subtotal->total != script.subtotal) {
        Error error{Errc::protocol_violation, Outcome::not_done,
                    "receipt: the register counts " + subtotal->total.to_rubles() + " where " +
                        script.subtotal.to_rubles() + " was sent, " + port_name(),
                    std::nullopt};
        co_return co_await take_back(std::move(error));
    }
    co_return co_await close_receipt(script);
}

Task<Performed> ShtrihDriver::close_receipt(const ReceiptScript& script)
{
    const auto closed = co_await line_.ask(script.close);
    if (!closed) {
        if (closed.error().outcome == Outcome::unknown) {
            co_return pass(closed);
        }
        Error error = closed.error();
        co_return co_await take_back_closing(std::move(error));
    }
    Performed done;
    done.fd_number = closed->document.fd_number;
    done.fiscal_sign = closed->document.fiscal_sign;
    co_return co_await with_paper(done);
}

// A refusal says that nothing was made only while the receipt is still there to be cancelled.
Task<Performed> ShtrihDriver::take_back_closing(Error error)
{
    const auto mode = co_await wait_for_printing(kPrinterWait);
    if (!mode || mode_of(mode->mode) != Mode::document_open) {
        error.outcome = Outcome::unknown;
        error.context += mode ? "; then no receipt is open: the FN has to be asked" : "";
        co_return tl::unexpected<Error>(std::move(error));
    }
    co_return co_await take_back(std::move(error));
}

// Nothing final was sent: once no receipt is open, it is certain that there is none in the FN either.
Task<Performed> ShtrihDriver::take_back(Error error)
{
    const auto cancelled = co_await cancel_receipt();
    if (!cancelled) {
        error.outcome = Outcome::unknown;
        error.context += "; then not taken back: " + cancelled.error().message();
    } else if (error.outcome == Outcome::unknown) {
        error.outcome = Outcome::not_done;
    }
    co_return tl::unexpected<Error>(std::move(error));
}

Task<void> ShtrihDriver::cancel_receipt()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return ready;
    }
    const auto mode = co_await wait_for_printing(kPrinterWait);
    if (!mode) {
        co_return pass(mode);
    }
    if (mode_of(mode->mode) != Mode::document_open) {
        co_return Result<void>{};
    }
    const CancelReceipt cancel;
    const auto cancelled = co_await ask_when_free(cancel);
    mode_.reset();
    if (cancelled || cancelled.error().device_code == kReceiptClosed) {
        co_return Result<void>{};
    }
    if (cancelled.error().device_code == kForeignReceipt) {
        co_return fail(Errc::wrong_mode, "cancel receipt: another operator has opened it, " + port_name(),
                       Outcome::refused, kForeignReceipt);
    }
    co_return pass(cancelled);
}

// Of the next document only: the register goes back to paper by itself.
Task<void> ShtrihDriver::suppress_paper()
{
    const TableField place = identity_.device_class.no_paper;
    if (place.table == 0) {
        co_return fail(Errc::unsupported,
                       "receipt: this register cannot make one without paper, " + port_name(),
                       Outcome::refused);
    }
    WriteTable write;
    write.table = place.table;
    write.field = place.field;
    write.value = {1};
    const auto written = co_await line_.ask(write);
    if (written) {
        co_return Result<void>{};
    }
    Error error = written.error();
    if (error.outcome == Outcome::refused) {
        error.code = Errc::unsupported;
        error.context += "; this register cannot make a receipt without paper";
    }
    co_return tl::unexpected<Error>(no_document(std::move(error)));
}

Task<Performed> ShtrihDriver::print_correction(const fiscal::Request& request)
{
    const auto facts = co_await script_facts();
    if (!facts) {
        co_return pass(facts);
    }
    const auto script = correction_script(request, *facts);
    if (!script) {
        co_return pass(script);
    }
    const auto mode = co_await may_print(true);
    if (!mode) {
        co_return pass(mode);
    }
    if (mode_of(mode->mode) != Mode::shift_open) {
        co_return fail(Errc::wrong_mode,
                       "correction: " + std::string(mode_text_ru(mode->mode)) + ", " + port_name());
    }
    const BeginCorrection begin_correction;
    if (const auto begun = co_await ask_when_free(begin_correction); !begun) {
        co_return co_await drop_begun(begun.error());
    }
    for (const SendTlv& tag : script->tags) {
        if (const auto sent = co_await line_.ask(tag); !sent) {
            co_return co_await drop_begun(sent.error());
        }
    }
    const auto made = co_await line_.ask(script->correction);
    if (!made) {
        if (made.error().outcome == Outcome::unknown) {
            co_return pass(made);
        }
        co_return co_await drop_begun(made.error(), true);
    }
    Performed done;
    done.fd_number = made->document.fd_number;
    done.fiscal_sign = made->document.fiscal_sign;
    co_return co_await with_paper(done);
}

} // namespace kb::shtrih
