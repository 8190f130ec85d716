// The driver of ATOL registers through their maker's library: every platform and FFD that the library knows.
#pragma once

#include "drivers/atol_fptr/errors.hpp"
#include "drivers/atol_fptr/handle.hpp"
#include "drivers/atol_fptr/tasks.hpp"
#include "drivers/atol_fptr/verdict.hpp"
#include "drivers/blocking_thread.hpp"
#include "drivers/driver.hpp"
#include "drivers/driver_options.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kb::atol_fptr {

/// No question to a register takes longer, with the library's own retries; a call that does, hangs.
inline constexpr std::chrono::milliseconds kLongestCall{20'000};

/// The library blocks, so each of its calls is done on the register's own thread while the strand waits,
/// bounded. What the thread uses belongs to it: a call that never returns leaves nothing of this object
/// behind it.
class FptrDriver final : public Driver {
public:
    FptrDriver(std::unique_ptr<BlockingThread> thread, std::shared_ptr<Handle> handle, DriverOptions options);
    ~FptrDriver() override;
    FptrDriver(const FptrDriver&) = delete;
    FptrDriver& operator=(const FptrDriver&) = delete;

    [[nodiscard]] Capabilities capabilities() const override;
    Task<fiscal::DeviceInfo> identify() override;
    Task<fiscal::DeviceStatus> status() override;
    Task<fiscal::ShiftState> shift_state() override;
    Task<fiscal::FnStatus> fn_status(bool complete) override;
    Task<fiscal::OfdStatus> ofd_status() override;
    Task<fiscal::SdCard> sd_card() override;
    Task<LocalSeconds> clock() override;
    Task<void> set_clock(LocalSeconds time) override;
    Task<Kopecks> cash_in_drawer() override;
    Task<fiscal::FiscalDocument> read_short_record(std::uint32_t fd_number) override;
    Task<fiscal::FiscalDocument> read_document(std::uint32_t fd_number) override;
    Task<std::optional<fiscal::FiscalDocument>> last_document() override;
    [[nodiscard]] fiscal::RequestLimits request_limits() const override;
    Task<Performed> perform(fiscal::Request request) override;
    [[nodiscard]] std::vector<fiscal::MarkCheck> mark_checks() const override { return mark_checks_; }
    /// The library does not tell who opened a receipt. While it holds the port nobody else can, but at the
    /// register's own keys.
    Task<void> cancel_receipt() override;
    Task<void> continue_printing() override;
    /// Cash moves are counted, X reports are not.
    Task<WorkCounters> work_counters() override;
    void cancel() override;
    /// The library closes the port on its thread; a new connection to it waits for that.
    void close() override;
    [[nodiscard]] LineCounters line_counters() const override { return counters_; }
    [[nodiscard]] std::string port_name() const override { return name_; }

private:
    using Mode = fiscal::DeviceStatus::Mode;

    // driver.cpp
    /// Every call begins here: earlier cancelling is forgotten, a list left open is closed.
    Task<void> begin();
    /// `work` on the register's thread.
    template <class T>
    Task<T> ask(std::function<Result<T>(Handle&)> work, std::chrono::milliseconds at_most = kLongestCall);
    /// The task's result, JSON or nothing.
    Task<std::string> run_json(LibraryTask task);
    Task<TaskAnswer> run_task(LibraryTask task);

    // archive.cpp
    struct Listing {
        std::uint32_t type = 0;
        std::uint32_t told_size = 0; ///< 0: the library did not tell
    };
    Task<std::string> fn_serial();
    Task<void> may_read();
    Task<Bytes> read_body(std::uint32_t fd_number);
    Task<Bytes> read_listing(std::uint32_t fd_number, Listing& listing);
    Task<void> end_listing();
    Task<fiscal::FiscalDocument> short_record(std::uint32_t fd_number);

    // printing.cpp
    /// What is seen right before a task, by the kind of the request.
    struct Before {
        fiscal::DeviceStatus status;
        std::uint32_t last_fd_number = 0;
        std::optional<std::uint32_t> cash_moves;
    };
    static Result<Before> look_before(Handle& handle, fiscal::RequestKind kind);
    Task<Performed> carry_out(const fiscal::Request& request);
    Task<Before> may_begin(const fiscal::Request& request);
    Task<Performed> print_only(const fiscal::Request& request);
    Task<Performed> move_cash(const fiscal::Request& request);
    Task<Performed> settle_cash(fiscal::RequestKind kind, Before before, Error error);
    Task<Performed> do_small(const fiscal::Request& request);
    Task<Performed> with_paper();
    /// `what`: a literal.
    Task<Performed> call_for(Handle::Function Api::*function, std::string_view what);
    Task<void> go_on_printing();
    Task<void> cancel_open_receipt();
    [[nodiscard]] TaskFacts task_facts() const;

    // marking.cpp
    Task<void> check_marks(const fiscal::ReceiptRequest& asked);
    Task<fiscal::MarkCheck> check_mark(const fiscal::Position& position, std::string place, bool refuse);
    Task<std::optional<fiscal::MarkCheck>> find_mark(const fiscal::Position& position, std::string place,
                                                     bool ask_system, std::chrono::milliseconds at_most);
    /// `type`: a literal.
    Task<std::string> run_mark_task(const char* type);
    /// A check that runs is ended, the table of checked codes emptied.
    Task<void> clear_marks();
    /// Clears them and fails with `error`.
    Task<Performed> give_up_marks(Error error);

    // printing_documents.cpp
    Task<Performed> make_document(const fiscal::Request& request);
    Task<Performed> run_document(const fiscal::Request& request);
    [[nodiscard]] bool has_marks_to_check(const fiscal::Request& request) const;
    Task<Performed> settle(const fiscal::Request& request, Before before, Error error);
    Task<Performed> made(const fiscal::Request& request, Performed done);
    // printing.hpp
    template <class T>
    Task<T> ask_until_answered(std::function<Result<T>(Handle&)> work);

    std::unique_ptr<BlockingThread> thread_;
    std::shared_ptr<Handle> handle_; ///< to be used on thread_ only
    DriverOptions options_;
    std::string name_;
    LineCounters counters_;
    bool closed_ = false;
    bool cancelled_ = false;

    // What identify() found.
    std::string fn_serial_;
    std::string ofd_server_;
    fiscal::FfdVersion ffd_ = fiscal::FfdVersion::unknown;
    std::uint8_t tax_systems_ = 0;
    std::uint32_t platform_ = 0; ///< 25: 2.5, 50: 5; 0: the library did not tell

    /// The strip of a document of this driver's was broken off.
    bool half_printed_ = false;
    /// The library refused something for a strip that was broken off, whoever's.
    bool broken_off_ = false;
    /// The last receipt, or one before this program was started, may have left the header switched off.
    bool cliche_may_be_off_ = true;
    std::vector<fiscal::MarkCheck> mark_checks_; ///< of the last perform()
    /// Codes were checked, or are, for a receipt that may not have come; by one before this program, too.
    bool marks_left_ = true;

    /// A list of records was begun, or may have been: its end was not seen.
    bool listing_begun_ = false;
    /// Its id, empty: there is none. To be used on thread_ only, where it is known even when nobody waits for
    /// it any more.
    std::shared_ptr<std::string> listing_id_ = std::make_shared<std::string>();
    // As last seen: reading must not start inside a receipt.
    std::optional<Mode> mode_;
    Steady::time_point mode_at_{};
};

/// What one open register answers about itself: status and receipt, in one step.
Result<fiscal::DeviceStatus> ask_status(Handle& handle);
/// Errc::no_data when the FN has no such number.
Result<fiscal::ShortRecord> ask_record(Handle& handle, std::uint32_t fd_number, fiscal::FfdVersion ffd);
/// 0: the FN holds no document yet.
Result<std::uint32_t> ask_last_number(Handle& handle);
Result<bool> ask_receipt_open(Handle& handle);
bool has_paper(const fiscal::DeviceStatus& status);

template <class T>
Task<T> FptrDriver::ask(std::function<Result<T>(Handle&)> work, std::chrono::milliseconds at_most)
{
    if (closed_) {
        co_return fail(Errc::port_lost, name_ + ": closed");
    }
    if (cancelled_) {
        co_return fail(Errc::cancelled, name_ + ": stopped on request");
    }
    ++counters_.exchanges;
    std::function<Result<T>()> job = [handle = handle_, work = std::move(work)] { return work(*handle); };
    auto result = co_await thread_->run(std::move(job), at_most);
    if (!result) {
        const Errc errc = result.error().code;
        counters_.timeouts += errc == Errc::timed_out ? 1 : 0;
        counters_.failed +=
            errc == Errc::timed_out || errc == Errc::port_lost || errc == Errc::no_answer ? 1 : 0;
    }
    co_return result;
}

} // namespace kb::atol_fptr
