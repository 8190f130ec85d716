// Texts of a request: characters, lengths, numbers with check digits, addresses, lines to print.
#include "protocol/core/code_page.hpp"
#include "protocol/core/cp866.hpp"
#include "protocol/fiscal/dotted_date.hpp"
#include "protocol/fiscal/inn.hpp"
#include "protocol/fiscal/plain_text.hpp"
#include "protocol/fiscal/request_faults.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kb::fiscal {

namespace {

std::string quoted(std::string_view text) { return "«" + std::string(text) + "»"; }

// "U+2122"
std::string code_point(char32_t character)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "U+%04X", static_cast<unsigned>(character));
    return text.data();
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

std::string name_of(Tag tag, bool russian)
{
    const TagInfo* info = find_tag(tag);
    return std::string(russian ? info->name_ru : info->name_en);
}

// Characters of a text, and its first one that no receipt can have.
class Reading {
public:
    // `to_fn`: the text is kept in the FN, whose code page is CP866, whatever the register prints.
    Reading(std::string_view text, const RequestLimits& limits, bool to_fn)
    {
        std::string_view rest = text;
        while (!rest.empty()) {
            const std::string_view before = rest;
            const auto character = cut_character(rest);
            ++count_;
            if (!character) {
                broken_ = true;
                return;
            }
            blank_ = blank_ && (*character == ' ' || *character == 0xA0);
            if (!bad_ && !fits(*character, limits, to_fn))
                bad_ = Bad{*character, before.substr(0, before.size() - rest.size()), count_};
        }
    }

    struct Bad {
        char32_t character;
        std::string_view utf8;
        std::size_t at; ///< 1..
    };
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] bool blank() const { return blank_; }
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] const std::optional<Bad>& bad() const { return bad_; }

private:
    static bool fits(char32_t character, const RequestLimits& limits, bool to_fn)
    {
        if (is_control(character))
            return false;
        if (limits.can_print != nullptr && !limits.can_print(character))
            return false;
        return is_in_cp866(character) || (!to_fn && limits.can_print != nullptr);
    }

    std::size_t count_ = 0;
    bool blank_ = true;
    bool broken_ = false;
    std::optional<Bad> bad_;
};

// Whether the characters are all right; what is wrong is told with the names of the text.
bool check_characters(Faults& faults, const Place& place, const Reading& text, const std::string& ru,
                      const std::string& en)
{
    if (text.broken()) {
        faults.add(place, "bad_utf8",
                   {ru + ": текст испорчен (не UTF-8); проверьте кодировку в кассовой программе",
                    en + ": not UTF-8; check the encoding of the calling program"});
        return false;
    }
    if (!text.bad())
        return true;
    const Reading::Bad& bad = *text.bad();
    const std::string nth = std::to_string(bad.at);
    if (is_control(bad.character)) {
        faults.add(place, "control_character",
                   {ru + ": управляющий символ " + code_point(bad.character) + ", " + nth +
                        "-й по счёту; уберите его (перевод строки, табуляцию)",
                    en + ": control character " + code_point(bad.character) + ", number " + nth +
                        "; take it out (line end, tab)"});
        return false;
    }
    const auto plain = plain_form(bad.character);
    const std::string_view instead = plain.value_or(std::string_view{});
    std::string cure_ru = "уберите его";
    std::string cure_en = "take it out";
    if (!instead.empty()) {
        cure_ru = instead == " " ? "замените обычным пробелом" : "замените на " + std::string(instead);
        cure_en = instead == " " ? "replace it by a space" : "replace it by " + std::string(instead);
    }
    faults.add(place, "character_not_printable",
               {ru + ": символа " + quoted(bad.utf8) + " (" + code_point(bad.character) + ", " + nth +
                    "-й по счёту) в чеке быть не может; " + cure_ru,
                en + ": a receipt cannot have the character \"" + std::string(bad.utf8) + "\" (" +
                    code_point(bad.character) + ", number " + nth + "); " + cure_en});
    return false;
}

bool only(std::string_view text, std::string_view characters)
{
    return text.find_first_not_of(characters) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789";

bool is_phone(std::string_view text)
{
    return text.size() >= 6 && text.size() <= 19 && text.front() == '+' && only(text.substr(1), kDigits);
}

bool is_email(std::string_view text)
{
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos ||
        text.find_first_of(" ,;<>()\"") != std::string_view::npos)
        return false;
    const std::string_view domain = text.substr(at + 1);
    const std::size_t dot = domain.rfind('.');
    return dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size() &&
           domain.find("..") == std::string_view::npos;
}

// The last digit of EAN-8 and EAN-13 makes the weighted sum a multiple of ten; weights 1 and 3 from the
// right.
bool ean_fits(std::string_view digits)
{
    unsigned sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i)
        sum += static_cast<unsigned>(digits[i] - '0') * ((digits.size() - i) % 2 == 0 ? 3U : 1U);
    return sum % 10 == 0;
}

// ---- lines

constexpr std::string_view kBarcodes = "EAN13 EAN8 CODE39 CODE128";

void check_ean(Faults& faults, const Place& place, const PrintItem& line, std::size_t length)
{
    if (line.text.size() != length || !only(line.text, kDigits))
        faults.add(place, "barcode_invalid",
                   {"штрихкод " + line.barcode_type + ": нужно цифр: " + std::to_string(length) +
                        ", вместе с контрольной; исправьте",
                    "bar code " + line.barcode_type + ": " + std::to_string(length) +
                        " digits are wanted, the check digit included; correct it"});
    else if (!ean_fits(line.text))
        faults.add(place, "barcode_check_digit",
                   {"штрихкод " + line.text + ": не сходится контрольная цифра; проверьте номер",
                    "bar code " + line.text + ": wrong check digit; check the number"});
}

bool prints_barcode(std::string_view printed, const std::string& type)
{
    return (" " + std::string(printed) + " ").find(" " + type + " ") != std::string::npos;
}

void check_barcode_of_register(Faults& faults, const Place& place, const PrintItem& line)
{
    const std::string printed(faults.limits().barcodes);
    if (prints_barcode(printed, line.barcode_type) || !prints_barcode(kBarcodes, line.barcode_type))
        return; // what nobody knows has been told
    const std::string others = printed.empty() ? "" : printed + ", ";
    faults.add(place, "barcode_unsupported",
               {"эта касса не печатает штрихкод " + line.barcode_type + "; она печатает " + others + "QR",
                "this register prints no bar code " + line.barcode_type + "; it prints " + others + "QR"});
}

void check_barcode(Faults& faults, const Place& place, const PrintItem& line)
{
    constexpr std::size_t kLongest = 40; // what still fits across a narrow paper
    constexpr std::string_view kCode39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
    const bool ascii =
        std::all_of(line.text.begin(), line.text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (line.barcode_type == "EAN13")
        check_ean(faults, place, line, 13);
    else if (line.barcode_type == "EAN8")
        check_ean(faults, place, line, 8);
    else if (line.barcode_type != "CODE128" && line.barcode_type != "CODE39")
        faults.add(
            place, "barcode_type_unknown",
            {"неизвестный вид штрихкода " + quoted(line.barcode_type) + "; есть EAN13, EAN8, CODE128, CODE39",
             "unknown type of bar code \"" + line.barcode_type +
                 "\"; there are EAN13, EAN8, CODE128, CODE39"});
    else if (line.text.empty() || line.text.size() > kLongest || !ascii ||
             (line.barcode_type == "CODE39" && !only(line.text, kCode39)))
        faults.add(place, "barcode_invalid",
                   {"штрихкод " + line.barcode_type + ": от 1 до 40 знаков, " +
                        (line.barcode_type == "CODE39" ? "цифры, заглавные латинские буквы и - . $ / + %"
                                                       : "латинские буквы, цифры и знаки") +
                        "; исправьте",
                    "bar code " + line.barcode_type + ": 1 to 40 characters, " +
                        (line.barcode_type == "CODE39" ? "digits, capital Latin letters and - . $ / + %"
                                                       : "of ASCII") +
                        "; correct it"});
}

void check_qr(Faults& faults, const Place& place, const std::string& text)
{
    constexpr std::size_t kLongest = 500;
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (text.empty() || text.size() > kLongest || !ascii)
        faults.add(place, "qr_invalid",
                   {"QR-код: от 1 до 500 знаков, латинские буквы, цифры и знаки; исправьте",
                    "QR code: 1 to 500 ASCII characters; correct it"});
}

void check_line(Faults& faults, const Place& place, const PrintItem& line)
{
    switch (line.kind) {
    case PrintItem::Kind::text:
        check_characters(faults, place.in("text"), Reading(line.text, faults.limits(), false), "строка",
                         "line");
        return;
    case PrintItem::Kind::barcode:
        check_barcode(faults, place.in("barcode"), line);
        check_barcode_of_register(faults, place.in("type"), line);
        return;
    case PrintItem::Kind::qr:
        check_qr(faults, place.in("qr"), line.text);
        return;
    }
}

} // namespace

void check_text(Faults& faults, const Place& place, Tag tag, const std::string& value, std::size_t at_most)
{
    if (value.empty())
        return;
    const std::string ru = name_of(tag, true);
    const std::string en = name_of(tag, false);
    const Reading text(value, faults.limits(), true);
    if (!check_characters(faults, place, text, ru, en))
        return;
    if (text.blank()) {
        faults.add(place, "text_blank",
                   {ru + ": одни пробелы; укажите или уберите совсем",
                    en + ": nothing but spaces; give it or leave it out"});
        return;
    }
    std::size_t fits = find_tag(tag)->length;
    if (at_most != 0)
        fits = std::min(fits, at_most);
    if (text.count() > fits)
        faults.add(place, "text_too_long",
                   {ru + ": знаков " + std::to_string(text.count()) + ", помещается " + std::to_string(fits) +
                        "; сократите на " + std::to_string(text.count() - fits),
                    en + ": " + std::to_string(text.count()) + " characters, " + std::to_string(fits) +
                        " fit; shorten it by " + std::to_string(text.count() - fits)});
}

void check_inn(Faults& faults, const Place& place, const std::string& inn, InnOf whose)
{
    if (inn.empty())
        return;
    const bool zeros = only(inn, "0"); // where somebody has none
    const bool length_fits = whose != InnOf::person || inn.size() == 12;
    if (length_fits && is_valid_inn(inn) && (!zeros || whose == InnOf::foreigner_too))
        return;
    if (whose == InnOf::person && inn.size() == 10 && is_valid_inn(inn))
        faults.add(place, "inn_of_company",
                   {"ИНН " + quoted(inn) + " принадлежит организации; здесь нужен ИНН человека, 12 цифр",
                    "INN " + inn + " is a company's; a person's INN has 12 digits"});
    else
        faults.add(
            place, "inn_invalid",
            {"ИНН " + quoted(inn) +
                 ": не сходятся контрольные цифры (в ИНН 10 или 12 цифр); проверьте по документам",
             "INN \"" + inn + "\": wrong check digits (an INN has 10 or 12 digits); check the papers"});
}

void check_phone(Faults& faults, const Place& place, const std::string& phone)
{
    if (!phone.empty() && !is_phone(phone))
        faults.add(
            place, "phone_invalid",
            {"телефон " + quoted(phone) + "; пишите с плюсом и кодом страны, только цифры: +74951234567",
             "phone \"" + phone + "\"; write plus, country code and digits only: +74951234567"});
}

void check_phones(Faults& faults, const Place& place, const std::vector<std::string>& phones)
{
    for (std::size_t i = 0; i < phones.size(); ++i) {
        check_phone(faults, place.at(i), phones[i]);
        if (phones[i].empty())
            faults.add(place.at(i), "phone_invalid",
                       {"телефон не указан; укажите или уберите из списка",
                        "no phone; give one or leave it out of the list"});
    }
}

void check_email(Faults& faults, const Place& place, const std::string& email)
{
    if (!email.empty() && !is_email(email))
        faults.add(place, "email_invalid",
                   {"адрес электронной почты " + quoted(email) + "; пишите как name@example.ru",
                    "e-mail address \"" + email + "\"; write it as name@example.com"});
}

void check_contact(Faults& faults, const Place& place, const std::string& contact)
{
    if (!contact.empty() && !is_phone(contact) && !is_email(contact))
        faults.add(
            place, "contact_invalid",
            {"телефон или почта покупателя " + quoted(contact) + "; пишите +79161234567 или name@example.ru",
             "buyer's phone or e-mail \"" + contact + "\"; write +79161234567 or name@example.com"});
}

void check_dotted_date(Faults& faults, const Place& place, const std::string& date)
{
    if (!date.empty() && !iso_of_dotted(date))
        faults.add(place, "date_invalid",
                   {"дата " + quoted(date) + "; пишите как 2026-11-01",
                    "date \"" + date + "\"; write it as 2026-11-01"});
}

void check_digits(Faults& faults, const Place& place, Tag tag, const std::string& value, std::size_t count)
{
    if (!value.empty() && (value.size() != count || !only(value, kDigits)))
        faults.add(place, "code_invalid",
                   {name_of(tag, true) + " " + quoted(value) + "; цифр должно быть " + std::to_string(count),
                    name_of(tag, false) + " \"" + value + "\"; it has " + std::to_string(count) + " digits"});
}

void check_lines(Faults& faults, const Place& place, const std::vector<PrintItem>& lines)
{
    for (std::size_t i = 0; i < lines.size(); ++i)
        check_line(faults, place.at(i), lines[i]);
}

} // namespace kb::fiscal
