#include "protocol/shtrih/frame_v1.hpp"

#include "protocol/core/crc.hpp"

#include <algorithm>
#include <cassert>

namespace kb::shtrih::v1 {

Bytes encode_frame(BytesView body)
{
    assert(!body.empty() && body.size() <= kMaxBody);
    Bytes frame;
    frame.reserve(body.size() + 3);
    frame.push_back(kStx);
    frame.push_back(static_cast<std::uint8_t>(body.size()));
    frame.insert(frame.end(), body.begin(), body.end());
    frame.push_back(xor_sum(BytesView(frame).subspan(1)));
    return frame;
}

void FrameDecoder::feed(BytesView bytes) { pending_.insert(pending_.end(), bytes.begin(), bytes.end()); }

std::optional<Result<Bytes>> FrameDecoder::next()
{
    pending_.erase(pending_.begin(), std::find(pending_.begin(), pending_.end(), kStx));
    if (pending_.size() < 2)
        return std::nullopt;
    const std::size_t length = pending_[1];
    if (length == 0) {
        pending_.erase(pending_.begin());
        return fail(Errc::bad_length, "shtrih v1 frame: length 0");
    }
    if (pending_.size() < length + 3)
        return std::nullopt;
    const BytesView summed = BytesView(pending_).subspan(1, length + 1);
    if (xor_sum(summed) != pending_[length + 2]) {
        pending_.erase(pending_.begin());
        return fail(Errc::bad_checksum, "shtrih v1 frame: LRC");
    }
    Result<Bytes> body = Bytes(summed.begin() + 1, summed.end());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(length + 3));
    return body;
}

} // namespace kb::shtrih::v1
