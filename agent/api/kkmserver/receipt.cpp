// RegisterCheck as a whole. Source: docs/sources.md#kkmserver, sections 4.1 and 4.4.
#include "agent/api/kkmserver/receipt.hpp"

#include "agent/api/kkmserver/lines.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kb::agent::kkmserver {

namespace {

using fiscal::FfdVersion;
using fiscal::Operation;
using fiscal::PrintItem;
using fiscal::ReceiptRequest;

constexpr std::size_t kMostStrings = 1500;
constexpr std::size_t kMostLines = 500; // of a request, in one place
constexpr const char* kTooManyLines = "больше 500 печатных строк; разделите на несколько документов";

// ---- CheckStrings

constexpr std::string_view kNoPictures =
    "картинки (PrintImage) не печатаются; уберите строку с картинкой, ничего не напечатано";

void add_texts(std::vector<PrintItem>& lines, Fields& string, const RegisterFacts& facts)
{
    auto text = string.object("PrintText");
    if (!text)
        return;
    const bool widest = text->integer("Font", 0, 255).value_or(0) == 1;
    for (PrintItem& line : text_lines(text->line("Text"), widest, facts.line_characters))
        lines.push_back(std::move(line));
}

/// Nothing, or one character from edge to edge.
bool only_separates(const PrintItem& line)
{
    return line.kind == PrintItem::Kind::text &&
           (line.text.empty() || line.text == std::string(line.text.size(), line.text.front()));
}

void add_codes(std::vector<PrintItem>& lines, Fields& string)
{
    auto code = string.object("BarCode");
    if (!code)
        return;
    PrintItem line;
    line.align = PrintItem::Align::center;
    line.text = code->text("Barcode");
    std::string type = code->text("BarcodeType");
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; });
    line.kind = type == "QR" ? PrintItem::Kind::qr : PrintItem::Kind::barcode;
    if (line.kind == PrintItem::Kind::barcode && !type.empty())
        line.barcode_type = std::move(type);
    lines.push_back(std::move(line));
}

/// Positions, and the lines around them. A receipt has its positions in one piece: what stands between two
/// of them is printed below, unless it only separates.
void read_strings(Fields& check, ReceiptRequest& receipt, const RegisterFacts& facts)
{
    std::vector<PrintItem> between;
    const auto below = [&receipt, &between] {
        std::move(between.begin(), between.end(), std::back_inserter(receipt.after));
        between.clear();
    };
    const auto* strings = check.array("CheckStrings", kMostStrings);
    for (std::size_t i = 0; strings != nullptr && i < strings->size() && check.ok(); ++i) {
        Fields string = check.element("CheckStrings", *strings, i);
        if (string.object("PrintImage"))
            string.complain("PrintImage", std::string(kNoPictures));
        add_texts(receipt.positions.empty() ? receipt.before : between, string, facts);
        if (auto line = string.object("Register")) {
            std::erase_if(between, [](const PrintItem& printed) { return only_separates(printed); });
            below();
            receipt.positions.push_back(read_position(*line, facts));
        }
        add_codes(receipt.positions.empty() ? receipt.before : between, string);
    }
    below();
}

/// AdditionalProps of old clients: a name and a value to be printed above or below.
void read_additional_props(Fields& check, ReceiptRequest& receipt)
{
    const auto* props = check.array("AdditionalProps", kMostStrings);
    for (std::size_t i = 0; props != nullptr && i < props->size() && check.ok(); ++i) {
        Fields prop = check.element("AdditionalProps", *props, i);
        if (!prop.flag("Print").value_or(true))
            continue;
        PrintItem line;
        line.text = one_line(prop.text("NameProp") + ": " + prop.text("Prop"));
        const bool above = prop.flag("PrintInHeader").value_or(false);
        (above ? receipt.before : receipt.after).push_back(std::move(line));
    }
}

// ---- the receipt's own members

struct CheckType {
    Operation operation = Operation::sell;
    bool correction = false;
};

CheckType read_type(Fields& check)
{
    constexpr std::int64_t kEgaisSale = 8;
    constexpr std::int64_t kEgaisReturn = 9;
    const auto type = check.integer("TypeCheck", 0, 255);
    switch (type.value_or(0)) {
    case 0:
        return {Operation::sell, false};
    case 1:
        return {Operation::sell_return, false};
    case 2:
        return {Operation::sell, true};
    case 3:
        return {Operation::sell_return, true};
    case 10:
        return {Operation::buy, false};
    case 11:
        return {Operation::buy_return, false};
    case 12:
        return {Operation::buy, true};
    case 13:
        return {Operation::buy_return, true};
    case kEgaisSale:
    case kEgaisReturn:
        check.complain("TypeCheck", "обмен с ЕГАИС здесь не поддерживается");
        return {};
    default:
        check.complain("TypeCheck", "такого вида чека нет; есть 0, 1, 2, 3, 10, 11, 12, 13");
        return {};
    }
}

Kopecks sum_of(Fields& check, std::initializer_list<const char*> names)
{
    Kopecks sum;
    for (const char* name : names) {
        const auto more = sum.plus(check.money(name).value_or(Kopecks{}));
        if (more)
            sum = *more;
        else
            check.complain(name, "слишком большая сумма");
    }
    return sum;
}

/// What is not told is not paid: nothing is taken for cash that the client did not call so.
fiscal::Payments read_payments(Fields& check)
{
    fiscal::Payments paid;
    const auto put = [](std::optional<Kopecks>& part, Kopecks sum) {
        if (sum != Kopecks{})
            part = sum;
    };
    put(paid.electronic,
        sum_of(check, {"ElectronicPayment", "CashLessType1", "CashLessType2", "CashLessType3"}));
    put(paid.advance, sum_of(check, {"AdvancePayment"}));
    put(paid.credit, sum_of(check, {"Credit"}));
    put(paid.counter, sum_of(check, {"CashProvision"}));
    put(paid.cash, sum_of(check, {"Cash"}));
    if (paid == fiscal::Payments{})
        paid.cash = Kopecks{};
    return paid;
}

void read_buyer(Fields& check, fiscal::Receipt& receipt)
{
    receipt.buyer_contact = contact_of(check.text("ClientAddress"));
    fiscal::Buyer buyer;
    buyer.name = one_line(check.text("ClientInfo"));
    buyer.inn = check.text("ClientINN");
    if (buyer != fiscal::Buyer{})
        receipt.buyer = std::move(buyer);
}

void read_tax_system(Fields& check, fiscal::Receipt& receipt)
{
    if (const auto variant = check.integer("TaxVariant", 0, 5))
        receipt.tax_system = 1U << static_cast<unsigned>(*variant);
}

void read_attributes(Fields& check, fiscal::Receipt& receipt)
{
    receipt.sender_email = check.text("SenderEmail");
    receipt.address = one_line(check.text("AddressSettle"));
    receipt.place = one_line(check.text("PlaceMarket"));
    receipt.extra = one_line(check.text("AdditionalAttribute"));
    if (auto attribute = check.object("UserAttribute")) {
        fiscal::UserAttribute read{one_line(attribute->text("Name")), one_line(attribute->text("Value"))};
        if (!read.name.empty() || !read.value.empty())
            receipt.user_attribute = std::move(read);
    }
    AgentFields agent = read_agent(check);
    receipt.agent_flags = agent.flags;
    receipt.agent = std::move(agent.agent);
    receipt.supplier_phones = std::move(agent.supplier.phones);
}

void read_correction(Fields& check, fiscal::Receipt& receipt, const RegisterFacts& facts)
{
    if (const auto type = check.integer("CorrectionType", 0, 1))
        receipt.correction_type = static_cast<std::uint8_t>(*type);
    fiscal::CorrectionBasis basis;
    basis.date = check.time("CorrectionBaseDate", facts.zone);
    basis.number = one_line(check.text("CorrectionBaseNumber"));
    if (facts.ffd < FfdVersion::v1_2) // there it has no place
        basis.name = one_line(check.text("CorrectionBaseName"));
    receipt.correction_basis = std::move(basis);
}

/// A correction of FFD 1.05 has no positions but a sum, and the VAT in it by rate. It becomes one position,
/// which such a register turns into sums again.
void add_corrected_sum(Fields& check, ReceiptRequest& request, const RegisterFacts& facts)
{
    struct Rate {
        const char* member;
        std::int64_t tax;
        bool is_turnover; ///< the member tells the turnover, not the tax
    };
    constexpr Rate kRates[] = {
        {"SumTaxNone", -1, true},  {"SumTax0", 0, true},      {"SumTax5", 5, false},
        {"SumTax7", 7, false},     {"SumTax10", 10, false},   {"SumTax20", 20, false},
        {"SumTax22", 22, false},   {"SumTax105", 105, false}, {"SumTax107", 107, false},
        {"SumTax110", 110, false}, {"SumTax120", 120, false}, {"SumTax122", 122, false}};
    if (facts.ffd > FfdVersion::v1_05) {
        check.complain("CheckStrings",
                       "в чеке коррекции по ФФД 1.1 и новее нужны строки Register; добавьте их");
        return;
    }
    const auto amount = check.money("Amount");
    if (!amount) {
        check.complain("Amount", "не указана сумма коррекции; укажите её или строки Register");
        return;
    }
    const Rate* of = nullptr;
    std::optional<Kopecks> told;
    for (const Rate& rate : kRates) {
        const auto sum = check.money(rate.member);
        if (!sum || *sum == Kopecks{})
            continue;
        if (of != nullptr) {
            check.complain(rate.member, "коррекция по нескольким ставкам НДС: укажите строки Register");
            return;
        }
        of = &rate;
        told = sum;
    }
    if (of == nullptr) {
        check.complain("SumTaxNone",
                       "не указано, по какой ставке НДС коррекция; укажите одно из полей SumTax…");
        return;
    }
    fiscal::Position position;
    position.item.name = "Коррекция";
    position.item.price = *amount;
    position.item.sum = *amount;
    position.item.quantity = Quantity::units(1);
    position.item.vat_rate = vat_rate_of(of->tax);
    if (!of->is_turnover)
        position.item.vat_sum = told;
    request.positions.push_back(std::move(position));
}

void read_receipt(Fields& check, fiscal::Request& request, const RegisterFacts& facts,
                  std::vector<std::string>& warnings)
{
    const CheckType type = read_type(check);
    ReceiptRequest& asked = request.receipt.emplace();
    asked.operation = type.operation;
    asked.correction = type.correction;
    read_strings(check, asked, facts);
    read_additional_props(check, asked);
    if (type.correction) {
        read_correction(check, asked.receipt, facts);
        if (asked.positions.empty() && check.ok())
            add_corrected_sum(check, asked, facts);
    }
    asked.receipt.payments = read_payments(check);
    read_buyer(check, asked.receipt);
    read_tax_system(check, asked.receipt);
    read_attributes(check, asked.receipt);
    asked.electronic_only = check.flag("NotPrint").value_or(false);
    if (asked.electronic_only && !facts.electronic_only) {
        asked.electronic_only = false;
        warnings.emplace_back("касса не умеет пробивать чек без бумаги: чек будет напечатан");
    }
}

void read_what_is_not_served(Fields& check, std::vector<std::string>& warnings)
{
    if (check.flag("PayByProcessing").value_or(false))
        check.complain("PayByProcessing",
                       "оплата картой через этот сервер не поддерживается; проведите её на терминале и "
                       "передайте PayByProcessing: false");
    if (const auto* props = check.array("CheckProps", kMostStrings); props != nullptr && !props->empty())
        check.complain("CheckProps", "поле формата ФФД 1.0; передайте агента в AgentSign, AgentData и "
                                     "PurveyorData, остальное уберите");
    if (check.integer("NumberCopies", 0, 100).value_or(0) > 0)
        warnings.emplace_back("копии чека (NumberCopies) не печатаются; копию печатает GetDataCheck");
}

} // namespace

std::vector<PrintItem> read_text_lines(Fields& command, const RegisterFacts& facts)
{
    std::vector<PrintItem> lines;
    const auto* strings = command.array("CheckStrings", kMostStrings);
    for (std::size_t i = 0; strings != nullptr && i < strings->size() && command.ok(); ++i) {
        Fields string = command.element("CheckStrings", *strings, i);
        if (string.object("PrintImage"))
            string.complain("PrintImage", std::string(kNoPictures));
        add_texts(lines, string, facts);
        if (auto line = string.object("Register")) {
            const std::string sums =
                line->text("Quantity") + " x " + line->text("Price") + "<#0#>=" + line->text("Amount");
            for (const std::string& text : {line->text("Name"), sums})
                for (PrintItem& printed : text_lines(text, false, facts.line_characters))
                    lines.push_back(std::move(printed));
        }
        add_codes(lines, string);
    }
    if (lines.empty() && command.ok())
        command.complain("CheckStrings", "печатать нечего; добавьте строки");
    if (lines.size() > kMostLines)
        command.complain("CheckStrings", kTooManyLines);
    return lines;
}

Translated read_check(Fields& check, const RegisterFacts& facts)
{
    Translated made;
    fiscal::Request& request = made.request;
    const auto* strings = check.array("CheckStrings", kMostStrings);
    bool has_positions = false;
    for (std::size_t i = 0; strings != nullptr && i < strings->size() && check.ok(); ++i)
        has_positions = has_positions || check.element("CheckStrings", *strings, i).has("Register");
    const auto fiscal_check = check.flag("IsFiscalCheck");
    if (!fiscal_check && (has_positions || check.has("TypeCheck"))) {
        check.complain("IsFiscalCheck", "не указано, фискальный ли это чек; укажите true или false");
        return made;
    }
    if (!fiscal_check.value_or(false)) {
        request.kind = fiscal::RequestKind::text;
        request.lines = read_text_lines(check, facts);
        if (check.flag("NotPrint").value_or(false))
            check.complain("NotPrint", "чек не фискальный и без печати: делать нечего");
        return made;
    }
    request.kind = fiscal::RequestKind::receipt;
    read_what_is_not_served(check, made.warnings);
    read_receipt(check, request, facts, made.warnings);
    if (std::max(request.receipt->before.size(), request.receipt->after.size()) > kMostLines)
        check.complain("CheckStrings", kTooManyLines);
    return made;
}

} // namespace kb::agent::kkmserver
