#include "protocol/atol/traffic.hpp"

#include "protocol/atol/codec.hpp"
#include "protocol/atol/exchange_v3.hpp"
#include "protocol/atol/frame_v2.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "protocol/atol/modes.hpp"
#include "protocol/core/told.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace kb::atol {

namespace {

using Kind = TrafficItem::Kind;

/// How many bytes a frame that begins here takes by its own account; 0: its end is not there.
std::size_t v2_frame_size(BytesView bytes)
{
    for (std::size_t at = 1; at < bytes.size(); ++at) {
        if (bytes[at] == v2::kDle)
            ++at;
        else if (bytes[at] == v2::kEtx)
            return at + 2 <= bytes.size() ? at + 2 : 0;
    }
    return 0;
}

// STX | stuffed data | ETX | sum, and between frames the control bytes.
void cut_v2(TrafficCutter& cutter)
{
    constexpr std::array kControls = {v2::kEot, v2::kEnq, v2::kAck, v2::kNak};
    while (!cutter.rest().empty()) {
        const BytesView rest = cutter.rest();
        if (std::find(kControls.begin(), kControls.end(), rest[0]) != kControls.end()) {
            cutter.put(Kind::control, 1);
            continue;
        }
        if (rest[0] != v2::kStx) {
            cutter.put(Kind::noise, 1);
            continue;
        }
        const std::size_t size = v2_frame_size(rest);
        if (size == 0) {
            cutter.put(Kind::noise, rest.size());
            continue;
        }
        v2::FrameDecoder decoder;
        decoder.feed(rest.first(size));
        auto data = decoder.next();
        if (data && *data)
            cutter.put(Kind::frame, size).body = **std::move(data);
        else
            cutter.put(Kind::noise, size);
    }
}

// FE begins a packet and stands nowhere else.
void cut_v3(TrafficCutter& cutter)
{
    while (!cutter.rest().empty()) {
        const BytesView rest = cutter.rest();
        const auto next = std::find(rest.begin() + 1, rest.end(), v3::kStart);
        const BytesView segment = rest.first(static_cast<std::size_t>(next - rest.begin()));
        v3::PacketDecoder decoder;
        decoder.feed(segment);
        auto packet = decoder.next();
        if (rest[0] != v3::kStart || !packet || !*packet) {
            cutter.put(Kind::noise, segment.size());
            continue;
        }
        const std::size_t size = v3::encode_packet((*packet)->id, (*packet)->data).size();
        TrafficItem& item = cutter.put(Kind::frame, std::min(size, segment.size()));
        item.number = (*packet)->id;
        item.body = std::move((*packet)->data);
        if (segment.size() > size)
            cutter.put(Kind::noise, segment.size() - size);
    }
}

std::vector<TrafficItem> cut(const ExchangeFile& file, RecordedTransport transport)
{
    std::vector<TrafficItem> items;
    for (const TrafficRun& run : runs_of(file)) {
        TrafficCutter cutter(run, items);
        transport == RecordedTransport::v2 ? cut_v2(cutter) : cut_v3(cutter);
    }
    return items;
}

bool same(BytesView a, BytesView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

/// Whether the answer at `place` is the first one, or the first one again; then it is noted.
bool note_answer(TrafficTalk& talk, const std::vector<TrafficItem>& items, TrafficPlace place)
{
    if (!talk.answers.empty() && !same(at_place(items, talk.answers.front()), at_place(items, place)))
        return false;
    talk.answers.push_back(place);
    return true;
}

std::vector<TrafficTalk> talks_v2(const std::vector<TrafficItem>& items)
{
    std::vector<TrafficTalk> talks;
    bool in_step = true;   // the next answer belongs to the last request
    bool announced = true; // by ENQ, as each new request is
    for (std::size_t at = 0; at < items.size(); ++at) {
        const TrafficItem& item = items[at];
        announced = announced || (item.kind == Kind::control && item.from_host && item.body[0] == v2::kEnq);
        if (item.kind != Kind::frame)
            continue;
        const TrafficPlace place{at, 0};
        if (item.from_host) {
            const bool open = !talks.empty() && talks.back().answers.empty();
            if (open && !announced && same(at_place(items, talks.back().requests.front()), item.body)) {
                talks.back().requests.push_back(place); // its frame was not taken the first time
                continue;
            }
            announced = false;
            in_step = in_step && !open;
            talks.push_back({{place}, {}});
            continue;
        }
        if (talks.empty())
            continue;
        const auto code = request_code(at_place(items, talks.back().requests.front()));
        const bool unmistakable = code && static_cast<Command>(*code) == Command::full_status &&
                                  !item.body.empty() && item.body[0] == answer_head(Command::full_status)[0];
        in_step = in_step || unmistakable;
        if (in_step)
            in_step = note_answer(talks.back(), items, place);
    }
    return talks;
}

/// Which talk a packet or task number stands for now.
using ByNumber = std::map<std::uint16_t, std::size_t>;

std::vector<TrafficTalk> talks_v3(const std::vector<TrafficItem>& items)
{
    constexpr std::size_t kAddHead = 3;    // C1 | flags | task
    constexpr std::size_t kResultHead = 1; // A3 or A4
    constexpr std::size_t kAsyncHead = 2;  // A6 or A7 | task
    using namespace v3::buffer;
    std::vector<TrafficTalk> talks;
    ByNumber by_task;
    ByNumber by_packet;
    std::map<std::uint16_t, Bytes> sent; // by the packet's number, as it was sent last
    const auto answer = [&](const ByNumber& numbers, std::uint16_t number, TrafficPlace place) {
        if (const auto found = numbers.find(number); found != numbers.end())
            note_answer(talks[found->second], items, place);
    };
    for (std::size_t at = 0; at < items.size(); ++at) {
        const TrafficItem& item = items[at];
        if (item.kind != Kind::frame || item.body.empty())
            continue;
        const std::uint8_t first = item.body[0];
        if (item.from_host) {
            const auto before = sent.find(item.number);
            const bool again = before != sent.end() && before->second == item.body;
            sent[item.number] = item.body;
            if (first == kAdd && item.body.size() > kAddHead) {
                const std::uint8_t task = item.body[2];
                if (const auto known = by_packet.find(item.number); again && known != by_packet.end()) {
                    talks[known->second].requests.push_back({at, kAddHead});
                    continue;
                }
                by_task[task] = talks.size();
                by_packet[item.number] = talks.size();
                talks.push_back({{{at, kAddHead}}, {}});
                continue;
            }
            by_packet.erase(item.number);
            if (first == kReq && item.body.size() > 1)
                if (const auto asked = by_task.find(item.body[1]); asked != by_task.end())
                    by_packet[item.number] = asked->second;
        } else if (item.number == v3::kAsyncId) {
            if ((first == kAsyncResult || first == kAsyncError) && item.body.size() > kAsyncHead)
                answer(by_task, item.body[1], {at, kAsyncHead});
        } else if ((first == kResult || first == kError) && item.body.size() > kResultHead) {
            answer(by_packet, item.number, {at, kResultHead});
        }
    }
    return talks;
}

// The answers that tell most of a conversation; of the others their size is enough.
void tell(Told& told, const DeviceTypeReply& reply) { told("model", reply.name)("model_code", reply.model); }
void tell(Told& told, const FullStatusReply& reply)
{
    told("model_code", reply.model)("mode", mode_text_ru(reply.mode));
}
void tell(Told& told, const FnStatusReply& reply)
{
    told("fn_serial", reply.fn_serial)("last_fd_number", reply.last_fd_number)("phase", reply.phase);
}
void tell(Told& told, const FnExchangeReply& reply)
{
    told("unsent_documents", reply.unsent)("first_fd_number", reply.first_fd_number);
}
void tell(Told& told, const FnShiftReply& reply)
{
    told("open", reply.open)("shift_number", reply.shift_number)("receipt_number", reply.receipt_number);
}
void tell(Told& told, const FnOpenDocumentReply& reply)
{
    if (reply.type && reply.length)
        told("type", *reply.type)("bytes", *reply.length);
}

template <class C>
void tell_as(BytesView answer, TrafficCommand& command)
{
    const auto reply = decode_reply<C>(answer, Dialect{});
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
        command.end =
            data.error().device_code ? TrafficCommand::End::refused : TrafficCommand::End::not_understood;
        command.answer = data.error().context;
        return;
    }
    command.end = TrafficCommand::End::done;
    switch (static_cast<Command>(code)) {
    case Command::device_type:
        return tell_as<DeviceType>(answer, command);
    case Command::full_status:
        return tell_as<FullStatus>(answer, command);
    case Command::fn_status:
        return tell_as<FnStatus>(answer, command);
    case Command::fn_exchange:
        return tell_as<FnExchange>(answer, command);
    case Command::fn_shift:
        return tell_as<FnShift>(answer, command);
    case Command::fn_open_document:
        return tell_as<FnOpenDocument>(answer, command);
    default:
        command.answer = Told()("bytes", data->size()).take();
    }
}

} // namespace

RecordedTransport recorded_transport(const ExchangeFile& file)
{
    const std::size_t older = frames_in(cut(file, RecordedTransport::v2));
    const std::size_t newer = frames_in(cut(file, RecordedTransport::v3));
    return newer > older ? RecordedTransport::v3 : RecordedTransport::v2;
}

std::vector<TrafficItem> read_traffic(const ExchangeFile& file)
{
    return cut(file, recorded_transport(file));
}

BytesView at_place(const std::vector<TrafficItem>& items, TrafficPlace place)
{
    return BytesView(items[place.item].body).subspan(place.at);
}

std::vector<TrafficTalk> talks_of(const std::vector<TrafficItem>& items, RecordedTransport transport)
{
    return transport == RecordedTransport::v2 ? talks_v2(items) : talks_v3(items);
}

std::vector<TrafficCommand> commands_of(const ExchangeFile& file)
{
    const auto items = read_traffic(file);
    std::vector<TrafficCommand> commands;
    for (const TrafficTalk& talk : talks_of(items, recorded_transport(file))) {
        const BytesView request = at_place(items, talk.requests.front());
        const auto code = request_code(request);
        TrafficCommand command;
        command.name = code ? name_of(*code) : "?";
        command.line = items[talk.requests.front().item].line;
        if (code && !talk.answers.empty())
            tell_answer(*code, at_place(items, talk.answers.front()), command);
        if (code && static_cast<Command>(*code) == Command::fn_open_document)
            if (const auto asked = decode_request<FnOpenDocument>(request, Dialect{}))
                command.fd_number = asked->fd_number;
        commands.push_back(std::move(command));
    }
    return commands;
}

} // namespace kb::atol
