// The commands that may be shown are listed; of all others only their code is.
#include "protocol/shtrih/traffic_private.hpp"

#include "protocol/core/traffic.hpp"
#include "protocol/fiscal/masking.hpp"
#include "protocol/shtrih/codec.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

constexpr std::size_t kInn = 12;
constexpr std::uint64_t kCompanysLargest = 9'999'999'999; // ten digits
constexpr std::uint64_t kNoInn = 0xFFFF'FFFF'FFFF;
constexpr std::size_t kWidestNumber = 4;

// Commands that ask, and the clock's, which carry nothing but a time.
using ShownCommands =
    CommandList<DeviceType, ModelParameters, ShortStatus, FullStatus, ErrorText, ReadPort, ReadTable,
                TableStructure, FieldStructure, SetTime, SetDate, ConfirmDate, ReadCashRegister,
                ReadOperationRegister, ReadFont, Subtotal, FnStatus, FnNumber, FnExpiry, FnVersion,
                FiscalisationResult, FindDocument, OpenDocument, ReadDocumentPiece, OfdTicket,
                RegistrationParameter, RegistrationParameterAlternative, OfdStatus, UnsentCount, FnFreeMemory,
                OfdDataSize, ReadOfdBlock, ShiftParameters, ServiceLoaderVersion, ServicePingOfd,
                ServiceTotals>;

// What is private in a reply; the overloads are the replies that hold such a thing.
template <class R>
void hide(R& /*reply*/)
{}

void hide(std::string& inn)
{
    if (fiscal::is_persons_inn(as_bytes(inn)))
        inn.assign(inn.size(), '0');
}

void hide(FullStatusReply& reply)
{
    if (reply.inn > kCompanysLargest && reply.inn != kNoInn)
        reply.inn = 0;
}

void hide(ModelParametersReply& reply)
{
    reply.inspector_password = 0;
    reply.administrator_password = kAdministratorPassword;
    zero_out(reply.more);
}

void hide(FiscalisationReply& reply) { hide(reply.inn); }

void hide(ArchiveRecordReply& reply)
{
    if (auto* registration = std::get_if<ArchiveRecordReply::Registration>(&reply.details))
        hide(registration->inn);
}

void hide(TlvReply& reply) { fiscal::mask_tlvs(reply.tlv, fiscal::tag::registration, fiscal::Extent::whole); }

void hide(BlockReply& reply) { zero_out(reply.block); }

void hide(TableValueReply& reply) { zero_out(reply.value); }

template <class C>
void mask_request_of(Bytes& request)
{
    const std::size_t head = request_code_size(static_cast<std::uint16_t>(C::kCommand));
    auto command = decode_request<C>(request);
    if (!command) {
        zero_out(bytes_from(request, head));
        return;
    }
    const auto before = encode_request(*command);
    if constexpr (requires { command->password; })
        command->password = kAdministratorPassword;
    hide_in_place(request, head, before, encode_request(*command));
}

template <class C>
void mask_answer_of(Bytes& answer)
{
    const std::size_t head = answer_code_size(static_cast<std::uint16_t>(C::kCommand)) + 1;
    auto reply = decode_reply<C>(answer);
    if (!reply) {
        zero_out(bytes_from(answer, head));
        return;
    }
    const auto before = encode_reply<C>(*reply);
    hide(*reply);
    hide_in_place(answer, head, before, encode_reply<C>(*reply));
}

/// Calls `action` with the command of that code; whether it is one of the list.
template <class... C, class F>
bool with_command(std::uint16_t code, CommandList<C...> /*list*/, F action)
{
    return ((static_cast<std::uint16_t>(C::kCommand) == code && (action(C{}), true)) || ...);
}

std::optional<ReadTable> table_asked(BytesView request)
{
    const auto code = request_code(request);
    if (!code || static_cast<Command>(*code) != Command::read_table)
        return std::nullopt;
    const auto asked = decode_request<ReadTable>(request);
    return asked ? std::optional(*asked) : std::nullopt;
}

} // namespace

void mask_request(Bytes& request)
{
    const auto code = request_code(request);
    if (!code) {
        zero_out(request);
        return;
    }
    if (!with_command(*code, ShownCommands{}, [&]<class C>(C) { mask_request_of<C>(request); }))
        zero_out(bytes_from(request, request_code_size(*code)));
}

void mask_answer(std::uint16_t code, Bytes& answer)
{
    if (!with_command(code, ShownCommands{}, [&]<class C>(C) { mask_answer_of<C>(answer); }))
        zero_out(bytes_from(answer, answer_code_size(code) + 1));
}

void mask_inns(std::span<std::uint8_t> text)
{
    const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    for (std::size_t at = 0; at + kInn <= text.size(); ++at) {
        const auto digits = text.subspan(at, kInn);
        const bool alone = (at == 0 || !digit(at - 1)) && !digit(at + kInn);
        if (alone && fiscal::is_persons_inn(digits))
            fiscal::mask_text(digits);
    }
}

void OpenFields::learn(BytesView request, BytesView answer)
{
    const auto code = request_code(request);
    if (!code)
        return;
    if (static_cast<Command>(*code) == Command::device_type) {
        if (auto reply = decode_reply<DeviceType>(answer))
            type_ = *std::move(reply);
    } else if (static_cast<Command>(*code) == Command::model_parameters) {
        if (auto reply = decode_reply<ModelParameters>(answer))
            parameters_ = *std::move(reply);
    } else if (const auto asked = table_asked(request)) {
        const auto reply = decode_reply<ReadTable>(answer);
        const bool serial = std::any_of(classes_.begin(), classes_.end(), [&](const DeviceClass& where) {
            return where.kkt_serial == TableField{asked->table, asked->field};
        });
        if (!reply || !serial)
            return;
        kkt_serial_ = reply->as_text();
    } else {
        return;
    }
    decide();
}

void OpenFields::decide()
{
    classes_.clear();
    if (!type_)
        return;
    const ModelParametersReply* parameters = parameters_ ? &*parameters_ : nullptr;
    classes_.push_back(identify(*type_, parameters, "").device_class);
    if (!kkt_serial_.empty())
        classes_.push_back(identify(*type_, parameters, kkt_serial_).device_class);
}

OpenFields::Shown OpenFields::shown(const DeviceClass& where, TableField place)
{
    if (place == where.kkt_serial || place == where.kkt_reg_number)
        return Shown::text;
    if (place == where.ffd || place == where.ofd_sender)
        return Shown::number;
    if (place.table == where.fn_table) {
        switch (place.field) {
        case fn_field::kSerial:
        case fn_field::kInn:
        case fn_field::kRegNumber:
        case fn_field::kFnSerial:
        case fn_field::kOfdName:
        case fn_field::kOfdInn:
            return Shown::text;
        case fn_field::kTaxSystems:
        case fn_field::kWorkModes:
            return Shown::number;
        case fn_field::kUser:
        case fn_field::kAddress:
        case fn_field::kPlace:
            return Shown::form;
        default:
            return Shown::nothing;
        }
    }
    if (place.table == where.ofd_table && place.field == ofd_field::kServer)
        return Shown::text;
    if (place.table == where.ofd_table && place.field == ofd_field::kPort)
        return Shown::number;
    const bool numbers = place.table == where.sd_table || place.table == where.exchange_table;
    return numbers ? Shown::number : Shown::nothing;
}

OpenFields::Shown OpenFields::shown(std::uint8_t table, std::uint8_t field) const
{
    Shown most = classes_.empty() ? Shown::nothing : Shown::text;
    for (const DeviceClass& where : classes_)
        most = std::min(most, shown(where, {table, field}));
    return most;
}

void OpenFields::mask(BytesView request, std::span<std::uint8_t> value) const
{
    const auto asked = table_asked(request);
    switch (asked && asked->table != 0 && asked->row == 1 ? shown(asked->table, asked->field)
                                                          : Shown::nothing) {
    case Shown::text:
        mask_inns(value);
        return;
    case Shown::number:
        if (value.size() > kWidestNumber)
            zero_out(value);
        return;
    case Shown::form:
        fiscal::mask_text(value);
        return;
    case Shown::nothing:
        zero_out(value);
    }
}

} // namespace kb::shtrih
