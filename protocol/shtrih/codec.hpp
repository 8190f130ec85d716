// Requests and replies to bytes and back, for every command struct of commands.hpp, sale_commands.hpp and
// fn_commands.hpp.
#pragma once

#include "protocol/shtrih/errors.hpp"
#include "protocol/shtrih/fn_commands.hpp"
#include "protocol/shtrih/marking_commands.hpp"
#include "protocol/shtrih/sale_commands.hpp"

namespace kb::shtrih {

/// All command structs, for tests and fuzz targets that try each one.
template <class... C>
struct CommandList {};
using AllCommands =
    CommandList<DeviceType, ModelParameters, ShortStatus, FullStatus, ErrorText, SetPort, ReadPort,
                WriteTable, ReadTable, TableStructure, FieldStructure, SetTime, SetDate, ConfirmDate,
                ReadCashRegister, ReadOperationRegister, OpenShift, ZReport, XReport, CashIn, CashOut, Beep,
                PrintString, PrintStringInFont, Cut, ReadFont, OpenDrawer, Feed, OpenReceipt, CancelReceipt,
                Subtotal, RepeatDocument, ContinuePrinting, PrintEan13, LoadBlock, PrintBarcode2d, FnStatus,
                FnNumber, FnExpiry, FnVersion, CancelFnDocument, FiscalisationResult, FindDocument,
                OpenDocument, ReadDocumentPiece, OfdTicket, RegistrationParameter,
                RegistrationParameterAlternative, OfdStatus, UnsentCount, BeginStateReport, DoStateReport,
                FnFreeMemory, OfdDataSize, ReadOfdBlock, BeginOfdWrite, WriteOfdBlock, OpenShiftInFn,
                ShiftParameters, BeginOpenShift, BeginCloseShift, CloseShiftInFn, SendTlv, SendOperationTlv,
                Operation, CloseReceipt, BeginCorrection, Correction, ReceiptDiscount, CheckMark, BindMark,
                AcceptMark, WriteSdBlock, ServiceLoaderVersion, ServicePingOfd, ServiceReboot, ServiceTotals>;

/// Code and parameters, ready to be framed. Errc::not_representable, bad_length or bad_encoding for a value
/// that does not fit its field.
template <class C>
Result<Bytes> encode_request(const C& command)
{
    const auto code = static_cast<std::uint16_t>(C::kCommand);
    LayoutWriter writer(info(C::kCommand).name);
    if (request_code_size(code) == 2)
        writer.u8(code >> 8);
    writer.u8(code & 0xFF);
    C::layout(writer, command);
    return writer.take();
}

/// The device's side. Precondition: request_code(request) is C's. Errc::bad_length unless every byte belongs.
template <class C>
Result<C> decode_request(BytesView request)
{
    LayoutReader reader(request.subspan(request_code_size(static_cast<std::uint16_t>(C::kCommand))),
                        info(C::kCommand).name);
    C command;
    C::layout(reader, command);
    if (auto done = reader.done(); !done)
        return pass(done);
    return command;
}

/// The device's side: a successful answer to command C.
template <class C>
Result<Bytes> encode_reply(const typename C::Reply& reply)
{
    const auto code = static_cast<std::uint16_t>(C::kCommand);
    LayoutWriter writer(info(C::kCommand).name);
    writer.u8(code > 0xFF ? code >> 8 : code);
    if (answer_code_size(code) == 2)
        writer.u8(code & 0xFF);
    writer.u8(0);
    C::Reply::layout(writer, reply);
    return writer.take();
}

/// The host's side. A refusal becomes the Error of errors.hpp; Errc::protocol_violation when the answer
/// belongs to another command; Errc::bad_length when it is too short. In the last two cases the outcome is
/// unknown for a command that changes something.
template <class C>
Result<typename C::Reply> decode_reply(BytesView answer)
{
    const auto data = answer_data(static_cast<std::uint16_t>(C::kCommand), answer);
    if (!data)
        return pass(data);
    LayoutReader reader(*data, info(C::kCommand).name);
    typename C::Reply reply;
    C::Reply::layout(reader, reply);
    if (auto ok = reader.rest_ok(); !ok) {
        Error error = ok.error();
        error.outcome = outcome_without_answer(C::kCommand);
        return tl::unexpected<Error>(std::move(error));
    }
    return reply;
}

} // namespace kb::shtrih
