#include "protocol/atol/errors.hpp"

#include "protocol/atol/modes.hpp"

#include <algorithm>

namespace kb::atol {

namespace {

constexpr std::uint8_t kAnswerHead = 0x55;
constexpr std::uint8_t kPrintedWithoutError = 0x01; // by one program's reading a success

/// Commands that put a document into the drive, or money into the counters, when they succeed. A receipt and
/// a pay-out may open the shift.
bool leaves_a_trace(std::uint16_t command)
{
    switch (static_cast<Command>(command)) {
    case Command::open_shift:
    case Command::open_receipt:
    case Command::close_receipt:
    case Command::cash_in:
    case Command::cash_out:
    case Command::x_report: // type 9 is the state report
    case Command::z_report:
    case Command::continue_report:
        return true;
    default:
        return false;
    }
}

/// Refusals that can come after the work was done: the printer stopped or the drive's answer was lost.
/// Unverified for each single code; asking the drive, or the counters, costs one command.
bool may_follow_the_work(std::uint8_t error)
{
    constexpr std::uint8_t kCodes[] = {0x1A, 0x46, 0x67, 0x68, 0x69, 0x76, 0x8E, 0xBA, 0xC9,
                                       0xD1, 0xD2, 0xD3, 0xE5, 0xE6, 0xEE, 0xEF, 0xFE};
    return std::find(std::begin(kCodes), std::end(kCodes), error) != std::end(kCodes);
}

/// The state code has no error byte, so its refusal shows only by a mode that does not exist.
bool is_refusal(std::uint16_t command, BytesView answer)
{
    const CommandInfo* known = find_command(command);
    switch (known != nullptr ? known->form : AnswerForm::plain) {
    case AnswerForm::state_code:
        return answer[1] != 0 && !is_mode(answer[1]);
    case AnswerForm::full_status:
    case AnswerForm::cash:
        return answer[0] == kAnswerHead;
    case AnswerForm::device_type:
        return answer[0] != 0;
    default:
        return answer[1] != 0 && answer[1] != kPrintedWithoutError;
    }
}

} // namespace

Error refusal(std::uint16_t command, std::uint8_t error)
{
    const ErrorInfo* known = find_error(error);
    Error result{Errc::device_refused, Outcome::refused, name_of(command), error};
    if (known != nullptr) {
        result.code = known->errc;
        result.context.append(": ").append(known->text_ru);
        if (known->retry == RetryClass::retry)
            result.outcome = Outcome::not_done;
    }
    if (leaves_a_trace(command) && may_follow_the_work(error))
        result.outcome = Outcome::unknown;
    return result;
}

void add_extended(Error& refused, std::uint16_t command, std::uint16_t of_command, std::uint16_t extended)
{
    const std::uint16_t code = command > 0xFF ? command >> 8U : command;
    const ExtendedErrorInfo* known = find_extended_error(extended);
    if (of_command != code && of_command != command)
        return;
    constexpr std::uint8_t kLowByte = 0xFF;
    const Bytes number{static_cast<std::uint8_t>(extended >> 8U),
                       static_cast<std::uint8_t>(extended & kLowByte)};
    refused.context.append(" ").append(to_hex(number));
    if (known == nullptr)
        return;
    refused.context.append(": ").append(known->text_ru);
    if (known->retry == RetryClass::wrong || known->retry == RetryClass::state)
        refused.outcome = Outcome::refused; // found before the drive was asked for anything
}

Result<BytesView> answer_data(std::uint16_t command, BytesView answer)
{
    if (!answers_to(command, answer))
        return fail(Errc::protocol_violation,
                    name_of(command) + ": answered by " +
                        to_hex(answer.first(std::min<std::size_t>(answer.size(), 3))),
                    outcome_without_answer(command));
    const CommandInfo* known = find_command(command);
    const AnswerForm form = known != nullptr ? known->form : AnswerForm::plain;
    if (is_refusal(command, answer)) {
        const bool bare = form == AnswerForm::device_type && answer[0] != kAnswerHead;
        const std::uint8_t error = bare ? answer[0] : answer[1];
        if (error == 0)
            return fail(Errc::protocol_violation, name_of(command) + ": answered by 55 00",
                        outcome_without_answer(command));
        return tl::unexpected<Error>(refusal(command, error));
    }
    return answer.subspan(form == AnswerForm::plain ? 2 : 1);
}

Bytes encode_refusal(std::uint8_t error, std::uint8_t extra) { return {kAnswerHead, error, extra}; }

} // namespace kb::atol
