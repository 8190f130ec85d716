// Conversations with a device that answers anything: they end, and never claim more than they can know.
#include "protocol/atol/exchange_v2.hpp"
#include "protocol/atol/exchange_v3.hpp"

#include <algorithm>
#include <cstdlib>

using namespace kb;
using namespace kb::atol;

namespace {

/// Input bytes: a count of bytes to come next (0: a time-out), then those bytes.
void converse(Exchange& exchange, ByteReader input, bool reads)
{
    Step step = exchange.begin();
    for (int steps = 0; steps < 100'000; ++steps) {
        if (std::holds_alternative<Done>(step))
            return;
        if (const auto* error = std::get_if<Error>(&step)) {
            if (error->outcome == Outcome::refused || error->context.empty())
                std::abort();
            if (reads && error->outcome != Outcome::not_done)
                std::abort();
            return;
        }
        if (const auto* write = std::get_if<Write>(&step)) {
            if (write->bytes.empty())
                std::abort();
            step = exchange.on_written();
            continue;
        }
        if (std::get<Read>(step).at_most.count() <= 0)
            std::abort();
        const std::size_t count = input.left() == 0 ? 0 : input.u8() % 32U;
        const BytesView bytes = input.take(std::min(count, input.left()));
        step = bytes.empty() ? exchange.on_timeout() : exchange.on_bytes(bytes);
    }
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const bool reads = (data[0] & 2) != 0;
    const Bytes request = reads ? Bytes{0, 0, 0x3F} : Bytes{0, 0, 0x92, 0, 1};
    const BytesView input(data + 1, size - 1);
    if ((data[0] & 1) != 0) {
        v2::Link link;
        link.settled = (data[0] & 4) != 0;
        v2::CommandExchange exchange(link, request);
        converse(exchange, ByteReader(input), reads);
    } else {
        v3::Link link;
        link.ready = (data[0] & 4) != 0;
        if ((data[0] & 8) != 0)
            link.unfinished = v3::Link::Unfinished{7, 0x4A};
        v3::CommandExchange exchange(link, request);
        converse(exchange, ByteReader(input), reads);
    }
    return 0;
}
