// Requests: what a register is asked to do beyond being read. Documents are in printing_documents.cpp.
// Source: docs/sources.md#atol-fptr, sections 5 and 6.
#include "drivers/atol_fptr/printing.hpp"

#include <utility>

namespace kb::atol_fptr {
namespace {

using std::chrono::milliseconds;
using Kind = fiscal::RequestKind;
using Mode = fiscal::DeviceStatus::Mode;

constexpr std::uint32_t kPlatform5 = 50;
constexpr std::int64_t kThreeDecimals = 1'000; // of millionths

bool on_paper(const fiscal::Request& request)
{
    switch (request.kind) {
    case Kind::receipt:
        return !request.receipt->electronic_only;
    case Kind::shift_open:
    case Kind::shift_close:
    case Kind::x_report:
    case Kind::state_report:
    case Kind::cash_in:
    case Kind::cash_out:
    case Kind::copy:
    case Kind::text:
        return true;
    default:
        return false;
    }
}

bool moves_cash(Kind kind) { return kind == Kind::cash_in || kind == Kind::cash_out; }

const char* mode_text_ru(Mode mode)
{
    switch (mode) {
    case Mode::shift_closed:
        return "смена закрыта";
    case Mode::shift_open:
        return "смена открыта";
    case Mode::shift_expired:
        return "смена длится больше 24 часов";
    case Mode::receipt_open:
        return "открыт чек";
    default:
        return "касса заблокирована";
    }
}

/// nullopt: the mode is right for it. The library itself would cancel a receipt that is open, whoever's it
/// is, and open a shift where there is none: neither was asked for.
std::optional<Outcome> wrong_mode_for(Kind kind, Mode mode)
{
    if (mode != Mode::shift_closed && mode != Mode::shift_open && mode != Mode::shift_expired) {
        return Outcome::not_done;
    }
    switch (kind) {
    case Kind::receipt:
        return mode == Mode::shift_open ? std::nullopt : std::optional(Outcome::not_done);
    case Kind::cash_in:
    case Kind::cash_out:
        return mode == Mode::shift_closed ? std::optional(Outcome::not_done) : std::nullopt;
    case Kind::shift_open:
        return mode == Mode::shift_closed ? std::nullopt : std::optional(Outcome::refused);
    case Kind::shift_close:
        return mode == Mode::shift_closed ? std::optional(Outcome::refused) : std::nullopt;
    default:
        return std::nullopt;
    }
}

Result<std::optional<std::uint32_t>> ask_count(Handle& handle, Data kind, std::string_view what)
{
    const auto asked = handle.query(kind, what);
    if (asked) {
        return std::optional(handle.number(Param::documents_count));
    }
    if (asked.error().outcome == Outcome::refused) {
        return std::optional<std::uint32_t>(); // a register that does not count them
    }
    return pass(asked);
}

Result<std::optional<std::uint32_t>> ask_cash_moves(Handle& handle, Kind kind)
{
    return kind == Kind::cash_in ? ask_count(handle, Data::cash_in_count, "count of cash put in")
                                 : ask_count(handle, Data::cash_out_count, "count of cash taken out");
}

Result<WorkCounters> ask_counters(Handle& handle)
{
    WorkCounters counters;
    const auto ins = ask_cash_moves(handle, Kind::cash_in);
    if (!ins) {
        return pass(ins);
    }
    const auto outs = ask_cash_moves(handle, Kind::cash_out);
    if (!outs) {
        return pass(outs);
    }
    counters.cash_ins = *ins;
    counters.cash_outs = *outs;
    const auto cash = handle.query(Data::cash_sum, "cash in the drawer");
    if (cash) {
        const auto sum = handle.kopecks(Param::sum, "cash in the drawer");
        if (!sum) {
            return pass(sum);
        }
        counters.cash_in_drawer = *sum;
    } else if (cash.error().outcome != Outcome::refused) {
        return pass(cash);
    }
    return counters;
}

Result<void> cancel_what_is_open(Handle& handle)
{
    const auto open = ask_receipt_open(handle);
    if (!open) {
        return pass(open);
    }
    if (!*open) {
        return {};
    }
    const auto cancelled = handle.call(handle.api().cancel_receipt, "cancel_receipt");
    if (!cancelled && !is_nothing_there(cancelled.error())) {
        return pass(cancelled);
    }
    return {};
}

// DOCUMENT_PRINTED is of the last document; where the library knows of none, there is nothing to go on with.
// `told`: that something is broken off is known, whatever it says of the last document.
Result<void> print_the_rest(Handle& handle, bool told)
{
    const auto checked = handle.call(handle.api().check_document_closed, "check_document_closed");
    if (checked && handle.flag(Param::document_printed) && !told) {
        return {};
    }
    if (!checked && checked.error().outcome != Outcome::refused) {
        return pass(checked);
    }
    const auto printed = handle.call(handle.api().continue_print, "continue_print");
    if (!printed) {
        return is_nothing_there(printed.error()) ? Result<void>{} : printed;
    }
    const auto status = ask_status(handle);
    if (!status) {
        return pass(status);
    }
    if (!has_paper(*status)) {
        return fail(Errc::no_paper, "continue_print, " + handle.name() + ": бумага кончилась снова");
    }
    return {};
}

} // namespace

Error certainly_not_done(Error error)
{
    const bool later = has_to_wait(error.code) || is_of_other_marks(error);
    error.outcome = later ? Outcome::not_done : Outcome::refused;
    return error;
}

Error not_done(Error error)
{
    error.outcome = Outcome::not_done;
    return error;
}

Error unknown_outcome(Error error)
{
    error.outcome = Outcome::unknown;
    return error;
}

bool was_sent(const Error& error) { return error.device_code || error.outcome == Outcome::unknown; }

fiscal::RequestLimits FptrDriver::request_limits() const
{
    fiscal::RequestLimits limits;
    limits.ffd = ffd_;
    limits.tax_systems = tax_systems_;
    // Unverified: how many decimals of a quantity platform 2.5 keeps through the library; its own commands
    // have three.
    limits.quantity_step = platform_ >= kPlatform5 ? 1 : kThreeDecimals;
    limits.marking_check = ffd_ == fiscal::FfdVersion::v1_2;
    return limits;
}

TaskFacts FptrDriver::task_facts() const
{
    TaskFacts facts;
    facts.ffd = ffd_;
    facts.cliche_may_be_off = cliche_may_be_off_;
    facts.marks = mark_checks_;
    return facts;
}

Task<Performed> FptrDriver::perform(fiscal::Request request)
{
    mark_checks_.clear();
    if (const auto ready = co_await begin(); !ready) {
        co_return tl::unexpected<Error>(not_done(ready.error()));
    }
    auto done = co_await carry_out(request);
    mode_.reset();
    co_return done;
}

Task<Performed> FptrDriver::carry_out(const fiscal::Request& request)
{
    switch (request.kind) {
    case Kind::receipt:
    case Kind::shift_open:
    case Kind::shift_close:
    case Kind::state_report:
        return make_document(request);
    case Kind::x_report:
    case Kind::copy:
    case Kind::text:
        return print_only(request);
    case Kind::cash_in:
    case Kind::cash_out:
        return move_cash(request);
    default:
        break;
    }
    return do_small(request);
}

Result<FptrDriver::Before> FptrDriver::look_before(Handle& handle, fiscal::RequestKind kind)
{
    Before before;
    const auto status = ask_status(handle);
    if (!status) {
        return pass(status);
    }
    before.status = *status;
    if (fiscal::makes_document(kind)) {
        const auto last = ask_last_number(handle);
        if (!last) {
            return pass(last);
        }
        before.last_fd_number = *last;
    }
    if (moves_cash(kind)) {
        const auto moves = ask_cash_moves(handle, kind);
        if (!moves) {
            return pass(moves);
        }
        before.cash_moves = *moves;
    }
    return before;
}

Task<FptrDriver::Before> FptrDriver::may_begin(const fiscal::Request& request)
{
    std::function<Result<Before>(Handle&)> work = [kind = request.kind](Handle& handle) {
        return look_before(handle, kind);
    };
    auto before = co_await ask(std::move(work));
    if (!before) {
        co_return tl::unexpected<Error>(not_done(before.error())); // nothing but questions was sent
    }
    const std::string what = std::string(fiscal::to_string(request.kind)) + ", " + name_ + ": ";
    if (const auto wrong = wrong_mode_for(request.kind, before->status.mode)) {
        co_return fail(Errc::wrong_mode, what + mode_text_ru(before->status.mode), *wrong);
    }
    if (on_paper(request) && before->status.paper == fiscal::Paper::absent) {
        co_return fail(Errc::no_paper, what + "нет бумаги");
    }
    if (on_paper(request) && before->status.cover == fiscal::Cover::open) {
        co_return fail(Errc::no_paper, what + "открыта крышка");
    }
    if (on_paper(request) && half_printed_) {
        co_return fail(Errc::waits_for_continue, what + "не допечатан предыдущий документ");
    }
    if (on_paper(request) && broken_off_) {
        // Whoever's it is, until it is out nothing else is printed, and the status does not tell of it.
        if (const auto printed = co_await go_on_printing(); !printed) {
            co_return tl::unexpected<Error>(not_done(printed.error()));
        }
    }
    co_return before;
}

Task<Performed> FptrDriver::print_only(const fiscal::Request& request)
{
    auto task = task_of(request, task_facts());
    if (!task) {
        co_return pass(task);
    }
    if (const auto before = co_await may_begin(request); !before) {
        co_return pass(before);
    }
    const auto answer = co_await run_task(*std::move(task));
    if (answer) {
        co_return co_await with_paper();
    }
    const Error& error = answer.error();
    if (!was_sent(error)) {
        co_return pass(answer);
    }
    if (is_doubtful(error) || is_broken_off(error) || is_of_the_printer(error)) {
        // There was paper a moment ago: some of the lines may be out, and to begin again prints them twice.
        co_return tl::unexpected<Error>(unknown_outcome(error));
    }
    co_return tl::unexpected<Error>(certainly_not_done(error));
}

// What the strip came to, where the library does not tell: paper that is gone now ended in the middle of it.
Task<Performed> FptrDriver::with_paper()
{
    Performed done;
    std::function<Result<fiscal::DeviceStatus>(Handle&)> work = &ask_status;
    const auto status = co_await ask(std::move(work));
    // It is done, whatever becomes of the paper; when the line fails here, the next question will tell.
    done.printed = !status || has_paper(*status);
    half_printed_ = half_printed_ || !done.printed;
    co_return done;
}

Task<Performed> FptrDriver::move_cash(const fiscal::Request& request)
{
    auto task = task_of(request, task_facts());
    if (!task) {
        co_return pass(task);
    }
    auto before = co_await may_begin(request);
    if (!before) {
        co_return pass(before);
    }
    const auto answer = co_await run_task(*std::move(task));
    if (answer) {
        co_return co_await with_paper();
    }
    if (!was_sent(answer.error())) {
        co_return pass(answer);
    }
    co_return co_await settle_cash(request.kind, *std::move(before), answer.error());
}

// The library may fail after the money was counted, too: by the register's count it is known.
Task<Performed> FptrDriver::settle_cash(fiscal::RequestKind kind, Before before, Error error)
{
    const bool doubtful = is_doubtful(error);
    if (!error.device_code || !before.cash_moves) {
        const bool perhaps = doubtful || is_of_the_printer(error);
        co_return tl::unexpected<Error>(perhaps ? unknown_outcome(std::move(error))
                                                : certainly_not_done(std::move(error)));
    }
    std::function<Result<std::optional<std::uint32_t>>(Handle&)> work = [kind](Handle& handle) {
        return ask_cash_moves(handle, kind);
    };
    const auto moves = co_await ask_until_answered(std::move(work));
    const bool told = moves && *moves;
    if (told && **moves == *before.cash_moves + 1) {
        co_return co_await with_paper();
    }
    const bool unmoved = told && **moves == *before.cash_moves;
    if (!unmoved || doubtful) {
        co_return tl::unexpected<Error>(unknown_outcome(std::move(error)));
    }
    co_return tl::unexpected<Error>(certainly_not_done(std::move(error)));
}

Task<Performed> FptrDriver::do_small(const fiscal::Request& request)
{
    if (request.kind == Kind::beep) {
        co_return co_await call_for(&Api::beep, "beep");
    }
    if (request.kind == Kind::cut) {
        co_return co_await call_for(&Api::cut, "cut");
    }
    Result<void> done;
    if (request.kind == Kind::set_time) {
        if (!request.time) {
            co_return fail(Errc::bad_value, "set time: no time given");
        }
        done = co_await set_clock(*request.time);
    } else if (request.kind == Kind::continue_printing) {
        done = co_await go_on_printing();
    } else if (request.kind == Kind::known_state) {
        done = co_await go_on_printing();
        if (done) {
            done = co_await cancel_open_receipt();
        }
    } else {
        auto task = task_of(request, task_facts());
        if (!task) {
            co_return pass(task);
        }
        const auto answer = co_await run_task(*std::move(task));
        if (!answer && was_sent(answer.error())) {
            const Error& error = answer.error();
            co_return tl::unexpected<Error>(is_doubtful(error) ? unknown_outcome(error)
                                                               : certainly_not_done(error));
        }
        if (!answer) {
            co_return pass(answer);
        }
    }
    if (!done) {
        co_return pass(done);
    }
    co_return Performed{};
}

Task<Performed> FptrDriver::call_for(Handle::Function Api::*function, std::string_view what)
{
    std::function<Result<void>(Handle&)> work = [function, what](Handle& handle) {
        return handle.call(handle.api().*function, what);
    };
    const auto done = co_await ask(std::move(work));
    if (!done) {
        co_return pass(done);
    }
    co_return Performed{};
}

Task<void> FptrDriver::go_on_printing()
{
    std::function<Result<void>(Handle&)> work = [told = half_printed_ || broken_off_](Handle& handle) {
        return print_the_rest(handle, told);
    };
    auto printed = co_await ask(std::move(work), kLongestTask);
    mode_.reset();
    if (printed) {
        half_printed_ = false;
        broken_off_ = false;
    }
    co_return printed;
}

Task<void> FptrDriver::continue_printing()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    co_return co_await go_on_printing();
}

Task<void> FptrDriver::cancel_receipt()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    co_return co_await cancel_open_receipt();
}

Task<void> FptrDriver::cancel_open_receipt()
{
    std::function<Result<void>(Handle&)> work = &cancel_what_is_open;
    auto cancelled = co_await ask(std::move(work));
    mode_.reset();
    if (!cancelled && is_broken_off(cancelled.error())) {
        broken_off_ = true; // it is closed, and only its strip is not out
        Error error = cancelled.error();
        error.code = Errc::waits_for_continue;
        co_return tl::unexpected<Error>(std::move(error));
    }
    co_return cancelled;
}

Task<WorkCounters> FptrDriver::work_counters()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<WorkCounters>(Handle&)> work = &ask_counters;
    co_return co_await ask(std::move(work));
}

} // namespace kb::atol_fptr
