// Every command the house uses: its code, how long it may take, and whether it changes anything.
#pragma once

#include "protocol/core/bytes.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace kb::shtrih {

/// One-byte codes as they are; FFxx are FN commands, FExx service functions (two bytes, high byte first).
enum class Command : std::uint16_t {
    short_status = 0x10,
    full_status = 0x11,
    beep = 0x13,
    set_port = 0x14,
    read_port = 0x15,
    print_string = 0x17,
    read_cash_register = 0x1A,
    read_operation_register = 0x1B,
    write_table = 0x1E,
    read_table = 0x1F,
    set_time = 0x21,
    set_date = 0x22,
    confirm_date = 0x23,
    cut = 0x25,
    read_font = 0x26,
    open_drawer = 0x28,
    feed = 0x29,
    table_structure = 0x2D,
    field_structure = 0x2E,
    print_string_in_font = 0x2F,
    x_report = 0x40,
    z_report = 0x41,
    cash_in = 0x50,
    cash_out = 0x51,
    error_text = 0x6B,
    cancel_receipt = 0x88,
    subtotal = 0x89,
    repeat_document = 0x8C,
    open_receipt = 0x8D,
    continue_printing = 0xB0,
    print_ean13 = 0xC2,
    load_block = 0xDD,
    print_barcode_2d = 0xDE,
    open_shift = 0xE0,
    model_parameters = 0xF7,
    device_type = 0xFC,

    fn_status = 0xFF01,
    fn_number = 0xFF02,
    fn_expiry = 0xFF03,
    fn_version = 0xFF04,
    cancel_fn_document = 0xFF08,
    fiscalisation_result = 0xFF09,
    find_document = 0xFF0A,
    open_shift_in_fn = 0xFF0B,
    send_tlv = 0xFF0C,
    registration_parameter = 0xFF0E,
    ofd_data_size = 0xFF30,
    read_ofd_block = 0xFF31,
    begin_ofd_write = 0xFF32,
    write_ofd_block = 0xFF33,
    begin_correction = 0xFF35,
    begin_state_report = 0xFF37,
    do_state_report = 0xFF38,
    ofd_status = 0xFF39,
    open_document = 0xFF3A,
    read_document_piece = 0xFF3B,
    ofd_ticket = 0xFF3C,
    unsent_count = 0xFF3F,
    shift_parameters = 0xFF40,
    begin_open_shift = 0xFF41,
    begin_close_shift = 0xFF42,
    close_shift_in_fn = 0xFF43,
    close_receipt = 0xFF45,
    operation = 0xFF46,
    correction = 0xFF4A,
    receipt_discount = 0xFF4B,
    send_operation_tlv = 0xFF4D,
    write_sd_block = 0xFF4E,
    registration_parameter_alternative = 0xFF60,
    check_mark = 0xFF61,
    fn_free_memory = 0xFF63,
    bind_mark = 0xFF67,
    accept_mark = 0xFF69,

    service_loader_version = 0xFEEC,
    service_ping_ofd = 0xFEF2,
    service_reboot = 0xFEF3,
    service_totals = 0xFEF4,
};

/// What happens when the command is executed twice.
enum class Effect {
    reads,        ///< nothing: may always be asked again
    moves_cursor, ///< a reading position moves: start the reading again
    changes,      ///< settings, paper, money or FN: after a lost answer look before sending it again
};

struct CommandInfo {
    Command command;
    std::string_view name; ///< for logs: "FF45 close receipt"
    Effect effect;
    std::chrono::milliseconds timeout; ///< for the answer, from the accepted command on
    bool answers = true;               ///< false: the device restarts instead
};

/// All known commands, in the order of their codes.
std::span<const CommandInfo> all_commands();
/// nullptr for a code the house does not use.
const CommandInfo* find_command(std::uint16_t code);
const CommandInfo& info(Command command);

/// How long the answer to a command may take, also for codes not listed above (docs/sources.md#shtrih, 1.5).
std::chrono::milliseconds answer_timeout(std::uint16_t code);
/// Effect of a command; a code not listed above is taken to change something.
Effect effect_of(std::uint16_t code);

/// The code at the head of a request (one byte, two after FF or FE). Errc::bad_length when it is not whole.
Result<std::uint16_t> request_code(BytesView request);
/// How many bytes the code takes in a request: 1 or 2.
std::size_t request_code_size(std::uint16_t code);
/// How many bytes of the code an answer repeats: service functions (FExx) repeat FE only.
std::size_t answer_code_size(std::uint16_t code);
/// Whether `answer` begins with the echo of `code` and an error byte, or is the two-byte form `FF ERR`, in
/// which an FN command is refused as well.
bool answers_to(std::uint16_t code, BytesView answer);

} // namespace kb::shtrih
