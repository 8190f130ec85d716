// A receipt from its opening to its closing, and back when it cannot be closed.
// Source: docs/sources.md#atol, sections 4.5, 7.3, 7.4 and 12.
#include "drivers/atol/printing.hpp"

#include <span>

namespace kb::atol {
namespace {

Error counts_differently(Kopecks told, Kopecks ours)
{
    return {Errc::protocol_violation, Outcome::not_done,
            "receipt: the register counts " + told.to_rubles() + " where it should be " + ours.to_rubles(),
            std::nullopt};
}

} // namespace

Task<ScriptFacts> AtolDriver::script_facts(const fiscal::ReceiptRequest& asked)
{
    ScriptFacts facts;
    facts.dialect = line_.dialect();
    facts.ffd = ffd_;
    facts.vat = vat_;
    facts.line_characters = line_characters_;
    if (!asked.electronic_only && !(asked.before.empty() && asked.after.empty())) {
        const auto allowed = co_await table_value(place::kLinesInReceipts);
        if (!allowed) {
            co_return nothing_made(allowed.error());
        }
        facts.lines_inside = !allowed->empty() && allowed->back() != 0;
    }
    co_return facts;
}

Task<Performed> AtolDriver::print_receipt(const fiscal::Request& request)
{
    const auto facts = co_await script_facts(*request.receipt);
    if (!facts) {
        co_return pass(facts);
    }
    const auto script = receipt_script(request, *facts);
    if (!script) {
        co_return pass(script);
    }
    const auto full = co_await ready(!request.receipt->electronic_only);
    if (!full) {
        co_return pass(full);
    }
    // Most models would open the shift by themselves, with a document of their own.
    if (!full->has(status_flag::kShiftOpen)) {
        co_return fail(Errc::wrong_mode, "receipt: смена закрыта, " + port_name());
    }
    if (const auto there = co_await be_in(Mode::registration, *full); !there) {
        co_return pass(there);
    }
    for (const PaperStep& line : script->before) {
        if (const auto printed = co_await give_step(line); !printed) {
            co_return nothing_made(printed.error());
        }
    }
    auto done = co_await sell(*script);
    if (done && done->printed) {
        for (const PaperStep& line : script->after) {
            if (const auto printed = co_await give_step(line); !printed) {
                break; // the receipt is made, its advertising is not
            }
        }
    }
    co_return done;
}

Task<Performed> AtolDriver::sell(const ReceiptScript& script)
{
    // One that was refused is not ours to take back: somebody else may have opened his.
    if (const auto opened = co_await give_step(script.goods.front()); !opened) {
        if (opened.error().outcome != Outcome::unknown) {
            co_return pass(opened);
        }
        co_return co_await take_back(opened.error(), std::nullopt);
    }
    if (const auto sold = co_await register_goods(script); !sold) {
        co_return co_await take_back(sold.error(), std::nullopt);
    }
    // With the receipt open nobody else makes a document: the next number is this one's.
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return co_await take_back(fn.error(), std::nullopt);
    }
    const std::uint32_t fd_before = fn->last_fd_number;
    Kopecks rest = script.total;
    for (const Payment& payment : script.payments) {
        rest = Kopecks{rest.count() - payment.sum.count()};
        const auto paid = co_await ask_when_free(payment);
        if (!paid) {
            co_return co_await take_back(paid.error(), fd_before);
        }
        if (paid->remainder != rest) {
            Error error = counts_differently(paid->remainder, rest);
            co_return co_await take_back(std::move(error), fd_before);
        }
    }
    co_return co_await close_receipt(script.close, fd_before);
}

// Everything between the opening and the payments. An item that was taken twice or lost, for whatever reason,
// is found here and not by the buyer. Unverified: whether the sum of 3Fh has the rounding in it, so either is
// right then.
Task<void> AtolDriver::register_goods(const ReceiptScript& script)
{
    for (const ReceiptStep& step : std::span(script.goods).subspan(1)) {
        if (const auto given = co_await give_step(step); !given) {
            co_return given;
        }
    }
    const auto full = co_await read_full();
    if (!full) {
        co_return pass(full);
    }
    if (full->sum != script.subtotal && full->sum != script.total) {
        co_return tl::unexpected<Error>(counts_differently(full->sum, script.subtotal));
    }
    co_return Result<void>{};
}

Task<Performed> AtolDriver::close_receipt(const CloseReceipt& close, std::uint32_t fd_before)
{
    const auto closed = co_await line_.ask(close);
    if (closed) {
        unprinted_ = false;
        co_return co_await made_after(fd_before);
    }
    Error error = closed.error();
    if (error.outcome != Outcome::unknown) {
        co_return co_await take_back(std::move(error), fd_before);
    }
    if (!answered(error)) {
        co_return tl::unexpected<Error>(std::move(error)); // the FN will tell
    }
    // Printer or drive trouble, before the document or behind it: a receipt that is still open has none.
    const auto full = co_await wait_for_printing(kPrinterWait);
    if (!full) {
        error.context += "; then " + full.error().message();
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (open_receipt(*full) != ReceiptType::none) {
        co_return co_await take_back(std::move(error), fd_before);
    }
    co_return co_await settle_document(std::move(error), fd_before);
}

Task<Performed> AtolDriver::settle_document(Error error, std::uint32_t fd_before)
{
    auto fn = co_await ask_fn();
    if (fn && fn->last_fd_number == fd_before) {
        [[maybe_unused]] const auto waited = co_await pause(kSecondLook);
        fn = co_await ask_fn();
    }
    if (!fn) {
        error.context += "; then " + fn.error().message();
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (fn->last_fd_number == fd_before) {
        co_return nothing_made(std::move(error));
    }
    if (fn->last_fd_number != fd_before + 1) {
        co_return tl::unexpected<Error>(std::move(error)); // somebody else is at work here, too
    }
    unprinted_ = true;
    Performed done;
    done.fd_number = fn->last_fd_number;
    done.printed = false;
    co_return done;
}

// A number that is not the next one is somebody else's: then the FN has to tell which is whose.
Task<Performed> AtolDriver::made_after(std::uint32_t fd_before)
{
    Performed done;
    if (const auto fn = co_await ask_fn(); fn && fn->last_fd_number == fd_before + 1) {
        done.fd_number = fn->last_fd_number;
    }
    co_return done;
}

// Nothing final is known to have worked: once no receipt is open and the FN has no new document, it is
// certain that nothing was made.
Task<Performed> AtolDriver::take_back(Error error, std::optional<std::uint32_t> fd_before)
{
    line_.session().resume(); // who cancels the call wants no receipt left open, either
    const auto ended = co_await end_receipt();
    if (!ended) {
        error.outcome = Outcome::unknown;
        error.context += "; then not taken back: " + ended.error().message();
        co_return tl::unexpected<Error>(std::move(error));
    }
    if (fd_before) {
        const auto fn = co_await ask_fn();
        if (!fn || fn->last_fd_number != *fd_before) {
            error.outcome = Outcome::unknown;
            error.context += fn ? "; then the FN had another document" : "; then " + fn.error().message();
            co_return tl::unexpected<Error>(std::move(error));
        }
    }
    co_return nothing_made(std::move(error));
}

Task<void> AtolDriver::end_receipt()
{
    const auto full = co_await wait_for_printing(kPrinterWait);
    if (!full) {
        co_return pass(full);
    }
    const ReceiptType receipt = open_receipt(*full);
    if (receipt == ReceiptType::none) {
        co_return Result<void>{};
    }
    // After a power cut the register may name nobody.
    if (full->cashier != 0 && full->cashier != our_operator()) {
        co_return fail(Errc::wrong_mode, "cancel receipt: operator " + std::to_string(full->cashier) +
                                             " has opened it, " + std::string(receipt_text_ru(receipt)) +
                                             ", " + port_name());
    }
    if (mode_of(full->mode) != Mode::registration) {
        if (!found_) {
            found_ = Found{full->mode, full->cashier};
        }
        EnterMode enter;
        enter.mode = static_cast<std::uint8_t>(Mode::registration);
        enter.password = line_.password();
        if (const auto entered = co_await give(enter); !entered) {
            co_return entered;
        }
    }
    const CancelReceipt cancel;
    const auto cancelled = co_await give(cancel);
    const auto now = co_await read_full();
    if (now && open_receipt(*now) == ReceiptType::none) {
        co_return Result<void>{};
    }
    if (!cancelled) {
        co_return cancelled;
    }
    co_return now ? fail(Errc::protocol_violation, "cancel receipt: done, but it is open, " + port_name())
                  : pass(now);
}

Task<void> AtolDriver::cancel_receipt()
{
    if (const auto set_right = co_await begin(); !set_right) {
        co_return set_right;
    }
    auto ended = co_await end_receipt();
    if (ended) {
        [[maybe_unused]] const auto back = co_await return_to_mode();
    }
    full_.reset();
    co_return ended;
}

} // namespace kb::atol
