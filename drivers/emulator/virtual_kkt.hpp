// A cash register of no particular make: its FN, shift, receipt, drawer, printer, clock and SD card. The
// wire, the keypad and the faults of a make or a test all work on this one machine.
#pragma once

#include "drivers/emulator/documents.hpp"
#include "drivers/emulator/marking.hpp"
#include "drivers/emulator/sale.hpp"
#include "drivers/emulator/totals.hpp"
#include "drivers/emulator/virtual_fn.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kb::emulator {

using Instant = std::chrono::steady_clock::time_point;

/// The two clocks, injected: tests step their own.
struct Times {
    std::function<LocalSeconds()> wall;
    std::function<Instant()> steady;
};

/// Where the machine's memory survives its process. Every call returns after the bytes are safe.
class Store {
public:
    virtual ~Store() = default;
    virtual void document(const FnDocument& head, BytesView body, const std::string& state) = 0;
    virtual void state(const std::string& state) = 0;
    virtual void tickets(std::uint32_t through, LocalSeconds at) = 0;
    virtual void forgotten(std::uint32_t through) = 0;
    virtual void new_fn(const std::string& state) = 0;
    /// Between on and off documents need not be safe one by one.
    virtual void bulk(bool on) = 0;
};

struct SdState {
    enum class Card { present, missing, full, failing };
    Card card = Card::present;
    std::uint32_t io_errors = 0;
};

enum class PowerCut { none, before_fn_commit, after_fn_commit, during_print };

/// What the printer does now; registers of every make have these five.
enum class Printing { idle, no_paper, broken_off, waits_for_continue, busy };

struct Shift {
    bool open = false;
    std::uint16_t number = 0; ///< of the open shift, else of the last closed one
    LocalSeconds opened_at{};
    std::uint32_t first_fd = 0;
    std::uint16_t receipts = 0; ///< last receipt number
    FnTotals totals;
    ShiftRegisters registers;
};

class VirtualKkt {
public:
    VirtualKkt(Identity identity, Times times, Store* store);

    /// A new machine registers itself (document 1); one with memory does nothing.
    void first_start(const std::string& fn_serial, LocalSeconds fn_expires, LocalSeconds at);
    /// Fills the FN quickly with plausible documents in whole shifts, without a state write for each.
    void preload(std::uint32_t documents, std::uint64_t seed);

    // -- what it knows
    [[nodiscard]] const Identity& identity() const { return identity_; }
    [[nodiscard]] const VirtualFn& fn() const { return fn_; }
    [[nodiscard]] const Shift& shift() const { return shift_; }
    [[nodiscard]] const FnTotals& fn_totals() const { return totals_; }
    /// Of the shift that was closed last.
    [[nodiscard]] const FnTotals& last_shift_totals() const { return last_shift_totals_; }
    [[nodiscard]] const std::optional<Receipt>& receipt() const { return receipt_; }
    [[nodiscard]] LocalSeconds now() const
    {
        return bulk_ ? bulk_now_ : times_.wall() + std::chrono::seconds{drift_s_};
    }
    [[nodiscard]] Instant steady() const { return times_.steady(); }
    [[nodiscard]] bool shift_expired() const;
    [[nodiscard]] Printing printing() const;
    /// When the document in the printer is through, if nothing happens to it.
    [[nodiscard]] Instant printing_until() const { return printing_until_; }
    [[nodiscard]] bool paper_present() const { return paper_; }
    [[nodiscard]] bool cover_open() const { return cover_open_; }
    [[nodiscard]] const SdState& sd() const { return sd_; }
    [[nodiscard]] std::int64_t cash() const { return cash_; }
    [[nodiscard]] bool powered() const { return powered_; }
    [[nodiscard]] bool ofd_silent() const { return ofd_silent_; }
    [[nodiscard]] const std::deque<std::string>& strip() const { return strip_; }
    [[nodiscard]] std::uint64_t strip_first() const { return strip_first_; }
    [[nodiscard]] std::uint16_t through_number() const { return through_number_; }
    [[nodiscard]] const std::array<std::uint32_t, 4>& receipt_numbers() const { return receipt_numbers_; }
    /// Sums of all time by operation and payment slot.
    [[nodiscard]] const std::array<std::array<std::uint64_t, 16>, 4>& all_time() const { return all_time_; }
    [[nodiscard]] const std::array<std::uint64_t, 4>& all_time_corrections() const { return corrections_; }
    [[nodiscard]] std::uint32_t x_reports() const { return x_reports_; }
    /// Inner TLVs of a document; empty when there is none or the FN no longer keeps its body.
    [[nodiscard]] BytesView body(std::uint32_t fd_number) const { return fn_.body(fd_number, now()); }
    /// The make's own settings (tables), kept with the rest.
    [[nodiscard]] const std::map<std::string, std::string>& settings() const { return settings_; }
    /// Of the FN, where it is one for FFD 1.2.
    [[nodiscard]] MarkingDesk& marking() { return marking_; }
    [[nodiscard]] const MarkingDesk& marking() const { return marking_; }
    void set_setting(const std::string& key, const std::string& value);
    void drop_setting(const std::string& key);

    // -- shift, receipt, cash, reports
    Answer<Closed> open_shift(const std::string& cashier, BytesView extra);
    Answer<Closed> close_shift(const std::string& cashier, BytesView extra);
    Answer<void> open_receipt(Operation operation, bool correction, std::uint8_t owner, bool printed = true);
    /// The open receipt as a make has changed it: payments, discounts, TLVs.
    Answer<void> change_receipt(Receipt receipt);
    Answer<void> add_item(Item item);
    Answer<void> add_receipt_tags(BytesView tlvs);
    Answer<void> add_item_tags(BytesView tlvs);
    Answer<Closed> close_receipt(const Closing& closing);
    Answer<void> cancel_receipt();
    Answer<void> cash_in(std::uint64_t sum);
    Answer<void> cash_out(std::uint64_t sum);
    Answer<void> x_report();
    Answer<void> print_text(const std::string& line);
    Answer<void> print_copy();
    Answer<Closed> make_state_report();
    Answer<Closed> close_fn(const std::string& cashier);
    Answer<void> continue_printing();
    /// A whole sale by the keypad: opens the shift when it is closed, breaks off a reading, waits for nobody.
    Answer<Closed> ring(Receipt receipt, const Closing& closing);

    // -- reading a document out (the register is busy with it, "data output")
    Answer<void> begin_reading(std::uint32_t fd_number);
    [[nodiscard]] bool reading() const { return reading_.has_value(); }
    /// The next bytes of the document being read: at most `limit`, or one whole TLV. Empty: the end.
    Answer<Bytes> read_piece(std::size_t limit, bool one_tlv);
    void stop_reading() { reading_.reset(); }

    // -- OFD
    void set_ofd_silent(bool silent);
    void give_tickets_through(std::uint32_t fd_number);
    /// To be called about once a second: an OFD that is not silent confirms everything older than a second.
    void tick_ofd(bool register_talks_itself);

    // -- the world around
    void set_paper(bool present);
    void set_cover(bool open);
    void set_sd(SdState sd);
    void set_drift(std::int64_t seconds);
    [[nodiscard]] std::int64_t drift() const { return drift_s_; }
    void replace_fn(const std::string& serial, LocalSeconds expires);
    void fill_fn();
    void expire_fn();
    void forget_bodies(std::uint32_t through);
    void set_print_time(std::chrono::milliseconds time) { print_time_ = time; }
    void power_off();
    void power_on();
    void arm_power_cut(PowerCut when) { power_cut_ = when; }
    /// Not yet come; none: it came, or none was wanted.
    [[nodiscard]] PowerCut power_cut_armed() const { return power_cut_; }
    /// The paper ends in the middle of the next document, which the FN has by then.
    void arm_paper_out() { paper_out_armed_ = true; }
    /// Whether the make's settings empty the drawer when the shift is closed.
    std::function<bool()> empties_drawer;
    /// Called when the power goes, so that the line can drop what was under way.
    std::function<void()> on_power_lost;

    // -- memory
    [[nodiscard]] std::string state_text() const;
    /// Throws std::runtime_error on a state that is not ours.
    void load_state(const std::string& text);
    VirtualFn& fn_for_loading() { return fn_; }

private:
    struct Reading {
        std::uint32_t fd_number;
        std::size_t at;
    };

    [[nodiscard]] DocumentHead head() const;
    [[nodiscard]] Answer<void> may_print() const;
    /// The two closing reports have their place in the FN kept, and outlive its keys.
    enum class Purpose { selling, closing };
    [[nodiscard]] Answer<void> may_write_fn(Purpose purpose = Purpose::selling) const;
    [[nodiscard]] Answer<void> may_open_receipt(bool printed) const;
    Answer<Closed> commit(FnDocument record, Document document, std::uint16_t number);
    Answer<Closed> commit_receipt(const Receipt& receipt, const Closing& closing, std::uint64_t change);
    void print_document(const std::vector<std::string>& lines);
    void add_strip(const std::vector<std::string>& lines);
    void save();

    Identity identity_;
    Times times_;
    Store* store_;
    VirtualFn fn_;
    Shift shift_;
    FnTotals totals_;
    FnTotals last_shift_totals_;
    std::optional<Receipt> receipt_;
    MarkingDesk marking_;
    std::optional<Reading> reading_;
    bool reading_broken_ = false;
    std::map<std::string, std::string> settings_;
    std::int64_t cash_ = 0;
    std::uint16_t through_number_ = 0;
    std::array<std::uint32_t, 4> receipt_numbers_{};
    std::array<std::array<std::uint64_t, 16>, 4> all_time_{};
    std::array<std::uint64_t, 4> corrections_{};
    std::uint32_t x_reports_ = 0;

    std::int64_t drift_s_ = 0;
    std::int64_t drift_at_last_document_ = 0;
    bool paper_ = true;
    bool cover_open_ = false;
    SdState sd_;
    bool broken_off_ = false;
    bool paper_out_armed_ = false;
    bool waits_for_continue_ = false;
    std::vector<std::string> last_lines_;
    Instant printing_until_{};
    std::chrono::milliseconds print_time_{150};
    std::deque<std::string> strip_;
    std::uint64_t strip_first_ = 0;
    bool ofd_silent_ = false;
    bool powered_ = true;
    PowerCut power_cut_ = PowerCut::none;
    bool bulk_ = false; ///< making history: no printing, no state for each document
    LocalSeconds bulk_now_{};
};

} // namespace kb::emulator
