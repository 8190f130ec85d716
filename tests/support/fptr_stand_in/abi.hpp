// The numbers of the ATOL library's C interface, written down once more from the documents for the stand-in,
// so that a slip in the driver's list is not repeated here. Source: docs/sources.md#atol-fptr.
#pragma once

namespace stand_in {

// errors
inline constexpr int kOk = 0;
inline constexpr int kErrorNotConnected = 1;
inline constexpr int kErrorNoConnection = 2;
inline constexpr int kErrorPortBusy = 3;
inline constexpr int kErrorPortNotAvailable = 4;
inline constexpr int kErrorInternal = 6;
inline constexpr int kErrorNoRequiredParam = 8;
inline constexpr int kErrorBadSettings = 9;
inline constexpr int kErrorNotSupported = 11;
inline constexpr int kErrorInvalidMode = 12;
inline constexpr int kErrorInvalidParam = 13;
inline constexpr int kErrorInvalidSum = 16;
inline constexpr int kErrorNotRepeatable = 21;
inline constexpr int kErrorDateBeforeFn = 36;
inline constexpr int kErrorBufferOverflow = 40;
inline constexpr int kErrorNoPaper = 44;
inline constexpr int kErrorCashlessTooMuch = 52;
inline constexpr int kErrorBusy = 55;
inline constexpr int kErrorNotFullyPaid = 66;
inline constexpr int kErrorShiftExpired = 68;
inline constexpr int kErrorShiftClosed = 73;
inline constexpr int kErrorNoCash = 80;
inline constexpr int kErrorReceiptClosed = 81;
inline constexpr int kErrorReceiptOpen = 82;
inline constexpr int kErrorShiftOpen = 83;
inline constexpr int kErrorFnState = 117;
inline constexpr int kErrorFnExpired = 120;
inline constexpr int kErrorFnFull = 121;
inline constexpr int kErrorFnNoMoreData = 123;
inline constexpr int kErrorUnsentDocuments = 139;
inline constexpr int kErrorTimeDifference = 142;
inline constexpr int kErrorReceiptInterrupted = 177;
inline constexpr int kErrorFnQueryInterrupted = 178;
inline constexpr int kErrorInvalidTotal = 227;
inline constexpr int kErrorConnectionLost = 241;
inline constexpr int kErrorMarkCheckRuns = 401;
inline constexpr int kErrorMarkStatus = 404;
inline constexpr int kErrorMarksOverflow = 408;
inline constexpr int kErrorMarkCode = 409;
inline constexpr int kErrorMarkState = 410;
inline constexpr int kErrorMarkFfd = 413;
inline constexpr int kErrorMarkNotInTable = 422;
inline constexpr int kErrorMarkCheckGoesOn = 423;
inline constexpr int kErrorReceiptParse = 501;

// parameters
inline constexpr int kReceiptType = 65545;
inline constexpr int kMode = 65547;
inline constexpr int kSerialNumber = 65559;
inline constexpr int kDataType = 65587;
inline constexpr int kDateTime = 65590;
inline constexpr int kFiscal = 65591;
inline constexpr int kShiftState = 65592;
inline constexpr int kReceiptPaperPresent = 65594;
inline constexpr int kCoverOpened = 65595;
inline constexpr int kSubmode = 65596;
inline constexpr int kReceiptNumber = 65597;
inline constexpr int kDocumentNumber = 65598;
inline constexpr int kShiftNumber = 65599;
inline constexpr int kModelName = 65603;
inline constexpr int kUnitVersion = 65604;
inline constexpr int kUnitType = 65609;
inline constexpr int kSum = 65613;
inline constexpr int kCount = 65614;
inline constexpr int kFnDataType = 65622;
inline constexpr int kTagNumber = 65623;
inline constexpr int kTagValue = 65624;
inline constexpr int kDocumentsCount = 65625;
inline constexpr int kFiscalSign = 65626;
inline constexpr int kDeviceFfdVersion = 65627;
inline constexpr int kFfdVersion = 65629;
inline constexpr int kFnType = 65635;
inline constexpr int kFnVersion = 65636;
inline constexpr int kRegistrationsRemain = 65637;
inline constexpr int kOfdExchangeStatus = 65640;
inline constexpr int kDocumentClosed = 65644;
inline constexpr int kJsonData = 65645;
inline constexpr int kFnState = 65648;
inline constexpr int kOfdError = 65664;
inline constexpr int kRecordsType = 65668;
inline constexpr int kHasOfdTicket = 65670;
inline constexpr int kFnNeedReplacement = 65686;
inline constexpr int kFnResourceExhausted = 65687;
inline constexpr int kFnMemoryOverflow = 65688;
inline constexpr int kFnOfdTimeout = 65689;
inline constexpr int kFnCriticalError = 65690;
inline constexpr int kFnDocumentType = 65697;
inline constexpr int kFnPresent = 65707;
inline constexpr int kBlocked = 65708;
inline constexpr int kDocumentPrinted = 65709;
inline constexpr int kFnFlags = 65720;
inline constexpr int kRecordsId = 65764;
inline constexpr int kDevicePlatformVersion = 65915;

// DATA_TYPE
inline constexpr int kDataStatus = 0;
inline constexpr int kDataCashSum = 1;
inline constexpr int kDataUnitVersion = 2;
inline constexpr int kDataCashInCount = 9;
inline constexpr int kDataCashOutCount = 11;
inline constexpr int kDataDateTime = 13;
inline constexpr int kDataShiftState = 14;
inline constexpr int kDataReceiptState = 15;
inline constexpr int kDataSerialNumber = 16;
inline constexpr int kDataModelInfo = 17;

// FN_DATA_TYPE
inline constexpr int kFnOfdExchange = 1;
inline constexpr int kFnInfo = 2;
inline constexpr int kFnLastDocument = 5;
inline constexpr int kFnShift = 6;
inline constexpr int kFnFfdVersions = 7;
inline constexpr int kFnValidity = 8;
inline constexpr int kFnRegistration = 9;
inline constexpr int kFnErrors = 11;
inline constexpr int kFnDocumentByNumber = 13;

} // namespace stand_in
