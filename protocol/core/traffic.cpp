#include "protocol/core/traffic.hpp"

#include <algorithm>

namespace kb {

std::vector<TrafficRun> runs_of(const ExchangeFile& file)
{
    std::vector<TrafficRun> runs;
    for (std::size_t at = 0; at < file.lines.size(); ++at) {
        const ExchangeLine& line = file.lines[at];
        if (runs.empty() || runs.back().from_host != line.from_host)
            runs.push_back({line.from_host, at, {}, {}});
        TrafficRun& run = runs.back();
        run.bytes.insert(run.bytes.end(), line.bytes.begin(), line.bytes.end());
        run.line_ends.push_back(run.bytes.size());
    }
    return runs;
}

TrafficItem& TrafficCutter::put(TrafficItem::Kind kind, std::size_t size)
{
    if (kind == TrafficItem::Kind::noise && open_noise_) {
        const BytesView more = rest().first(size);
        items_.back().body.insert(items_.back().body.end(), more.begin(), more.end());
        at_ += size;
        return items_.back();
    }
    open_noise_ = kind == TrafficItem::Kind::noise;
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

std::size_t frames_in(const std::vector<TrafficItem>& items)
{
    return static_cast<std::size_t>(std::count_if(items.begin(), items.end(), [](const TrafficItem& item) {
        return item.kind == TrafficItem::Kind::frame;
    }));
}

std::span<std::uint8_t> bytes_from(Bytes& bytes, std::size_t at)
{
    return at < bytes.size() ? std::span(bytes).subspan(at) : std::span<std::uint8_t>();
}

void zero_out(std::span<std::uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{0}); }

void hide_in_place(Bytes& bytes, std::size_t head, const Result<Bytes>& before, const Result<Bytes>& after)
{
    if (!before || !after || before->size() != after->size() || before->size() > bytes.size()) {
        zero_out(bytes_from(bytes, head));
        return;
    }
    for (std::size_t at = 0; at < before->size(); ++at) {
        const bool padding = bytes[at] == 0 || bytes[at] == ' '; // of either kind: it tells nothing
        const bool understood = padding || bytes[at] == (*before)[at];
        if (!understood || (*before)[at] != (*after)[at])
            bytes[at] = (*after)[at];
    }
    zero_out(bytes_from(bytes, before->size()));
}

} // namespace kb
