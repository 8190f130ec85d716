// What the register is doing: mode, shift, drive, OFD exchange, clock, cash.
#include "drivers/atol/driver.hpp"

#include <algorithm>

namespace kb::atol {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReportWait{30'000};
constexpr int kDateEntry = 0x15;
constexpr int kDateConfirmation = 0x16;

bool wants_it_again(const Error& error)
{
    return error.device_code == kDateEntry || error.device_code == kDateConfirmation;
}

} // namespace

Task<fiscal::DeviceStatus> AtolDriver::status()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const auto full = co_await read_full();
    if (!full) {
        co_return pass(full);
    }
    // The paper is told by this one only.
    const StateCode question;
    const auto state = co_await line_.ask(question);
    if (!state && state.error().outcome != Outcome::refused) {
        co_return pass(state);
    }
    if (full->has(status_flag::kShiftOpen)) {
        if (const auto looked = co_await look_when_shift_expires(); !looked) {
            co_return pass(looked);
        }
    }
    auto status = to_device_status(*full, state ? &*state : nullptr, line_.dialect());
    if (status.mode == fiscal::DeviceStatus::Mode::shift_open && shift_expired(*full)) {
        status.mode = fiscal::DeviceStatus::Mode::shift_expired;
    }
    co_return status;
}

Task<void> AtolDriver::look_when_shift_expires()
{
    if (expiry_ && full_ && expiry_->closed_shift == full_->closed_shift) {
        co_return Result<void>{};
    }
    const auto value = co_await register_value(reg::kShiftState);
    if (!value) {
        co_return pass(value);
    }
    Expiry expiry;
    expiry.closed_shift = full_ ? full_->closed_shift : Bytes{};
    if (const auto shift = read_shift_register(*value);
        shift && shift->state != ShiftRegister::State::closed) {
        expiry.at = shift->moment;
    }
    expiry_ = std::move(expiry);
    co_return Result<void>{};
}

// By the register's own clock, which the full status tells as well.
bool AtolDriver::shift_expired(const FullStatusReply& full) const
{
    const auto now = clock_of(full);
    return expiry_ && expiry_->at && now && *now >= *expiry_->at;
}

Task<fiscal::ShiftState> AtolDriver::shift_state()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    fiscal::ShiftState state;
    const auto value = co_await register_value(reg::kShiftState);
    if (!value) {
        co_return pass(value);
    }
    const auto numbers_value = co_await register_value(reg::kReceiptAndShift);
    if (!numbers_value) {
        co_return pass(numbers_value);
    }
    const auto shift = read_shift_register(*value);
    const auto numbers = read_receipt_and_shift(*numbers_value);
    if (shift && numbers) {
        state.open = shift->state != ShiftRegister::State::closed;
        state.over_24h = shift->state == ShiftRegister::State::over_24h;
        state.shift_number = numbers->shift_number;
        state.receipt_number = numbers->receipt_number;
        co_return state;
    }
    // Older firmware without these registers: the drive, in which it is not certain how the numbers are
    // written.
    const FnShift question;
    const auto fn = co_await line_.ask(question);
    if (!fn) {
        co_return pass(fn);
    }
    state.open = fn->open != 0;
    state.over_24h = shift && shift->state == ShiftRegister::State::over_24h;
    state.shift_number = fn->shift_number;
    state.receipt_number = fn->receipt_number;
    co_return state;
}

Task<fiscal::FnStatus> AtolDriver::fn_status(bool complete)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const auto state = co_await ask_fn();
    if (!state) {
        co_return pass(state);
    }
    fiscal::FnStatus fn;
    fn.fn_serial = state->fn_serial;
    fn.phase = state->phase;
    fn.current_document = state->current_document;
    fn.shift_open = state->shift_open != 0;
    fn.warnings = state->warnings;
    fn.last_document_at = state->last_document_at.to_local();
    fn.last_fd_number = state->last_fd_number;
    if (!complete) {
        co_return fn;
    }
    const FnExpiry expiry_question;
    const auto expiry = co_await line_.ask(expiry_question);
    if (expiry) {
        fn.expires_on = expiry->expires_on.to_day();
        fn.registrations_left = expiry->registrations_left;
    } else if (expiry.error().outcome != Outcome::refused) {
        co_return pass(expiry);
    }
    const FnVersion version_question;
    const auto version = co_await line_.ask(version_question);
    if (version) {
        fn.version = version->version;
        fn.serial_production = version->type != 0;
    } else if (version.error().outcome != Outcome::refused) {
        co_return pass(version);
    }
    co_return fn;
}

Task<fiscal::OfdStatus> AtolDriver::ofd_status()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    fiscal::OfdStatus status;
    status.server = ofd_server_;
    status.sender = ofd_sender_;
    const FnExchange question;
    const auto reply = co_await line_.ask(question);
    if (reply) {
        status.unsent_documents = reply->unsent;
        if (reply->unsent != 0 && reply->first_fd_number != 0) {
            status.first_unsent_fd = reply->first_fd_number;
            status.first_unsent_at = reply->first_at.to_local();
        }
        status.connected = reply->has(exchange_flag::kConnected);
        status.waiting_for_ticket = reply->has(exchange_flag::kWaitsForTicket);
        co_return status;
    }
    if (reply.error().outcome != Outcome::refused) {
        co_return pass(reply);
    }
    const auto value = co_await register_value(reg::kUnsent);
    if (!value) {
        co_return pass(value);
    }
    const auto count = read_number(*value, "atol register 2C");
    if (!count) {
        co_return pass(count);
    }
    status.unsent_documents = static_cast<std::uint32_t>(*count);
    co_return status;
}

Task<fiscal::SdCard> AtolDriver::sd_card()
{
    co_return fail(Errc::unsupported, "atol: these registers tell nothing of an SD card, " + port_name(),
                   Outcome::refused);
}

Task<LocalSeconds> AtolDriver::clock()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const auto full = co_await read_full();
    if (!full) {
        co_return pass(full);
    }
    const auto time = clock_of(*full);
    if (!time) {
        co_return fail(Errc::bad_value, "atol 3F: the clock shows no real date, " + port_name());
    }
    co_return *time;
}

Task<void> AtolDriver::set_clock(LocalSeconds time)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const auto full = co_await wait_for_printing(kReportWait);
    if (!full) {
        co_return pass(full);
    }
    if (full->has(status_flag::kShiftOpen)) {
        co_return fail(Errc::wrong_mode,
                       "set clock: only with the shift closed, now: смена открыта, " +
                           std::string(mode_text_ru(full->mode)) + ", " + port_name(),
                       Outcome::refused);
    }
    // With a date before the last document the register would refuse every document until a technician comes.
    const auto fn = co_await ask_fn();
    if (!fn) {
        co_return pass(fn);
    }
    const auto last = fn->last_document_at.to_local();
    if (last && time < *last) {
        co_return fail(Errc::bad_value, "set clock: " + to_text(time) +
                                            " is before the FN's last document of " + to_text(*last) +
                                            "; set the clock of this computer right first");
    }
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    if (date.year() < std::chrono::year(2016) || date.year() > std::chrono::year(2099)) {
        co_return fail(Errc::bad_value,
                       "set clock: the register knows years 2016..2099, not " + to_text(time));
    }
    // In mode 7 it may be the clock that it waits for.
    const Mode mode = mode_of(full->mode);
    if (full->mode != 0 && mode != Mode::service) {
        mode_to_restore_ = static_cast<std::uint8_t>(mode);
        if (const auto left = co_await leave_mode(); !left) {
            co_return pass(left);
        }
    }
    const auto written = co_await write_clock(time);
    full_.reset();
    if (mode_to_restore_) {
        const std::uint8_t back = *mode_to_restore_;
        const auto entered = co_await enter_mode(back);
        if (written && !entered) {
            Error error = entered.error();
            error.context =
                "set clock: done, but the register's mode was not entered again: " + error.context;
            co_return tl::unexpected<Error>(std::move(error));
        }
    }
    co_return written;
}

Task<void> AtolDriver::write_clock(LocalSeconds time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    SetDateTime both;
    both.date = Date::from_day(std::chrono::year_month_day(day));
    both.time = time_of_day(time);
    auto done = co_await line_.ask(both);
    if (!done && wants_it_again(done.error())) {
        done = co_await line_.ask(both); // a date ahead of the drive's is to be confirmed
    }
    if (done) {
        co_return Result<void>{};
    }
    if (done.error().code != Errc::unsupported) {
        co_return pass(done);
    }
    SetDate date;
    date.date = both.date;
    done = co_await line_.ask(date);
    if (!done && wants_it_again(done.error())) {
        done = co_await line_.ask(date);
    }
    if (!done) {
        co_return pass(done);
    }
    SetTime clock;
    clock.time = both.time;
    done = co_await line_.ask(clock);
    if (!done) {
        co_return pass(done);
    }
    co_return Result<void>{};
}

Task<Kopecks> AtolDriver::cash_in_drawer()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const CashInDrawer question;
    const auto reply = co_await line_.ask(question);
    if (!reply) {
        co_return pass(reply);
    }
    co_return reply->sum;
}

} // namespace kb::atol
