#include "agent/api/atol/receipt_task.hpp"

#include "agent/api/atol/task_reader.hpp"
#include "agent/api/atol/words.hpp"
#include "protocol/cabinet/base64.hpp"
#include "protocol/fiscal/dotted_date.hpp"

#include <algorithm>
#include <charconv>

namespace kb::agent::awr {

namespace {

using fiscal::PrintItem;

constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kMostLines = 500;
constexpr std::size_t kMostOfOne = 20; ///< industry attributes

// ---- lines

void add_text(std::vector<PrintItem>& lines, TaskReader& item)
{
    PrintItem line;
    line.align = static_cast<PrintItem::Align>(item.code("alignment", words::kAligns, true).value_or(0) % 3);
    line.wide = item.flag("doubleWidth");
    std::string text = item.lines("text");
    std::replace(text.begin(), text.end(), '\t', ' ');
    std::erase(text, '\r');
    std::size_t from = 0;
    while (true) {
        const std::size_t end = text.find('\n', from);
        line.text = text.substr(from, end - from);
        lines.push_back(line);
        if (end == std::string::npos)
            return;
        from = end + 1;
    }
}

void add_barcode(std::vector<PrintItem>& lines, TaskReader& item)
{
    PrintItem line;
    line.align = static_cast<PrintItem::Align>(item.code("alignment", words::kAligns, true).value_or(0) % 3);
    line.text = item.text("barcode");
    std::string type = item.text("barcodeType");
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (line.text.empty()) {
        item.complain("barcode", "нет содержимого штрихкода");
    } else if (type.empty() || type == "QR") {
        line.kind = PrintItem::Kind::qr;
    } else if (type == "EAN13" || type == "EAN8" || type == "CODE128" || type == "CODE39") {
        line.kind = PrintItem::Kind::barcode;
        line.barcode_type = type;
    }
    lines.push_back(std::move(line));
}

/// False: not printed by itself.
bool add_line(std::vector<PrintItem>& lines, TaskReader& item)
{
    const std::string type = item.text("type");
    if (type == "text")
        add_text(lines, item);
    else if (type == "barcode")
        add_barcode(lines, item);
    else
        return false;
    return true;
}

// ---- agents

void read_agent(TaskReader info, std::optional<std::uint32_t>& flags, fiscal::Agent& agent)
{
    flags = info.flags("agents", words::kAgents);
    auto paying = info.part("payingAgent");
    agent.operation = paying.text("operation");
    agent.agent_phones = paying.phones("phones");
    agent.payment_operator_phones = info.part("receivePaymentsOperator").phones("phones");
    auto transfer = info.part("moneyTransferOperator");
    agent.transfer_operator_phones = transfer.phones("phones");
    agent.transfer_operator_name = transfer.text("name");
    agent.transfer_operator_address = transfer.text("address");
    agent.transfer_operator_inn = transfer.inn("vatin");
}

void read_supplier(TaskReader info, fiscal::Item& item)
{
    fiscal::Supplier supplier;
    supplier.phones = info.phones("phones");
    supplier.name = info.text("name");
    if (supplier != fiscal::Supplier{})
        item.supplier = std::move(supplier);
    item.supplier_inn = info.inn("vatin");
}

std::vector<fiscal::IndustryAttribute> read_industry(TaskReader& owner)
{
    std::vector<fiscal::IndustryAttribute> found;
    for (TaskReader& info : owner.list("industryInfo", kMostOfOne)) {
        fiscal::IndustryAttribute attribute;
        attribute.foiv_id = info.text("fois");
        attribute.number = info.text("number");
        attribute.value = info.text("industryAttribute");
        if (const auto day = info.day("date"))
            attribute.date =
                fiscal::dotted_of_iso(to_text(LocalSeconds(std::chrono::local_days(*day))).substr(0, 10))
                    .value_or("");
        found.push_back(std::move(attribute));
    }
    return found;
}

// ---- marks

std::string decoded_mark(TaskReader& info, const char* key)
{
    const std::string text = info.text(key);
    const auto bytes = from_base64(text);
    if (!bytes || bytes->empty()) {
        info.complain(key,
                      "код маркировки передаётся в base64, а это не base64; проверьте кассовую программу");
        return {};
    }
    return {bytes->begin(), bytes->end()};
}

/// "1/2"
std::optional<fiscal::Fraction> fraction_of(const std::string& text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos)
        return std::nullopt;
    fiscal::Fraction fraction;
    const auto read = [](std::string_view part) -> std::optional<std::uint64_t> {
        std::uint64_t number = 0;
        const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), number);
        return failed == std::errc() && end == part.data() + part.size() && !part.empty()
                   ? std::optional(number)
                   : std::nullopt;
    };
    fraction.numerator = read(std::string_view(text).substr(0, slash));
    fraction.denominator = read(std::string_view(text).substr(slash + 1));
    return fraction.numerator && fraction.denominator ? std::optional(fraction) : std::nullopt;
}

void read_mark(TaskReader& item, fiscal::Position& position)
{
    if (item.has("nomenclatureCode") || item.has("productCodes")) {
        item.complain(item.has("productCodes") ? "productCodes" : "nomenclatureCode",
                      "код товара передавайте как код маркировки: imcParams или markingCode",
                      error::unsupported);
        return;
    }
    if (item.has("imcParams")) {
        auto info = item.part("imcParams");
        fiscal::Marking mark;
        mark.code = decoded_mark(info, "imc");
        mark.planned_status = static_cast<std::uint8_t>(
            info.code("itemEstimatedStatus", words::kMarkStatuses, true).value_or(0));
        if (const std::string part = info.text("itemFractionalAmount"); !part.empty()) {
            position.item.fraction = fraction_of(part);
            if (!position.item.fraction)
                info.complain("itemFractionalAmount", "«" + part + "»: ожидается дробь, например 1/2");
        }
        position.marking = std::move(mark);
    } else if (item.has("markingCode")) {
        auto info = item.part("markingCode");
        fiscal::Marking mark;
        mark.code = decoded_mark(info, "mark");
        position.marking = std::move(mark);
    }
}

// ---- positions

void read_unit(TaskReader& item, fiscal::Item& made)
{
    if (item.flag("piece"))
        made.unit = std::uint8_t{0};
    const std::string text = item.text("measurementUnit");
    if (text.empty())
        return;
    if (const auto code = fiscal::code_of(words::kUnits, text)) {
        made.unit = static_cast<std::uint8_t>(*code);
    } else if (text.find_first_not_of("0123456789") == std::string::npos) {
        made.unit = static_cast<std::uint8_t>(item.number("measurementUnit", 255).value_or(0));
    } else {
        made.unit_text = text;
        if (const auto known = fiscal::code_of(words::kUnitTexts, text))
            made.unit = static_cast<std::uint8_t>(*known);
    }
}

std::optional<std::uint8_t> read_vat(TaskReader& item)
{
    // tax.sum is left out: the register reckons it, by the same law.
    auto tax = item.part("tax");
    if (!tax.has("type"))
        return std::nullopt;
    const std::string type = tax.text("type");
    const bool own_number = type.size() < 3 && !fiscal::code_of(words::kVatRates, type);
    const auto rate =
        own_number ? fiscal::code_of(words::kVatNumbers, type) : fiscal::code_of(words::kVatRates, type);
    if (!rate)
        tax.complain("type", "неизвестная ставка НДС «" + type +
                                 "»; известны none, vat0, vat5, vat7, vat10, vat20, vat22 и расчётные "
                                 "vat105, vat107, vat110, vat120, vat122");
    return rate ? std::optional(static_cast<std::uint8_t>(*rate)) : std::nullopt;
}

void read_position(TaskReader& item, fiscal::ReceiptRequest& receipt)
{
    fiscal::Position position;
    fiscal::Item& made = position.item;
    made.name = item.text("name");
    made.price = item.money("price");
    made.quantity = item.quantity("quantity");
    made.sum = item.money("amount");
    position.department = static_cast<std::uint8_t>(item.number("department", 255).value_or(1));
    read_unit(item, made);
    const auto method = item.code("paymentMethod", words::kPaymentMethods, true);
    if (method)
        made.payment_method = static_cast<std::uint8_t>(*method);
    const auto kind = item.code("paymentObject", words::kItemKinds, true);
    if (kind)
        made.item_kind = static_cast<std::uint8_t>(*kind);
    made.vat_rate = read_vat(item);
    read_mark(item, position);
    if (item.has("agentInfo")) {
        fiscal::Agent agent;
        read_agent(item.part("agentInfo"), made.agent_flags, agent);
        if (agent != fiscal::Agent{})
            made.agent = std::move(agent);
    }
    read_supplier(item.part("supplierInfo"), made);
    made.industry = read_industry(item);
    made.excise = item.money("exciseSum");
    made.country = item.text("countryCode");
    made.customs_declaration = item.text("customsDeclaration");
    made.extra = item.text("additionalAttribute");
    receipt.positions.push_back(std::move(position));
}

void read_items(TaskReader& task, fiscal::ReceiptRequest& receipt)
{
    for (TaskReader& item : task.list("items", kMostItems)) {
        const std::string type = item.text("type");
        if (type == "position" || (type.empty() && item.has("price"))) {
            read_position(item, receipt);
        } else if (type == "userAttribute") {
            receipt.receipt.user_attribute = {item.text("name"), item.text("value")};
        } else if (type == "additionalAttribute") {
            receipt.receipt.extra = item.text("value");
        } else if (!add_line(receipt.positions.empty() ? receipt.before : receipt.after, item) &&
                   type != "pictureFromMemory" && type != "pixels") {
            item.complain("type", "неизвестный вид элемента «" + type + "»", error::unsupported);
        }
        if (!task.ok())
            return;
    }
}

// ---- the receipt as a whole

void read_payments(TaskReader& task, fiscal::Payments& payments)
{
    for (TaskReader& payment : task.list("payments", kMostOfOne)) {
        const auto type = payment.code("type", words::kPayments, false);
        const auto sum = payment.money("sum");
        if (payment.ok() && (!type || !sum))
            payment.complain(type ? "sum" : "type", "не указано; у оплаты есть type и sum");
        if (!payment.ok())
            return;
        std::optional<Kopecks>& place = *type == words::cash             ? payments.cash
                                        : *type == words::electronically ? payments.electronic
                                        : *type == words::prepaid        ? payments.advance
                                        : *type == words::credit         ? payments.credit
                                                                         : payments.counter;
        const auto together = place.value_or(Kopecks{}).plus(*sum);
        if (!together) {
            payment.complain("sum", "сумма оплат больше любых денег; проверьте", error::bad_sum);
            return;
        }
        place = *together;
    }
}

void read_buyer(TaskReader info, fiscal::Receipt& receipt)
{
    receipt.buyer_contact = info.contact("emailOrPhone");
    fiscal::Buyer buyer;
    buyer.name = info.text("name");
    buyer.inn = info.inn("vatin");
    if (const auto day = info.day("birthDate"))
        buyer.birth_date =
            fiscal::dotted_of_iso(to_text(LocalSeconds(std::chrono::local_days(*day))).substr(0, 10))
                .value_or("");
    buyer.citizenship = info.text("citizenship");
    buyer.document_code = info.text("identityDocumentCode");
    buyer.document = info.text("identityDocumentData");
    buyer.address = info.text("address");
    if (buyer != fiscal::Buyer{})
        receipt.buyer = std::move(buyer);
}

/// ATOL's driver takes the supplier of the whole receipt for its positions' where they name none.
void spread_supplier(TaskReader info, fiscal::ReceiptRequest& receipt)
{
    fiscal::Item common;
    read_supplier(std::move(info), common);
    for (fiscal::Position& position : receipt.positions) {
        if (position.item.supplier || !position.item.supplier_inn.empty())
            continue;
        position.item.supplier = common.supplier;
        position.item.supplier_inn = common.supplier_inn;
    }
}

void read_correction(TaskReader& task, fiscal::Receipt& receipt)
{
    const auto type = task.code("correctionType", words::kCorrectionTypes, true);
    receipt.correction_type = static_cast<std::uint8_t>(type.value_or(0));
    fiscal::CorrectionBasis basis;
    if (const auto day = task.day("correctionBaseDate"))
        basis.date = LocalSeconds(std::chrono::local_days(*day));
    basis.number = task.text("correctionBaseNumber");
    basis.name = task.text("correctionBaseName");
    receipt.correction_basis = std::move(basis);
}

} // namespace

void read_operator(TaskReader& task, fiscal::Request& request)
{
    auto person = task.part("operator");
    request.cashier = person.text("name");
    request.cashier_inn = person.inn("vatin");
}

std::vector<PrintItem> read_lines(TaskReader& task, const char* key)
{
    std::vector<PrintItem> lines;
    for (TaskReader& item : task.list(key, kMostLines))
        add_line(lines, item); // pictures and the like: nothing that a receipt is worth losing for
    return lines;
}

void read_receipt(TaskReader& task, fiscal::Request& request, fiscal::Operation operation, bool correction)
{
    fiscal::ReceiptRequest& made = request.receipt.emplace();
    fiscal::Receipt& receipt = made.receipt;
    made.operation = operation;
    made.correction = correction;
    made.electronic_only = task.flag("electronically");
    receipt.tax_system = task.code("taxationType", words::kTaxSystems, true);
    made.before = read_lines(task, "preItems");
    read_items(task, made);
    for (PrintItem& line : read_lines(task, "postItems"))
        made.after.push_back(std::move(line));
    read_payments(task, receipt.payments);
    made.total = task.money("total");
    read_buyer(task.part("clientInfo"), receipt);
    receipt.sender_email = task.part("companyInfo").text("email");
    if (task.flag("internet"))
        receipt.internet_payment = true;
    receipt.place = task.text("paymentsPlace");
    receipt.address = task.text("paymentsAddress");
    receipt.machine_number = task.text("machineNumber");
    if (task.has("agentInfo"))
        read_agent(task.part("agentInfo"), receipt.agent_flags, receipt.agent);
    if (task.has("supplierInfo"))
        spread_supplier(task.part("supplierInfo"), made);
    if (task.has("operationInfo")) {
        auto info = task.part("operationInfo");
        fiscal::OperationalAttribute operational;
        const auto id = info.number("id", 255);
        if (id)
            operational.id = static_cast<std::uint8_t>(*id);
        operational.time = info.time("dateTime");
        operational.data = info.text("data");
        receipt.operational = std::move(operational);
    }
    receipt.industry = read_industry(task);
    if (correction)
        read_correction(task, receipt);
}

} // namespace kb::agent::awr
