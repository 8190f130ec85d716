// Marking codes of FFD 1.2, checked before a receipt is opened. A register that is no part of a receipt yet
// can wait for the state system without holding anything up but itself, and what is refused leaves no trace.
// Source: docs/sources.md#shtrih, section 4.6.
#include "drivers/shtrih/printing.hpp"

namespace kb::shtrih {
namespace {

constexpr std::size_t kWaitBytes = 2; // of the setting

std::string place_of(const MarkToCheck& mark)
{
    return "items[" + std::to_string(mark.position) + "].marking";
}

// What the register says of a code in a mode in which it takes codes (docs/sources.md#shtrih, section 6).
constexpr int kWrongSubmode = 0x72;
constexpr int kWrongMode = 0x73;
constexpr int kWrongSequence = 0xA1;
constexpr int kMarkedGoodsBlocked = 0xA2;
constexpr int kNotChecked = 0xAC;

} // namespace

Error of_mark(Error error)
{
    switch (error.device_code.value_or(0)) {
    case kWrongSequence:
    case kNotChecked: // its table is not what it was: the power was gone, or somebody rang a sale meanwhile
        error.code = Errc::device_refused;
        error.outcome = Outcome::not_done;
        break;
    case kWrongSubmode:
    case kWrongMode:
    case kMarkedGoodsBlocked:
        error.code = Errc::device_refused;
        error.outcome = Outcome::refused;
        break;
    default:
        break;
    }
    return error;
}

Task<void> ShtrihDriver::check_marks(const ReceiptScript& script, bool refuse)
{
    if (const auto bounded = co_await bound_marking_wait(); !bounded) {
        co_return tl::unexpected<Error>(no_document(bounded.error()));
    }
    // What an agent that died has left there.
    if (const auto cleared = co_await clear_marks(); !cleared) {
        co_return tl::unexpected<Error>(no_document(cleared.error()));
    }
    marks_left_ = true;
    for (const MarkToCheck& mark : script.marks) {
        const auto check = co_await check_mark(mark);
        if (!check) {
            Error error = no_document(check.error());
            error.context = place_of(mark) + ": " + error.context;
            co_return tl::unexpected<Error>(std::move(error));
        }
        mark_checks_.push_back(*check);
        if (refuse && check->state == fiscal::MarkCheck::State::refused) {
            co_return fail(Errc::bad_value,
                           place_of(mark) + ": " + std::string(fiscal::refusal_text_ru(*check)) +
                               "; уберите товар из чека: продавать его нельзя",
                           Outcome::refused);
        }
    }
    co_return Result<void>{};
}

Task<fiscal::MarkCheck> ShtrihDriver::check_mark(const MarkToCheck& mark)
{
    const auto checked = co_await ask_when_free(mark.command);
    if (!checked) {
        co_return tl::unexpected<Error>(of_mark(checked.error()));
    }
    const AcceptMark accept;
    const auto kept = co_await line_.ask(accept);
    if (!kept) {
        co_return tl::unexpected<Error>(of_mark(kept.error()));
    }
    fiscal::MarkCheck check = to_mark_check(*checked, *kept);
    check.position = mark.position;
    co_return check;
}

Task<void> ShtrihDriver::clear_marks()
{
    AcceptMark clear;
    clear.action = AcceptMark::Action::clear;
    const auto cleared = co_await ask_when_free(clear); // a cancelled receipt is still being printed
    // Refused: there is nothing to clear, or the check that comes next tells what is wrong.
    if (!cleared && cleared.error().outcome != Outcome::refused) {
        co_return pass(cleared);
    }
    marks_left_ = false;
    co_return Result<void>{};
}

Task<Performed> ShtrihDriver::give_up_marks(Error error)
{
    // Best effort: what stays is cleared before the next receipt.
    [[maybe_unused]] const auto cleared = co_await clear_marks();
    co_return tl::unexpected<Error>(std::move(error));
}

// The register waits by a setting of its own. Other firmware has something else in that place, so the field
// is written only when its name says what it is; where there is none, the time-out of our line is the bound.
Task<void> ShtrihDriver::bound_marking_wait()
{
    const std::uint8_t table = identity_.device_class.ofd_table;
    if (marking_wait_bounded_ || table == 0) {
        co_return Result<void>{};
    }
    FieldStructure question;
    question.table = table;
    question.field = ofd_field::kMarkingWait;
    const auto field = co_await line_.ask(question);
    if (!field && field.error().outcome != Outcome::refused) {
        co_return pass(field);
    }
    const auto wanted = static_cast<std::uint32_t>(options_.marking_wait.count());
    const bool known = field && field->size == kWaitBytes && field->min <= wanted && wanted <= field->max &&
                       fold_name(field->name).find(fold_name("КМ ПРИ ПРОВЕРКЕ")) != std::string::npos;
    if (known) {
        const auto now = co_await table_number(table, ofd_field::kMarkingWait);
        if (!now) {
            co_return pass(now);
        }
        if (*now != wanted) {
            WriteTable write;
            write.table = table;
            write.field = ofd_field::kMarkingWait;
            write.value = {static_cast<std::uint8_t>(wanted & 0xFFU),
                           static_cast<std::uint8_t>(wanted >> 8U)};
            const auto written = co_await line_.ask(write);
            if (!written && written.error().outcome == Outcome::refused) {
                co_return Result<void>{}; // perhaps not in this mode: tried again with the next marked sale
            }
            if (!written) {
                co_return pass(written);
            }
        }
    }
    marking_wait_bounded_ = true;
    co_return Result<void>{};
}

} // namespace kb::shtrih
