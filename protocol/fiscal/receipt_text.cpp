#include "protocol/fiscal/receipt_text.hpp"

#include "protocol/fiscal/fiscal_sign.hpp"
#include "protocol/fiscal/qr.hpp"

#include <algorithm>

namespace kb::fiscal {

namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t width_of(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), starts_character));
}

// Cuts at most `width` characters off the front, at a space where there is one in the second half.
std::string cut(std::string_view& text, std::size_t width)
{
    std::size_t end = 0;
    std::size_t characters = 0;
    std::size_t space = 0;
    while (end < text.size()) {
        if (starts_character(text[end])) {
            if (characters == width)
                break;
            if (text[end] == ' ' && characters > width / 2)
                space = end;
            ++characters;
        }
        ++end;
    }
    if (end < text.size() && text[end] != ' ' && space != 0)
        end = space;
    std::string line(text.substr(0, end));
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return line;
}

// Control characters (a marking code's separators, for one) must not reach a printer.
std::string printable(std::string_view text)
{
    std::string clean(text);
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        ' ');
    return clean;
}

class PaperRoll {
public:
    explicit PaperRoll(std::size_t width) : width_(std::clamp<std::size_t>(width, 24, 64)) {}

    void text(std::string_view utf8)
    {
        const std::string clean = printable(utf8);
        for (std::string_view rest = clean; !rest.empty();)
            lines_.push_back(cut(rest, width_));
    }
    void centred(std::string_view utf8)
    {
        const std::string clean = printable(utf8);
        for (std::string_view rest = clean; !rest.empty();) {
            const std::string line = cut(rest, width_);
            lines_.push_back(std::string((width_ - width_of(line)) / 2, ' ') + line);
        }
    }
    // Left and right on one line, or on two where they do not fit.
    void pair(std::string_view left, std::string_view right)
    {
        const std::string begin = printable(left);
        const std::string end = printable(right);
        const std::size_t taken = width_of(begin) + width_of(end);
        if (taken < width_) {
            lines_.push_back(begin + std::string(width_ - taken, ' ') + end);
            return;
        }
        text(begin);
        for (std::string_view rest = end; !rest.empty();) {
            const std::string line = cut(rest, width_);
            lines_.push_back(std::string(width_ - width_of(line), ' ') + line);
        }
    }
    void named(std::string_view name, const std::string& value)
    {
        if (!value.empty())
            text(std::string(name) + ": " + value);
    }
    void sum(std::string_view name, const std::optional<Kopecks>& value)
    {
        if (value && value->count() != 0)
            pair(name, "=" + value->to_rubles());
    }
    void rule() { lines_.emplace_back(width_, '-'); }

    std::vector<std::string> take() { return std::move(lines_); }

private:
    std::size_t width_;
    std::vector<std::string> lines_;
};

// 01.03.24 09:15
std::string printed_time(LocalSeconds time)
{
    const std::string iso = to_text(time);
    return iso.substr(8, 2) + '.' + iso.substr(5, 2) + '.' + iso.substr(2, 2) + ' ' + iso.substr(11, 5);
}

std::string printed_day(LocalSeconds time) { return printed_time(time).substr(0, 8); }

std::string number(const std::optional<std::uint32_t>& value) { return value ? std::to_string(*value) : ""; }

void print_item(PaperRoll& paper, const Item& item)
{
    paper.text(item.name.empty() ? "(без наименования)" : item.name);
    std::string unit = item.unit_text;
    if (unit.empty() && item.unit)
        unit = unit_name_ru(*item.unit);
    std::string quantity = item.quantity ? item.quantity->to_text() : "?";
    if (!unit.empty())
        quantity += ' ' + unit;
    if (item.fraction && item.fraction->numerator && item.fraction->denominator)
        quantity += " (" + std::to_string(*item.fraction->numerator) + '/' +
                    std::to_string(*item.fraction->denominator) + ')';
    paper.pair(quantity + " x " + item.price.value_or(Kopecks{}).to_rubles(),
               "=" + item.sum.value_or(Kopecks{}).to_rubles());
    if (item.vat_rate) {
        const std::string_view rate = vat_rate_name_ru(*item.vat_rate);
        const std::string name =
            rate.empty() ? "НДС, код " + std::to_string(*item.vat_rate) : std::string(rate);
        if (item.vat_sum)
            paper.pair("  " + name, "=" + item.vat_sum->to_rubles());
        else
            paper.text("  " + name);
    }
    std::string kinds;
    if (item.payment_method)
        kinds = payment_method_name_ru(*item.payment_method);
    if (item.item_kind) {
        kinds += kinds.empty() ? "" : ", ";
        kinds += item_kind_name_ru(*item.item_kind);
    }
    if (!kinds.empty())
        paper.text("  " + kinds);
    if (item.product_codes)
        paper.text((item.marking_check == 0x0FU || item.marking_check == 0x0BU) ? "  [M+]" : "  [M]");
    paper.named("  Поставщик", item.supplier ? item.supplier->name : "");
    paper.named("  ИНН поставщика", item.supplier_inn);
}

void print_receipt(PaperRoll& paper, const Document& document)
{
    const Receipt& receipt = *document.receipt;
    if (receipt.correction_type)
        paper.text(*receipt.correction_type == 1 ? "Коррекция по предписанию" : "Самостоятельная коррекция");
    if (receipt.correction_basis) {
        const CorrectionBasis& basis = *receipt.correction_basis;
        std::string text = basis.name;
        if (!basis.number.empty())
            text += (text.empty() ? "№ " : " № ") + basis.number;
        if (basis.date)
            text += " от " + printed_day(*basis.date);
        paper.named("Основание", text);
    }
    paper.rule();
    for (const Item& item : receipt.items)
        print_item(paper, item);
    paper.rule();
    paper.pair("ИТОГ", "=" + document.head.total.value_or(Kopecks{}).to_rubles());
    paper.sum("НАЛИЧНЫМИ", receipt.payments.cash);
    paper.sum("БЕЗНАЛИЧНЫМИ", receipt.payments.electronic);
    paper.sum("ПРЕДОПЛАТА (АВАНС)", receipt.payments.advance);
    paper.sum("ПОСТОПЛАТА (КРЕДИТ)", receipt.payments.credit);
    paper.sum("ВСТРЕЧНОЕ ПРЕДОСТАВЛЕНИЕ", receipt.payments.counter);
    paper.sum("СУММА НДС 20%", receipt.vat.vat_20);
    paper.sum("СУММА НДС 10%", receipt.vat.vat_10);
    paper.sum("СУММА НДС 20/120", receipt.vat.vat_20_120);
    paper.sum("СУММА НДС 10/110", receipt.vat.vat_10_110);
    paper.sum("СУММА С НДС 0%", receipt.vat.turnover_0);
    paper.sum("СУММА БЕЗ НДС", receipt.vat.turnover_none);
    if (receipt.vat.others)
        for (const VatSum& vat : receipt.vat.others->sums)
            paper.sum("СУММА " + std::string(vat_rate_name_ru(vat.rate.value_or(0))), vat.sum);
    if (receipt.tax_system)
        paper.named("СНО", std::string(tax_system_name_ru(*receipt.tax_system)));
    paper.named("Покупатель", receipt.buyer ? receipt.buyer->name : receipt.buyer_name);
    paper.named("ИНН покупателя", receipt.buyer ? receipt.buyer->inn : receipt.buyer_inn);
    paper.named("Эл. адр. покупателя", receipt.buyer_contact);
    paper.named("Эл. адр. отправителя", receipt.sender_email);
    if (receipt.user_attribute)
        paper.named(receipt.user_attribute->name, receipt.user_attribute->value);
    paper.text(receipt.extra);
    paper.named("Сайт ФНС", receipt.fns_site);
}

void print_counters(PaperRoll& paper, std::string_view title, const Counters& counters)
{
    paper.rule();
    paper.text(title);
    paper.pair("Чеков", number(counters.receipts));
    const auto block = [&](std::string_view name, const std::optional<OperationCounters>& operation) {
        if (!operation)
            return;
        paper.pair(name, number(operation->receipts));
        paper.sum("  НАЛИЧНЫМИ", operation->cash);
        paper.sum("  БЕЗНАЛИЧНЫМИ", operation->electronic);
        paper.sum("  ПРЕДОПЛАТА", operation->advance);
        paper.sum("  ПОСТОПЛАТА", operation->credit);
        paper.sum("  ВСТРЕЧНОЕ ПРЕДОСТАВЛЕНИЕ", operation->counter);
        paper.sum("  ИТОГО", operation->total);
    };
    block("ПРИХОД", counters.sell);
    block("ВОЗВРАТ ПРИХОДА", counters.sell_return);
    block("РАСХОД", counters.buy);
    block("ВОЗВРАТ РАСХОДА", counters.buy_return);
    if (counters.corrections) {
        paper.pair("КОРРЕКЦИИ", number(counters.corrections->receipts));
        block(" ПРИХОД", counters.corrections->sell);
        block(" ВОЗВРАТ ПРИХОДА", counters.corrections->sell_return);
        block(" РАСХОД", counters.corrections->buy);
        block(" ВОЗВРАТ РАСХОДА", counters.corrections->buy_return);
    }
}

void print_report(PaperRoll& paper, const Report& report)
{
    const auto line = [&](std::string_view name, const std::optional<std::uint32_t>& value) {
        if (value)
            paper.pair(name, std::to_string(*value));
    };
    line("ЧЕКОВ ЗА СМЕНУ", report.shift_receipts);
    line("ФД ЗА СМЕНУ", report.shift_documents);
    line("НЕПЕРЕДАННЫХ ФД", report.unsent_documents);
    line("ФД НЕ ПЕРЕДАНЫ С №", report.first_unsent_fd);
    if (report.first_unsent_date && report.unsent_documents.value_or(0) != 0)
        paper.pair("ФД НЕ ПЕРЕДАНЫ С", printed_day(*report.first_unsent_date));
    const auto warning = [&](const std::optional<bool>& set, std::string_view text) {
        if (set.value_or(false))
            paper.text(text);
    };
    warning(report.ofd_timeout, "ПРЕВЫШЕНО ВРЕМЯ ОЖИДАНИЯ ОТВЕТА ОФД");
    warning(report.fn_replace_urgently, "СРОЧНО ЗАМЕНИТЬ ФН");
    warning(report.fn_full, "ПАМЯТЬ ФН ЗАПОЛНЕНА");
    warning(report.fn_exhausted, "РЕСУРС ФН СКОРО ИСЧЕРПАЕТСЯ");
    if (report.shift_counters)
        print_counters(paper, "СЧЕТЧИКИ ИТОГОВ СМЕНЫ", *report.shift_counters);
    if (report.fn_counters)
        print_counters(paper, "СЧЕТЧИКИ ИТОГОВ ФН", *report.fn_counters);
}

void print_registration(PaperRoll& paper, const Registration& registration)
{
    paper.named("ЗН ККТ", registration.kkt_serial);
    for (std::uint32_t bit = 1; bit <= 32; bit <<= 1)
        if ((registration.tax_systems.value_or(0) & bit) != 0)
            paper.named("СНО", std::string(tax_system_name_ru(bit)));
    const auto mode = [&](const std::optional<bool>& set, std::string_view text) {
        if (set.value_or(false))
            paper.text(text);
    };
    mode(registration.offline_mode, "АВТОНОМНЫЙ РЕЖИМ");
    mode(registration.automatic_mode, "АВТОМАТИЧЕСКИЙ РЕЖИМ");
    mode(registration.encryption, "ШИФРОВАНИЕ");
    mode(registration.internet_only, "ККТ ДЛЯ ИНТЕРНЕТ");
    mode(registration.bso_system, "АС БСО");
    mode(registration.services_only, "РАСЧЕТЫ ЗА УСЛУГИ");
    mode(registration.excise_goods, "ПОДАКЦИЗНЫЕ ТОВАРЫ");
    mode(registration.gambling, "АЗАРТНЫЕ ИГРЫ");
    mode(registration.lottery, "ЛОТЕРЕЯ");
    paper.named("Автомат", registration.machine_number);
    paper.named("ОФД", registration.ofd_name);
    paper.named("ИНН ОФД", registration.ofd_inn);
    paper.named("Сайт ФНС", registration.fns_site);
}

struct Place {
    std::string user;
    std::string address;
    std::string place;
};

Place place_of(const Document& document)
{
    if (document.receipt)
        return {document.receipt->user, document.receipt->address, document.receipt->place};
    if (document.registration)
        return {document.registration->user, document.registration->address, document.registration->place};
    if (document.report)
        return {document.report->user, document.report->address, document.report->place};
    return {};
}

} // namespace

std::vector<std::string> receipt_text(const Document& document, std::size_t width)
{
    const Head& head = document.head;
    PaperRoll paper(width);
    const Place place = place_of(document);
    paper.centred(place.user);
    paper.named("ИНН", head.inn);
    paper.text(place.address);
    paper.named("Место расчетов", place.place);
    paper.centred(document_name_ru(head.type));
    if (head.operation)
        paper.centred(operation_name_ru(*head.operation));
    paper.named("Кассир", head.cashier);
    if (head.receipt_number)
        paper.pair("Смена " + number(head.shift_number), "Чек " + number(head.receipt_number));
    else if (head.shift_number)
        paper.text("Смена " + number(head.shift_number));
    if (document.receipt)
        print_receipt(paper, document);
    if (document.registration)
        print_registration(paper, *document.registration);
    if (document.report)
        print_report(paper, *document.report);
    if (document.ticket)
        paper.named("ИНН ОФД", document.ticket->ofd_inn);
    paper.rule();
    paper.text(printed_time(head.datetime));
    paper.named("РН ККТ", head.kkt_reg_number);
    paper.named("ФН", head.fn_serial);
    paper.pair("ФД: " + std::to_string(head.fd_number),
               head.fiscal_sign == 0 ? "" : "ФП: " + fiscal_sign_text(head.fiscal_sign));
    if (const auto qr = receipt_qr_of(head))
        paper.text(receipt_qr_text(*qr));
    return paper.take();
}

} // namespace kb::fiscal
