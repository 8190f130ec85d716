// Frames v1 from any bytes in any pieces: what comes out goes back in, and the pieces do not matter.
#include "protocol/shtrih/frame_v1.hpp"

#include <cstdlib>

using namespace kb;

namespace {

std::vector<Bytes> bodies(BytesView bytes, std::size_t piece)
{
    shtrih::v1::FrameDecoder decoder;
    std::vector<Bytes> found;
    while (!bytes.empty()) {
        const std::size_t size = std::min(piece, bytes.size());
        decoder.feed(bytes.first(size));
        bytes = bytes.subspan(size);
        while (auto body = decoder.next())
            if (*body)
                found.push_back(**body);
    }
    return found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const BytesView stream(data + 1, size - 1);
    const auto whole = bodies(stream, size);
    if (whole != bodies(stream, 1U + data[0] % 16U))
        std::abort();
    Bytes again;
    for (const Bytes& body : whole) {
        const Bytes frame = shtrih::v1::encode_frame(body);
        again.insert(again.end(), frame.begin(), frame.end());
    }
    if (bodies(again, again.size() + 1) != whole)
        std::abort();
    return 0;
}
