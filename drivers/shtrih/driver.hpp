// The driver of Shtrih-M registers and those built on them (Retail, RR, Elves).
#pragma once

#include "drivers/driver.hpp"
#include "drivers/shtrih/line.hpp"
#include "protocol/shtrih/models.hpp"
#include "protocol/shtrih/receipt_script.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace kb::shtrih {

class ShtrihDriver final : public Driver {
public:
    ShtrihDriver(Line line, DriverOptions options) : line_(std::move(line)), options_(std::move(options)) {}

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
    Task<void> cancel_receipt() override;
    Task<void> continue_printing() override;
    Task<WorkCounters> work_counters() override;
    void cancel() override { line_.session().cancel(); }
    void close() override { line_.session().line().close(); }
    [[nodiscard]] LineCounters line_counters() const override { return line_.session().counters(); }
    [[nodiscard]] std::string port_name() const override { return line_.session().line().name(); }

private:
    // driver.cpp
    /// Every call begins here: earlier cancelling is forgotten, a document left half read is read to its end.
    Task<void> begin();
    Task<ShortStatusReply> read_mode();
    /// Until nothing is printed any more; Errc::device_busy after `at_most`.
    Task<ShortStatusReply> wait_for_printing(std::chrono::milliseconds at_most);
    /// A number or text of a table; nullopt when this device has no such field.
    Task<std::optional<TableValueReply>> table_value(std::uint8_t table, std::uint8_t field);
    Task<std::string> table_text(std::uint8_t table, std::uint8_t field);
    Task<std::optional<std::uint32_t>> table_number(std::uint8_t table, std::uint8_t field);

    // identify.cpp
    Task<void> identify_registration(fiscal::DeviceInfo& info);
    Task<void> identify_tables(fiscal::DeviceInfo& info);
    /// nullopt where the model has no such field, or does not tell it.
    Task<std::optional<std::uint32_t>> known_number(TableField place);
    Task<void> check_sd_table();

    // archive.cpp
    Task<FnStatusReply> ask_fn();
    Task<void> may_read();
    Task<void> finish_reading();
    Task<fiscal::FiscalDocument> read_once(std::uint32_t fd_number);
    Task<fiscal::FiscalDocument> short_record(std::uint32_t fd_number);
    Task<Bytes> read_body(std::uint32_t fd_number, OpenDocumentReply opened);
    Task<void> end_reading();
    Task<Error> why_broken_off(Error error);
    Task<bool> ticket_received(std::uint32_t fd_number);

    // printing.cpp: requests but receipts
    Task<Performed> carry_out(const fiscal::Request& request);
    Task<Performed> make_report(const fiscal::Request& request);
    Task<Performed> move_cash(const fiscal::Request& request);
    Task<Performed> print_copy(std::uint32_t fd_number);
    Task<Performed> print_lines(std::vector<fiscal::PrintItem> lines);
    Task<Performed> to_known_state();
    Task<Performed> do_small(const fiscal::Request& request);
    /// Of E0h and 41h, which tell the document only where extended answers are set.
    static Result<Performed> of_shift(const Result<ShiftReply>& reply);
    /// `done`, once the paper is out or is known not to come.
    Task<Performed> with_paper(Performed done);
    /// The FN document that was begun is dropped; `error` with what is certain after that. `final_sent`: the
    /// command that makes it was refused; then nothing is certain unless there was something to drop.
    Task<Performed> drop_begun(Error error, bool final_sent = false);
    /// Idle, with paper where `wants_paper`; otherwise what it waits for, with Outcome::not_done.
    Task<ShortStatusReply> may_print(bool wants_paper);
    /// Waits for the paper of what was done, some seconds; false: it does not come out without a person.
    Task<bool> printed();
    Task<ScriptFacts> script_facts();
    /// Given again while the printer is at work.
    template <class C>
    Task<typename C::Reply> ask_when_free(C command);
    template <class C>
    Task<void> give(C command);

    // printing_receipt.cpp
    Task<Performed> print_receipt(const fiscal::Request& request);
    Task<Performed> print_correction(const fiscal::Request& request);
    Task<Performed> send_receipt(const ReceiptScript& script, bool on_paper);
    Task<Performed> close_receipt(const ReceiptScript& script);
    /// The receipt is taken back; `error` with what is certain after that.
    Task<Performed> take_back(Error error);
    Task<Performed> take_back_closing(Error error);
    Task<void> suppress_paper();

    // marking.cpp
    /// Every code, each within the bounded wait, results in mark_checks_. `refuse`: the first one that is
    /// refused ends it. Nothing that it fails with has made a document.
    Task<void> check_marks(const ReceiptScript& script, bool refuse);
    Task<fiscal::MarkCheck> check_mark(const MarkToCheck& mark);
    Task<void> clear_marks();
    /// `error`, with the FN's table of checked codes empty again.
    Task<Performed> give_up_marks(Error error);
    Task<void> bound_marking_wait();

    Line line_;
    DriverOptions options_;

    // What identify() found.
    fiscal::FfdVersion ffd_ = fiscal::FfdVersion::v1_05;
    std::uint8_t tax_systems_ = 0;
    std::optional<std::size_t> line_characters_; ///< in the usual font; asked when first wanted
    Identity identity_;
    bool has_cover_sensor_ = false;
    bool autonomous_ = false; // registered without an OFD: no tickets, ever
    std::string ofd_server_;
    fiscal::OfdSender ofd_sender_ = fiscal::OfdSender::unknown;
    bool has_exchange_table_ = true; // until the device says otherwise
    std::string fn_serial_;
    std::uint32_t last_fd_number_ = 0; // as the drive told last

    // The mode as last seen: reading must not start inside a receipt.
    std::optional<ShortStatusReply> mode_;
    Steady::time_point mode_at_{};

    std::vector<fiscal::MarkCheck> mark_checks_; ///< of the last request
    bool marks_left_ = false;                    ///< codes were checked for a receipt that may not have come
    bool marking_wait_bounded_ = false;          ///< the register's setting was looked at

    /// A document was opened by FF3A and its end not seen: the device may be in mode 1.
    bool reading_ = false;
    /// Whether the device leaves mode 1 by itself with the last byte of a document, or only with the answer
    /// 08h after it. Neither is in the documents; seen once, it saves one command a document.
    std::optional<bool> leaves_by_itself_;

    // See ticket_received().
    std::uint32_t confirmed_below_ = 0;
    Steady::time_point ofd_asked_at_{};
    bool ofd_asked_ = false;
};

} // namespace kb::shtrih
