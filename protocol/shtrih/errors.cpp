#include "protocol/shtrih/errors.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

/// Commands that put a document into the FN when they succeed.
bool makes_document(std::uint16_t command)
{
    switch (static_cast<Command>(command)) {
    case Command::z_report:
    case Command::open_shift:
    case Command::open_shift_in_fn:
    case Command::close_shift_in_fn:
    case Command::close_receipt:
    case Command::correction:
    case Command::do_state_report:
        return true;
    default:
        return false;
    }
}

/// Refusals that can come after the drive has already made the document: the printer stopped or the drive's
/// answer was lost. Unverified for each single code; asking the FN costs one command.
bool may_follow_the_document(std::uint8_t error)
{
    switch (error) {
    case 0x2F:
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x50:
    case 0x58:
    case 0x6B:
    case 0x71:
    case 0x72:
    case 0xC8:
        return true;
    default:
        return false;
    }
}

std::string name_of(std::uint16_t command)
{
    const CommandInfo* known = find_command(command);
    std::string name = "shtrih ";
    if (known != nullptr)
        return name.append(known->name);
    const Bytes code = command > 0xFF ? Bytes{static_cast<std::uint8_t>(command >> 8U),
                                              static_cast<std::uint8_t>(command & 0xFFU)}
                                      : Bytes{static_cast<std::uint8_t>(command)};
    return name.append(to_hex(code));
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
    if (makes_document(command) && may_follow_the_document(error))
        result.outcome = Outcome::unknown;
    return result;
}

bool is_end_of_data(const Error& error) { return error.device_code == 0x08; }

Outcome outcome_without_answer(std::uint16_t command)
{
    return effect_of(command) == Effect::reads ? Outcome::not_done : Outcome::unknown;
}

Outcome outcome_without_answer(Command command)
{
    return outcome_without_answer(static_cast<std::uint16_t>(command));
}

Result<BytesView> answer_data(std::uint16_t command, BytesView answer)
{
    if (!answers_to(command, answer))
        return fail(Errc::protocol_violation,
                    name_of(command) + ": answered by " +
                        to_hex(answer.first(std::min<std::size_t>(answer.size(), 3))),
                    outcome_without_answer(command));
    const std::size_t echo = answer.size() == 2 ? 1 : answer_code_size(command);
    if (answer[echo] != 0)
        return tl::unexpected<Error>(refusal(command, answer[echo]));
    return answer.subspan(echo + 1);
}

Bytes encode_refusal(std::uint16_t command, std::uint8_t error)
{
    Bytes answer{static_cast<std::uint8_t>(command > 0xFF ? command >> 8U : command)};
    if (answer_code_size(command) == 2)
        answer.push_back(static_cast<std::uint8_t>(command & 0xFFU));
    answer.push_back(error);
    return answer;
}

Bytes encode_short_refusal(std::uint8_t error) { return {0xFF, error}; }

} // namespace kb::shtrih
