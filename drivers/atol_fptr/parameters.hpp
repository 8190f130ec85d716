// The numbers of the ATOL library's C interface: parameters, kinds of data, error codes that matter here.
// Source: docs/sources.md#atol-fptr, section 1.
#pragma once

#include <cstdint>

namespace kb::atol_fptr {

/// A parameter of a call; fiscal tags are parameters too, under their own numbers.
enum class Param : int {
    model = 65544,
    receipt_type = 65545,
    mode = 65547,
    serial_number = 65559,
    data_type = 65587,
    date_time = 65590,
    shift_state = 65592,
    paper_present = 65594,
    cover_opened = 65595,
    submode = 65596,
    receipt_number = 65597,
    document_number = 65598,
    shift_number = 65599,
    model_name = 65603,
    unit_version = 65604,
    unit_type = 65609,
    sum = 65613,
    count = 65614,
    fn_data_type = 65622,
    tag_number = 65623,
    tag_value = 65624,
    documents_count = 65625,
    fiscal_sign = 65626,
    device_ffd_version = 65627,
    ffd_version = 65629,
    fn_type = 65635,
    fn_version = 65636,
    registrations_remain = 65637,
    ofd_exchange_status = 65640,
    document_closed = 65644,
    json_data = 65645,
    fn_state = 65648,
    ofd_error = 65664,
    records_type = 65668,
    has_ofd_ticket = 65670,
    fn_need_replacement = 65686,
    fn_resource_exhausted = 65687,
    fn_memory_overflow = 65688,
    fn_ofd_timeout = 65689,
    fn_critical_error = 65690,
    fn_document_type = 65697,
    fn_present = 65707,
    blocked = 65708,
    document_printed = 65709,
    fn_flags = 65720,
    records_id = 65764,
    platform_version = 65915,
};

/// DATA_TYPE of query_data.
enum class Data : std::uint32_t {
    status = 0,
    cash_sum = 1,
    unit_version = 2,
    cash_in_count = 9,
    cash_out_count = 11,
    date_time = 13,
    shift_state = 14,
    receipt_state = 15,
    serial_number = 16,
    model_info = 17,
};

/// FN_DATA_TYPE of fn_query_data.
enum class FnData : std::uint32_t {
    ofd_exchange = 1,
    info = 2,
    last_document = 5,
    shift = 6,
    ffd_versions = 7,
    validity = 8,
    registration = 9,
    errors = 11,
    document_by_number = 13,
};

/// RECORDS_TYPE of begin_read_records.
enum class Records : std::uint32_t { fn_document = 1 };

namespace code {
inline constexpr int kNotConnected = 1;
inline constexpr int kNoConnection = 2;
inline constexpr int kPortBusy = 3;
inline constexpr int kPortNotAvailable = 4;
inline constexpr int kInvalidSettings = 9;
inline constexpr int kNotConfigured = 10;
inline constexpr int kNotSupported = 11;
inline constexpr int kInvalidMode = 12;
inline constexpr int kNothingToRepeat = 21;
inline constexpr int kNoMoreData = 30;
inline constexpr int kBlockedByReport = 32;
inline constexpr int kModeBlocked = 34;
inline constexpr int kNoPaper = 44;
inline constexpr int kCoverOpen = 45;
inline constexpr int kPrinterFault = 46;
inline constexpr int kMechanicalFault = 47;
inline constexpr int kBusy = 55;
inline constexpr int kShiftExpired = 68;
inline constexpr int kInvalidPassword = 71;
inline constexpr int kShiftClosed = 73;
inline constexpr int kReceiptClosed = 81;
inline constexpr int kReceiptOpen = 82;
inline constexpr int kShiftOpen = 83;
inline constexpr int kFiscalModuleExchange = 104;
inline constexpr int kPrinterOverheat = 114;
inline constexpr int kFnExchange = 115;
inline constexpr int kFnFormat = 116;
inline constexpr int kFnFault = 118;
inline constexpr int kFnNoMoreData = 123;
inline constexpr int kFnTimeout = 140;
inline constexpr int kFnShiftExpired = 141;
inline constexpr int kCutterFault = 150;
inline constexpr int kReportBrokenOff = 151;
inline constexpr int kFnDocumentRead = 162;
inline constexpr int kReportInterrupted = 173; ///< the first of those that break in: 173..178
inline constexpr int kReceiptInterrupted = 177;
inline constexpr int kFnQueryInterrupted = 178;
inline constexpr int kWaitForReboot = 188;
inline constexpr int kDocumentClosed = 201;
inline constexpr int kDocumentToCancel = 203;
inline constexpr int kInterfaceBusy = 221;
inline constexpr int kConnectionLost = 241;
inline constexpr int kMarkCheckRuns = 401;
inline constexpr int kMarkCheckEnded = 403;
inline constexpr int kMarkCheckState = 410;
inline constexpr int kMarkNotChecked = 420;
inline constexpr int kMarkNotInTable = 422;
inline constexpr int kMarkCheckGoesOn = 423;
inline constexpr int kRemoteServerBusy = 601;
} // namespace code

} // namespace kb::atol_fptr
