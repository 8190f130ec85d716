// What the register is doing: mode, shift, drive, OFD exchange, clock, cash.
#include "drivers/atol_fptr/driver.hpp"

namespace kb::atol_fptr {
namespace {

using Mode = fiscal::DeviceStatus::Mode;

constexpr std::uint32_t kShiftClosed = 0;
constexpr std::uint32_t kShiftOpen = 1;
constexpr std::uint32_t kShiftExpired = 2;
constexpr std::uint32_t kReceiptClosed = 0;

// docs/sources.md#ffd, section 6.3
constexpr std::uint8_t kReplaceWithin3Days = 0x01;
constexpr std::uint8_t kReplaceWithin30Days = 0x02;
constexpr std::uint8_t kMemoryFull = 0x04;
constexpr std::uint8_t kOfdOverdue = 0x08;
constexpr std::uint8_t kCritical = 0x80;

// OFD_EXCHANGE_STATUS, as the drive's own flags
constexpr std::uint32_t kOfdConnected = 0x01;
constexpr std::uint32_t kWaitsForTicket = 0x04;

constexpr std::uint32_t kDebugDrive = 0;

std::uint8_t warnings_of(const Handle& handle)
{
    // The flags byte and the flags told one by one say the same; where a version lacks one form, the other
    // counts.
    auto warnings = static_cast<std::uint8_t>(handle.number(Param::fn_flags));
    const std::pair<Param, std::uint8_t> single[] = {
        {Param::fn_need_replacement, kReplaceWithin3Days},
        {Param::fn_resource_exhausted, kReplaceWithin30Days},
        {Param::fn_memory_overflow, kMemoryFull},
        {Param::fn_ofd_timeout, kOfdOverdue},
        {Param::fn_critical_error, kCritical},
    };
    for (const auto& [id, bit] : single) {
        if (handle.flag(id)) {
            warnings |= bit;
        }
    }
    return warnings;
}

Result<void> ask_fn_details(Handle& handle, fiscal::FnStatus& fn)
{
    const auto validity = handle.query(FnData::validity, "FN validity");
    if (!validity) {
        // What the register does not tell stays empty.
        return validity.error().outcome == Outcome::refused ? Result<void>{} : validity;
    }
    if (const auto until = handle.time(Param::date_time, "FN validity")) {
        fn.expires_on = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(*until));
    }
    fn.registrations_left = handle.number(Param::registrations_remain);
    return {};
}

Result<fiscal::FnStatus> ask_fn(Handle& handle, bool complete)
{
    fiscal::FnStatus fn;
    if (const auto asked = handle.query(FnData::info, "FN"); !asked) {
        return pass(asked);
    }
    fn.fn_serial = handle.text(Param::serial_number);
    fn.phase = static_cast<std::uint8_t>(handle.number(Param::fn_state));
    fn.warnings = warnings_of(handle);
    fn.version = handle.text(Param::fn_version);
    fn.serial_production = handle.number(Param::fn_type) != kDebugDrive;
    const auto last = handle.query(FnData::last_document, "last document");
    if (last) {
        fn.last_fd_number = handle.number(Param::document_number);
        if (const auto at = handle.time(Param::date_time, "last document"); at && fn.last_fd_number != 0) {
            fn.last_document_at = *at;
        }
    } else if (last.error().code != Errc::no_data) {
        return pass(last);
    }
    if (const auto shift = handle.query(Data::shift_state, "shift"); !shift) {
        return pass(shift);
    }
    fn.shift_open = handle.number(Param::shift_state) != kShiftClosed;
    if (complete) {
        if (const auto details = ask_fn_details(handle, fn); !details) {
            return pass(details);
        }
    }
    return fn;
}

Result<fiscal::ShiftState> ask_shift(Handle& handle)
{
    fiscal::ShiftState shift;
    if (const auto asked = handle.query(Data::shift_state, "shift"); !asked) {
        return pass(asked);
    }
    const std::uint32_t state = handle.number(Param::shift_state);
    shift.open = state != kShiftClosed;
    shift.over_24h = state == kShiftExpired;
    // The drive knows the number of the last shift also while none is open.
    if (const auto asked = handle.query(FnData::shift, "shift numbers"); !asked) {
        return pass(asked);
    }
    shift.shift_number = handle.number(Param::shift_number);
    shift.receipt_number = handle.number(Param::receipt_number);
    return shift;
}

Result<fiscal::OfdStatus> ask_ofd(Handle& handle)
{
    fiscal::OfdStatus ofd;
    if (const auto asked = handle.query(FnData::ofd_exchange, "OFD exchange"); !asked) {
        return pass(asked);
    }
    const std::uint32_t flags = handle.number(Param::ofd_exchange_status);
    ofd.connected = (flags & kOfdConnected) != 0;
    ofd.waiting_for_ticket = (flags & kWaitsForTicket) != 0;
    ofd.unsent_documents = handle.number(Param::documents_count);
    const std::uint32_t first = handle.number(Param::document_number);
    if (ofd.unsent_documents != 0 && first != 0) {
        ofd.first_unsent_fd = first;
        if (const auto at = handle.time(Param::date_time, "OFD exchange")) {
            ofd.first_unsent_at = *at;
        }
    }
    const auto errors = handle.query(FnData::errors, "OFD errors");
    if (errors) {
        ofd.last_ofd_code = handle.number(Param::ofd_error);
    } else if (errors.error().outcome != Outcome::refused) {
        return pass(errors);
    }
    return ofd;
}

Result<LocalSeconds> ask_clock(Handle& handle)
{
    if (const auto asked = handle.query(Data::date_time, "clock"); !asked) {
        return pass(asked);
    }
    return handle.time(Param::date_time, "clock");
}

Result<Kopecks> ask_cash(Handle& handle)
{
    if (const auto asked = handle.query(Data::cash_sum, "cash in the drawer"); !asked) {
        return pass(asked);
    }
    return handle.kopecks(Param::sum, "cash in the drawer");
}

Result<void> put_clock(Handle& handle, LocalSeconds time)
{
    const auto fn = ask_fn(handle, false);
    if (!fn) {
        return pass(fn);
    }
    if (fn->shift_open) {
        return fail(Errc::wrong_mode, "set clock: only with the shift closed, " + handle.name(),
                    Outcome::refused);
    }
    // The register would ask for another date until a technician comes.
    if (fn->last_document_at && time < *fn->last_document_at) {
        return fail(Errc::bad_value, "set clock: " + to_text(time) + " is before the FN's last document of " +
                                         to_text(*fn->last_document_at) +
                                         "; set the clock of this computer right first");
    }
    handle.set(Param::date_time, time);
    auto done = handle.call(handle.api().write_date_time, "set clock");
    if (!done && done.error().code == Errc::port_lost) {
        Error error = done.error();
        error.outcome = Outcome::unknown;
        return tl::unexpected<Error>(std::move(error));
    }
    return done;
}

} // namespace

bool has_paper(const fiscal::DeviceStatus& status)
{
    return status.paper != fiscal::Paper::absent && status.cover != fiscal::Cover::open;
}

Result<bool> ask_receipt_open(Handle& handle)
{
    if (const auto asked = handle.query(Data::receipt_state, "receipt"); !asked) {
        return pass(asked);
    }
    return handle.number(Param::receipt_type) != kReceiptClosed;
}

Result<fiscal::DeviceStatus> ask_status(Handle& handle)
{
    if (const auto asked = handle.query(Data::status, "status"); !asked) {
        return pass(asked);
    }
    fiscal::DeviceStatus status;
    status.vendor_mode =
        static_cast<std::uint16_t>((handle.number(Param::mode) << 8U) | handle.number(Param::submode));
    status.paper = handle.flag(Param::paper_present) ? fiscal::Paper::present : fiscal::Paper::absent;
    status.cover = handle.flag(Param::cover_opened) ? fiscal::Cover::open : fiscal::Cover::closed;
    const std::uint32_t shift = handle.number(Param::shift_state);
    const bool blocked = handle.flag(Param::blocked);
    status.mode = blocked                  ? Mode::blocked
                  : shift == kShiftClosed  ? Mode::shift_closed
                  : shift == kShiftOpen    ? Mode::shift_open
                  : shift == kShiftExpired ? Mode::shift_expired
                                           : Mode::unknown;
    // The status tells of the shift; only this tells for certain whether a receipt is open.
    const auto receipt_open = ask_receipt_open(handle);
    if (!receipt_open) {
        return pass(receipt_open);
    }
    if (!blocked && *receipt_open) {
        status.mode = Mode::receipt_open;
    }
    status.may_read_archive = status.mode == Mode::shift_closed || status.mode == Mode::shift_open ||
                              status.mode == Mode::shift_expired;
    return status;
}

Task<fiscal::DeviceStatus> FptrDriver::status()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<fiscal::DeviceStatus>(Handle&)> work = &ask_status;
    auto status = co_await ask(std::move(work));
    mode_.reset();
    if (status) {
        mode_ = status->mode;
        mode_at_ = Steady::now();
        // The library's status does not tell it; only a document that was just made is asked about.
        status->waits_for_continue = half_printed_ && has_paper(*status);
    }
    co_return status;
}

Task<fiscal::ShiftState> FptrDriver::shift_state()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<fiscal::ShiftState>(Handle&)> work = &ask_shift;
    co_return co_await ask(std::move(work));
}

Task<fiscal::FnStatus> FptrDriver::fn_status(bool complete)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<fiscal::FnStatus>(Handle&)> work = [complete](Handle& handle) {
        return ask_fn(handle, complete);
    };
    auto fn = co_await ask(std::move(work));
    if (fn) {
        fn_serial_ = fn->fn_serial;
    }
    co_return fn;
}

Task<fiscal::OfdStatus> FptrDriver::ofd_status()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<fiscal::OfdStatus>(Handle&)> work = &ask_ofd;
    auto ofd = co_await ask(std::move(work));
    if (ofd) {
        ofd->server = ofd_server_;
    }
    co_return ofd;
}

Task<fiscal::SdCard> FptrDriver::sd_card()
{
    co_return fail(Errc::unsupported, "atol-fptr: these registers tell nothing of an SD card, " + name_,
                   Outcome::refused);
}

Task<LocalSeconds> FptrDriver::clock()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<LocalSeconds>(Handle&)> work = &ask_clock;
    co_return co_await ask(std::move(work));
}

Task<void> FptrDriver::set_clock(LocalSeconds time)
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<void>(Handle&)> work = [time](Handle& handle) { return put_clock(handle, time); };
    co_return co_await ask(std::move(work));
}

Task<Kopecks> FptrDriver::cash_in_drawer()
{
    if (const auto ready = co_await begin(); !ready) {
        co_return pass(ready);
    }
    std::function<Result<Kopecks>(Handle&)> work = &ask_cash;
    co_return co_await ask(std::move(work));
}

} // namespace kb::atol_fptr
