#include "protocol/fiscal/marking.hpp"

namespace kb::fiscal {

namespace {

constexpr unsigned kFnChecked = 0x01;
constexpr unsigned kFnFoundRight = 0x02;
constexpr unsigned kSystemAnswered = 0x04;
constexpr unsigned kStatusRight = 0x08;

constexpr std::uint8_t kNoMarkingCode = 2;   // 2105
constexpr std::uint8_t kStatusWrong = 2;     // 2109
constexpr std::uint8_t kTurnoverStopped = 3; // 2109

bool fn_says_no(const MarkCheck& check)
{
    return (check.result & kFnChecked) != 0 && (check.result & kFnFoundRight) == 0;
}

} // namespace

std::string_view to_string(MarkCheck::State state)
{
    switch (state) {
    case MarkCheck::State::passed:
        return "passed";
    case MarkCheck::State::refused:
        return "refused";
    case MarkCheck::State::offline:
        break;
    }
    return "offline";
}

MarkCheck::State state_of(const MarkCheck& check)
{
    const bool answered = (check.result & kSystemAnswered) != 0;
    const bool right = (check.result & kStatusRight) != 0;
    if (fn_says_no(check) || (answered && !right) || check.request_result == kNoMarkingCode ||
        check.status_answer == kStatusWrong || check.status_answer == kTurnoverStopped)
        return MarkCheck::State::refused;
    return right ? MarkCheck::State::passed : MarkCheck::State::offline;
}

std::string_view refusal_text_ru(const MarkCheck& check)
{
    if (fn_says_no(check))
        return "ФН: код проверки не подтверждён, возможна подделка";
    if (check.request_result == kNoMarkingCode)
        return "система маркировки: это не код маркировки";
    if (check.status_answer == kTurnoverStopped)
        return "система маркировки: оборот товара приостановлен";
    return "система маркировки: статус товара не допускает этой операции";
}

} // namespace kb::fiscal
