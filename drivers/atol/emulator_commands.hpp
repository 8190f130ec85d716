// Executes ATOL commands on the virtual register: access password, modes and lengths checked as a real one
// does. Source: docs/sources.md#atol, sections 3 to 8.
#pragma once

#include "drivers/atol/emulator_models.hpp"
#include "drivers/atol/emulator_options.hpp"
#include "drivers/atol/emulator_tables.hpp"
#include "drivers/atol/emulator_wire.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace kb::emulator::atol {

/// "4A", "A445": the command's code in hex; `request` begins with the access password.
std::string command_name(BytesView request);

inline constexpr std::uint8_t kStillBusy = 0x76; ///< the previous operation is not finished

struct Reply {
    Bytes answer;
    bool ok = true;      ///< false: v3 tells it as an error
    bool prints = false; ///< there is an answer only when the paper is through
};

class Commands {
public:
    Commands(VirtualKkt& kkt, const Model& model, const Options& options);

    /// nullopt: the power is gone, and nobody answers.
    std::optional<Reply> execute(BytesView request);
    [[nodiscard]] static Reply refusal(std::uint8_t error, std::uint8_t more = 0);
    /// The answer of a command whose document could not be printed to its end.
    Reply out_of_paper(BytesView request);
    void power_up();
    bool take_reboot() { return std::exchange(reboot_, false); }
    [[nodiscard]] std::chrono::milliseconds reboot_time() const { return options_.reboot; }
    [[nodiscard]] bool talks_to_ofd_itself() const;

private:
    /// Why a command was not executed: `extended` goes to register 37h, and the code is then EEh.
    struct Refused {
        std::uint8_t code;
        std::uint16_t extended = 0;
    };
    /// The whole answer, its own head included, or the refusal.
    using Done = tl::expected<Bytes, Refused>;
    using Handler = Done (Commands::*)(In& in);
    enum Flag : unsigned {
        kInfo = 1U,       ///< also while a report is printed, and after an interrupted one
        kPaper = 2U,      ///< refused without paper
        kWaits = 4U,      ///< answers when its document is printed
        kReceipt = 8U,    ///< only with a receipt open: 9Ah
        kNoReceipt = 16U, ///< only without: 9Bh
    };
    struct Rule {
        std::uint8_t code;
        unsigned modes; ///< bit n: allowed in mode n
        unsigned flags;
        Handler handler;
    };
    static const std::vector<Rule>& rules();
    static const Rule* find_rule(std::uint8_t code);

    // -- emulator_commands.cpp
    Done answer_to(BytesView request, const Rule* rule);
    Done dispatch(const Rule& rule, In& in);
    [[nodiscard]] std::optional<Refused> forbidden(const Rule& rule) const;
    [[nodiscard]] std::uint8_t mode() const; ///< mode and sub-mode, as 45h tells them
    [[nodiscard]] std::uint8_t code_of(const Refusal& refusal) const;
    static Bytes done() { return {0x55, 0x00, 0x00}; }
    static Out data() { return Out(Bytes{0x55, 0x00}); }
    static tl::unexpected<Refused> error(unsigned code)
    {
        return tl::unexpected(Refused{static_cast<std::uint8_t>(code)});
    }
    static tl::unexpected<Refused> extended(unsigned code)
    {
        return tl::unexpected(Refused{0xEE, static_cast<std::uint16_t>(code)});
    }
    template <class T>
    Done done_or(const Answer<T>& answer) const
    {
        if (!answer)
            return tl::unexpected(Refused{code_of(answer.error())});
        return done();
    }
    Done accept(In& in);
    Done accept_all(In& in);
    Done cannot(In& in);
    Done enter_mode(In& in);
    Done leave_mode(In& in);
    Done reboot(In& in);

    // -- emulator_info.cpp
    Done status(In& in);
    Done state_code(In& in);
    Done device_type(In& in);
    Done version(In& in);
    Done register_value(In& in);
    Done read_table(In& in);
    Done write_table(In& in);
    Done init_tables(In& in);
    Done cash(In& in);
    Done last_shift(In& in);
    Done last_error(In& in);
    Done licence(In& in);
    Done set_date(In& in);
    Done set_time(In& in);
    Done set_date_time(In& in);
    Done move_clock(LocalSeconds to);
    [[nodiscard]] std::uint16_t last_closed_shift() const;
    [[nodiscard]] std::uint8_t receipt_state() const; ///< its type as 92h opened it; 0: none is open

    // -- emulator_registers.cpp
    [[nodiscard]] std::optional<Bytes> register_bytes(std::uint8_t number, std::uint8_t p1,
                                                      std::uint8_t p2) const;
    [[nodiscard]] std::optional<Bytes> sum_register(std::uint8_t number, std::uint8_t p1,
                                                    std::uint8_t p2) const;
    [[nodiscard]] std::optional<Bytes> state_register(std::uint8_t number) const;
    [[nodiscard]] Bytes receipt_sums() const;
    [[nodiscard]] std::optional<Bytes> receipt_tax_sum(std::uint8_t index) const;

    // -- emulator_receipt.cpp
    Done open_receipt(In& in);
    Done begin_item(In& in);
    Done finish_item(In& in);
    Done discount(In& in);
    Done receipt_tax(In& in);
    Done old_item(In& in);
    Done old_sale(In& in);
    Done cancel_receipt(In& in);
    Done add_item(Item item, bool test, bool unchecked);
    [[nodiscard]] std::optional<std::uint8_t> vat_of(std::uint8_t index) const;
    [[nodiscard]] std::optional<std::uint8_t> vat_of_item(std::uint8_t index) const;
    Done shift_for_selling();
    Done begin_receipt(Operation operation, bool correction, bool printed);

    // -- emulator_requisites.cpp
    Done write_requisite(In& in);
    Done read_requisite(In& in);
    Done store_requisite(BytesView tlv);
    Done store_receipt_tag(std::uint16_t tag, BytesView tlv);
    Done drop_carried(std::uint16_t tag);
    [[nodiscard]] std::string cashier() const;
    [[nodiscard]] Bytes with_cashier_inn(Bytes tags) const;
    [[nodiscard]] Bytes take_next_document_tags();

    // -- emulator_payment.cpp
    Done pay(In& in);
    Done take_back(In& in);
    Done close_receipt(In& in);
    Done cash_in(In& in);
    Done cash_out(In& in);
    [[nodiscard]] std::uint64_t due() const;
    [[nodiscard]] std::uint64_t paid() const;

    // -- emulator_reports.cpp
    Done open_shift(In& in);
    Done x_report(In& in);
    Done z_report(In& in);
    Done finish_report(In& in);
    Done repeat_document(In& in);
    Done no_reports(In& in);
    [[nodiscard]] bool z_interrupted() const;
    void go_on_printing();

    // -- emulator_print.cpp
    Done print_line(In& in);
    Done print_field(In& in);
    Done raw_data(In& in);
    Done barcode(In& in);
    Done barcode_rest(In& in);
    Done picture_row(In& in);
    Done stored_picture(In& in);
    Done print(const std::string& line);

    // -- emulator_fn.cpp
    Done fn(In& in);
    Done fn_shift();
    Done fn_exchange();
    Done fn_status();
    Done fn_expiry();
    Done fn_version();
    Done fn_document(In& in);
    Done fn_ticket(In& in);
    Done fn_registration();
    Done fn_open_document(In& in);
    Done fn_next_piece();

    VirtualKkt& kkt_;
    const Model& model_;
    const Options& options_;
    Tables tables_;

    std::uint8_t command_ = 0;
    std::uint8_t mode_ = 0;
    std::uint8_t user_ = 0; ///< 1..30 as logged in by 56h; 0: nobody since power-up
    Refused last_error_{0};
    std::uint16_t extended_command_ = 0;
    std::uint16_t extended_error_ = 0;
    Instant up_since_;
    bool reboot_ = false;
    bool unprinted_ = false; ///< the command made a document that is not for paper

    // A report that is being printed, or registers that are being cleared after it.
    enum class Report { none, x, z };
    Report report_ = Report::none;
    Instant report_until_{};

    std::optional<Item> item_;     ///< between EAh and EBh: only its requisites
    bool unchecked_items_ = false; ///< items without a look into the drawer
    Bytes next_document_;          ///< 1021 and 1203 written without a receipt
    Bytes carried_;                ///< those of them that went into the open receipt, to be written over
    Bytes blocks_;                 ///< of a requisite that comes in several E8h
    unsigned blocks_expected_ = 0;
    Bytes tlv_rest_; ///< of a long TLV that A4 46 tells in pieces
    std::optional<std::chrono::local_days> date_to_confirm_;
    bool barcode_open_ = false;
};

} // namespace kb::emulator::atol
