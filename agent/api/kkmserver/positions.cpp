// Register lines: what is sold. Source: docs/sources.md#kkmserver, section 4.2.
#include "agent/api/kkmserver/lines.hpp"
#include "agent/api/kkmserver/receipt.hpp"

#include <utility>

namespace kb::agent::kkmserver {

namespace {

using fiscal::FfdVersion;

// Tag 1212: kinds that tell of a mark, which formats before FFD 1.2 do not know.
constexpr std::uint8_t kGoods = 1;
constexpr std::uint8_t kExcise = 2;
constexpr std::uint8_t kExciseWithoutMark = 30;
constexpr std::uint8_t kExciseWithMark = 31;
constexpr std::uint8_t kGoodsWithoutMark = 32;
constexpr std::uint8_t kGoodsWithMark = 33;

constexpr std::int64_t kMostMillionths = 9'999'999'999'000'000; // beyond any quantity, within 64 bits

/// sum / quantity, rounded half up to a kopeck.
Kopecks unit_price(Kopecks sum, Quantity quantity)
{
    // sum has at most 12 digits and Quantity::kScale 7: within 64 bits.
    const std::int64_t scaled = sum.count() * Quantity::kScale;
    return Kopecks{(scaled + quantity.millionths() / 2) / quantity.millionths()};
}

/// Amount is what is paid for the line, discounts taken off; Price is before them.
void read_sums(Fields& line, fiscal::Item& item)
{
    item.quantity = line.quantity("Quantity");
    item.price = line.money("Price");
    item.sum = line.money("Amount");
    if (!line.ok())
        return;
    if (!item.quantity)
        line.complain("Quantity", "не указано количество; укажите, например 1");
    else if (!item.price && !item.sum)
        line.complain("Amount", "не указаны ни цена, ни сумма строки; укажите сумму");
    if (!line.ok() || !item.sum)
        return;
    const bool divides = *item.quantity > Quantity{} && item.quantity->millionths() < kMostMillionths &&
                         *item.sum >= Kopecks{} && *item.sum < Kopecks{1'000'000'000'000};
    const auto by_price = item.price ? cost(*item.price, *item.quantity) : Result<Kopecks>(Kopecks{-1});
    if (divides && (!by_price || *by_price != *item.sum))
        item.price = unit_price(*item.sum, *item.quantity);
    else if (!item.price)
        item.price = item.sum; // nonsense, for the checks to tell
}

void read_vat(Fields& line, fiscal::Item& item)
{
    constexpr std::string_view kRates = "-1 (без НДС), 0, 5, 7, 10, 20, 22, 105, 107, 110, 120, 122";
    std::string tax = line.text("Tax");
    if (tax.ends_with('%'))
        tax.pop_back();
    if (tax.empty()) {
        line.complain("Tax", "не указана ставка НДС; укажите одну из: " + std::string(kRates));
        return;
    }
    std::optional<Fault> no_number;
    const nlohmann::json only{{"Tax", tax}};
    const auto number = Fields(only, "", no_number).integer("Tax", -1, 200);
    item.vat_rate = number ? vat_rate_of(*number) : std::nullopt;
    if (!item.vat_rate)
        line.complain("Tax", "ставки НДС " + tax + " нет; укажите одну из: " + std::string(kRates));
}

void read_codes(Fields& line, fiscal::Item& item, const RegisterFacts& facts)
{
    if (const auto method = line.integer("SignMethodCalculation", 0, 255); method && *method != 0)
        item.payment_method = static_cast<std::uint8_t>(*method);
    if (const auto kind = line.integer("SignCalculationObject", 0, 255); kind && *kind != 0)
        item.item_kind = static_cast<std::uint8_t>(*kind);
    const bool is_1_2 = facts.ffd >= FfdVersion::v1_2;
    const auto unit = line.integer("MeasureOfQuantity", 0, 255);
    if (unit && (is_1_2 || *unit != 0)) // pieces need no word
        item.unit = static_cast<std::uint8_t>(*unit);
    const std::string unit_text = one_line(line.text("MeasurementUnit"));
    if (!is_1_2 || !item.unit)
        item.unit_text = unit_text;
    item.country = line.text("CountryOfOrigin");
    item.customs_declaration = one_line(line.text("CustomsDeclaration"));
    item.excise = line.money("ExciseAmount");
    if (item.excise == Kopecks{})
        item.excise.reset();
    item.extra = one_line(line.text("AdditionalAttribute"));
}

// ---- product codes

bool digits_only(std::string_view text)
{
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Two bytes of the kind, the number in six, the serial as it is.
/// Source: docs/sources.md#ffd, section 7.
Bytes product_code(std::uint16_t kind, std::string_view number, std::string_view serial)
{
    std::uint64_t value = 0;
    for (const char digit : number)
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    Bytes code{static_cast<std::uint8_t>(kind >> 8U), static_cast<std::uint8_t>(kind & 0xFFU)};
    for (unsigned shift = 48; shift > 0; shift -= 8)
        code.push_back(static_cast<std::uint8_t>((value >> (shift - 8)) & 0xFFU));
    code.insert(code.end(), serial.begin(), serial.end());
    return code;
}

/// Of EAN-13 and EAN-8; empty: it is none.
Bytes ean_code(std::string_view ean)
{
    constexpr std::uint16_t kEan13 = 0x450D;
    constexpr std::uint16_t kEan8 = 0x4508;
    if (!digits_only(ean) || (ean.size() != 13 && ean.size() != 8))
        return {};
    return product_code(ean.size() == 13 ? kEan13 : kEan8, ean, {});
}

/// 01 GTIN 21 serial, up to the first group separator; empty: it has another form.
Bytes gs1_code(std::string_view mark)
{
    constexpr std::uint16_t kDataMatrix = 0x444D;
    constexpr std::size_t kSerialAt = 18;
    constexpr std::size_t kLongestSerial = 20;
    constexpr char kGroupSeparator = 0x1D;
    const bool gs1 = mark.size() > kSerialAt && mark.starts_with("01") && digits_only(mark.substr(2, 14)) &&
                     mark.substr(16, 2) == "21";
    if (!gs1)
        return {};
    const std::string_view serial = mark.substr(kSerialAt, mark.find(kGroupSeparator) - kSerialAt);
    return serial.size() <= kLongestSerial ? product_code(kDataMatrix, mark.substr(2, 14), serial) : Bytes{};
}

void mark_before_1_2(Fields& line, fiscal::Position& position, const std::string& mark)
{
    fiscal::Item& item = position.item;
    item.product_code = gs1_code(mark);
    if (item.product_code.empty())
        item.product_code = ean_code(mark);
    if (item.product_code.empty())
        line.complain("GoodCodeData",
                      "код маркировки не разобран: касса с ФФД до 1.2 принимает коды вида 01…21… с "
                      "разделителями групп, EAN-13 и EAN-8; проверьте настройку сканера");
}

void read_mark(Fields& line, fiscal::Position& position, const RegisterFacts& facts)
{
    fiscal::Item& item = position.item;
    const bool is_1_2 = facts.ffd >= FfdVersion::v1_2;
    if (line.has("NomenclatureCode"))
        line.complain("NomenclatureCode", "это поле больше не применяется; передайте код в GoodCodeData");
    if (auto data = line.object("GoodCodeData")) {
        const std::string mark = data->text("BarCode");
        const bool has_serial = data->flag("ContainsSerialNumber").value_or(true);
        if (!mark.empty() && is_1_2 && has_serial) {
            position.marking.emplace();
            position.marking->code = mark;
        } else if (!mark.empty() && !is_1_2) {
            mark_before_1_2(line, position, mark);
        }
    } else if (!is_1_2) {
        item.product_code = ean_code(line.text("EAN13"));
    }
    const std::uint8_t kind = item.item_kind.value_or(kGoods);
    if (position.marking)
        item.item_kind = kind == kGoods ? kGoodsWithMark : kind == kExcise ? kExciseWithMark : kind;
    else if (!is_1_2 && (kind == kGoodsWithMark || kind == kGoodsWithoutMark))
        item.item_kind = kGoods;
    else if (!is_1_2 && (kind == kExciseWithMark || kind == kExciseWithoutMark))
        item.item_kind = kExcise;
}

/// So many pieces out of a marked pack: the pack is the quantity, the pieces are a fraction of it.
void read_part_of_pack(Fields& line, fiscal::Item& item)
{
    const auto whole = line.integer("PackageQuantity", 0, 1'000'000);
    if (!whole || *whole == 0 || !item.quantity || *item.quantity <= Quantity{} || !line.ok())
        return; // a quantity that is none is for the checks to tell
    if (item.quantity->millionths() % Quantity::kScale != 0) {
        line.complain("Quantity", "из упаковки продают целыми штуками; укажите целое число");
        return;
    }
    if (!item.sum)
        item.sum = cost(item.price.value_or(Kopecks{}), *item.quantity).value_or(Kopecks{});
    item.price = item.sum;
    item.fraction.emplace();
    item.fraction->numerator = static_cast<std::uint64_t>(item.quantity->millionths() / Quantity::kScale);
    item.fraction->denominator = static_cast<std::uint64_t>(*whole);
    item.quantity = Quantity::units(1);
}

} // namespace

std::optional<std::uint8_t> vat_rate_of(std::int64_t tax)
{
    constexpr std::pair<std::int64_t, std::uint8_t> kRates[] = {{-1, 6},   {0, 5},   {5, 7},   {7, 8},
                                                                {10, 2},   {20, 1},  {22, 11}, {105, 9},
                                                                {107, 10}, {110, 4}, {120, 3}, {122, 12}};
    for (const auto& [theirs, ours] : kRates)
        if (theirs == tax)
            return ours;
    return std::nullopt;
}

AgentFields read_agent(Fields& fields)
{
    AgentFields read;
    if (const auto sign = fields.integer("AgentSign", 0, 6))
        read.flags = 1U << static_cast<unsigned>(*sign);
    const auto add_phone = [](std::vector<std::string>& phones, const std::string& phone) {
        if (!phone.empty())
            phones.push_back(contact_of(phone));
    };
    if (auto data = fields.object("AgentData")) {
        read.agent.operation = one_line(data->text("PayingAgentOperation"));
        add_phone(read.agent.agent_phones, data->text("PayingAgentPhone"));
        add_phone(read.agent.payment_operator_phones, data->text("ReceivePaymentsOperatorPhone"));
        add_phone(read.agent.transfer_operator_phones, data->text("MoneyTransferOperatorPhone"));
        read.agent.transfer_operator_name = one_line(data->text("MoneyTransferOperatorName"));
        read.agent.transfer_operator_address = one_line(data->text("MoneyTransferOperatorAddress"));
        read.agent.transfer_operator_inn = data->text("MoneyTransferOperatorVATIN");
    }
    for (const char* name : {"PurveyorData", "SupplierData"}) {
        if (auto data = fields.object(name)) {
            add_phone(read.supplier.phones, data->text("PurveyorPhone"));
            read.supplier.name = one_line(data->text("PurveyorName"));
            read.supplier_inn = data->text("PurveyorVATIN");
        }
    }
    return read;
}

fiscal::Position read_position(Fields& line, const RegisterFacts& facts)
{
    fiscal::Position position;
    fiscal::Item& item = position.item;
    item.name = one_line(line.text("Name"));
    read_sums(line, item);
    read_vat(line, item);
    read_codes(line, item, facts);
    read_mark(line, position, facts);
    read_part_of_pack(line, item);
    if (const auto department = line.integer("Department", 0, 255); department && *department != 0)
        position.department = static_cast<std::uint8_t>(*department);
    AgentFields agent = read_agent(line);
    item.agent_flags = agent.flags;
    if (agent.agent != fiscal::Agent{})
        item.agent = std::move(agent.agent);
    if (agent.supplier != fiscal::Supplier{})
        item.supplier = std::move(agent.supplier);
    item.supplier_inn = std::move(agent.supplier_inn);
    return position;
}

} // namespace kb::agent::kkmserver
