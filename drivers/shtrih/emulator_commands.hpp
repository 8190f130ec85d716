// Executes Shtrih-M commands on the virtual register: passwords, modes and lengths checked as a real one
// does. Source: docs/sources.md#shtrih, sections 2 to 4.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"
#include "drivers/shtrih/emulator_models.hpp"
#include "drivers/shtrih/emulator_tables.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace kb::shtrih {

/// "10", "FF45", "FE": the command's code in hex.
std::string command_name(BytesView command);

class EmulatorCommands {
public:
    EmulatorCommands(emulator::VirtualKkt& kkt, const EmulatorModel& model, bool over_tcp);

    /// The answer: code, error byte, data. nullopt: the register is silent (reboot, power gone).
    std::optional<Bytes> execute(BytesView command);
    [[nodiscard]] Bytes error_answer(BytesView command, std::uint8_t error) const;
    std::optional<std::uint32_t> take_new_baud() { return std::exchange(new_baud_, std::nullopt); }
    /// What the last command took of itself, besides the register's thinking: it waited for somebody.
    std::chrono::milliseconds take_own_time() { return std::exchange(own_time_, {}); }
    bool take_protocol_reset() { return std::exchange(protocol_reset_, false); }
    [[nodiscard]] bool talks_to_ofd_itself() const
    {
        return !model_.has(emulator_flag::kOfdRelay) || tables_.number(21, 1, 2) != 0;
    }

private:
    /// Answer data after the error byte, or the error code.
    using Reply = tl::expected<Bytes, std::uint8_t>;
    using Handler = Reply (EmulatorCommands::*)(ByteReader& in);
    enum class Who { nobody, anyone, administrator, system };
    struct Rule {
        std::uint16_t code;
        Who who;
        std::uint16_t modes; ///< bit n: allowed in mode n
        bool prints;
        Handler handler;
    };
    static const std::vector<Rule>& rules();
    static const Rule* find_rule(std::uint16_t code);

    Reply dispatch(const Rule& rule, ByteReader& in);
    [[nodiscard]] std::uint8_t mode() const;
    [[nodiscard]] std::uint8_t sub_mode() const;
    [[nodiscard]] std::uint8_t refusal_code(const emulator::Refusal& refusal);
    [[nodiscard]] std::string cashier() const { return tables_.text(2, operator_, 2); }
    [[nodiscard]] bool extended_answers() const { return tables_.number(17, 1, 36) == 1; }
    Reply op_only() const { return Bytes{operator_}; }
    template <class T>
    Reply op_or_refusal(const emulator::Answer<T>& done)
    {
        if (!done)
            return tl::unexpected(refusal_code(done.error()));
        return op_only();
    }
    void put_extended(ByteWriter& out, const emulator::Closed& done) const;

    // base commands, emulator_commands.cpp and emulator_base.cpp
    Reply device_type(ByteReader& in);
    Reply model_parameters(ByteReader& in);
    Reply short_status(ByteReader& in);
    Reply full_status(ByteReader& in);
    Reply error_text(ByteReader& in);
    Reply set_port(ByteReader& in);
    Reply read_port(ByteReader& in);
    Reply cash_register(ByteReader& in);
    Reply operation_register(ByteReader& in);
    Reply write_table(ByteReader& in);
    Reply read_table(ByteReader& in);
    Reply table_structure(ByteReader& in);
    Reply field_structure(ByteReader& in);
    Reply init_tables(ByteReader& in);
    Reply set_time(ByteReader& in);
    Reply set_date(ByteReader& in);
    Reply confirm_date(ByteReader& in);
    Reply font(ByteReader& in);
    Reply print_line(ByteReader& in);
    Reply print_line_in_font(ByteReader& in);
    Reply accept(ByteReader& in);
    Reply cut(ByteReader& in);
    Reply continue_printing(ByteReader& in);
    Reply technological_reset(ByteReader& in);

    // shift and receipt, emulator_sale.cpp
    Reply open_shift(ByteReader& in);
    Reply close_shift(ByteReader& in);
    Reply x_report(ByteReader& in);
    Reply cash_in(ByteReader& in);
    Reply cash_out(ByteReader& in);
    Reply open_receipt(ByteReader& in);
    Reply old_sale(ByteReader& in);
    Reply old_close(ByteReader& in);
    Reply subtotal(ByteReader& in);
    Reply informative(ByteReader& in);
    Reply cancel_receipt(ByteReader& in);
    Reply copy(ByteReader& in);
    Reply operation_v2(ByteReader& in);
    Reply close_v2(ByteReader& in);
    Reply item_tlv(ByteReader& in);
    Reply document_tlv(ByteReader& in);
    Reply begin_document(ByteReader& in);
    Reply cancel_document(ByteReader& in);
    Reply fn_open_shift(ByteReader& in);
    Reply fn_close_shift(ByteReader& in);
    Reply correction_v2(ByteReader& in);
    static constexpr const char* kDoNotPrint = "T17.1.7";
    /// Whether the next document comes out on paper.
    [[nodiscard]] bool prints() const;
    void document_made();
    [[nodiscard]] std::optional<std::uint8_t> vat_of_code(std::uint8_t code) const;
    Reply add_item(emulator::Item item);

    // marking codes, emulator_marking.cpp
    Reply check_mark(ByteReader& in);
    Reply accept_mark(ByteReader& in);
    Reply bind_mark(ByteReader& in);

    // FN, emulator_fn.cpp
    Reply fn_status(ByteReader& in);
    Reply fn_number(ByteReader& in);
    Reply fn_expiry(ByteReader& in);
    Reply fn_version(ByteReader& in);
    Reply fiscalisation(ByteReader& in);
    Reply find_document(ByteReader& in);
    Reply registration_parameter(ByteReader& in);
    Reply open_document(ByteReader& in);
    Reply next_piece(ByteReader& in);
    Reply ticket(ByteReader& in);
    Reply unsent_count(ByteReader& in);
    Reply shift_parameters(ByteReader& in);
    Reply free_memory(ByteReader& in);
    Reply exchange_status(ByteReader& in);
    Reply state_report(ByteReader& in);
    Reply close_fn(ByteReader& in);
    Reply ofd_size(ByteReader& in);
    Reply ofd_read(ByteReader& in);
    Reply ofd_begin_write(ByteReader& in);
    Reply ofd_write(ByteReader& in);
    [[nodiscard]] Bytes ofd_message() const;
    std::optional<Bytes> service(BytesView command);

    emulator::VirtualKkt& kkt_;
    const EmulatorModel& model_;
    bool over_tcp_;
    EmulatorTables tables_;

    std::uint16_t code_ = 0;
    std::uint8_t operator_ = 30;
    std::uint8_t last_error_ = 0;
    std::optional<std::chrono::local_days> date_to_confirm_;
    std::uint16_t begun_document_ = 0; ///< FF41, FF42, FF35, FF37, FF3D; 0: none
    Bytes begun_tlv_;
    std::uint8_t baud_code_ = 6;
    std::uint8_t byte_timeout_code_ = 100;
    std::optional<std::uint32_t> new_baud_;
    bool protocol_reset_ = false;
    std::chrono::milliseconds own_time_{};
    Bytes waiting_item_tlv_; ///< cash core: FF4D comes before its FF46
    Bytes ofd_answer_;
    std::size_t ofd_answer_size_ = 0;
};

/// The text of an error code, as 6Bh tells it.
std::string error_text_of(std::uint8_t error);

} // namespace kb::shtrih
