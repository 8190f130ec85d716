#include "protocol/shtrih/traffic.hpp"

#include "protocol/core/told.hpp"
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "protocol/shtrih/modes.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

using Kind = TrafficItem::Kind;

bool is_control(std::uint8_t byte) { return byte == v1::kEnq || byte == v1::kAck || byte == v1::kNak; }

// STX | LEN | body | LRC, and between frames the control bytes ENQ, ACK, NAK.
void cut_v1(TrafficCutter& cutter)
{
    constexpr std::size_t kAround = 3;
    while (!cutter.rest().empty()) {
        const BytesView rest = cutter.rest();
        const bool stray = rest[0] == v1::kStray && rest.size() > 1 && is_control(rest[1]);
        if (is_control(rest[0]) || stray) {
            cutter.put(Kind::control, 1);
            continue;
        }
        if (rest[0] != v1::kStx || rest.size() < 2) {
            cutter.put(Kind::noise, 1);
            continue;
        }
        const std::size_t size = std::min(rest.size(), kAround + rest[1]);
        v1::FrameDecoder decoder;
        decoder.feed(rest.first(size));
        const auto body = decoder.next();
        if (body && *body) {
            cutter.put(Kind::frame, size).body = **body;
        } else {
            cutter.put(Kind::noise, size);
        }
    }
}

// 8F begins a packet and stands nowhere else.
void cut_v2(TrafficCutter& cutter)
{
    while (!cutter.rest().empty()) {
        const BytesView rest = cutter.rest();
        const auto next = std::find(rest.begin() + 1, rest.end(), v2::kStx);
        const BytesView segment = rest.first(static_cast<std::size_t>(next - rest.begin()));
        v2::FrameDecoder decoder;
        decoder.feed(segment);
        auto packet = decoder.next();
        if (rest[0] != v2::kStx || !packet || !*packet) {
            cutter.put(Kind::noise, segment.size());
            continue;
        }
        const Bytes frame =
            (*packet)->ping ? v2::encode_ping() : v2::encode_frame((*packet)->number, (*packet)->data);
        TrafficItem& item = cutter.put(Kind::frame, std::min(frame.size(), segment.size()));
        item.number = (*packet)->number;
        item.ping = (*packet)->ping;
        item.body = std::move((*packet)->data);
        if (segment.size() > frame.size())
            cutter.put(Kind::noise, segment.size() - frame.size());
    }
}

std::vector<TrafficItem> cut(const ExchangeFile& file, RecordedFraming framing)
{
    std::vector<TrafficItem> items;
    for (const TrafficRun& run : runs_of(file)) {
        TrafficCutter cutter(run, items);
        framing == RecordedFraming::v1 ? cut_v1(cutter) : cut_v2(cutter);
    }
    return items;
}

std::string name_of(std::uint16_t code)
{
    const CommandInfo* known = find_command(code);
    if (known != nullptr)
        return std::string(known->name);
    const auto high = static_cast<std::uint8_t>(code >> 8U);
    const auto low = static_cast<std::uint8_t>(code & 0xFFU);
    const Bytes bytes = high != 0 ? Bytes{high, low} : Bytes{low};
    return to_hex(bytes) + " unknown command";
}

// The answers that tell most of a conversation; of the others their size is enough.
void tell(Told& told, const DeviceTypeReply& reply)
{
    told("model", reply.name)("model_code", reply.model);
    told("protocol",
         std::to_string(reply.protocol_version) + "." + std::to_string(reply.protocol_subversion));
}
void tell(Told& told, const ShortStatusReply& reply)
{
    told("mode", mode_text_ru(reply.mode))("submode", submode_text_ru(reply.submode));
}
void tell(Told& told, const FullStatusReply& reply)
{
    told("firmware", reply.version_text() + "." + std::to_string(reply.build));
    told("mode", mode_text_ru(reply.mode));
}
void tell(Told& told, const FnStatusReply& reply)
{
    told("fn_serial", reply.fn_serial)("last_fd_number", reply.last_fd_number)("phase", reply.phase);
}
void tell(Told& told, const OfdStatusReply& reply)
{
    told("unsent_documents", reply.messages)("first_fd_number", reply.first_fd_number);
}
void tell(Told& told, const ShiftParametersReply& reply)
{
    told("open", reply.open)("shift_number", reply.shift_number)("receipt_number", reply.receipt_number);
}
void tell(Told& told, const OpenDocumentReply& reply) { told("type", reply.type)("bytes", reply.length); }
void tell(Told& told, const ArchiveRecordReply& reply)
{
    told("type", reply.type)("fd_number", reply.fd_number)("fiscal_sign", reply.fiscal_sign);
}

template <class C>
void tell_as(BytesView answer, TrafficCommand& command)
{
    const auto reply = decode_reply<C>(answer);
    if (!reply) {
        command.end = TrafficCommand::End::not_understood;
        command.answer = reply.error().context;
        return;
    }
    Told told;
    tell(told, *reply);
    command.answer = told.take();
}

void tell_answer(std::uint16_t code, BytesView answer, TrafficCommand& command)
{
    const auto data = answer_data(code, answer);
    if (!data) {
        command.end = TrafficCommand::End::refused;
        command.answer = data.error().context;
        return;
    }
    command.end = TrafficCommand::End::done;
    switch (static_cast<Command>(code)) {
    case Command::device_type:
        return tell_as<DeviceType>(answer, command);
    case Command::short_status:
        return tell_as<ShortStatus>(answer, command);
    case Command::full_status:
        return tell_as<FullStatus>(answer, command);
    case Command::fn_status:
        return tell_as<FnStatus>(answer, command);
    case Command::ofd_status:
        return tell_as<OfdStatus>(answer, command);
    case Command::shift_parameters:
        return tell_as<ShiftParameters>(answer, command);
    case Command::open_document:
        return tell_as<OpenDocument>(answer, command);
    case Command::find_document:
        return tell_as<FindDocument>(answer, command);
    default:
        command.answer = Told()("bytes", data->size()).take();
    }
}

std::optional<std::uint32_t> document_asked(BytesView request)
{
    const auto code = request_code(request);
    if (code && static_cast<Command>(*code) == Command::open_document)
        if (const auto asked = decode_request<OpenDocument>(request))
            return asked->fd_number;
    return std::nullopt;
}

} // namespace

RecordedFraming recorded_framing(const ExchangeFile& file)
{
    const std::size_t older = frames_in(cut(file, RecordedFraming::v1));
    const std::size_t newer = frames_in(cut(file, RecordedFraming::v2));
    return newer > older ? RecordedFraming::v2 : RecordedFraming::v1;
}

std::vector<TrafficItem> read_traffic(const ExchangeFile& file) { return cut(file, recorded_framing(file)); }

std::vector<TrafficCommand> commands_of(const ExchangeFile& file)
{
    std::vector<TrafficCommand> commands;
    std::optional<std::uint16_t> asked;
    for (const TrafficItem& item : read_traffic(file)) {
        if (item.kind != Kind::frame || item.body.empty())
            continue;
        if (item.from_host) {
            const auto code = request_code(item.body);
            asked = code ? std::optional(*code) : std::nullopt;
            TrafficCommand command;
            command.name = code ? name_of(*code) : "?";
            command.line = item.line;
            command.fd_number = document_asked(item.body);
            commands.push_back(std::move(command));
        } else if (asked && answers_to(*asked, item.body) &&
                   commands.back().end == TrafficCommand::End::no_answer) {
            tell_answer(*asked, item.body, commands.back());
        }
    }
    return commands;
}

} // namespace kb::shtrih
