// Shifts, reports, cash, and paper that has come back. Source: docs/sources.md#atol, sections 3.3, 4.4, 4.5,
// 7.2, 7.5 and 12.
#include "drivers/atol/printing.hpp"

namespace kb::atol {
namespace {

using Kind = fiscal::RequestKind;
using std::chrono::milliseconds;

constexpr milliseconds kZReportWait{120'000};
constexpr milliseconds kXReportWait{30'000};
constexpr milliseconds kReportPoll{500};

constexpr int kReportInterrupted = 0x1A;

bool works_on_report(std::uint8_t mode)
{
    constexpr std::uint8_t kPrintingSubmode = 2;
    constexpr std::uint8_t kClearingSubmode = 1;
    const Mode now = mode_of(mode);
    return ((now == Mode::reports || now == Mode::z_reports) && submode_of(mode) == kPrintingSubmode) ||
           (now == Mode::service && submode_of(mode) == kClearingSubmode);
}

tl::unexpected<Error> in_doubt(Error error)
{
    error.outcome = Outcome::unknown;
    return tl::unexpected<Error>(std::move(error));
}

bool printer_stopped(const StateCodeReply& state)
{
    return (state.flags & (state_flag::kNoPaper | state_flag::kNoPrinter | state_flag::kMechanical)) != 0;
}

} // namespace

Task<Performed> AtolDriver::open_shift(const fiscal::Request& request)
{
    const auto full = co_await ready(true);
    if (!full) {
        co_return pass(full);
    }
    if (full->has(status_flag::kShiftOpen)) {
        co_return fail(Errc::wrong_mode, "open shift: смена открыта, " + port_name(), Outcome::refused);
    }
    if (const auto there = co_await be_in(Mode::registration, *full); !there) {
        co_return pass(there);
    }
    if (const auto named = co_await write_cashier(request); !named) {
        co_return pass(named);
    }
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return nothing_made(fn.error());
    }
    const OpenShift open;
    const auto opened = co_await line_.ask(open);
    if (opened) {
        unprinted_ = false;
        co_return co_await made_after(fn->last_fd_number);
    }
    if (opened.error().outcome == Outcome::unknown && answered(opened.error())) {
        co_return co_await settle_document(opened.error(), fn->last_fd_number);
    }
    co_return pass(opened);
}

Task<Performed> AtolDriver::close_shift(const fiscal::Request& request)
{
    const auto full = co_await ready(true);
    if (!full) {
        co_return pass(full);
    }
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return nothing_made(fn.error());
    }
    // Where only the drive has closed it, the report was interrupted: that is continue_printing()'s matter.
    if (fn->shift_open == 0) {
        co_return fail(Errc::wrong_mode, "close shift: смена закрыта, " + port_name(), Outcome::refused);
    }
    if (const auto named = co_await write_cashier(request); !named) {
        co_return pass(named);
    }
    if (const auto there = co_await be_in(Mode::z_reports, *full); !there) {
        co_return pass(there);
    }
    const ZReport report;
    const auto begun = co_await line_.ask(report);
    if (!begun && begun.error().outcome == Outcome::unknown && answered(begun.error())) {
        co_return co_await settle_document(begun.error(), fn->last_fd_number);
    }
    if (!begun) {
        co_return pass(begun);
    }
    co_return co_await outcome_of_report(fn->last_fd_number, kZReportWait);
}

Task<Performed> AtolDriver::print_report(const fiscal::Request& request)
{
    const bool in_fn = request.kind == Kind::state_report;
    const auto full = co_await ready(true);
    if (!full) {
        co_return pass(full);
    }
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return nothing_made(fn.error());
    }
    if (const auto named = co_await write_cashier(request); !named) {
        co_return pass(named);
    }
    if (const auto there = co_await be_in(Mode::reports, *full); !there) {
        co_return pass(there);
    }
    XReport report;
    report.type = in_fn ? ReportType::state_report : ReportType::x_report;
    const auto begun = co_await line_.ask(report);
    if (!begun && begun.error().outcome == Outcome::unknown && answered(begun.error())) {
        if (in_fn) {
            co_return co_await settle_document(begun.error(), fn->last_fd_number);
        }
        co_return nothing_made(begun.error()); // paper only, and it did not come
    }
    if (!begun) {
        co_return pass(begun);
    }
    if (in_fn) {
        co_return co_await outcome_of_report(fn->last_fd_number, kXReportWait);
    }
    Performed done;
    const auto printed = co_await wait_for_report(kXReportWait);
    done.printed = printed && *printed;
    co_return done;
}

Task<Performed> AtolDriver::outcome_of_report(std::uint32_t fd_before, milliseconds at_most)
{
    const auto printed = co_await wait_for_report(at_most);
    if (!printed) {
        co_return in_doubt(printed.error());
    }
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return in_doubt(fn.error());
    }
    if (fn->last_fd_number == fd_before) {
        // It said that it began; its state may still be that of before.
        Error error{*printed ? Errc::device_refused : Errc::no_paper, Outcome::unknown,
                    "atol: the register took the report and the FN does not have it, " + port_name(),
                    std::nullopt};
        [[maybe_unused]] const auto waited = co_await pause(kSecondLook);
        const auto again = co_await ask_fn();
        if (!again || again->last_fd_number == fd_before) {
            co_return tl::unexpected<Error>(std::move(error));
        }
        unprinted_ = !*printed;
        Performed late;
        late.printed = *printed;
        co_return late;
    }
    unprinted_ = !*printed;
    Performed done;
    done.printed = *printed;
    if (fn->last_fd_number == fd_before + 1) {
        done.fd_number = fn->last_fd_number;
    }
    co_return done;
}

// 3.2 -> 7.1 -> 3.0 or 0.0, and 2.2 -> 2.0. Some registers are silent for seconds in between.
Task<bool> AtolDriver::wait_for_report(milliseconds at_most)
{
    const auto end = Steady::now() + at_most;
    const StateCode question;
    while (true) {
        const auto state = co_await line_.ask(question);
        if (state && !works_on_report(state->mode)) {
            co_return !printer_stopped(*state);
        }
        if (!state && (state.error().code == Errc::port_lost || state.error().code == Errc::cancelled)) {
            co_return pass(state);
        }
        if (Steady::now() + kReportPoll > end) {
            if (!state) {
                co_return pass(state);
            }
            co_return fail(Errc::device_busy,
                           "atol: " + std::string(mode_text_ru(state->mode)) + ", " + port_name());
        }
        [[maybe_unused]] const auto waited = co_await pause(kReportPoll);
    }
}

Task<Performed> AtolDriver::move_cash(const fiscal::Request& request)
{
    const bool in = request.kind == Kind::cash_in;
    const auto full = co_await ready(true);
    if (!full) {
        co_return pass(full);
    }
    // Most models would open the shift for a pay-out by themselves, with a document of their own.
    if (!in && !full->has(status_flag::kShiftOpen)) {
        co_return fail(Errc::wrong_mode, "cash out: смена закрыта, " + port_name());
    }
    if (const auto there = co_await be_in(Mode::registration, *full); !there) {
        co_return pass(there);
    }
    const auto before = co_await read_counters();
    if (!before) {
        co_return nothing_made(before.error());
    }
    Result<ActionReply> moved;
    if (in) {
        CashIn command;
        command.sum = request.sum;
        moved = co_await line_.ask(command);
    } else {
        CashOut command;
        command.sum = request.sum;
        moved = co_await line_.ask(command);
    }
    if (moved) {
        co_return Performed{};
    }
    if (moved.error().outcome == Outcome::unknown && answered(moved.error())) {
        co_return co_await settle_cash(moved.error(), *before, in);
    }
    co_return pass(moved);
}

Task<Performed> AtolDriver::settle_cash(Error error, const WorkCounters& before, bool in)
{
    const auto after = co_await read_counters();
    if (!after) {
        error.context += "; then " + after.error().message();
        co_return tl::unexpected<Error>(std::move(error));
    }
    const auto& was = in ? before.cash_ins : before.cash_outs;
    const auto& is = in ? after->cash_ins : after->cash_outs;
    if (was && is && *is == *was) {
        co_return nothing_made(std::move(error));
    }
    if (was && is && *is == *was + 1) {
        Performed done;
        done.printed = false;
        co_return done;
    }
    co_return tl::unexpected<Error>(std::move(error));
}

Task<WorkCounters> AtolDriver::work_counters()
{
    if (const auto set_right = co_await begin(); !set_right) {
        co_return pass(set_right);
    }
    co_return co_await read_counters();
}

// X reports leave no trace in any register that is documented.
Task<WorkCounters> AtolDriver::read_counters()
{
    WorkCounters counters;
    const auto ins = co_await register_value(reg::kCashIns);
    if (!ins) {
        co_return pass(ins);
    }
    const auto outs = co_await register_value(reg::kCashOuts);
    if (!outs) {
        co_return pass(outs);
    }
    const auto cash = co_await register_value(reg::kCash);
    if (!cash) {
        co_return pass(cash);
    }
    if (const auto number = read_number(*ins, "atol register 08")) {
        counters.cash_ins = static_cast<std::uint32_t>(*number);
    }
    if (const auto number = read_number(*outs, "atol register 09")) {
        counters.cash_outs = static_cast<std::uint32_t>(*number);
    }
    if (const auto number = read_number(*cash, "atol register 0A")) {
        counters.cash_in_drawer = Kopecks{static_cast<std::int64_t>(*number)};
    }
    co_return counters;
}

// No state tells that something waits to be printed: the register is told to go on, and says when there is
// nothing.
Task<void> AtolDriver::continue_printing()
{
    if (const auto set_right = co_await begin(); !set_right) {
        co_return set_right;
    }
    const auto full = co_await wait_for_printing(kPaperWait);
    if (!full) {
        co_return pass(full);
    }
    if (const auto there = co_await paper_is_there(*full); !there) {
        co_return there;
    }
    full_.reset();
    if (open_receipt(*full) != ReceiptType::none) {
        co_return Result<void>{}; // nothing of it is in the FN yet
    }
    const ContinueReport go_on;
    const auto gone_on = co_await line_.ask(go_on);
    if (!gone_on && gone_on.error().device_code == kReportInterrupted) {
        co_return co_await finish_z_report();
    }
    if (gone_on) {
        unprinted_ = false;
        const auto idle = co_await wait_for_printing(kPrinterWait);
        co_return without_value(idle);
    }
    if (gone_on.error().outcome != Outcome::refused) {
        co_return nothing_made(gone_on.error());
    }
    // Nothing was interrupted by the register's own reckoning. A document of ours that had no paper is
    // printed once more.
    if (std::exchange(unprinted_, false)) {
        const Reprint reprint;
        const auto again = co_await line_.ask(reprint);
        if (!again && again.error().outcome != Outcome::refused) {
            unprinted_ = true;
            co_return nothing_made(again.error());
        }
    }
    co_return Result<void>{};
}

// 5Ah again prints what is missing; it makes no second report.
Task<void> AtolDriver::finish_z_report()
{
    EnterMode enter;
    enter.mode = static_cast<std::uint8_t>(Mode::z_reports);
    enter.password = line_.password();
    if (const auto entered = co_await give(enter);
        !entered && entered.error().device_code != kWrongMode) { // it may be in that mode still
        co_return entered;
    }
    const ZReport report;
    if (const auto begun = co_await line_.ask(report); !begun) {
        co_return nothing_made(begun.error());
    }
    const auto printed = co_await wait_for_report(kZReportWait);
    if (!printed) {
        co_return pass(printed);
    }
    if (!*printed) {
        co_return fail(Errc::no_paper, "atol: the report was interrupted again, " + port_name());
    }
    unprinted_ = false;
    const LeaveMode leave;
    [[maybe_unused]] const auto left = co_await line_.ask(leave);
    co_return Result<void>{};
}

} // namespace kb::atol
