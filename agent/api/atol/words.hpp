// The words of ATOL's tasks and the codes of the formats they stand for. Source: docs/sources.md#atol-web,
// tasks; docs/sources.md#ffd, section 4. Where the driver takes a number instead of the word, it is a code of
// the formats as well, but for VAT and payments, which have numbers of their own.
#pragma once

#include "protocol/fiscal/request_words.hpp"

namespace kb::agent::awr::words {

using fiscal::Word;

/// 1055
inline constexpr Word kTaxSystems[] = {{"osn", 1},  {"usnIncome", 2}, {"usnIncomeOutcome", 4},
                                       {"envd", 8}, {"esn", 16},      {"patent", 32}};

/// 1199. vat18 and vat118 are no rates any more; an old program that still sends them is told so.
inline constexpr Word kVatRates[] = {
    {"none", 6},   {"vat0", 5},  {"0", 5},       {"vat10", 2},  {"10", 2},     {"vat110", 4},
    {"110", 4},    {"vat20", 1}, {"20", 1},      {"vat120", 3}, {"120", 3},    {"vat5", 7},
    {"vat105", 9}, {"vat7", 8},  {"vat107", 10}, {"vat22", 11}, {"vat122", 12}};
/// The driver's own numbers of the rates; its 10 is the word of a rate already.
inline constexpr Word kVatNumbers[] = {{"6", 6}, {"5", 5}, {"2", 2},  {"4", 4},  {"7", 1},
                                       {"8", 3}, {"9", 7}, {"11", 9}, {"12", 10}};

enum Payment : std::uint32_t { cash, electronically, prepaid, credit, other };
inline constexpr Word kPayments[] = {{"cash", cash},        {"electronically", electronically},
                                     {"prepaid", prepaid},  {"credit", credit},
                                     {"other", other},      {"0", cash},
                                     {"1", electronically}, {"2", prepaid},
                                     {"3", credit},         {"4", other}};

/// 1214
inline constexpr Word kPaymentMethods[] = {{"fullPrepayment", 1}, {"prepayment", 2},     {"advance", 3},
                                           {"fullPayment", 4},    {"partialPayment", 5}, {"credit", 6},
                                           {"creditPayment", 7}};

/// 1212
inline constexpr Word kItemKinds[] = {{"commodity", 1},
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
                                      {"pay", 12},
                                      {"composite", 12}, // the older word
                                      {"another", 13},
                                      {"proprietaryLaw", 14},
                                      {"nonOperatingIncome", 15},
                                      {"otherContributions", 16},
                                      {"insuranceContributions", 16}, // the older word
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

/// 2108; and what programs write there instead, since before FFD 1.2 the unit was any text.
inline constexpr Word kUnits[] = {{"piece", 0},
                                  {"gram", 10},
                                  {"kilogram", 11},
                                  {"ton", 12},
                                  {"centimeter", 20},
                                  {"decimeter", 21},
                                  {"meter", 22},
                                  {"squareCentimeter", 30},
                                  {"squareDecimeter", 31},
                                  {"squareMeter", 32},
                                  {"milliliter", 40},
                                  {"liter", 41},
                                  {"cubicMeter", 42},
                                  {"kilowattHour", 50},
                                  {"gkal", 51},
                                  {"day", 70},
                                  {"hour", 71},
                                  {"minute", 72},
                                  {"second", 73},
                                  {"kilobyte", 80},
                                  {"megabyte", 81},
                                  {"gigabyte", 82},
                                  {"terabyte", 83},
                                  {"otherUnits", 255}};
inline constexpr Word kUnitTexts[] = {
    {"шт", 0},  {"шт.", 0}, {"г", 10}, {"г.", 10}, {"кг", 11},  {"кг.", 11}, {"т", 12}, {"м", 22},
    {"м.", 22}, {"мл", 40}, {"л", 41}, {"л.", 41}, {"сут", 70}, {"час", 71}, {"ч", 71}, {"мин", 72}};

/// 1057, 1222: bits
inline constexpr Word kAgents[] = {{"bankPayingAgent", 1}, {"bankPayingSubagent", 2}, {"payingAgent", 4},
                                   {"payingSubagent", 8},  {"attorney", 16},          {"commissionAgent", 32},
                                   {"another", 64}};

/// 1173
inline constexpr Word kCorrectionTypes[] = {{"self", 0}, {"instruction", 1}};

/// 2003
inline constexpr Word kMarkStatuses[] = {{"itemPieceSold", 1},
                                         {"itemDryForSale", 2},
                                         {"itemPieceReturn", 3},
                                         {"itemDryReturn", 4},
                                         {"itemStatusUnchanged", 255}};

/// fiscal::PrintItem::Align
inline constexpr Word kAligns[] = {{"left", 0}, {"center", 1}, {"right", 2}};

} // namespace kb::agent::awr::words
