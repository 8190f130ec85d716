// The FFD tags the virtual register writes, by name. Kept here and not shared with the decoder on purpose:
// the two must not agree on the same mistake. Source: docs/sources.md#ffd, section 3.
#pragma once

#include <cstdint>

namespace kb::emulator::tag {

inline constexpr std::uint16_t auto_mode = 1001, offline_mode = 1002, buyer_contact = 1008, address = 1009,
                               datetime = 1012, kkt_serial = 1013, ofd_inn = 1017, user_inn = 1018,
                               total = 1020, cashier = 1021, quantity = 1023, item_name = 1030, cash = 1031,
                               machine_number = 1036, reg_number = 1037, shift_number = 1038,
                               fd_number = 1040, fn_serial = 1041, receipt_number = 1042, item_sum = 1043,
                               ofd_name = 1046, user = 1048, fn_warn_resource = 1050, fn_warn_replace = 1051,
                               fn_warn_memory = 1052, fn_warn_ofd = 1053, operation = 1054, tax_system = 1055,
                               encryption = 1056, item = 1059, fns_site = 1060, tax_systems = 1062,
                               fiscal_sign = 1077, operator_sign = 1078, item_price = 1079, electronic = 1081,
                               unsent_count = 1097, unsent_since = 1098, vat20 = 1102, vat10 = 1103,
                               vat0_turnover = 1104, no_vat_turnover = 1105, vat20_120 = 1106,
                               vat10_110 = 1107, internet = 1108, services = 1109, bso_system = 1110,
                               shift_documents = 1111, receipt_vat_list = 1115, unsent_first = 1116,
                               sender_email = 1117, shift_receipts = 1118, vat_entry = 1119,
                               vat_amount = 1120, lottery = 1126, total_sell = 1129, total_sell_return = 1130,
                               total_buy = 1131, total_buy_return = 1132, total_corrections = 1133,
                               total_count = 1134, sum_count = 1135, sum_cash = 1136, sum_electronic = 1138,
                               sum_vat20 = 1139, sum_vat10 = 1140, sum_vat20_120 = 1141, sum_vat10_110 = 1142,
                               sum_vat0 = 1143, correction_count = 1144, correction_sell = 1145,
                               correction_buy = 1146, fn_totals = 1157, unsent_totals = 1158,
                               correction_type = 1173, correction_basis = 1174, correction_date = 1178,
                               correction_number = 1179, sum_no_vat = 1183, place = 1187, kkt_version = 1188,
                               kkt_ffd = 1189, fn_ffd = 1190, gambling = 1193, shift_totals = 1194,
                               unit_text = 1197, vat_rate = 1199, item_vat = 1200, sum_total = 1201,
                               cashier_inn = 1203, change_reason_105 = 1101, change_reason = 1205,
                               excise = 1207, ffd = 1209, item_kind = 1212, key_days = 1213,
                               payment_method = 1214, advance = 1215, credit = 1216, counter_payment = 1217,
                               sum_advance = 1218, sum_credit = 1219, sum_counter = 1220,
                               printer_in_machine = 1221, correction_sell_return = 1232,
                               correction_buy_return = 1233, usage_flags = 1290, unit_code = 2108,
                               unsent_notifications = 2104, product_code = 1163, code_gs1m = 1305,
                               marking_mode = 2102, request_code = 2105, marking_check = 2106,
                               oism_status = 2109, ofd_message = 1068, ofd_code = 1022;

} // namespace kb::emulator::tag
