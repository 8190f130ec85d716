// The words that requests use for coded values of the formats: one table for reading, for writing and for
// telling what would have been right. Source: docs/sources.md#ffd, section 4.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kb::fiscal {

struct Word {
    std::string_view word;
    std::uint32_t code;
};

using Words = std::span<const Word>;

/// nullopt: no such word.
std::optional<std::uint32_t> code_of(Words words, std::string_view word);
/// Empty: the code has no word.
std::string_view word_of(Words words, std::uint32_t code);
/// The word that a misspelt one was most likely meant to be. Precondition: there is a word.
std::string_view nearest_word(Words words, std::string_view misspelt);
/// How many letters have to be changed, put in or left out to make one text of the other.
std::size_t distance(std::string_view a, std::string_view b);

namespace words {

/// RequestKind
inline constexpr Word kKinds[] = {
    {"receipt", 0}, {"shift_open", 1}, {"shift_close", 2}, {"x_report", 3},     {"state_report", 4},
    {"cash_in", 5}, {"cash_out", 6},   {"copy", 7},        {"text", 8},         {"cash_drawer", 9},
    {"beep", 10},   {"cut", 11},       {"set_time", 12},   {"known_state", 13}, {"continue_printing", 14}};

/// PrintItem::Align
inline constexpr Word kAligns[] = {{"left", 0}, {"center", 1}, {"right", 2}};

/// 1054
inline constexpr Word kOperations[] = {{"sell", 1}, {"sell_return", 2}, {"buy", 3}, {"buy_return", 4}};

/// 1173
inline constexpr Word kCorrectionTypes[] = {{"own", 0}, {"by_order", 1}};

/// 1055
inline constexpr Word kTaxSystems[] = {
    {"common", 1},         {"simplified_income", 2}, {"simplified_income_minus_expense", 4},
    {"imputed_income", 8}, {"agricultural", 16},     {"patent", 32}};

/// 1199
inline constexpr Word kVatRates[] = {{"vat20", 1},    {"vat10", 2},     {"vat20_120", 3}, {"vat10_110", 4},
                                     {"vat0", 5},     {"none", 6},      {"vat5", 7},      {"vat7", 8},
                                     {"vat5_105", 9}, {"vat7_107", 10}, {"vat22", 11},    {"vat22_122", 12}};

/// 1214
inline constexpr Word kPaymentMethods[] = {{"full_prepayment", 1}, {"prepayment", 2},      {"advance", 3},
                                           {"full_payment", 4},    {"partial_payment", 5}, {"credit", 6},
                                           {"credit_payment", 7}};

/// 1212
inline constexpr Word kItemKinds[] = {{"goods", 1},
                                      {"excise", 2},
                                      {"work", 3},
                                      {"service", 4},
                                      {"gambling_bet", 5},
                                      {"gambling_win", 6},
                                      {"lottery_ticket", 7},
                                      {"lottery_win", 8},
                                      {"intellectual_property", 9},
                                      {"payment", 10},
                                      {"agent_reward", 11},
                                      {"composite", 12},
                                      {"other", 13},
                                      {"property_right", 14},
                                      {"non_operating_income", 15},
                                      {"tax_reducing_expense", 16},
                                      {"trade_levy", 17},
                                      {"resort_fee", 18},
                                      {"pledge", 19},
                                      {"income_reducing_expense", 20},
                                      {"own_pension_contribution", 21},
                                      {"pension_contribution", 22},
                                      {"own_medical_contribution", 23},
                                      {"medical_contribution", 24},
                                      {"social_contribution", 25},
                                      {"casino_payment", 26},
                                      {"cash_withdrawal", 27},
                                      {"excise_without_mark", 30},
                                      {"excise_with_mark", 31},
                                      {"goods_without_mark", 32},
                                      {"goods_with_mark", 33}};

/// 2108
inline constexpr Word kUnits[] = {{"piece", 0},
                                  {"gram", 10},
                                  {"kilogram", 11},
                                  {"tonne", 12},
                                  {"centimetre", 20},
                                  {"decimetre", 21},
                                  {"metre", 22},
                                  {"square_centimetre", 30},
                                  {"square_decimetre", 31},
                                  {"square_metre", 32},
                                  {"millilitre", 40},
                                  {"litre", 41},
                                  {"cubic_metre", 42},
                                  {"kilowatt_hour", 50},
                                  {"gigacalorie", 51},
                                  {"day", 70},
                                  {"hour", 71},
                                  {"minute", 72},
                                  {"second", 73},
                                  {"kilobyte", 80},
                                  {"megabyte", 81},
                                  {"gigabyte", 82},
                                  {"terabyte", 83},
                                  {"other", 255}};
inline constexpr std::uint8_t kPiece = 0;
inline constexpr std::uint8_t kOtherUnit = 255;

/// 1057, 1222: bits
inline constexpr Word kAgents[] = {{"bank_agent", 1},      {"bank_subagent", 2}, {"paying_agent", 4},
                                   {"paying_subagent", 8}, {"attorney", 16},     {"commissioner", 32},
                                   {"agent", 64}};

} // namespace words

} // namespace kb::fiscal
