// Requests and replies to bytes and back, for every command struct of commands.hpp, sale_commands.hpp and
// fn_commands.hpp.
#pragma once

#include "protocol/atol/errors.hpp"
#include "protocol/atol/fn_commands.hpp"
#include "protocol/atol/sale_commands.hpp"

namespace kb::atol {

/// All command structs, for tests and fuzz targets that try each one.
template <class... C>
struct CommandList {};
using AllCommands =
    CommandList<FullStatus, StateCode, DeviceType, CashInDrawer, ShiftTotals, LeaveMode, Beep, OpenDrawer,
                PrintHeader, Reprint, ContinueReport, FirmwareVersion, ReadRegister, ReadTable, WriteTable,
                EnterMode, SetDate, SetTime, SetDateTime, PrintLine, PrintFormatted, PrintQr, Cut,
                PulseDrawer, Tone, OpenShift, OpenReceipt, WriteRequisite, ReadRequisite, BeginItem, EndItem,
                Discount, ReceiptTax, Payment, TakeBackPayment, CloseReceipt, CancelReceipt, CashIn, CashOut,
                XReport, ZReport, FnShift, FnExchange, FnStatus, FnNumber, FnExpiry, FnVersion,
                FnFindDocument, FnRegistration, FnOpenDocument, FnReadDocument>;

/// Bytes of access password and code.
Result<Bytes> request_head(Command command, const Dialect& dialect);
/// What stands before the data of a successful answer.
Bytes answer_head(Command command);

/// Access password, code and parameters, ready to be framed. Errc::not_representable, bad_length or
/// bad_encoding for a value that does not fit its field.
template <class C>
Result<Bytes> encode_request(const C& command, const Dialect& dialect)
{
    auto request = request_head(C::kCommand, dialect);
    if (!request)
        return request;
    LayoutWriter writer(info(C::kCommand).name, dialect);
    C::layout(writer, command);
    const auto parameters = writer.take();
    if (!parameters)
        return pass(parameters);
    request->insert(request->end(), parameters->begin(), parameters->end());
    return request;
}

/// Precondition: request_code(request) is C's. Errc::bad_length unless every byte belongs.
template <class C>
Result<C> decode_request(BytesView request, const Dialect& dialect)
{
    const auto code = static_cast<std::uint16_t>(C::kCommand);
    LayoutReader reader(request.subspan(kPasswordSize + request_code_size(code)), info(C::kCommand).name,
                        dialect);
    C command;
    C::layout(reader, command);
    if (auto done = reader.done(); !done)
        return pass(done);
    return command;
}

/// The device's side: a successful answer to command C.
template <class C>
Result<Bytes> encode_reply(const typename C::Reply& reply, const Dialect& dialect)
{
    LayoutWriter writer(info(C::kCommand).name, dialect);
    C::Reply::layout(writer, reply);
    const auto data = writer.take();
    if (!data)
        return pass(data);
    Bytes answer = answer_head(C::kCommand);
    answer.insert(answer.end(), data->begin(), data->end());
    return answer;
}

/// The host's side. A refusal becomes the Error of errors.hpp; Errc::protocol_violation when the answer
/// belongs to another command; Errc::bad_length or bad_value when it does not hold together. In the last
/// cases the outcome is unknown for a command that changes something.
template <class C>
Result<typename C::Reply> decode_reply(BytesView answer, const Dialect& dialect)
{
    const auto code = static_cast<std::uint16_t>(C::kCommand);
    const auto data = answer_data(code, answer);
    if (!data)
        return pass(data);
    LayoutReader reader(*data, info(C::kCommand).name, dialect);
    typename C::Reply reply;
    C::Reply::layout(reader, reply);
    Result<void> whole;
    if constexpr (requires { C::Reply::kExact; })
        whole = reader.done();
    else
        whole = reader.rest_ok();
    if (!whole) {
        Error error = whole.error();
        error.outcome = outcome_without_answer(code);
        return tl::unexpected<Error>(std::move(error));
    }
    return reply;
}

} // namespace kb::atol
