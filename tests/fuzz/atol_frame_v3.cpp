// Packets v3 from any bytes in any pieces: what comes out goes back in, and the pieces do not matter.
#include "protocol/atol/frame_v3.hpp"

#include <algorithm>
#include <cstdlib>

using namespace kb;
using atol::v3::Packet;

namespace {

std::vector<Packet> packets(BytesView bytes, std::size_t piece)
{
    atol::v3::PacketDecoder decoder;
    std::vector<Packet> found;
    while (!bytes.empty()) {
        const std::size_t size = std::min(piece, bytes.size());
        decoder.feed(bytes.first(size));
        bytes = bytes.subspan(size);
        while (auto packet = decoder.next())
            if (*packet)
                found.push_back(**packet);
    }
    return found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const BytesView stream(data + 1, size - 1);
    const auto whole = packets(stream, size);
    if (whole != packets(stream, 1U + data[0] % 16U))
        std::abort();
    Bytes again;
    for (const Packet& packet : whole) {
        const Bytes frame = atol::v3::encode_packet(packet.id, packet.data);
        again.insert(again.end(), frame.begin(), frame.end());
    }
    if (packets(again, again.size() + 1) != whole)
        std::abort();
    return 0;
}
