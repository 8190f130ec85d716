#include "drivers/atol_fptr/errors.hpp"

#include "drivers/atol_fptr/parameters.hpp"

namespace kb::atol_fptr {
namespace {

Errc errc_of(int number)
{
    switch (number) {
    case code::kNotConnected:
    case code::kConnectionLost:
        return Errc::port_lost;
    case code::kNoConnection:
        return Errc::no_answer;
    case code::kPortBusy:
        return Errc::port_busy;
    case code::kPortNotAvailable:
        return Errc::port_not_found;
    case code::kInvalidSettings:
    case code::kNotConfigured:
        return Errc::bad_config;
    case code::kNotSupported:
        return Errc::unsupported;
    case code::kInvalidMode:
    case code::kModeBlocked:
    case code::kBlockedByReport:
    case code::kShiftExpired:
    case code::kFnShiftExpired:
    case code::kShiftClosed:
    case code::kReceiptOpen:
    case code::kShiftOpen:
        return Errc::wrong_mode;
    case code::kNoPaper:
    case code::kCoverOpen:
        return Errc::no_paper;
    case code::kInvalidPassword:
        return Errc::wrong_password;
    case code::kNoMoreData:
    case code::kFnNoMoreData:
        return Errc::no_data;
    case code::kBusy:
    case code::kPrinterOverheat:
    case code::kWaitForReboot:
    case code::kRemoteServerBusy:
        return Errc::device_busy;
    default:
        // 173..178: something else broke into the operation; the register is at work on it.
        return number >= code::kReportInterrupted && number <= code::kFnQueryInterrupted
                   ? Errc::device_busy
                   : Errc::device_refused;
    }
}

} // namespace

Error to_error(int code, const std::string& description, const std::string& context)
{
    const Errc errc = errc_of(code);
    const bool of_the_line = errc == Errc::port_lost || errc == Errc::no_answer || errc == Errc::port_busy ||
                             errc == Errc::port_not_found || errc == Errc::bad_config;
    return Error{errc, of_the_line || errc == Errc::device_busy ? Outcome::not_done : Outcome::refused,
                 context + (description.empty() ? "" : ": " + description), code};
}

bool is_end_of_data(const Error& error)
{
    return error.device_code == code::kNoMoreData || error.device_code == code::kFnNoMoreData;
}

bool is_lost(int code)
{
    return code == code::kNotConnected || code == code::kNoConnection || code == code::kConnectionLost;
}

bool is_doubtful(const Error& error)
{
    if (!error.device_code) {
        return error.outcome == Outcome::unknown;
    }
    const int number = *error.device_code;
    switch (number) {
    case code::kPortBusy:
    case code::kPortNotAvailable:
    case code::kBusy:
    case code::kFiscalModuleExchange:
    case code::kFnExchange:
    case code::kFnFormat:
    case code::kFnFault:
    case code::kFnTimeout:
    case code::kFnDocumentRead:
    case code::kWaitForReboot:
    case code::kDocumentToCancel:
    case code::kInterfaceBusy:
    case code::kRemoteServerBusy:
        return true;
    default:
        return is_lost(number) || (number >= code::kReportInterrupted && number <= code::kFnQueryInterrupted);
    }
}

bool is_broken_off(const Error& error)
{
    const int number = error.device_code.value_or(0);
    return number == code::kBlockedByReport || number == code::kReportBrokenOff ||
           (number >= code::kReportInterrupted && number <= code::kReceiptInterrupted);
}

bool is_of_the_printer(const Error& error)
{
    switch (error.device_code.value_or(0)) {
    case code::kNoPaper:
    case code::kCoverOpen:
    case code::kPrinterFault:
    case code::kMechanicalFault:
    case code::kPrinterOverheat:
    case code::kCutterFault:
        return true;
    default:
        return false;
    }
}

bool is_of_other_marks(const Error& error)
{
    switch (error.device_code.value_or(0)) {
    case code::kMarkCheckRuns:
    case code::kMarkCheckEnded:
    case code::kMarkCheckState:
    case code::kMarkNotChecked:
    case code::kMarkNotInTable:
    case code::kMarkCheckGoesOn:
        return true;
    default:
        return false;
    }
}

bool is_nothing_there(const Error& error)
{
    switch (error.device_code.value_or(0)) {
    case code::kInvalidMode:
    case code::kNothingToRepeat:
    case code::kReceiptClosed:
    case code::kDocumentClosed:
        return true;
    default:
        return false;
    }
}

} // namespace kb::atol_fptr
