#include "protocol/shtrih/traffic.hpp"

#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/errors.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"

#include <algorithm>

namespace kb::shtrih {

namespace {

using Kind = TrafficItem::Kind;

/// The bytes of one direction between two turns of the line, and where each came from.
struct Run {
    bool from_host = true;
    std::size_t first_line = 0;
    Bytes bytes;
    std::vector<std::size_t> line_ends; ///< within `bytes`
};

std::vector<Run> runs_of(const ExchangeFile& file)
{
    std::vector<Run> runs;
    for (std::size_t at = 0; at < file.lines.size(); ++at) {
        const ExchangeLine& line = file.lines[at];
        if (runs.empty() || runs.back().from_host != line.from_host)
            runs.push_back({line.from_host, at, {}, {}});
        Run& run = runs.back();
        run.bytes.insert(run.bytes.end(), line.bytes.begin(), line.bytes.end());
        run.line_ends.push_back(run.bytes.size());
    }
    return runs;
}

/// Collects the items of one run; bytes that nothing claims become noise.
class Cutter {
public:
    Cutter(const Run& run, std::vector<TrafficItem>& items) : run_(run), items_(items) {}

    [[nodiscard]] BytesView rest() const { return BytesView(run_.bytes).subspan(at_); }

    TrafficItem& put(Kind kind, std::size_t size)
    {
        if (kind == Kind::noise && !items_.empty() && open_noise_) {
            const BytesView more = rest().first(size);
            items_.back().body.insert(items_.back().body.end(), more.begin(), more.end());
            at_ += size;
            return items_.back();
        }
        open_noise_ = kind == Kind::noise;
        TrafficItem item;
        item.kind = kind;
        item.from_host = run_.from_host;
        const auto line = std::upper_bound(run_.line_ends.begin(), run_.line_ends.end(), at_);
        const auto index = static_cast<std::size_t>(line - run_.line_ends.begin());
        item.line = run_.first_line + index;
        item.offset = at_ - (index == 0 ? 0 : run_.line_ends[index - 1]);
        item.body.assign(rest().begin(), rest().begin() + static_cast<std::ptrdiff_t>(size));
        at_ += size;
        items_.push_back(std::move(item));
        return items_.back();
    }

private:
    const Run& run_;
    std::vector<TrafficItem>& items_;
    std::size_t at_ = 0;
    bool open_noise_ = false;
};

// STX | LEN | body | LRC, and between frames the control bytes ENQ, ACK, NAK.
void cut_v1(Cutter& cutter)
{
    constexpr std::size_t kAround = 3;
    while (!cutter.rest().empty()) {
        const BytesView rest = cutter.rest();
        if (rest[0] == v1::kEnq || rest[0] == v1::kAck || rest[0] == v1::kNak) {
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
void cut_v2(Cutter& cutter)
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
    for (const Run& run : runs_of(file)) {
        Cutter cutter(run, items);
        framing == RecordedFraming::v1 ? cut_v1(cutter) : cut_v2(cutter);
    }
    return items;
}

std::size_t frames_in(const std::vector<TrafficItem>& items)
{
    return static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](const auto& item) { return item.kind == Kind::frame; }));
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
            commands.push_back({code ? name_of(*code) : "?", "", item.line});
        } else if (asked && answers_to(*asked, item.body) && commands.back().answer.empty()) {
            const auto data = answer_data(*asked, item.body);
            commands.back().answer = data ? "ok" : data.error().context;
        }
    }
    return commands;
}

} // namespace kb::shtrih
