// Frames v2 from any bytes in any pieces: what comes out goes back in, and the pieces do not matter.
#include "protocol/atol/frame_v2.hpp"

#include <algorithm>
#include <cstdlib>

using namespace kb;

namespace {

std::vector<Bytes> frames(BytesView bytes, std::size_t piece)
{
    atol::v2::FrameDecoder decoder;
    std::vector<Bytes> found;
    while (!bytes.empty()) {
        const std::size_t size = std::min(piece, bytes.size());
        decoder.feed(bytes.first(size));
        bytes = bytes.subspan(size);
        while (auto frame = decoder.next())
            if (*frame)
                found.push_back(**frame);
    }
    return found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const BytesView stream(data + 1, size - 1);
    const auto whole = frames(stream, size);
    if (whole != frames(stream, 1U + data[0] % 16U))
        std::abort();
    Bytes again;
    for (const Bytes& one : whole) {
        const Bytes frame = atol::v2::encode_frame(one);
        again.insert(again.end(), frame.begin(), frame.end());
    }
    if (frames(again, again.size() + 1) != whole)
        std::abort();
    return 0;
}
