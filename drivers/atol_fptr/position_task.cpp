// One position of a receipt as the library takes it.
// Source: docs/sources.md#atol-fptr, section 5; docs/sources.md#ffd, section 4.
#include "drivers/atol_fptr/mark_tasks.hpp"
#include "drivers/atol_fptr/task_parts.hpp"

#include <algorithm>
#include <span>

namespace kb::atol_fptr {
namespace {

struct Word {
    std::uint32_t code;
    const char* word;
};

/// 1199
constexpr Word kTaxes[] = {{1, "vat20"},  {2, "vat10"},   {3, "vat120"}, {4, "vat110"},
                           {5, "vat0"},   {6, "none"},    {7, "vat5"},   {8, "vat7"},
                           {9, "vat105"}, {10, "vat107"}, {11, "vat22"}, {12, "vat122"}};
/// 1214
constexpr Word kMethods[] = {{1, "fullPrepayment"}, {2, "prepayment"},     {3, "advance"},
                             {4, "fullPayment"},    {5, "partialPayment"}, {6, "credit"},
                             {7, "creditPayment"}};
/// 1212
constexpr Word kObjects[] = {{1, "commodity"},
                             {2, "excise"},
                             {3, "job"},
                             {4, "service"},
                             {5, "gamblingBet"},
                             {6, "gamblingPrize"},
                             {7, "lottery"},
                             {8, "lotteryPrize"},
                             {9, "intellectualActivity"},
                             {10, "payment"},
                             {11, "agentCommission"},
                             {12, "composite"},
                             {13, "another"},
                             {14, "proprietaryLaw"},
                             {15, "nonOperatingIncome"},
                             {16, "otherContributions"},
                             {17, "merchantTax"},
                             {18, "resortFee"},
                             {19, "deposit"},
                             {20, "consumption"},
                             {21, "soleProprietorCPIContributions"},
                             {22, "cpiContributions"},
                             {23, "soleProprietorCMIContributions"},
                             {24, "cmiContributions"},
                             {25, "csiContributions"},
                             {26, "casinoPayment"},
                             {27, "fundsIssuance"},
                             {30, "exciseWithoutMarking"},
                             {31, "exciseWithMarking"},
                             {32, "commodityWithoutMarking"},
                             {33, "commodityWithMarking"}};
/// 1057, 1222: bits
constexpr Word kAgents[] = {{1, "bankPayingAgent"}, {2, "bankPayingSubagent"}, {4, "payingAgent"},
                            {8, "payingSubagent"},  {16, "attorney"},          {32, "commissionAgent"},
                            {64, "another"}};

constexpr std::uint8_t kUsualDepartment = 1;

Result<std::string> word_of(std::span<const Word> words, std::uint32_t code, const std::string& path)
{
    for (const Word& word : words) {
        if (word.code == code) {
            return std::string(word.word);
        }
    }
    return fail(Errc::not_representable, path + ": the ATOL library has no word for " + std::to_string(code));
}

// "25.03.2026" as it stands in the format; the library wants "2026.03.25" and turns it round again.
std::string year_first(const std::string& dotted)
{
    const bool is_date = dotted.size() == 10 && dotted[2] == '.' && dotted[5] == '.';
    return is_date ? dotted.substr(6) + dotted.substr(2, 4) + dotted.substr(0, 2) : dotted;
}

void put_unit(JsonObject& json, const fiscal::Item& item, fiscal::FfdVersion ffd)
{
    if (ffd != fiscal::FfdVersion::v1_2) {
        json.text("measurementUnit", item.unit_text);
    } else if (item.unit) {
        json.number("measurementUnit", *item.unit);
    }
}

void put_origin(JsonObject& json, const fiscal::Item& item)
{
    json.object("agentInfo", agent_info(item.agent_flags.value_or(0), item.agent.value_or(fiscal::Agent{})));
    const fiscal::Supplier supplier = item.supplier.value_or(fiscal::Supplier{});
    json.object("supplierInfo", supplier_info(supplier.phones, supplier.name, item.supplier_inn));
    json.array("industryInfo", industry_info(item.industry));
    if (item.excise) {
        json.money("exciseSum", *item.excise);
    }
    json.text("countryCode", item.country).text("customsDeclaration", item.customs_declaration);
    json.text("additionalAttribute", item.extra);
}

} // namespace

std::string base64(BytesView bytes)
{
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t three = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            three = (three << 8U) | (i < left ? bytes[at + i] : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= left ? kDigits[(three >> (18U - 6U * i)) & 0x3FU] : '=';
        }
    }
    return text;
}

Result<std::string> tax_word(std::uint8_t rate, const std::string& path)
{
    return word_of(kTaxes, rate, path);
}

JsonObject agent_info(std::uint32_t flags, const fiscal::Agent& agent)
{
    JsonObject json;
    std::vector<std::string> kinds;
    for (const Word& word : kAgents) {
        if ((flags & word.code) != 0) {
            kinds.emplace_back(word.word);
        }
    }
    json.texts("agents", kinds);
    JsonObject paying;
    paying.text("operation", agent.operation).texts("phones", agent.agent_phones);
    json.object("payingAgent", paying);
    JsonObject receiving;
    receiving.texts("phones", agent.payment_operator_phones);
    json.object("receivePaymentsOperator", receiving);
    JsonObject transfer;
    transfer.texts("phones", agent.transfer_operator_phones).text("name", agent.transfer_operator_name);
    transfer.text("address", agent.transfer_operator_address).text("vatin", agent.transfer_operator_inn);
    json.object("moneyTransferOperator", transfer);
    return json;
}

JsonObject supplier_info(const std::vector<std::string>& phones, const std::string& name,
                         const std::string& inn)
{
    JsonObject json;
    json.texts("phones", phones).text("name", name).text("vatin", inn);
    return json;
}

std::vector<std::string> industry_info(const std::vector<fiscal::IndustryAttribute>& attributes)
{
    std::vector<std::string> all;
    all.reserve(attributes.size());
    for (const fiscal::IndustryAttribute& attribute : attributes) {
        JsonObject json;
        json.text("fois", attribute.foiv_id).text("date", year_first(attribute.date));
        json.text("number", attribute.number).text("industryAttribute", attribute.value);
        all.push_back(json.json());
    }
    return all;
}

Result<std::string> position_json(const fiscal::Position& position, fiscal::FfdVersion ffd,
                                  const std::string& path, std::optional<std::uint8_t> mark_result)
{
    const fiscal::Item& item = position.item;
    if (!item.price || !item.quantity || !item.sum || !item.vat_rate || !item.payment_method ||
        !item.item_kind) {
        return fail(Errc::bad_value, path + ": price, quantity, sum, VAT, method or kind is missing");
    }
    const auto tax = tax_word(*item.vat_rate, path + ".vat");
    const auto method = word_of(kMethods, *item.payment_method, path + ".payment_method");
    const auto object = word_of(kObjects, *item.item_kind, path + ".item_kind");
    for (const auto* word : {&tax, &method, &object}) {
        if (!*word) {
            return pass(*word);
        }
    }
    JsonObject json;
    json.contents("type", "position").contents("name", item.name).money("price", *item.price);
    json.quantity("quantity", *item.quantity).money("amount", *item.sum);
    if (position.department != kUsualDepartment) {
        json.number("department", position.department);
    }
    put_unit(json, item, ffd);
    json.contents("paymentMethod", *method).contents("paymentObject", *object);
    JsonObject vat;
    vat.contents("type", *tax);
    if (item.vat_sum) {
        vat.money("sum", *item.vat_sum);
    }
    json.object("tax", vat);
    if (position.marking && ffd == fiscal::FfdVersion::v1_2) {
        auto mark = mark_params(position, path + ".marking");
        if (!mark) {
            return pass(mark);
        }
        if (mark_result) {
            mark->object("itemInfoCheckResult", check_result(*mark_result));
        }
        json.object("imcParams", *mark);
    } else if (!item.product_code.empty()) {
        json.contents("nomenclatureCode", base64(item.product_code));
    }
    put_origin(json, item);
    return json.json();
}

} // namespace kb::atol_fptr
