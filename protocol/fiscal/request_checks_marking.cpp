// Marked goods: whether the code can be one that a scanner read, and whether it goes with its position. What
// the code stands for is the register's and the state system's to say.
// Source: docs/sources.md#ffd, sections 4.15 and 7.
#include "protocol/fiscal/request_faults.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <algorithm>

namespace kb::fiscal {

namespace {

constexpr char kGs = 0x1D; // ends a GS1 field of variable length

bool only_digits(std::string_view text)
{
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// GTIN-14: weights 3 and 1 from the left make a multiple of ten.
bool gtin_fits(std::string_view gtin)
{
    unsigned sum = 0;
    for (std::size_t i = 0; i < gtin.size(); ++i)
        sum += static_cast<unsigned>(gtin[i] - '0') * (i % 2 == 0 ? 3U : 1U);
    return sum % 10 == 0;
}

enum class Form {
    gs1,     // 01 GTIN 21 serial GS 91 key GS 92 check ... (clothes, milk, water, blocks of cigarettes)
    tobacco, // a pack of cigarettes: GTIN, serial 7, price 4, check 4: 29 characters in all
    fur,     // RU-430302-ABC1234567
    alcohol, // ЕГАИС: 68 or 150 capital letters and digits
    unknown,
};

Form form_of(std::string_view code)
{
    if (code.size() >= 18 && code.starts_with("01") && only_digits(code.substr(2, 14)) &&
        code.substr(16, 2) == "21")
        return Form::gs1;
    if (code.size() == 29 && only_digits(code.substr(0, 14)))
        return Form::tobacco;
    if (code.size() == 20 && code[2] == '-' && code[9] == '-' && only_digits(code.substr(3, 6)))
        return Form::fur;
    if ((code.size() == 68 || code.size() == 150) &&
        code.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos)
        return Form::alcohol;
    return Form::unknown;
}

// A serial number has at most 20 characters; a longer one has swallowed the separator and what comes after
// it.
bool separators_lost(std::string_view gs1)
{
    constexpr std::size_t kSerialAt = 18;
    constexpr std::size_t kLongestSerial = 20;
    const std::string_view serial = gs1.substr(kSerialAt, gs1.find(kGs, kSerialAt) - kSerialAt);
    return serial.size() > kLongestSerial;
}

std::optional<FaultText> fault_of_code(std::string_view code)
{
    constexpr std::size_t kLongest = 256; // tag 2000
    const auto strange =
        std::find_if(code.begin(), code.end(), [](char c) { return c != kGs && (c <= ' ' || c > '~'); });
    if (code.empty())
        return FaultText{"код маркировки пуст; отсканируйте товар",
                         "the marking code is empty; scan the item"};
    if (code.size() > kLongest)
        return FaultText{"код маркировки длиннее 256 знаков; отсканируйте один код ещё раз",
                         "the marking code has more than 256 characters; scan one code again"};
    if (strange != code.end() && static_cast<unsigned char>(*strange) >= 0x80)
        return FaultText{
            "в коде маркировки русские буквы; переключите раскладку клавиатуры или сканер в режим "
            "без раскладки (COM-порт) и отсканируйте ещё раз",
            "the marking code has letters that are not Latin; switch the keyboard layout, or the "
            "scanner to its COM port mode, and scan again"};
    if (strange != code.end())
        return FaultText{"в коде маркировки пробел или управляющий символ; отсканируйте ещё раз",
                         "the marking code has a space or a control character; scan again"};
    if (code.front() == kGs || code.starts_with("]"))
        return FaultText{"код маркировки начинается с префикса сканера; отключите префикс (AIM ID, FNC1) в "
                         "настройках сканера",
                         "the marking code begins with a prefix of the scanner; switch the prefix (AIM ID, "
                         "FNC1) off in its settings"};
    if (code.starts_with("("))
        return FaultText{
            "код маркировки записан со скобками, как под штрихкодом; нужен код, как его читает сканер",
            "the marking code is written with parentheses, as below the bar code; give it as the "
            "scanner reads it"};
    const Form form = form_of(code);
    if (form == Form::unknown)
        return FaultText{
            "это не похоже на код маркировки; отсканируйте квадратный код (Data Matrix) на товаре",
            "this does not look like a marking code; scan the square code (Data Matrix)"};
    const std::string_view gtin = form == Form::gs1       ? code.substr(2, 14)
                                  : form == Form::tobacco ? code.substr(0, 14)
                                                          : std::string_view{};
    if (!gtin_fits(gtin))
        return FaultText{"код маркировки прочитан с ошибкой: в номере товара " + std::string(gtin) +
                             " не сходится контрольная цифра; отсканируйте ещё раз",
                         "the marking code was misread: the check digit of " + std::string(gtin) +
                             " is wrong; scan again"};
    if (form == Form::gs1 && separators_lost(code))
        return FaultText{
            "в коде маркировки пропали разделители групп (GS, код 29); настройте сканер и кассовую "
            "программу передавать их",
            "the marking code has lost its group separators (GS, code 29); have scanner and program "
            "pass them on"};
    return std::nullopt;
}

void check_status(Faults& faults, const Place& place, const Position& position, const ReceiptRequest& request)
{
    const unsigned status = position.marking->planned_status;
    const bool sold = status == 1 || status == 2;
    const bool returned = status == 3 || status == 4;
    const std::string told = std::to_string(status);
    if (!sold && !returned && status != 255) {
        faults.add(place, "planned_status_unknown",
                   {"неизвестный планируемый статус товара " + told + "; допустимы 1..4 и 255",
                    "unknown planned status " + told + "; 1..4 and 255 are known"});
        return;
    }
    if (!request.correction && ((request.operation == Operation::sell && returned) ||
                                (request.operation == Operation::sell_return && sold)))
        faults.add(place, "planned_status_operation",
                   {"планируемый статус " + told +
                        " не подходит к операции чека; при продаже 1 или 2, при возврате 3 или 4",
                    "planned status " + told +
                        " does not go with the operation; 1 or 2 of a sale, 3 or 4 of a return"});
    const Item& item = position.item;
    const bool by_measure = item.fraction || item.unit.value_or(words::kPiece) != words::kPiece;
    if (status != 255 && by_measure != (status == 2 || status == 4))
        faults.add(place, "planned_status_measure",
                   {"планируемый статус " + told +
                        " не подходит к мере; штучный товар 1 или 3, мерный и часть упаковки 2 или 4",
                    "planned status " + told +
                        " does not go with the unit; pieces are 1 or 3, by measure or in part 2 or 4"});
}

void check_kind(Faults& faults, const Place& place, const Position& position)
{
    const unsigned kind = position.item.item_kind.value_or(0);
    const bool wants_mark = kind == 31 || kind == 33;
    if (wants_mark && !position.marking)
        faults.add(place.in("marking"), "mark_missing",
                   {"товар указан как маркированный, а кода маркировки нет; отсканируйте код или укажите вид "
                    "товара «без кода»: goods_without_mark, excise_without_mark",
                    "the item is said to have a mark, but there is no code; scan it, or take "
                    "goods_without_mark or excise_without_mark"});
    if (position.marking && !wants_mark)
        faults.add(
            place.in("item_kind"), "mark_unexpected",
            {"у товара есть код маркировки, а вид предмета расчёта другой; укажите goods_with_mark или "
             "excise_with_mark",
             "the item has a marking code, but another kind; take goods_with_mark or excise_with_mark"});
}

} // namespace

void check_marking(Faults& faults, const Place& place, const Position& position,
                   const ReceiptRequest& request)
{
    const Place mark = place.in("marking");
    if (position.marking && !faults.is_ffd_1_2()) {
        check_only_1_2(faults, mark, true, "передайте код товара в product_code",
                       "give product_code instead");
        return; // the rest is of FFD 1.2
    }
    if (faults.is_ffd_1_2())
        check_kind(faults, place, position);
    if (!position.marking)
        return;
    if (!faults.limits().marking_check)
        faults.add(mark, "marking_unsupported",
                   {"эта касса не умеет проверять коды маркировки; продайте товар на другой кассе",
                    "this register cannot check marking codes; sell the item on another one"});
    if (auto fault = fault_of_code(position.marking->code))
        faults.add(mark.in("code"), "marking_code_invalid", *std::move(fault));
    check_status(faults, mark.in("planned_status"), position, request);
    const Item& item = position.item;
    if (!item.fraction && item.unit.value_or(words::kPiece) == words::kPiece && item.quantity &&
        *item.quantity > Quantity{} && *item.quantity != Quantity::units(1))
        faults.add(
            place.in("quantity"), "marked_quantity",
            {"у маркированного товара количество 1: у каждой штуки свой код; разделите на позиции по одной",
             "the quantity of a marked item is 1, each piece has its code; divide it into positions of one"});
}

} // namespace kb::fiscal
