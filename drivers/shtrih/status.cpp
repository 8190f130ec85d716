// What the register is doing: mode, shift, drive, OFD exchange, SD card, clock, cash.
#include "drivers/shtrih/driver.hpp"
#include "protocol/shtrih/modes.hpp"

#include <array>

namespace kb::shtrih {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kCashInDrawer = 241;
constexpr std::uint8_t kLastOfdCode = 7;
constexpr milliseconds kReportWait{30'000};

} // namespace

Task<fiscal::DeviceStatus> ShtrihDriver::status()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    auto reply = co_await read_mode();
    if (reply && mode_of(reply->mode) == Mode::data_output) {
        // Nobody else reads while this program owns the port: somebody stopped in the middle.
        reading_ = true;
        if (const auto ready = co_await finish_reading(); !ready) {
            co_return pass(ready);
        }
        reply = co_await read_mode();
    }
    if (!reply) {
        co_return pass(reply);
    }
    co_return to_device_status(reply->mode, reply->submode, reply->flags, has_cover_sensor_);
}

Task<fiscal::ShiftState> ShtrihDriver::shift_state()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const ShiftParameters question;
    const auto shift = co_await line_.ask(question);
    if (!shift) {
        co_return pass(shift);
    }
    const auto mode = co_await read_mode();
    if (!mode) {
        co_return pass(mode);
    }
    fiscal::ShiftState state;
    state.open = shift->open != 0;
    state.shift_number = shift->shift_number;
    state.receipt_number = shift->receipt_number;
    state.over_24h = mode_of(mode->mode) == Mode::shift_over_24h;
    co_return state;
}

Task<fiscal::FnStatus> ShtrihDriver::fn_status(bool complete)
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
    // What firmware does not know stays empty; FF02 only repeats the number that FF01 has told.
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
    const FnFreeMemory memory_question;
    const auto memory = co_await line_.ask(memory_question);
    if (memory) {
        fn.documents_left = memory->documents;
        fn.kilobytes_left = memory->kilobytes;
    } else if (memory.error().outcome != Outcome::refused) {
        co_return pass(memory);
    }
    co_return fn;
}

Task<fiscal::OfdStatus> ShtrihDriver::ofd_status()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    fiscal::OfdStatus status;
    status.server = ofd_server_;
    status.sender = ofd_sender_;
    const OfdStatus question;
    const auto reply = co_await line_.ask(question);
    if (reply) {
        status.unsent_documents = reply->messages;
        if (reply->messages != 0 && reply->first_fd_number != 0) {
            status.first_unsent_fd = reply->first_fd_number;
            status.first_unsent_at = reply->first_at.to_local();
        }
        status.connected = reply->has(ofd_flag::kConnected);
        status.waiting_for_ticket = reply->has(ofd_flag::kWaitingTicket);
    } else if (reply.error().outcome == Outcome::refused) {
        // FF39 is promised with the shift closed only; the count alone is told in every mode.
        const UnsentCount count_question;
        const auto count = co_await line_.ask(count_question);
        if (!count) {
            co_return pass(count);
        }
        status.unsent_documents = count->count;
    } else {
        co_return pass(reply);
    }
    const std::uint8_t exchange_table = identity_.device_class.exchange_table;
    if (has_exchange_table_ && exchange_table != 0) {
        const auto code = co_await table_number(exchange_table, kLastOfdCode);
        if (!code) {
            co_return pass(code);
        }
        status.last_ofd_code = *code;
        has_exchange_table_ = code->has_value();
    }
    co_return status;
}

Task<fiscal::SdCard> ShtrihDriver::sd_card()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const std::uint8_t table = identity_.device_class.sd_table;
    if (table == 0) {
        co_return fail(Errc::unsupported, "shtrih: this model tells nothing of an SD card, " + port_name(),
                       Outcome::refused);
    }
    std::array<std::uint32_t, 6> values{};
    for (std::uint8_t field = sd_field::kStatus; field <= sd_field::kRetries; ++field) {
        const auto value = co_await table_number(table, field);
        if (!value) {
            co_return pass(value);
        }
        values[field - 1U] = value->value_or(0);
        if (field == sd_field::kStatus && values[0] == sd_field::kNotConnected) {
            break; // sizes of a card that is not there are what the last one left
        }
    }
    co_return to_sd_card(values);
}

Task<LocalSeconds> ShtrihDriver::clock()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const FullStatus question;
    const auto full = co_await line_.ask(question);
    if (!full) {
        co_return pass(full);
    }
    const auto time = to_local(full->date, full->time);
    if (!time) {
        co_return fail(Errc::bad_value, "shtrih 11h: the clock shows no real date, " + port_name());
    }
    co_return *time;
}

Task<void> ShtrihDriver::set_clock(LocalSeconds time)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    const auto mode = co_await wait_for_printing(kReportWait);
    if (!mode) {
        co_return pass(mode);
    }
    if (mode_of(mode->mode) != Mode::shift_closed) {
        co_return fail(Errc::wrong_mode,
                       "set clock: only with the shift closed, now: " +
                           std::string(mode_text_ru(mode->mode)) + ", " + port_name(),
                       Outcome::refused);
    }
    // With a date before the last document the register would wait for another date until a technician comes.
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
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    if (date.year() < std::chrono::year(2016) || date.year() > std::chrono::year(2099)) {
        co_return fail(Errc::bad_value,
                       "set clock: the register knows years 2016..2099, not " + to_text(time));
    }
    SetTime set_time;
    set_time.time = time_of_day(time);
    if (const auto done = co_await line_.ask(set_time); !done) {
        co_return pass(done);
    }
    SetDate set_date;
    set_date.date = Date::from_day(date);
    mode_.reset();
    if (const auto done = co_await line_.ask(set_date); !done) {
        co_return pass(done);
    }
    ConfirmDate confirm;
    confirm.date = set_date.date;
    if (auto done = co_await line_.ask(confirm); !done) {
        Error error = done.error();
        error.context += "; the register waits for the date to be confirmed";
        co_return tl::unexpected<Error>(std::move(error));
    }
    co_return Result<void>{};
}

Task<Kopecks> ShtrihDriver::cash_in_drawer()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    ReadCashRegister question;
    question.number = kCashInDrawer;
    const auto reply = co_await line_.ask(question);
    if (!reply) {
        co_return pass(reply);
    }
    co_return reply->value;
}

} // namespace kb::shtrih
