// Every command the house uses on ATOL registers: its code, how long it may take, what its answer looks like
// and whether it changes anything.
#pragma once

#include "protocol/core/bytes.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace kb::atol {

/// One-byte codes as they are; A4xx are commands passed through to the fiscal drive (two bytes).
enum class Command : std::uint16_t {
    full_status = 0x3F,
    discount = 0x43,
    state_code = 0x45,
    read_table = 0x46,
    beep = 0x47,
    leave_mode = 0x48,
    cash_in = 0x49,
    close_receipt = 0x4A,
    set_time = 0x4B,
    print_line = 0x4C,
    cash_in_drawer = 0x4D,
    cash_out = 0x4F,
    write_table = 0x50,
    continue_report = 0x55,
    enter_mode = 0x56,
    shift_totals = 0x58,
    cancel_receipt = 0x59,
    z_report = 0x5A,
    set_date = 0x64,
    x_report = 0x67,
    print_header = 0x6C,
    cut = 0x75,
    open_drawer = 0x80,
    pulse_drawer = 0x85,
    print_formatted = 0x87,
    tone = 0x88,
    read_register = 0x91,
    open_receipt = 0x92,
    reprint = 0x95,
    payment = 0x99,
    open_shift = 0x9A,
    take_back_payment = 0x9B,
    firmware_version = 0x9D,
    device_type = 0xA5,
    receipt_tax = 0xB8,
    print_code = 0xC1,
    write_requisite = 0xE8,
    read_requisite = 0xE9,
    begin_item = 0xEA,
    end_item = 0xEB,
    set_date_time = 0xED,

    fn_shift = 0xA410,
    fn_exchange = 0xA420,
    fn_status = 0xA430,
    fn_number = 0xA431,
    fn_expiry = 0xA432,
    fn_version = 0xA433,
    fn_find_document = 0xA440,
    fn_registration = 0xA443,
    fn_open_document = 0xA445,
    fn_read_document = 0xA446,
};

/// What happens when the command is executed twice.
enum class Effect {
    reads,        ///< nothing: may always be asked again
    moves_cursor, ///< a reading position moves: start the reading again
    changes,      ///< settings, paper, money or FN: after a lost answer look before sending it again
};

/// The head of a successful answer (docs/sources.md#atol, section 3.1). A failure is always 55 ERR [EXT].
enum class AnswerForm {
    plain,       ///< 55 ERR and what follows
    state_code,  ///< 55 MODE FLAGS, without an error byte
    full_status, ///< 44 and what follows
    cash,        ///< 4D SUM
    device_type, ///< ERR and what follows
};

struct CommandInfo {
    Command command;
    std::string_view name; ///< for logs: "4A close receipt"
    Effect effect;
    std::chrono::milliseconds timeout; ///< for the answer, from the accepted command on
    AnswerForm form = AnswerForm::plain;
};

/// All known commands, in the order of their codes.
std::span<const CommandInfo> all_commands();
/// nullptr for a code the house does not use.
const CommandInfo* find_command(std::uint16_t code);
const CommandInfo& info(Command command);

/// How long the answer to a command may take, also for codes not listed above.
std::chrono::milliseconds answer_timeout(std::uint16_t code);
/// Effect of a command; a code not listed above is taken to change something.
Effect effect_of(std::uint16_t code);
/// "atol 4A close receipt", for errors.
std::string name_of(std::uint16_t code);

/// Bytes of the access password in front of every request.
inline constexpr std::size_t kPasswordSize = 2;
/// The code behind the password of a request (one byte, two after A4). Errc::bad_length when it is not whole.
Result<std::uint16_t> request_code(BytesView request);
/// How many bytes the code takes in a request: 1 or 2.
std::size_t request_code_size(std::uint16_t code);
/// Whether `answer` has the head of an answer to `code`, or of a refusal. Answers do not repeat the command,
/// so an answer to another command may well fit.
bool answers_to(std::uint16_t code, BytesView answer);

/// Outcome when a command was accepted and its answer cannot be had: not_done for one that only reads, else
/// unknown.
Outcome outcome_without_answer(std::uint16_t code);

} // namespace kb::atol
