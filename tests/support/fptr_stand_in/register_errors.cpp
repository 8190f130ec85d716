#include "tests/support/fptr_stand_in/register_errors.hpp"

#include "tests/support/fptr_stand_in/abi.hpp"

#include <map>

namespace stand_in {

int error_of(const std::string& refused)
{
    static const std::map<std::string, int> kErrors = {{"", kOk},
                                                       {"link_lost", kErrorConnectionLost},
                                                       {"no_connection", kErrorNoConnection},
                                                       {"busy", kErrorBusy},
                                                       {"interrupted", kErrorFnQueryInterrupted},
                                                       {"no_data", kErrorFnNoMoreData},
                                                       {"shift_open", kErrorShiftOpen},
                                                       {"shift_is_open", kErrorShiftOpen},
                                                       {"shift_is_closed", kErrorShiftClosed},
                                                       {"shift_expired", kErrorShiftExpired},
                                                       {"receipt_is_open", kErrorReceiptOpen},
                                                       {"receipt_is_closed", kErrorReceiptClosed},
                                                       {"other_operation", kErrorInvalidMode},
                                                       {"other_operator", kErrorInvalidMode},
                                                       {"no_paper", kErrorNoPaper},
                                                       {"waits_for_continue", kErrorReceiptInterrupted},
                                                       {"payments_short", kErrorNotFullyPaid},
                                                       {"cashless_too_big", kErrorCashlessTooMuch},
                                                       {"zero_total", kErrorInvalidSum},
                                                       {"no_cash", kErrorNoCash},
                                                       {"bad_value", kErrorInvalidParam},
                                                       {"too_long", kErrorBufferOverflow},
                                                       {"fn_wrong_state", kErrorFnState},
                                                       {"fn_expired", kErrorFnExpired},
                                                       {"fn_full", kErrorFnFull},
                                                       {"ofd_wait_exceeded", kErrorUnsentDocuments},
                                                       {"clock_behind_fn", kErrorDateBeforeFn},
                                                       {"clock_jumped", kErrorTimeDifference},
                                                       {"nothing_to_repeat", kErrorNotRepeatable},
                                                       {"mark_check_runs", kErrorMarkCheckRuns},
                                                       {"mark_bad_status", kErrorMarkStatus},
                                                       {"mark_table_full", kErrorMarksOverflow},
                                                       {"mark_bad_code", kErrorMarkCode},
                                                       {"mark_nothing_checked", kErrorMarkState},
                                                       {"mark_other_ffd", kErrorMarkFfd},
                                                       {"mark_not_in_table", kErrorMarkNotInTable},
                                                       {"mark_check_goes_on", kErrorMarkCheckGoesOn}};
    const auto found = kErrors.find(refused);
    return found == kErrors.end() ? kErrorInternal : found->second;
}

} // namespace stand_in
