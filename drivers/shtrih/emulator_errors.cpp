// The texts the emulator tells for error codes (6Bh), in the words of its own.
#include "drivers/shtrih/emulator_commands.hpp"

#include <fmt/format.h>

namespace kb::shtrih {

std::string error_text_of(std::uint8_t error)
{
    switch (error) {
    case 0x00:
        return "Ошибок нет";
    case 0x01:
        return "ФН: неизвестная команда или формат";
    case 0x02:
        return "ФН: неверное состояние ФН";
    case 0x05:
        return "ФН: закончен срок эксплуатации";
    case 0x06:
        return "ФН: архив переполнен";
    case 0x07:
        return "ФН: неверные дата или время";
    case 0x08:
        return "ФН: нет запрошенных данных";
    case 0x10:
        return "ФН: превышен размер TLV";
    case 0x15:
        return "ФН: исчерпан ресурс ожидания передачи";
    case 0x17:
        return "ФН: неверная разница времени операций";
    case 0x20:
        return "ФН: сообщение от ОФД не принято";
    case 0x33:
        return "ККТ: неверные параметры в команде";
    case 0x37:
        return "ККТ: команда не поддерживается";
    case 0x3C:
        return "ККТ: смена открыта, операция невозможна";
    case 0x3D:
        return "ККТ: смена не открыта, операция невозможна";
    case 0x45:
        return "ККТ: сумма оплат меньше итога чека";
    case 0x46:
        return "ККТ: не хватает наличных в кассе";
    case 0x49:
        return "ККТ: операция невозможна в чеке этого типа";
    case 0x4A:
        return "ККТ: открыт чек, операция невозможна";
    case 0x4D:
        return "ККТ: безналичные превышают итог чека";
    case 0x4E:
        return "ККТ: смена превысила 24 часа";
    case 0x4F:
        return "ККТ: неверный пароль";
    case 0x50:
        return "ККТ: идёт печать предыдущей команды";
    case 0x55:
        return "ККТ: чек закрыт, операция невозможна";
    case 0x56:
        return "ККТ: нет документа для повтора";
    case 0x58:
        return "ККТ: ожидание команды продолжения печати";
    case 0x59:
        return "ККТ: документ открыт другим оператором";
    case 0x5D:
        return "ККТ: таблица не определена";
    case 0x5E:
        return "ККТ: неверная операция";
    case 0x60:
        return "ККТ: переполнение при умножении";
    case 0x62:
        return "ККТ: переполнение диапазона количества";
    case 0x63:
        return "ККТ: переполнение диапазона отдела";
    case 0x6B:
        return "ККТ: нет чековой ленты";
    case 0x72:
        return "ККТ: команда не поддерживается в этом подрежиме";
    case 0x73:
        return "ККТ: команда не поддерживается в этом режиме";
    case 0x7A:
        return "ККТ: поле не редактируется";
    case 0x7C:
        return "ККТ: не совпадает дата";
    case 0x7D:
        return "ККТ: неверный формат даты";
    case 0x7E:
        return "ККТ: неверное значение в поле длины";
    case 0x8E:
        return "ККТ: нулевой итог чека";
    case 0xCF:
        return "ККТ: неверная дата";
    default:
        return fmt::format("ККТ: ошибка {:02X}h", error);
    }
}

} // namespace kb::shtrih
