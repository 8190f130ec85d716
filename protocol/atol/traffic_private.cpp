// The commands, registers and table fields that may be shown are listed; of all others only the code is.
#include "protocol/atol/traffic_private.hpp"

#include "protocol/atol/codec.hpp"
#include "protocol/atol/registers.hpp"
#include "protocol/core/traffic.hpp"
#include "protocol/fiscal/masking.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace kb::atol {

namespace {

// Commands that ask, those that only change the mode, and the clock's, which carry nothing but a time.
using ShownCommands = CommandList<FullStatus, StateCode, DeviceType, CashInDrawer, ShiftTotals, LeaveMode,
                                  EnterMode, FirmwareVersion, ReadRegister, ReadTable, SetDate, SetTime,
                                  SetDateTime, FnShift, FnExchange, FnStatus, FnNumber, FnExpiry, FnVersion,
                                  FnFindDocument, FnRegistration, FnOpenDocument, FnReadDocument>;

constexpr std::array kShownRegisters = {reg::kCash,   reg::kClock,           reg::kShiftState,
                                        reg::kSerial, reg::kLineWidth,       reg::kUnsent,
                                        reg::kFfd,    reg::kReceiptAndShift, reg::kExtendedError};
constexpr std::array kShownPlaces = {place::kOfdChannel, place::kOfdHost, place::kOfdPort};

constexpr std::size_t kInn = 12;

// What is private in a command or reply; the overloads are those that hold such a thing.
template <class M>
void hide(M& /*message*/)
{}

void hide(EnterMode& command) { command.password = kAdministratorPassword; }

void hide(FnRegistrationReply& reply)
{
    constexpr std::size_t kNumbers = 8; // FD u32, sign u32
    if (fiscal::is_persons_inn(as_bytes(reply.inn)))
        reply.inn.assign(reply.inn.size(), '0');
    if (reply.rest.size() > kNumbers)
        zero_out(std::span(reply.rest).first(reply.rest.size() - kNumbers));
}

/// A short record: type 1 | ticket 1 | at 5 | FD u32 | sign u32, and by its type some more
/// (docs/sources.md#ffd, section 6.4).
void hide_in_record(std::span<std::uint8_t> record)
{
    constexpr std::size_t kHead = 15;
    constexpr std::size_t kRegistration = kHead + kInn + 20 + 3; // РНМ, tax systems, modes, reason
    constexpr std::size_t kShift = kHead + 2;
    constexpr std::size_t kReceipt = kHead + 6;
    constexpr std::size_t kStateReport = kHead + 7;
    if (record.empty())
        return;
    std::size_t known = kHead;
    switch (record[0]) {
    case 1:
    case 11:
        known = kRegistration;
        break;
    case 2:
    case 5:
    case 6:
        known = kShift;
        break;
    case 3:
    case 4:
    case 31:
    case 41:
        known = kReceipt;
        break;
    case 21:
        known = kStateReport;
        break;
    default:
        break;
    }
    if (record.size() > known)
        zero_out(record.subspan(known));
    if (known == kRegistration && record.size() >= kHead + kInn) {
        const auto inn = record.subspan(kHead, kInn);
        if (fiscal::is_persons_inn(inn))
            fiscal::mask_text(inn);
    }
}

/// A value that the request alone says the meaning of.
template <class C>
void hide_value(BytesView request, Bytes& value)
{
    if constexpr (std::is_same_v<C, ReadRegister>) {
        const auto asked = decode_request<ReadRegister>(request, Dialect{});
        if (asked &&
            std::find(kShownRegisters.begin(), kShownRegisters.end(), asked->number) != kShownRegisters.end())
            return;
    } else if constexpr (std::is_same_v<C, ReadTable>) {
        const auto asked = decode_request<ReadTable>(request, Dialect{});
        if (asked && std::any_of(kShownPlaces.begin(), kShownPlaces.end(), [&](const TablePlace& place) {
                return place.table == asked->table && place.row == asked->row && place.field == asked->field;
            }))
            return;
    } else if constexpr (std::is_same_v<C, FnFindDocument>) {
        hide_in_record(value);
        return;
    }
    zero_out(value);
}

template <class C>
void mask_request_of(Bytes& request, std::size_t head)
{
    auto command = decode_request<C>(request, Dialect{});
    if (!command) {
        zero_out(bytes_from(request, head));
        return;
    }
    const auto before = encode_request(*command, Dialect{});
    hide(*command);
    hide_in_place(request, head, before, encode_request(*command, Dialect{}));
}

template <class C>
void mask_answer_of(BytesView request, Bytes& answer)
{
    const std::size_t head = answer_head(C::kCommand).size();
    auto reply = decode_reply<C>(answer, Dialect{});
    if (!reply) {
        zero_out(bytes_from(answer, head));
        return;
    }
    const auto before = encode_reply<C>(*reply, Dialect{});
    if constexpr (std::is_same_v<typename C::Reply, ValueReply>)
        hide_value<C>(request, reply->value);
    else
        hide(*reply);
    hide_in_place(answer, head, before, encode_reply<C>(*reply, Dialect{}));
}

/// Calls `action` with the command of that code; whether it is one of the list.
template <class... C, class F>
bool with_command(std::uint16_t code, CommandList<C...> /*list*/, F action)
{
    return ((static_cast<std::uint16_t>(C::kCommand) == code && (action(C{}), true)) || ...);
}

} // namespace

void mask_request(Bytes& request)
{
    const auto code = request_code(request);
    if (!code) {
        zero_out(request);
        return;
    }
    zero_out(std::span(request).first(kPasswordSize));
    const std::size_t head = kPasswordSize + request_code_size(*code);
    if (!with_command(*code, ShownCommands{}, [&]<class C>(C) { mask_request_of<C>(request, head); }))
        zero_out(bytes_from(request, head));
}

void mask_answer(BytesView request, Bytes& answer)
{
    constexpr std::size_t kRefusal = 3; // 55 ERR EXT
    const auto code = request_code(request);
    const auto data = code ? answer_data(*code, answer) : Result<BytesView>(BytesView());
    if (!code || (!data && !data.error().device_code)) {
        zero_out(bytes_from(answer, 1));
        return;
    }
    if (!data) {
        zero_out(bytes_from(answer, kRefusal));
        return;
    }
    if (!with_command(*code, ShownCommands{}, [&]<class C>(C) { mask_answer_of<C>(request, answer); }))
        zero_out(bytes_from(answer, kRefusal));
}

} // namespace kb::atol
