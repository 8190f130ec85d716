// The same of an ATOL line: recordings of anything at all: told and masked without an end or a fall, and what
// was a frame is one of the same length.
#include "protocol/atol/traffic.hpp"

#include <cstdlib>

using namespace kb;
using namespace kb::atol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = parse_exchange(as_text(BytesView(data, size)));
    if (!file)
        return 0;
    const auto commands = commands_of(*file);
    const auto items = read_traffic(*file);
    const ExchangeFile masked = mask_traffic(*file);
    if (commands.size() > items.size() || masked.lines.size() != items.size())
        std::abort();
    if (recorded_transport(masked) != recorded_transport(*file))
        return 0;
    std::size_t at = 0;
    for (const TrafficItem& item : read_traffic(masked)) {
        if (item.kind != TrafficItem::Kind::frame)
            continue;
        while (at < items.size() && items[at].kind != TrafficItem::Kind::frame)
            ++at;
        if (at == items.size() || items[at].body.size() != item.body.size())
            std::abort();
        ++at;
    }
    return 0;
}
