// Receipts and corrections of process_json. Source: docs/sources.md#atol-fptr, sections 5 and 6.
#include "tests/support/fptr_stand_in/abi.hpp"
#include "tests/support/fptr_stand_in/session.hpp"
#include "tests/support/fptr_stand_in/task_fields.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace stand_in {
namespace {

using nlohmann::json;
using Words = std::map<std::string, unsigned>;

const Words kTaxes = {{"none", 6},  {"vat0", 5},    {"vat10", 2},  {"vat110", 4},
                      {"vat20", 1}, {"vat120", 3},  {"vat5", 7},   {"vat105", 9},
                      {"vat7", 8},  {"vat107", 10}, {"vat22", 11}, {"vat122", 12}};
const Words kTaxation = {{"osn", 1},  {"usnIncome", 2}, {"usnIncomeOutcome", 4},
                         {"envd", 8}, {"esn", 16},      {"patent", 32}};
const Words kMethods = {{"fullPrepayment", 1}, {"prepayment", 2}, {"advance", 3},      {"fullPayment", 4},
                        {"partialPayment", 5}, {"credit", 6},     {"creditPayment", 7}};
const Words kObjects = {{"commodity", 1},
                        {"excise", 2},
                        {"job", 3},
                        {"service", 4},
                        {"gamblingBet", 5},
                        {"gamblingPrize", 6},
                        {"lottery", 7},
                        {"lotteryPrize", 8},
                        {"intellectualActivity", 9},
                        {"payment", 10},
                        {"agentCommission", 11},
                        {"composite", 12},
                        {"another", 13},
                        {"proprietaryLaw", 14},
                        {"nonOperatingIncome", 15},
                        {"otherContributions", 16},
                        {"merchantTax", 17},
                        {"resortFee", 18},
                        {"deposit", 19},
                        {"consumption", 20},
                        {"soleProprietorCPIContributions", 21},
                        {"cpiContributions", 22},
                        {"soleProprietorCMIContributions", 23},
                        {"cmiContributions", 24},
                        {"csiContributions", 25},
                        {"casinoPayment", 26},
                        {"fundsIssuance", 27},
                        {"exciseWithoutMarking", 30},
                        {"exciseWithMarking", 31},
                        {"commodityWithoutMarking", 32},
                        {"commodityWithMarking", 33}};
const Words kAgents = {{"bankPayingAgent", 1}, {"bankPayingSubagent", 2}, {"payingAgent", 4},
                       {"payingSubagent", 8},  {"attorney", 16},          {"commissionAgent", 32},
                       {"another", 64}};
const Words kPayments = {{"cash", 0}, {"electronically", 1}, {"prepaid", 2}, {"credit", 3}, {"other", 4}};
constexpr std::array<const char*, 5> kSlots = {"cash", "electronic", "advance", "credit", "counter"};

unsigned code_of(const Words& words, const json& in, const char* member)
{
    const std::string word = must_text(in, member);
    const auto found = words.find(word);
    if (found == words.end())
        wrong_value(member, word);
    return found->second;
}

unsigned agents_in(const json& info)
{
    unsigned flags = 0;
    for (const json& word : list_in(info, "agents")) {
        const auto found = kAgents.find(word.get<std::string>());
        if (found == kAgents.end())
            wrong_value("agents", word.dump());
        flags |= found->second;
    }
    return flags;
}

/// What stands in 1223, and in the receipt itself before FFD 1.2.
Tags agent_tags(const json& info)
{
    only_members(info, {"agents", "payingAgent", "receivePaymentsOperator", "moneyTransferOperator"});
    const json transfer = object_in(info, "moneyTransferOperator");
    const json paying = object_in(info, "payingAgent");
    const json receiving = object_in(info, "receivePaymentsOperator");
    only_members(transfer, {"phones", "name", "address", "vatin"});
    only_members(paying, {"operation", "phones"});
    only_members(receiving, {"phones"});
    Tags tags;
    tags.texts(1075, list_in(transfer, "phones")).text(1044, text_in(paying, "operation"));
    tags.texts(1073, list_in(paying, "phones")).texts(1074, list_in(receiving, "phones"));
    tags.text(1026, text_in(transfer, "name")).text(1005, text_in(transfer, "address"));
    tags.inn(1016, text_in(transfer, "vatin"));
    return tags;
}

// "2026.03.25", here and there with a time.
std::string iso_of(const std::string& member, std::string text)
{
    if (text.size() < 10 || text[4] != '.' || text[7] != '.')
        wrong_value(member, text);
    text[4] = '-';
    text[7] = '-';
    if (text.size() == 10)
        return text + "T00:00:00";
    text[10] = 'T';
    return text;
}

Tags industry_tags(unsigned tag, const json& list)
{
    Tags all;
    for (const json& info : list) {
        only_members(info, {"date", "fois", "number", "industryAttribute"});
        const std::string date = iso_of("industryInfo.date", must_text(info, "date"));
        Tags tags;
        tags.text(1262, text_in(info, "fois"));
        tags.text(1263, date.substr(8, 2) + "." + date.substr(5, 2) + "." + date.substr(0, 4));
        tags.text(1264, text_in(info, "number")).text(1265, text_in(info, "industryAttribute"));
        all.inside(tag, tags);
    }
    return all;
}

Tags client_tags(const json& info, bool ffd_1_2)
{
    only_members(info, {"emailOrPhone", "vatin", "name", "birthDate", "citizenship", "identityDocumentCode",
                        "identityDocumentData", "address"});
    Tags tags;
    tags.text(1008, text_in(info, "emailOrPhone"));
    Tags buyer;
    buyer.text(1227, text_in(info, "name")).inn(1228, text_in(info, "vatin"));
    if (!ffd_1_2)
        return tags.add(buyer.list());
    buyer.text(1243, text_in(info, "birthDate")).text(1244, text_in(info, "citizenship"));
    buyer.text(1245, text_in(info, "identityDocumentCode")).text(1246, text_in(info, "identityDocumentData"));
    buyer.text(1254, text_in(info, "address"));
    return tags.inside(1256, buyer);
}

Tags correction_tags(const json& task)
{
    Tags tags;
    tags.byte(1173, code_of({{"self", 0}, {"instruction", 1}}, task, "correctionType"));
    Tags basis;
    basis.text(1177, text_in(task, "correctionBaseName"));
    if (task.contains("correctionBaseDate"))
        basis.time(1178, iso_of("correctionBaseDate", must_text(task, "correctionBaseDate")));
    basis.text(1179, text_in(task, "correctionBaseNumber"));
    return tags.inside(1174, basis);
}

/// Everything of a receipt that is no position.
Tags head_tags(const json& task, bool ffd_1_2, bool correction)
{
    Tags tags = client_tags(object_in(task, "clientInfo"), ffd_1_2);
    if (correction)
        tags.add(correction_tags(task).list());
    tags.text(1117, text_in(object_in(task, "companyInfo"), "email"));
    tags.text(1187, text_in(task, "paymentsPlace")).text(1009, text_in(task, "paymentsAddress"));
    tags.text(1036, text_in(task, "machineNumber"));
    if (flag_in(task, "internet"))
        tags.byte(1125, 1);
    const json agent = object_in(task, "agentInfo");
    if (const unsigned flags = agents_in(agent); flags != 0 && !ffd_1_2)
        tags.byte(1057, flags);
    tags.add(agent_tags(agent).list()).texts(1171, list_in(object_in(task, "supplierInfo"), "phones"));
    if (task.contains("operationInfo")) {
        const json info = object_in(task, "operationInfo");
        only_members(info, {"id", "dateTime", "data"});
        Tags operation;
        operation.byte(1271, info["id"].get<unsigned>()).text(1272, text_in(info, "data"));
        operation.time(1273, iso_of("operationInfo.dateTime", must_text(info, "dateTime")));
        tags.inside(1270, operation);
    }
    return tags.add(industry_tags(1261, list_in(task, "industryInfo")).list());
}

void put_mark(Tags& tags, const json& mark)
{
    only_members(mark, {"imcType", "imc", "itemEstimatedStatus", "imcModeProcessing", "itemFractionalAmount",
                        "itemInfoCheckResult"});
    planned_status_in(mark);
    const std::string code = bytes_of_base64(must_text(mark, "imc"));
    tags.inside(1163, Tags().text(1305, code.substr(0, std::min<std::size_t>(code.find('\x1D'), 38))));
    tags.byte(2102, 0).byte(2106, check_result_in(mark));
}

Tags position_tags(const json& item, bool ffd_1_2)
{
    Tags tags;
    const json agent = object_in(item, "agentInfo");
    if (const unsigned flags = agents_in(agent); flags != 0)
        tags.byte(1222, flags);
    tags.inside(1223, agent_tags(agent));
    const json supplier = object_in(item, "supplierInfo");
    only_members(supplier, {"phones", "name", "vatin"});
    Tags inner;
    inner.texts(1171, list_in(supplier, "phones")).text(1225, text_in(supplier, "name"));
    tags.inside(1224, inner).inn(1226, text_in(supplier, "vatin"));
    tags.add(industry_tags(1260, list_in(item, "industryInfo")).list());
    if (item.contains("exciseSum"))
        tags.sum(1229, must_money(item, "exciseSum"));
    tags.text(1230, text_in(item, "countryCode")).text(1231, text_in(item, "customsDeclaration"));
    tags.text(1191, text_in(item, "additionalAttribute"));
    if (item.contains("imcParams"))
        put_mark(tags, object_in(item, "imcParams"));
    else if (item.contains("nomenclatureCode"))
        tags.hex(1162, hex_of(bytes_of_base64(must_text(item, "nomenclatureCode"))));
    if (!ffd_1_2)
        tags.text(1197, text_in(item, "measurementUnit"));
    return tags;
}

std::string quantity_in(const json& item)
{
    if (!item.contains("quantity") || !item["quantity"].is_number())
        wrong_value("quantity", "");
    char text[40];
    std::snprintf(text, sizeof(text), "%.6f", item["quantity"].get<double>());
    return text;
}

json position_of(const json& item, bool ffd_1_2)
{
    only_members(item, {"type",
                        "name",
                        "price",
                        "quantity",
                        "amount",
                        "department",
                        "measurementUnit",
                        "piece",
                        "paymentMethod",
                        "paymentObject",
                        "tax",
                        "agentInfo",
                        "supplierInfo",
                        "nomenclatureCode",
                        "imcParams",
                        "exciseSum",
                        "countryCode",
                        "customsDeclaration",
                        "industryInfo",
                        "additionalAttribute"});
    const json tax = object_in(item, "tax");
    only_members(tax, {"type", "sum"});
    json position = {{"name", must_text(item, "name")},
                     {"price", must_money(item, "price")},
                     {"quantity", quantity_in(item)},
                     {"sum", must_money(item, "amount")},
                     {"vat", code_of(kTaxes, tax, "type")},
                     {"payment_method", code_of(kMethods, item, "paymentMethod")},
                     {"item_kind", code_of(kObjects, item, "paymentObject")},
                     {"department", item.value("department", 1U)}};
    if (ffd_1_2)
        position["unit"] = item.value("measurementUnit", 0U);
    json command = {{"item", position}, {"tags", position_tags(item, ffd_1_2).list()}};
    if (tax.contains("sum"))
        command["vat_sum"] = must_money(tax, "sum");
    if (item.contains("imcParams")) {
        const json mark = object_in(item, "imcParams");
        command["mark"] = {{"code_hex", hex_of(bytes_of_base64(must_text(mark, "imc")))},
                           {"result", check_result_in(mark)}};
    }
    return command;
}

json payments_of(const json& task, std::int64_t& paid)
{
    json slots = json::object();
    paid = 0;
    for (const json& payment : list_in(task, "payments")) {
        only_members(payment, {"type", "sum"});
        const char* slot = kSlots[code_of(kPayments, payment, "type")];
        const std::int64_t sum = must_money(payment, "sum");
        slots[slot] = slots.value(slot, std::int64_t{0}) + sum;
        paid += sum;
    }
    return slots;
}

// The old correction knows sums by rate; the register here wants positions.
json position_of_tax(const json& tax, std::int64_t& left)
{
    only_members(tax, {"type", "sum"});
    const unsigned rate = code_of(kTaxes, tax, "type");
    const std::int64_t vat = must_money(tax, "sum");
    const bool turnover = rate == 5 || rate == 6;
    constexpr std::array<std::int64_t, 13> kTimes = {1, 6, 11, 6, 11, 1, 1, 21, 15, 21, 15, 6, 6};
    const std::int64_t sum = std::min(left, turnover ? vat : vat * kTimes[rate]);
    left -= sum;
    json command = {{"item", {{"name", "Коррекция"}, {"price", sum}, {"sum", sum}, {"vat", rate}}}};
    if (!turnover)
        command["vat_sum"] = vat;
    return command;
}

void check_head(const json& task, bool correction)
{
    only_members(task, {"type",
                        "taxationType",
                        "electronically",
                        "ignoreNonFiscalPrintErrors",
                        "internet",
                        "operator",
                        "clientInfo",
                        "companyInfo",
                        "paymentsPlace",
                        "paymentsAddress",
                        "machineNumber",
                        "agentInfo",
                        "supplierInfo",
                        "operationInfo",
                        "industryInfo",
                        "items",
                        "payments",
                        "taxes",
                        "total",
                        "preItems",
                        "postItems",
                        "correctionType",
                        "correctionBaseDate",
                        "correctionBaseNumber",
                        "correctionBaseName"});
    if (!correction && task.contains("correctionType"))
        wrong_value("correctionType", "");
    if (!task.contains("payments"))
        wrong_value("payments", "");
}

} // namespace

// openReceipt opens a shift, too, where there is none.
void Session::open_receipt(const json& task, unsigned operation, bool correction)
{
    const json opening = {
        {"operation", operation}, {"correction", correction}, {"printed", !flag_in(task, "electronically")}};
    int failed = kOk;
    ask("open_receipt", failed, opening);
    if (failed == kErrorShiftClosed) {
        command("open_shift", {{"cashier", cashier_}, {"tags", operator_tags()}});
        command("open_receipt", opening);
    } else if (failed != kOk) {
        throw TaskFault{failed, error_text};
    }
}

void Session::add_items(const json& task, bool ffd_1_2, bool by_rate, std::int64_t& sum)
{
    if (by_rate) {
        std::int64_t left = sum;
        json positions = json::array();
        for (const json& tax : list_in(task, "taxes"))
            positions.push_back(position_of_tax(tax, left));
        if (positions.empty())
            positions.push_back({{"item", {{"name", "Коррекция"}, {"price", 0}, {"sum", 0}, {"vat", 6}}}});
        json& last = positions.back()["item"];
        last["sum"] = last["sum"].get<std::int64_t>() + left;
        last["price"] = last["sum"];
        for (const json& position : positions)
            command("position", position);
    }
    for (const json& item : list_in(task, "items")) {
        const std::string type = must_text(item, "type");
        if (type == "position") {
            const json position = position_of(item, ffd_1_2);
            sum += position["item"]["sum"].get<std::int64_t>();
            command("position", position);
        } else if (type == "userAttribute") {
            only_members(item, {"type", "name", "value", "print"});
            const Tags inner = Tags().text(1085, text_in(item, "name")).text(1086, text_in(item, "value"));
            command("receipt_tags", {{"tags", Tags().inside(1084, inner).list()}});
        } else if (type == "additionalAttribute") {
            only_members(item, {"type", "value", "print"});
            command("receipt_tags", {{"tags", Tags().text(1192, must_text(item, "value")).list()}});
        } else {
            print_items(json::array({item}));
        }
    }
}

json Session::receipt_task(const json& task)
{
    std::string type = task["type"].get<std::string>();
    const std::string suffix = "Correction";
    const bool correction =
        type.size() > suffix.size() && type.compare(type.size() - suffix.size(), suffix.size(), suffix) == 0;
    if (correction)
        type.resize(type.size() - suffix.size());
    check_head(task, correction);
    begin_task(task);
    const json state = command("state");
    const unsigned ffd = state["identity"]["ffd"].get<unsigned>(); // tag 1209
    const bool ffd_1_2 = ffd == 4;
    const bool by_rate = correction && ffd < 3;
    const bool electronic = flag_in(task, "electronically");
    if (!electronic)
        print_items(list_in(task, "preItems"));
    std::int64_t paid = 0;
    json closing = {{"payments", payments_of(task, paid)}, {"cashier", cashier_}};
    if (task.contains("taxationType"))
        closing["tax_system"] = code_of(kTaxation, task, "taxationType");
    begin_document();
    try {
        const Words operations = {{"sell", 1}, {"sellReturn", 2}, {"buy", 3}, {"buyReturn", 4}};
        open_receipt(task, operations.at(type), correction);
        json tags = operator_tags();
        const Tags head = head_tags(task, ffd_1_2, correction);
        tags.insert(tags.end(), head.list().begin(), head.list().end());
        command("receipt_tags", {{"tags", tags}});
        std::int64_t sum = by_rate ? paid : 0;
        add_items(task, ffd_1_2, by_rate, sum);
        const std::int64_t total = task.contains("total") && !by_rate ? must_money(task, "total") : sum;
        if (total > sum || sum - total > 99)
            throw TaskFault{kErrorInvalidTotal, "Неверная сумма чека"};
        if (paid < total)
            throw TaskFault{kErrorNotFullyPaid, "Чек оплачен не полностью"};
        closing["rounding"] = sum - total;
    } catch (const TaskFault&) {
        cancel_receipt();
        throw;
    }
    try {
        command("close_receipt", closing);
    } catch (const TaskFault&) {
        if (!was_closed()) {
            cancel_receipt();
            throw;
        }
    }
    if (!electronic)
        print_items(list_in(task, "postItems"));
    return fiscal_result();
}

} // namespace stand_in
