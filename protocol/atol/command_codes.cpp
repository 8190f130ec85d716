#include "protocol/atol/command_codes.hpp"

#include <algorithm>
#include <array>

namespace kb::atol {

namespace {

using namespace std::chrono_literals;

constexpr auto kUsual = 10s;
constexpr std::uint8_t kAnswerHead = 0x55;
constexpr std::uint8_t kFnPrefix = 0xA4;

// Source of the time-outs: docs/sources.md#atol, section 1.3 (T5). Three programs have three lists; for each
// command the longest time of them is taken.
constexpr std::array kCommands = {
    CommandInfo{Command::full_status, "3F full status", Effect::reads, kUsual, AnswerForm::full_status},
    CommandInfo{Command::discount, "43 discount", Effect::changes, kUsual},
    CommandInfo{Command::state_code, "45 state code", Effect::reads, kUsual, AnswerForm::state_code},
    CommandInfo{Command::read_table, "46 read table", Effect::reads, kUsual},
    CommandInfo{Command::beep, "47 beep", Effect::changes, kUsual},
    CommandInfo{Command::leave_mode, "48 leave mode", Effect::changes, kUsual},
    CommandInfo{Command::cash_in, "49 cash in", Effect::changes, kUsual},
    CommandInfo{Command::close_receipt, "4A close receipt", Effect::changes, 20s},
    CommandInfo{Command::set_time, "4B set time", Effect::changes, kUsual},
    CommandInfo{Command::print_line, "4C print line", Effect::changes, kUsual},
    CommandInfo{Command::cash_in_drawer, "4D cash in drawer", Effect::reads, kUsual, AnswerForm::cash},
    CommandInfo{Command::cash_out, "4F cash out", Effect::changes, kUsual},
    CommandInfo{Command::write_table, "50 write table", Effect::changes, kUsual},
    CommandInfo{Command::continue_report, "55 continue report", Effect::changes, 40s},
    CommandInfo{Command::enter_mode, "56 enter mode", Effect::changes, kUsual},
    CommandInfo{Command::shift_totals, "58 shift totals", Effect::reads, kUsual},
    CommandInfo{Command::cancel_receipt, "59 cancel receipt", Effect::changes, 20s},
    CommandInfo{Command::z_report, "5A Z report", Effect::changes, 40s},
    CommandInfo{Command::set_date, "64 set date", Effect::changes, kUsual},
    CommandInfo{Command::x_report, "67 X report", Effect::changes, 45s},
    CommandInfo{Command::print_header, "6C print header", Effect::changes, kUsual},
    CommandInfo{Command::cut, "75 cut", Effect::changes, kUsual},
    CommandInfo{Command::open_drawer, "80 open drawer", Effect::changes, kUsual},
    CommandInfo{Command::pulse_drawer, "85 pulse drawer", Effect::changes, kUsual},
    CommandInfo{Command::print_formatted, "87 print formatted", Effect::changes, kUsual},
    CommandInfo{Command::tone, "88 tone", Effect::changes, kUsual},
    CommandInfo{Command::read_register, "91 read register", Effect::reads, 45s},
    CommandInfo{Command::open_receipt, "92 open receipt", Effect::changes, kUsual},
    CommandInfo{Command::reprint, "95 reprint", Effect::changes, kUsual},
    CommandInfo{Command::payment, "99 payment", Effect::changes, kUsual},
    CommandInfo{Command::open_shift, "9A open shift", Effect::changes, kUsual},
    CommandInfo{Command::take_back_payment, "9B take back payment", Effect::changes, kUsual},
    CommandInfo{Command::firmware_version, "9D firmware version", Effect::reads, kUsual},
    CommandInfo{Command::device_type, "A5 device type", Effect::reads, kUsual, AnswerForm::device_type},
    CommandInfo{Command::receipt_tax, "B8 receipt tax", Effect::changes, kUsual},
    CommandInfo{Command::print_code, "C1 print bar code", Effect::changes, kUsual},
    CommandInfo{Command::write_requisite, "E8 write requisite", Effect::changes, kUsual},
    CommandInfo{Command::read_requisite, "E9 read requisite", Effect::reads, kUsual},
    CommandInfo{Command::begin_item, "EA begin item", Effect::changes, 50s},
    CommandInfo{Command::end_item, "EB end item", Effect::changes, 50s},
    CommandInfo{Command::set_date_time, "ED set date and time", Effect::changes, kUsual},
    CommandInfo{Command::fn_shift, "A4 10 FN shift", Effect::reads, kUsual},
    CommandInfo{Command::fn_exchange, "A4 20 FN exchange with the OFD", Effect::reads, kUsual},
    CommandInfo{Command::fn_status, "A4 30 FN status", Effect::reads, kUsual},
    CommandInfo{Command::fn_number, "A4 31 FN number", Effect::reads, kUsual},
    CommandInfo{Command::fn_expiry, "A4 32 FN expiry", Effect::reads, kUsual},
    CommandInfo{Command::fn_version, "A4 33 FN version", Effect::reads, kUsual},
    CommandInfo{Command::fn_find_document, "A4 40 find document", Effect::reads, kUsual},
    CommandInfo{Command::fn_registration, "A4 43 FN registration", Effect::reads, kUsual},
    CommandInfo{Command::fn_open_document, "A4 45 open document", Effect::moves_cursor, kUsual},
    CommandInfo{Command::fn_read_document, "A4 46 next piece of document", Effect::moves_cursor, kUsual},
};
static_assert(std::is_sorted(kCommands.begin(), kCommands.end(),
                             [](const CommandInfo& a, const CommandInfo& b) {
                                 return a.command < b.command;
                             }));

} // namespace

std::span<const CommandInfo> all_commands() { return kCommands; }

const CommandInfo* find_command(std::uint16_t code)
{
    const auto found =
        std::lower_bound(kCommands.begin(), kCommands.end(), static_cast<Command>(code),
                         [](const CommandInfo& row, Command wanted) { return row.command < wanted; });
    return found != kCommands.end() && found->command == static_cast<Command>(code) ? &*found : nullptr;
}

const CommandInfo& info(Command command) { return *find_command(static_cast<std::uint16_t>(command)); }

std::chrono::milliseconds answer_timeout(std::uint16_t code)
{
    const CommandInfo* known = find_command(code);
    return known != nullptr ? known->timeout : kUsual;
}

Effect effect_of(std::uint16_t code)
{
    const CommandInfo* known = find_command(code);
    return known != nullptr ? known->effect : Effect::changes;
}

std::string name_of(std::uint16_t code)
{
    std::string name = "atol ";
    if (const CommandInfo* known = find_command(code))
        return name.append(known->name);
    Bytes bytes;
    if (code > 0xFF)
        bytes.push_back(static_cast<std::uint8_t>(code >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(code & 0xFFU));
    return name.append(to_hex(bytes));
}

Result<std::uint16_t> request_code(BytesView request)
{
    if (request.size() <= kPasswordSize)
        return fail(Errc::bad_length,
                    "atol request: no command in " + std::to_string(request.size()) + " bytes");
    const std::uint8_t first = request[kPasswordSize];
    if (first != kFnPrefix)
        return std::uint16_t{first};
    if (request.size() == kPasswordSize + 1)
        return fail(Errc::bad_length, "atol request: A4 without its second byte");
    return static_cast<std::uint16_t>(first << 8U | request[kPasswordSize + 1]);
}

std::size_t request_code_size(std::uint16_t code) { return code > 0xFF ? 2 : 1; }

bool answers_to(std::uint16_t code, BytesView answer)
{
    // Whatever changes something is answered by three bytes at least. With two a zero was lost on the line,
    // which the sum of v2 does not see, and a success would look like a refusal.
    if (answer.size() < (effect_of(code) == Effect::changes ? 3U : 2U))
        return false;
    if (answer[0] == kAnswerHead)
        return true; // data, or a refusal, which has this head for every command
    const CommandInfo* known = find_command(code);
    switch (known != nullptr ? known->form : AnswerForm::plain) {
    case AnswerForm::full_status:
        return answer[0] == 0x44;
    case AnswerForm::cash:
        return answer[0] == 0x4D;
    case AnswerForm::device_type:
        return true;
    default:
        return false;
    }
}

Outcome outcome_without_answer(std::uint16_t code)
{
    return effect_of(code) == Effect::changes ? Outcome::unknown : Outcome::not_done;
}

} // namespace kb::atol
