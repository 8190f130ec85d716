// Every tag of the fiscal document formats, from the one data file ffd_tags.csv, and the names the house
// gives to those it uses. Source: docs/sources.md#ffd, sections 1-3 and 5.5.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kb::fiscal {

using Tag = std::uint16_t;

/// How the value bytes of a tag are coded (docs/sources.md#ffd, section 1).
enum class TlvType : std::uint8_t { byte, bits, u16, u32, unixtime, vln, fvln, string, bytes, stlv };

/// "byte", "bits", "u16" ...
std::string_view to_string(TlvType type);

enum class Padding : std::uint8_t { none, right_space };

/// One row of ffd_tags.csv.
struct TagInfo {
    Tag tag;
    std::string_view name_ru;
    std::string_view name_en;
    std::string_view json_name; ///< FNS key; empty: none known
    TlvType type;
    std::uint16_t length; ///< value bytes: exact when `fixed`, else the published maximum; 0: not published
    bool fixed;
    bool repeatable;
    Padding padding;
    std::uint8_t ffd_versions; ///< bits of ffd::
    std::uint32_t documents;   ///< bits of document_bit()
};

/// Bits of TagInfo::ffd_versions.
namespace ffd {
inline constexpr std::uint8_t v1_0 = 1;
inline constexpr std::uint8_t v1_05 = 2;
inline constexpr std::uint8_t v1_1 = 4;
inline constexpr std::uint8_t v1_2 = 8;
inline constexpr std::uint8_t v1_1_draft = 16;
inline constexpr std::uint8_t v1_2_draft = 32;
} // namespace ffd

/// The bit of a document code in TagInfo::documents; 0 for a number that is no document code.
constexpr std::uint32_t document_bit(Tag document)
{
    constexpr Tag kCodes[] = {1, 2, 3, 4, 5, 6, 7, 11, 21, 31, 41, 81, 82, 83, 84};
    std::uint32_t bit = 1;
    for (const Tag code : kCodes) {
        if (code == document)
            return bit;
        bit <<= 1;
    }
    return 0;
}

/// All rows, ascending by tag.
std::span<const TagInfo> all_tags();

/// The row of a tag in its present meaning; nullptr for an unknown tag.
const TagInfo* find_tag(Tag tag);

/// What a tag means where it stands: some numbers were given a second life (docs/sources.md#ffd,
/// section 5.5), so the structure around it (0 at top level of nothing, else the parent's tag) and its value
/// decide. nullptr for an unknown tag.
const TagInfo* meaning_of(Tag tag, Tag parent, BytesView value);

/// The tag an FNS JSON key stands for inside the structure `parent`; nullptr when none is known.
/// Both spellings of the key of tag 1174 are understood.
const TagInfo* find_json_name(std::string_view key, Tag parent);

/// The FNS key of a tag inside `document`: one tag has another name in one document. May be empty.
std::string_view json_name(const TagInfo& info, Tag document);

/// The names of the tags the house uses.
namespace tag {

// documents
inline constexpr Tag registration = 1;
inline constexpr Tag shift_open_report = 2;
inline constexpr Tag receipt = 3;
inline constexpr Tag bso = 4;
inline constexpr Tag shift_close_report = 5;
inline constexpr Tag fn_close_report = 6;
inline constexpr Tag ofd_ticket = 7;
inline constexpr Tag re_registration = 11;
inline constexpr Tag state_report = 21;
inline constexpr Tag correction_receipt = 31;
inline constexpr Tag correction_bso = 41;
inline constexpr Tag marking_request = 81;
inline constexpr Tag marking_notification = 82;
inline constexpr Tag marking_response = 83;
inline constexpr Tag marking_acknowledgement = 84;

// head of every document
inline constexpr Tag fd_number = 1040;
inline constexpr Tag fn_serial = 1041;
inline constexpr Tag kkt_reg_number = 1037;
inline constexpr Tag inn = 1018;
inline constexpr Tag datetime = 1012;
inline constexpr Tag fiscal_sign = 1077;
inline constexpr Tag ffd_version = 1209;
inline constexpr Tag shift_number = 1038;
inline constexpr Tag receipt_number = 1042;

// people and places
inline constexpr Tag user = 1048;
inline constexpr Tag cashier = 1021;
inline constexpr Tag cashier_inn = 1203;
inline constexpr Tag address = 1009;
inline constexpr Tag place = 1187;
inline constexpr Tag buyer_contact = 1008;
inline constexpr Tag sender_email = 1117;
inline constexpr Tag fns_site = 1060;
inline constexpr Tag machine_number = 1036;
inline constexpr Tag ofd_name = 1046;
inline constexpr Tag ofd_inn = 1017;

// registration
inline constexpr Tag kkt_serial = 1013;
inline constexpr Tag automatic_mode = 1001;
inline constexpr Tag offline_mode = 1002;
inline constexpr Tag encryption = 1056;
inline constexpr Tag tax_systems = 1062;
inline constexpr Tag re_registration_reason = 1101;
inline constexpr Tag internet_only = 1108;
inline constexpr Tag services_only = 1109;
inline constexpr Tag bso_system = 1110;
inline constexpr Tag lottery = 1126;
inline constexpr Tag gambling = 1193;
inline constexpr Tag excise_goods = 1207;
inline constexpr Tag printer_in_machine = 1221;
inline constexpr Tag kkt_version = 1188;
inline constexpr Tag kkt_ffd_version = 1189;
inline constexpr Tag fn_ffd_version = 1190;
inline constexpr Tag change_reasons = 1205;
inline constexpr Tag key_days_left = 1213;
inline constexpr Tag usage_conditions = 1290;
inline constexpr Tag registration_extra_text = 1274;
inline constexpr Tag registration_extra_data = 1275;

// receipts and corrections
inline constexpr Tag total = 1020;
inline constexpr Tag paid_cash = 1031;
inline constexpr Tag paid_electronic = 1081;
inline constexpr Tag paid_advance = 1215;
inline constexpr Tag paid_credit = 1216;
inline constexpr Tag paid_counter = 1217;
inline constexpr Tag operation = 1054;
inline constexpr Tag tax_system = 1055;
inline constexpr Tag agent_flags = 1057;
inline constexpr Tag item = 1059;
inline constexpr Tag vat_20 = 1102;
inline constexpr Tag vat_10 = 1103;
inline constexpr Tag turnover_vat_0 = 1104;
inline constexpr Tag turnover_no_vat = 1105;
inline constexpr Tag vat_20_120 = 1106;
inline constexpr Tag vat_10_110 = 1107;
inline constexpr Tag vat_sums = 1115;
inline constexpr Tag vat_sum_entry = 1119;
inline constexpr Tag vat_sum = 1120;
inline constexpr Tag internet_payment = 1125;
inline constexpr Tag correction_type = 1173;
inline constexpr Tag correction_basis = 1174;
inline constexpr Tag correction_name = 1177;
inline constexpr Tag correction_date = 1178;
inline constexpr Tag correction_number = 1179;
inline constexpr Tag receipt_extra = 1192;
inline constexpr Tag user_attribute = 1084;
inline constexpr Tag user_attribute_name = 1085;
inline constexpr Tag user_attribute_value = 1086;
inline constexpr Tag buyer_name = 1227;
inline constexpr Tag buyer_inn = 1228;
inline constexpr Tag buyer = 1256;
inline constexpr Tag buyer_birth_date = 1243;
inline constexpr Tag buyer_citizenship = 1244;
inline constexpr Tag buyer_document_code = 1245;
inline constexpr Tag buyer_document = 1246;
inline constexpr Tag buyer_address = 1254;
inline constexpr Tag receipt_industry_attribute = 1261;
inline constexpr Tag foiv_id = 1262;
inline constexpr Tag basis_date = 1263;
inline constexpr Tag basis_number = 1264;
inline constexpr Tag industry_value = 1265;
inline constexpr Tag operational_attribute = 1270;
inline constexpr Tag operation_id = 1271;
inline constexpr Tag operation_data = 1272;
inline constexpr Tag operation_time = 1273;
inline constexpr Tag electronic_payments = 1234;
inline constexpr Tag electronic_payment = 1235;
inline constexpr Tag electronic_payment_sum = 1082;
inline constexpr Tag electronic_payment_method = 1236;
inline constexpr Tag electronic_payment_ids = 1237;
inline constexpr Tag electronic_payment_extra = 1238;
inline constexpr Tag marking_check_failed = 2107;

// items
inline constexpr Tag item_name = 1030;
inline constexpr Tag price = 1079;
inline constexpr Tag quantity = 1023;
inline constexpr Tag item_sum = 1043;
inline constexpr Tag unit_text = 1197;
inline constexpr Tag unit = 2108;
inline constexpr Tag vat_rate = 1199;
inline constexpr Tag item_vat_sum = 1200;
inline constexpr Tag unit_vat = 1198;
inline constexpr Tag item_kind = 1212;
inline constexpr Tag payment_method = 1214;
inline constexpr Tag item_extra = 1191;
inline constexpr Tag excise = 1229;
inline constexpr Tag country = 1230;
inline constexpr Tag customs_declaration = 1231;
inline constexpr Tag item_agent_flags = 1222;
inline constexpr Tag agent = 1223;
inline constexpr Tag supplier = 1224;
inline constexpr Tag supplier_name = 1225;
inline constexpr Tag supplier_inn = 1226;
inline constexpr Tag supplier_phone = 1171;
inline constexpr Tag transfer_operator_address = 1005;
inline constexpr Tag transfer_operator_inn = 1016;
inline constexpr Tag transfer_operator_name = 1026;
inline constexpr Tag agent_operation = 1044;
inline constexpr Tag agent_phone = 1073;
inline constexpr Tag payment_operator_phone = 1074;
inline constexpr Tag transfer_operator_phone = 1075;
inline constexpr Tag product_code = 1162;
inline constexpr Tag product_code_12 = 1163;
inline constexpr Tag code_unrecognised = 1300;
inline constexpr Tag code_ean8 = 1301;
inline constexpr Tag code_ean13 = 1302;
inline constexpr Tag code_itf14 = 1303;
inline constexpr Tag code_gs1 = 1304;
inline constexpr Tag code_gs1m = 1305;
inline constexpr Tag code_short = 1306;
inline constexpr Tag code_fur = 1307;
inline constexpr Tag code_egais2 = 1308;
inline constexpr Tag code_egais3 = 1309;
inline constexpr Tag code_f1 = 1320;
inline constexpr Tag code_f2 = 1321;
inline constexpr Tag code_f3 = 1322;
inline constexpr Tag code_f4 = 1323;
inline constexpr Tag code_f5 = 1324;
inline constexpr Tag code_f6 = 1325;
inline constexpr Tag item_industry_attribute = 1260;
inline constexpr Tag fraction = 1291;
inline constexpr Tag fraction_text = 1292;
inline constexpr Tag numerator = 1293;
inline constexpr Tag denominator = 1294;
inline constexpr Tag marking_mode = 2102;
inline constexpr Tag marking_check = 2106;
inline constexpr Tag marking_control_code = 2115;

// shift reports, counters, drive
inline constexpr Tag fn_exhausted = 1050;
inline constexpr Tag fn_replace_urgently = 1051;
inline constexpr Tag fn_full = 1052;
inline constexpr Tag ofd_timeout = 1053;
inline constexpr Tag unsent_documents = 1097;
inline constexpr Tag first_unsent_date = 1098;
inline constexpr Tag first_unsent_fd = 1116;
inline constexpr Tag shift_documents = 1111;
inline constexpr Tag shift_receipts = 1118;
inline constexpr Tag fn_counters = 1157;
inline constexpr Tag unsent_counters = 1158;
inline constexpr Tag shift_counters = 1194;
inline constexpr Tag counters_sell = 1129;
inline constexpr Tag counters_sell_return = 1130;
inline constexpr Tag counters_buy = 1131;
inline constexpr Tag counters_buy_return = 1132;
inline constexpr Tag counters_correction = 1133;
inline constexpr Tag counter_receipts_all = 1134;
inline constexpr Tag counter_receipts = 1135;
inline constexpr Tag counter_cash = 1136;
inline constexpr Tag counter_electronic = 1138;
inline constexpr Tag counter_vat_20 = 1139;
inline constexpr Tag counter_vat_10 = 1140;
inline constexpr Tag counter_vat_20_120 = 1141;
inline constexpr Tag counter_vat_10_110 = 1142;
inline constexpr Tag counter_vat_0 = 1143;
inline constexpr Tag counter_corrections = 1144;
inline constexpr Tag corrections_sell = 1145;
inline constexpr Tag corrections_buy = 1146;
inline constexpr Tag counter_no_vat = 1183;
inline constexpr Tag counter_total = 1201;
inline constexpr Tag counter_advance = 1218;
inline constexpr Tag counter_credit = 1219;
inline constexpr Tag counter_counter = 1220;
inline constexpr Tag corrections_sell_return = 1232;
inline constexpr Tag corrections_buy_return = 1233;
inline constexpr Tag shift_open_extra_text = 1276;
inline constexpr Tag shift_open_extra_data = 1277;
inline constexpr Tag shift_close_extra_text = 1278;
inline constexpr Tag shift_close_extra_data = 1279;
inline constexpr Tag state_extra_text = 1280;
inline constexpr Tag state_extra_data = 1281;
inline constexpr Tag fn_close_extra_text = 1282;
inline constexpr Tag fn_close_extra_data = 1283;
inline constexpr Tag unsent_notifications = 2104;
inline constexpr Tag invalid_marking_codes = 2112;
inline constexpr Tag invalid_marking_requests = 2113;

// OFD ticket
inline constexpr Tag operator_message = 1206;
inline constexpr Tag ofd_response_code = 1022;
inline constexpr Tag message_to_fn = 1068;
inline constexpr Tag operator_sign = 1078;

// marking messages (81-84)
inline constexpr Tag marking_code = 2000;
inline constexpr Tag request_number = 2001;
inline constexpr Tag notification_number = 2002;
inline constexpr Tag planned_status = 2003;
inline constexpr Tag fn_check_result = 2004;
inline constexpr Tag request_results = 2005;
inline constexpr Tag notification_result = 2006;
inline constexpr Tag marked_goods = 2007;
inline constexpr Tag marking_code_type = 2100;
inline constexpr Tag goods_id = 2101;
inline constexpr Tag request_code = 2105;
inline constexpr Tag oism_status = 2109;
inline constexpr Tag assigned_status = 2110;
inline constexpr Tag notification_code = 2111;
inline constexpr Tag request_time = 2114;
inline constexpr Tag operation_kind = 2116;
} // namespace tag

} // namespace kb::fiscal
