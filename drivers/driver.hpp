// One physical register, whatever its maker. The agent knows devices only through this.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/line_counters.hpp"
#include "protocol/core/money.hpp"
#include "protocol/fiscal/device_state.hpp"
#include "protocol/fiscal/fiscal_document.hpp"
#include "protocol/fiscal/marking.hpp"
#include "protocol/fiscal/request_checks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb {

/// What the driver of this device can do at all; a wish for `if (vendor)` elsewhere is a missing flag here.
struct Capabilities {
    bool sd_card = false;
    bool full_documents = false; ///< read_document can return DocumentForm::full
    bool set_clock = false;      ///< with the shift closed
    bool cash_in_drawer = false; ///< read_cash works
};

/// How a register ended what it was asked to do.
struct Performed {
    /// Of the document it made; nullopt: none is made by this kind, or it did not tell (the FN does).
    std::optional<std::uint32_t> fd_number;
    std::uint32_t fiscal_sign = 0; ///< 0: not told
    bool printed = true;           ///< false: it is done, but paper is wanted: "continue printing" or a copy
};

/// Counters that only ever grow within a shift, for requests that leave no document in the FN. What an
/// unknown outcome of theirs is compared with.
struct WorkCounters {
    std::optional<std::uint32_t> cash_ins;
    std::optional<std::uint32_t> cash_outs;
    std::optional<Kopecks> cash_in_drawer;
    std::optional<std::uint32_t> x_reports;
    bool operator==(const WorkCounters&) const = default;
};

/// The register does something else now, or waits for a person: no failure, ask again later.
inline bool has_to_wait(Errc code)
{
    return code == Errc::wrong_mode || code == Errc::device_busy || code == Errc::no_paper ||
           code == Errc::waits_for_continue;
}

/// All calls run on the device's strand, one at a time. Arguments go by value: a coroutine outlives its
/// caller's temporaries. Every call ends within a bounded time; a lost port is Errc::port_lost at once.
class Driver {
public:
    virtual ~Driver() = default;

    [[nodiscard]] virtual Capabilities capabilities() const = 0;

    /// Finds the protocol's footing after connecting (pending answers drained, numbers synchronised) and
    /// asks who the device is. Must be called before anything else, and may be called again.
    virtual Task<fiscal::DeviceInfo> identify() = 0;
    /// One short command.
    virtual Task<fiscal::DeviceStatus> status() = 0;
    virtual Task<fiscal::ShiftState> shift_state() = 0;
    /// FN state; `complete` also asks expiry, version and free memory, which change rarely.
    virtual Task<fiscal::FnStatus> fn_status(bool complete) = 0;
    virtual Task<fiscal::OfdStatus> ofd_status() = 0;
    /// Errc::unsupported where the model has none.
    virtual Task<fiscal::SdCard> sd_card() = 0;
    virtual Task<LocalSeconds> clock() = 0;
    /// Errc::wrong_mode with the shift open.
    virtual Task<void> set_clock(LocalSeconds time) = 0;
    virtual Task<Kopecks> cash_in_drawer() = 0;

    /// The short archive record of a document; may be asked when the status says may_read_records.
    /// Errc::no_data when the FN has no such number.
    virtual Task<fiscal::FiscalDocument> read_short_record(std::uint32_t fd_number) = 0;
    /// The whole document, or its short record where the FN no longer keeps the body.
    /// Errc::wrong_mode, with nothing sent to the FN, while a receipt is open; Errc::device_busy while the FN
    /// talks to the OFD; Errc::no_paper or Errc::waits_for_continue while a document is half printed. The
    /// device is always left ready, also when the reading is broken off and taken up again.
    virtual Task<fiscal::FiscalDocument> read_document(std::uint32_t fd_number) = 0;
    /// What the FN holds last: settles an unknown outcome. nullopt: the FN holds no document yet.
    virtual Task<std::optional<fiscal::FiscalDocument>> last_document() = 0;

    /// What a request must keep to with this register; valid after identify().
    [[nodiscard]] virtual fiscal::RequestLimits request_limits() const { return {}; }
    /// One attempt at a request that went through fill_in(), fit_to() this register's FFD and
    /// check_request(). Nothing is opened, closed or repeated besides: a receipt wants its shift open.
    /// Outcome::not_done and ::refused promise that the FN made no document of it and that no receipt was
    /// left open. Outcome::unknown promises nothing: the command that makes it final was sent (or what was
    /// begun could not be taken back), and the FN has to be asked. Done means that the register said so;
    /// whether it is so, the FN's number tells. Waits for the paper at most some seconds.
    virtual Task<Performed> perform(fiscal::Request /*request*/)
    {
        co_return fail(Errc::unsupported, port_name() + ": this driver only reads");
    }
    /// What the last perform() was told of its marking codes, in the order of the positions; also when it
    /// failed. Empty: it had none, or failed before the first answer.
    [[nodiscard]] virtual std::vector<fiscal::MarkCheck> mark_checks() const { return {}; }
    /// Cancels the receipt that is open, if it was opened by this driver's operator; nothing to cancel is no
    /// error. Errc::wrong_mode, with nothing changed, when it is somebody else's.
    virtual Task<void> cancel_receipt() { co_return fail(Errc::unsupported, port_name() + ": only reads"); }
    /// Paper is back: the document that was broken off is printed. Nothing to print is no error.
    virtual Task<void> continue_printing()
    {
        co_return fail(Errc::unsupported, port_name() + ": only reads");
    }
    /// Those that this make has; the others are nullopt.
    virtual Task<WorkCounters> work_counters() { co_return WorkCounters{}; }

    /// Ends the call that is running now, if any, with Errc::cancelled. The next call first puts the device
    /// right (an answer left unread, a document left half read).
    virtual void cancel() {}
    /// Gives the port back; every later call is Errc::port_lost.
    virtual void close() {}
    /// Since this driver was made. A driver without a line of its own has nothing to count.
    [[nodiscard]] virtual LineCounters line_counters() const { return {}; }
    /// "serial:/dev/ttyACM0 115200", for people and logs.
    [[nodiscard]] virtual std::string port_name() const { return {}; }
};

} // namespace kb
