// Fiscal documents as typed values, for FFD 1.05, 1.1 and 1.2; the TLV tree they came from stays underneath,
// so that nothing is lost and a document builds back into its very bytes. Source: docs/sources.md#ffd,
// sections 2 and 3. Every optional (and every empty text) means: the tag is absent.
#pragma once

#include "protocol/fiscal/device_state.hpp"
#include "protocol/fiscal/fiscal_document.hpp"
#include "protocol/fiscal/tlv.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::fiscal {

/// 1054. Values outside 1..4 come through as they are; checks.hpp reports them.
enum class Operation : std::uint8_t { sell = 1, sell_return = 2, buy = 3, buy_return = 4 };

/// The fields every list and every sum starts from.
struct Head {
    DocumentType type{};
    std::string fn_serial;                       ///< 1041
    std::uint32_t fd_number = 0;                 ///< 1040
    LocalSeconds datetime{};                     ///< 1012
    std::uint32_t fiscal_sign = 0;               ///< 1077; 0 for the OFD ticket, which has none
    FfdVersion ffd = FfdVersion::unknown;        ///< 1209
    std::string kkt_reg_number;                  ///< 1037
    std::string inn;                             ///< 1018
    std::optional<std::uint32_t> shift_number;   ///< 1038
    std::optional<std::uint32_t> receipt_number; ///< 1042
    std::optional<Operation> operation;          ///< 1054
    std::optional<Kopecks> total;                ///< 1020
    std::string cashier;                         ///< 1021
};

/// 1223, and in FFD 1.05 also the receipt itself.
struct Agent {
    std::vector<std::string> transfer_operator_phones; ///< 1075
    std::string operation;                             ///< 1044
    std::vector<std::string> agent_phones;             ///< 1073
    std::vector<std::string> payment_operator_phones;  ///< 1074
    std::string transfer_operator_name;                ///< 1026
    std::string transfer_operator_address;             ///< 1005
    std::string transfer_operator_inn;                 ///< 1016
    bool operator==(const Agent&) const = default;
};

/// 1224
struct Supplier {
    std::vector<std::string> phones; ///< 1171
    std::string name;                ///< 1225
    bool operator==(const Supplier&) const = default;
};

/// 1260, 1261
struct IndustryAttribute {
    std::string foiv_id; ///< 1262
    std::string date;    ///< 1263, DD.MM.YYYY
    std::string number;  ///< 1264
    std::string value;   ///< 1265
    bool operator==(const IndustryAttribute&) const = default;
};

/// One of 1300..1325
struct ProductCode {
    Tag kind = 0; ///< tag::code_ean13, tag::code_gs1m ...
    std::string text;
    bool operator==(const ProductCode&) const = default;
};
/// 1163; the order wants exactly one code in it.
struct ProductCodes {
    std::vector<ProductCode> codes;
    bool operator==(const ProductCodes&) const = default;
};

/// 1291
struct Fraction {
    std::string text; ///< 1292
    std::optional<std::uint64_t> numerator;
    std::optional<std::uint64_t> denominator;
    bool operator==(const Fraction&) const = default;
};

/// 1059
struct Item {
    std::string name;                           ///< 1030
    std::optional<Kopecks> price;               ///< 1079
    std::optional<Quantity> quantity;           ///< 1023
    std::optional<std::uint8_t> unit;           ///< 2108, FFD 1.2
    std::optional<Fraction> fraction;           ///< 1291
    std::optional<Kopecks> sum;                 ///< 1043
    std::string unit_text;                      ///< 1197, before FFD 1.2
    std::optional<std::uint8_t> vat_rate;       ///< 1199
    std::optional<Kopecks> vat_sum;             ///< 1200
    std::optional<Kopecks> unit_vat;            ///< 1198
    std::optional<std::uint8_t> payment_method; ///< 1214
    std::optional<std::uint8_t> item_kind;      ///< 1212
    Bytes product_code;                         ///< 1162, before FFD 1.2
    std::optional<ProductCodes> product_codes;  ///< 1163
    std::optional<std::uint8_t> marking_mode;   ///< 2102
    std::optional<std::uint32_t> marking_check; ///< 2106
    std::string control_code;                   ///< 2115
    std::optional<std::uint32_t> agent_flags;   ///< 1222
    std::optional<Agent> agent;                 ///< 1223
    std::optional<Supplier> supplier;           ///< 1224
    std::string supplier_inn;                   ///< 1226
    std::vector<IndustryAttribute> industry;    ///< 1260
    std::optional<Kopecks> excise;              ///< 1229
    std::string country;                        ///< 1230
    std::string customs_declaration;            ///< 1231
    std::string extra;                          ///< 1191
    bool operator==(const Item&) const = default;
};

struct Payments {
    std::optional<Kopecks> cash;       ///< 1031
    std::optional<Kopecks> electronic; ///< 1081
    std::optional<Kopecks> advance;    ///< 1215
    std::optional<Kopecks> credit;     ///< 1216
    std::optional<Kopecks> counter;    ///< 1217
    bool operator==(const Payments&) const = default;
};

/// 1119
struct VatSum {
    std::optional<std::uint8_t> rate; ///< 1199
    std::optional<Kopecks> sum;       ///< 1120
    bool operator==(const VatSum&) const = default;
};
/// 1115
struct VatSumList {
    std::vector<VatSum> sums;
    bool operator==(const VatSumList&) const = default;
};

struct VatSums {
    std::optional<Kopecks> vat_20;        ///< 1102 (18 % before 2019)
    std::optional<Kopecks> vat_10;        ///< 1103
    std::optional<Kopecks> turnover_0;    ///< 1104, a turnover, not a tax
    std::optional<Kopecks> turnover_none; ///< 1105, a turnover
    std::optional<Kopecks> vat_20_120;    ///< 1106
    std::optional<Kopecks> vat_10_110;    ///< 1107
    std::optional<VatSumList> others;     ///< 1115: rates 5, 7, 22 since 2025
    bool operator==(const VatSums&) const = default;
};

/// 1174
struct CorrectionBasis {
    std::string name;                 ///< 1177, old firmware
    std::optional<LocalSeconds> date; ///< 1178
    std::string number;               ///< 1179
    bool operator==(const CorrectionBasis&) const = default;
};

/// 1256
struct Buyer {
    std::string name;          ///< 1227
    std::string inn;           ///< 1228
    std::string birth_date;    ///< 1243
    std::string citizenship;   ///< 1244
    std::string document_code; ///< 1245
    std::string document;      ///< 1246
    std::string address;       ///< 1254
    bool operator==(const Buyer&) const = default;
};

/// 1084
struct UserAttribute {
    std::string name;  ///< 1085
    std::string value; ///< 1086
    bool operator==(const UserAttribute&) const = default;
};

/// 1270
struct OperationalAttribute {
    std::optional<LocalSeconds> time; ///< 1273
    std::optional<std::uint8_t> id;   ///< 1271
    std::string data;                 ///< 1272
    bool operator==(const OperationalAttribute&) const = default;
};

/// 1235
struct ElectronicPayment {
    std::optional<Kopecks> sum;         ///< 1082
    std::optional<std::uint8_t> method; ///< 1236
    std::string ids;                    ///< 1237
    std::string extra;                  ///< 1238
    bool operator==(const ElectronicPayment&) const = default;
};
/// 1234
struct ElectronicPayments {
    std::vector<ElectronicPayment> payments;
    bool operator==(const ElectronicPayments&) const = default;
};

/// Receipts, BSO and their corrections: 3, 4, 31, 41.
struct Receipt {
    std::string user;                                ///< 1048
    std::optional<std::uint32_t> tax_system;         ///< 1055, one bit
    std::string cashier_inn;                         ///< 1203
    std::string address;                             ///< 1009
    std::string place;                               ///< 1187
    std::string machine_number;                      ///< 1036
    std::optional<bool> internet_only;               ///< 1108
    std::optional<bool> internet_payment;            ///< 1125
    std::optional<std::uint8_t> correction_type;     ///< 1173: 0 own, 1 by tax order
    std::optional<CorrectionBasis> correction_basis; ///< 1174
    std::optional<Buyer> buyer;                      ///< 1256
    std::string buyer_name;                          ///< 1227 at top level, before FFD 1.2
    std::string buyer_inn;                           ///< 1228 at top level
    std::string buyer_contact;                       ///< 1008
    std::vector<Item> items;                         ///< 1059
    Payments payments;
    std::optional<ElectronicPayments> electronic_payments; ///< 1234
    VatSums vat;
    std::optional<std::uint32_t> agent_flags;        ///< 1057, before FFD 1.2
    Agent agent;                                     ///< at top level, before FFD 1.2
    std::vector<std::string> supplier_phones;        ///< 1171 at top level
    Bytes marking_check_failed;                      ///< 2107
    std::vector<IndustryAttribute> industry;         ///< 1261
    std::optional<OperationalAttribute> operational; ///< 1270
    std::string extra;                               ///< 1192
    std::optional<UserAttribute> user_attribute;     ///< 1084
    std::string fns_site;                            ///< 1060
    std::string sender_email;                        ///< 1117
    bool operator==(const Receipt&) const = default;
};

/// 1188, 1189, 1190, 1213
struct Versions {
    std::string kkt;                            ///< 1188
    std::optional<std::uint8_t> kkt_ffd;        ///< 1189
    std::optional<std::uint8_t> fn_ffd;         ///< 1190
    std::optional<std::uint16_t> key_days_left; ///< 1213
};

/// Registration parameters: 1, 11.
struct Registration {
    std::string user;                              ///< 1048
    std::optional<std::uint32_t> tax_systems;      ///< 1062, mask
    std::optional<bool> offline_mode;              ///< 1002
    std::optional<bool> printer_in_machine;        ///< 1221
    std::optional<bool> bso_system;                ///< 1110
    std::optional<bool> encryption;                ///< 1056
    std::optional<bool> automatic_mode;            ///< 1001
    std::optional<bool> internet_only;             ///< 1108
    std::optional<bool> excise_goods;              ///< 1207
    std::optional<bool> services_only;             ///< 1109
    std::optional<bool> gambling;                  ///< 1193
    std::optional<bool> lottery;                   ///< 1126
    std::optional<std::uint32_t> usage_conditions; ///< 1290, FFD 1.2
    std::optional<std::uint32_t> agent_flags;      ///< 1057
    std::string kkt_serial;                        ///< 1013
    std::string machine_number;                    ///< 1036
    std::string cashier_inn;                       ///< 1203
    std::string address;                           ///< 1009
    std::string place;                             ///< 1187
    std::string fns_site;                          ///< 1060
    std::string sender_email;                      ///< 1117
    std::string ofd_inn;                           ///< 1017
    std::string ofd_name;                          ///< 1046
    Bytes reasons_105;                             ///< 1101, FFD 1.05
    std::optional<std::uint32_t> change_reasons;   ///< 1205, mask
    std::string extra_text;                        ///< 1274
    Bytes extra_data;                              ///< 1275
};

/// 1129..1132 and, without taxes, 1145, 1146, 1232, 1233.
struct OperationCounters {
    std::optional<std::uint32_t> receipts; ///< 1135
    std::optional<Kopecks> cash;           ///< 1136
    std::optional<Kopecks> electronic;     ///< 1138
    std::optional<Kopecks> advance;        ///< 1218
    std::optional<Kopecks> credit;         ///< 1219
    std::optional<Kopecks> counter;        ///< 1220
    std::optional<Kopecks> total;          ///< 1201
    std::optional<Kopecks> vat_20;         ///< 1139
    std::optional<Kopecks> vat_10;         ///< 1140
    std::optional<Kopecks> vat_20_120;     ///< 1141
    std::optional<Kopecks> vat_10_110;     ///< 1142
    std::optional<Kopecks> turnover_0;     ///< 1143
    std::optional<Kopecks> turnover_none;  ///< 1183
};

/// 1133 and 1158
struct CorrectionCounters {
    std::optional<std::uint32_t> receipts;        ///< 1144
    std::optional<OperationCounters> sell;        ///< 1145
    std::optional<OperationCounters> buy;         ///< 1146
    std::optional<OperationCounters> sell_return; ///< 1232
    std::optional<OperationCounters> buy_return;  ///< 1233
};

/// 1157 and 1194
struct Counters {
    std::optional<std::uint32_t> receipts;         ///< 1134
    std::optional<OperationCounters> sell;         ///< 1129
    std::optional<OperationCounters> sell_return;  ///< 1130
    std::optional<OperationCounters> buy;          ///< 1131
    std::optional<OperationCounters> buy_return;   ///< 1132
    std::optional<CorrectionCounters> corrections; ///< 1133
};

/// What shift, state and drive reports tell: 2, 5, 6, 21 (and the counters of 11).
struct Report {
    std::string user;                                      ///< 1048
    std::string cashier_inn;                               ///< 1203
    std::string address;                                   ///< 1009
    std::string place;                                     ///< 1187
    std::optional<bool> offline_mode;                      ///< 1002
    std::optional<std::uint32_t> shift_receipts;           ///< 1118
    std::optional<std::uint32_t> shift_documents;          ///< 1111
    std::optional<std::uint32_t> unsent_documents;         ///< 1097
    std::optional<std::uint32_t> unsent_notifications;     ///< 2104
    std::optional<LocalSeconds> first_unsent_date;         ///< 1098
    std::optional<std::uint32_t> first_unsent_fd;          ///< 1116
    std::optional<bool> ofd_timeout;                       ///< 1053
    std::optional<bool> fn_replace_urgently;               ///< 1051
    std::optional<bool> fn_full;                           ///< 1052
    std::optional<bool> fn_exhausted;                      ///< 1050
    std::optional<std::uint32_t> operator_message;         ///< 1206
    std::optional<std::uint32_t> invalid_marking_codes;    ///< 2112
    std::optional<std::uint32_t> invalid_marking_requests; ///< 2113
    std::optional<Counters> shift_counters;                ///< 1194
    std::optional<Counters> fn_counters;                   ///< 1157
    std::optional<CorrectionCounters> unsent_counters;     ///< 1158
    std::string extra_text;                                ///< 1276, 1278, 1280 or 1282, by document
    Bytes extra_data;                                      ///< 1277, 1279, 1281 or 1283
};

/// 1068
struct MessageToFn {
    std::optional<std::uint8_t> ofd_response_code; ///< 1022
};

/// 7
struct Ticket {
    std::string ofd_inn;                           ///< 1017
    std::optional<MessageToFn> message_to_fn;      ///< 1068, FFD 1.05
    std::optional<std::uint32_t> operator_message; ///< 1206, FFD 1.1 and later
    Bytes operator_sign;                           ///< 1078
};

/// One document; the parts its type has are set.
struct Document {
    Head head;
    std::optional<Receipt> receipt;
    std::optional<Registration> registration;
    std::optional<Versions> versions;
    std::optional<Report> report;
    std::optional<Ticket> ticket;
    /// What it was read from: tags nobody knows, the order, the original coding of values. Empty in a new
    /// one.
    Tlv tree;
};

/// Whether the code is one of the eleven documents of DocumentType.
bool is_document_type(std::uint16_t code);
/// Receipts, BSO and their corrections.
constexpr bool is_receipt(DocumentType type)
{
    return type == DocumentType::receipt || type == DocumentType::bso ||
           type == DocumentType::receipt_correction || type == DocumentType::bso_correction;
}
constexpr bool is_correction(DocumentType type)
{
    return type == DocumentType::receipt_correction || type == DocumentType::bso_correction;
}

/// The head of a whole document, without decoding the rest: one pass over its top level.
/// Errc::bad_tlv when that level does not hold together or 1041, 1040 or 1012 is missing or malformed.
Result<Head> head_of(BytesView full);

/// A whole document, every tag. Errors name the path: "3/1059[2]/1023: length 9, fvln takes 2..8".
Result<Document> decode(BytesView full);
/// The same from a tree already read.
Result<Document> decode(Tlv tree);

/// The document's TLV. Tags keep the order and, where their value did not change, the bytes of `tree`; tags
/// of `tree` nobody knows stay; new tags follow in the order registers use. Errc::bad_value, bad_length or
/// not_representable naming the path of a value that does not fit its tag.
Result<Tlv> to_tlv(const Document& document);
Result<Bytes> encode(const Document& document);

/// The house's carrier of a document read whole: head fields and the bytes.
Result<FiscalDocument> fiscal_document_of(BytesView full, bool ticket_received);

} // namespace kb::fiscal
