// The driver of ATOL registers that speak the maker's protocol themselves (platform 2.5).
#pragma once

#include "drivers/atol/line.hpp"
#include "drivers/driver.hpp"
#include "protocol/atol/models.hpp"
#include "protocol/atol/modes.hpp"
#include "protocol/atol/receipt_script.hpp"
#include "protocol/atol/registers.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace kb::atol {

class AtolDriver final : public Driver {
public:
    explicit AtolDriver(Line line) : line_(std::move(line)) {}

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
    Task<void> cancel_receipt() override;
    Task<void> continue_printing() override;
    Task<WorkCounters> work_counters() override;
    void cancel() override { line_.session().cancel(); }
    void close() override { line_.session().line().close(); }
    [[nodiscard]] LineCounters line_counters() const override { return line_.session().counters(); }
    [[nodiscard]] std::string port_name() const override { return line_.session().line().name(); }

private:
    // driver.cpp
    /// Every call begins here: earlier cancelling is forgotten, a mode left for setting the clock is entered
    /// again.
    Task<void> begin();
    Task<FullStatusReply> read_full();
    /// Until nothing is printed any more; Errc::device_busy after `at_most`.
    Task<FullStatusReply> wait_for_printing(std::chrono::milliseconds at_most);
    /// A register's or table's value; empty when this device has none.
    Task<Bytes> register_value(std::uint8_t number);
    Task<Bytes> table_value(TablePlace place);
    Task<void> enter_mode(std::uint8_t mode);
    Task<void> leave_mode();

    // identify.cpp
    Task<void> identify_firmware(fiscal::DeviceInfo& info, const FullStatusReply& full);
    Task<void> identify_registration(fiscal::DeviceInfo& info);
    Task<void> identify_user(fiscal::DeviceInfo& info, std::uint32_t registration_fd);
    Task<void> identify_ofd(fiscal::DeviceInfo& info);
    /// What requests have to keep to: tax table, characters per line.
    Task<void> identify_limits();

    // status.cpp
    Task<void> look_when_shift_expires();
    [[nodiscard]] bool shift_expired(const FullStatusReply& full) const;
    Task<void> write_clock(LocalSeconds time);

    // archive.cpp
    struct Body {
        std::optional<std::uint16_t> type;   ///< by the drive's header, where it is passed through
        std::optional<std::uint16_t> length; ///< the same
        Bytes tlvs;
    };
    Task<FnStatusReply> ask_fn();
    Task<void> may_read();
    Task<fiscal::FiscalDocument> read_once(std::uint32_t fd_number);
    Task<Body> read_body(std::uint32_t fd_number);
    Task<std::uint16_t> type_of(std::uint32_t fd_number);
    Task<Error> why_broken_off(Error error, std::uint32_t fd_number);
    Task<fiscal::FiscalDocument> short_record(std::uint32_t fd_number);
    Task<bool> ticket_received(std::uint32_t fd_number);

    // printing.cpp: requests, and what all of them share
    Task<Performed> carry_out(const fiscal::Request& request);
    Task<Performed> do_small(const fiscal::Request& request);
    Task<Performed> print_lines(const std::vector<fiscal::PrintItem>& lines);
    Task<Performed> print_copy(std::uint32_t fd_number);
    Task<void> finish_strip();
    /// Idle, no receipt open, with paper where `wants_paper`; otherwise what it waits for, nothing done.
    Task<FullStatusReply> ready(bool wants_paper);
    Task<void> paper_is_there(const FullStatusReply& full);
    /// In `mode`, entered by our own operator; what was there before is entered again by return_to_mode().
    Task<void> be_in(Mode mode, FullStatusReply full);
    /// Whatever it was in before be_in(). What is done stays done when this fails: the next call tries again.
    Task<void> return_to_mode();
    [[nodiscard]] std::optional<std::uint8_t> our_operator() const;
    Task<void> write_cashier(const fiscal::Request& request);
    template <class C>
    Task<typename C::Reply> ask_when_free(C command);
    template <class C>
    Task<void> give(C command);
    template <class Step>
    Task<void> give_step(const Step& step);

    // printing_receipt.cpp
    Task<Performed> print_receipt(const fiscal::Request& request);
    Task<Performed> sell(const ReceiptScript& script);
    Task<ScriptFacts> script_facts(const fiscal::ReceiptRequest& asked);
    Task<void> register_goods(const ReceiptScript& script);
    Task<Performed> close_receipt(const CloseReceipt& close, std::uint32_t fd_before);
    /// The receipt that this driver has opened is ended; `error` with what is certain after that.
    Task<Performed> take_back(Error error, std::optional<std::uint32_t> fd_before);
    Task<void> end_receipt();

    // printing_reports.cpp
    Task<Performed> open_shift(const fiscal::Request& request);
    Task<Performed> close_shift(const fiscal::Request& request);
    Task<Performed> print_report(const fiscal::Request& request);
    Task<Performed> move_cash(const fiscal::Request& request);
    /// After a refusal that may have come behind the work: done, not done, or still unknown.
    Task<Performed> settle_document(Error error, std::uint32_t fd_before);
    Task<Performed> settle_cash(Error error, const WorkCounters& before, bool in);
    /// What came of a report that the register has begun.
    Task<Performed> outcome_of_report(std::uint32_t fd_before, std::chrono::milliseconds at_most);
    /// Until the report is out; false: paper or printer stopped it.
    Task<bool> wait_for_report(std::chrono::milliseconds at_most);
    Task<Performed> made_after(std::uint32_t fd_before);
    Task<WorkCounters> read_counters();
    Task<void> finish_z_report();

    Line line_;

    // What identify() found.
    const Model* model_ = nullptr;
    bool autonomous_ = false; // registered without an OFD: no tickets, ever
    std::string ofd_server_;
    fiscal::OfdSender ofd_sender_ = fiscal::OfdSender::unknown;
    std::string fn_serial_;
    std::uint32_t last_fd_number_ = 0; // as the drive told last

    // What requests have to keep to, see identify_limits().
    fiscal::FfdVersion ffd_ = fiscal::FfdVersion::v1_05;
    std::uint8_t tax_systems_ = 0;
    VatTable vat_;
    std::size_t line_characters_ = 0;

    /// Whom the register calls the operator of our password; nullopt: we have not logged in yet.
    std::optional<std::uint8_t> operator_;
    /// Where the register was before be_in().
    struct Found {
        std::uint8_t mode;
        std::uint8_t cashier;
    };
    std::optional<Found> found_;
    bool unprinted_ = false; ///< our last document is in the FN and not on paper

    // The state as last seen: reading must not start inside a receipt.
    std::optional<FullStatusReply> full_;
    Steady::time_point full_at_{};

    /// When 24 hours of the open shift pass; asked once a shift, since the full status does not tell it.
    struct Expiry {
        Bytes closed_shift; ///< as in the full status: the shift it is of
        std::optional<LocalSeconds> at;
    };
    std::optional<Expiry> expiry_;

    /// Left for setting the clock, and to be entered again.
    std::optional<std::uint8_t> mode_to_restore_;

    // See ticket_received().
    std::uint32_t confirmed_below_ = 0;
    Steady::time_point ofd_asked_at_{};
    bool ofd_asked_ = false;
};

} // namespace kb::atol
