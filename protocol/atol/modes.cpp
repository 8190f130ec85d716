#include "protocol/atol/modes.hpp"

#include "protocol/atol/bcd.hpp"

#include <algorithm>

namespace kb::atol {

namespace {

struct ModeRow {
    std::uint8_t byte;
    std::string_view text_ru;
    fiscal::DeviceStatus::Mode busy; ///< unknown: the register waits for commands
};
using enum fiscal::DeviceStatus::Mode;

constexpr ModeRow kModes[] = {
    {0x00, "режим выбора", unknown},
    {0x01, "режим регистрации", unknown},
    {0x41, "приём платежей по чеку", receipt_open},
    {0x02, "режим отчётов без гашения", unknown},
    {0x22, "печатается отчёт без гашения", printing},
    {0x03, "режим отчётов с гашением", unknown},
    {0x23, "печатается отчёт с гашением", printing},
    {0x17, "гашение регистров после закрытия смены", printing},
    {0x04, "режим программирования", unknown},
    {0x05, "режим доступа к фискальной памяти", unknown},
    {0x15, "блокировка по неверному паролю", blocked},
    {0x25, "печатается фискальный отчёт", printing},
    {0x06, "режим доступа к ФН", unknown},
    {0x57, "ожидается ввод даты", blocked},
    {0x67, "ожидается ввод времени", blocked},
    {0xB7, "дата и время расходятся с ФН", blocked},
    {0xC7, "ожидается подтверждение даты", blocked},
    {0xE7, "ошибка ФН", blocked},
};

const ModeRow* find_mode(std::uint8_t byte)
{
    const auto found = std::find_if(std::begin(kModes), std::end(kModes),
                                    [byte](const ModeRow& row) { return row.byte == byte; });
    return found != std::end(kModes) ? found : nullptr;
}

std::optional<bool> flag_of(bool set, FlagMeaning meaning)
{
    if (meaning == FlagMeaning::ignore)
        return std::nullopt;
    return set == (meaning == FlagMeaning::yes_when_set);
}

fiscal::Paper paper_of(const FullStatusReply& full, const StateCodeReply* state, const Dialect& dialect)
{
    if (state != nullptr)
        return state->has(state_flag::kNoPaper) ? fiscal::Paper::absent : fiscal::Paper::present;
    const auto absent = flag_of(full.has(status_flag::kPaper), dialect.paper_absent_flag);
    if (!absent)
        return fiscal::Paper::unknown;
    return *absent ? fiscal::Paper::absent : fiscal::Paper::present;
}

} // namespace

bool is_mode(std::uint8_t mode_byte) { return find_mode(mode_byte) != nullptr; }

std::string_view mode_text_ru(std::uint8_t mode_byte)
{
    const ModeRow* row = find_mode(mode_byte);
    return row != nullptr ? row->text_ru : "неизвестный режим";
}

std::string_view receipt_text_ru(ReceiptType type)
{
    switch (type) {
    case ReceiptType::none:
        return "чек закрыт";
    case ReceiptType::sell:
        return "открыт чек: приход";
    case ReceiptType::sell_return:
        return "открыт чек: возврат прихода";
    case ReceiptType::buy:
        return "открыт чек: расход";
    case ReceiptType::buy_return:
        return "открыт чек: возврат расхода";
    default:
        return "открыт чек коррекции";
    }
}

ReceiptType open_receipt(const FullStatusReply& status)
{
    return static_cast<ReceiptType>(status.receipt_state & 0x0FU);
}

std::optional<LocalSeconds> clock_of(const FullStatusReply& status)
{
    return to_local(status.date, status.time);
}

std::optional<std::uint32_t> closed_shift(const FullStatusReply& status, const Dialect& dialect)
{
    Bytes digits = status.closed_shift;
    if (dialect.status_numbers == DigitOrder::little_endian)
        std::reverse(digits.begin(), digits.end());
    const auto number = from_bcd(digits);
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

std::optional<bool> drawer_open(const FullStatusReply& status, const Dialect& dialect)
{
    return flag_of(status.has(status_flag::kDrawer), dialect.drawer_open_flag);
}

fiscal::DeviceStatus to_device_status(const FullStatusReply& full, const StateCodeReply* state,
                                      const Dialect& dialect)
{
    // The state code was asked later: a report that has begun meanwhile shows there.
    const std::uint8_t mode_byte = state != nullptr ? state->mode : full.mode;
    const ModeRow* row = find_mode(mode_byte);
    fiscal::DeviceStatus status;
    status.vendor_mode = mode_byte;
    status.paper = paper_of(full, state, dialect);
    status.cover = full.has(status_flag::kCoverOpen) ? fiscal::Cover::open : fiscal::Cover::closed;
    if (row == nullptr)
        return status;
    const bool shift = full.has(status_flag::kShiftOpen);
    status.mode = row->busy != unknown                      ? row->busy
                  : open_receipt(full) != ReceiptType::none ? receipt_open
                  : shift                                   ? shift_open
                                                            : shift_closed;
    status.may_read_archive = status.mode == shift_open || status.mode == shift_closed;
    return status;
}

} // namespace kb::atol
