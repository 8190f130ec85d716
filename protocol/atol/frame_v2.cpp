#include "protocol/atol/frame_v2.hpp"

namespace kb::atol::v2 {

Bytes encode_frame(BytesView data)
{
    Bytes frame{kStx};
    frame.reserve(data.size() + 8);
    std::uint8_t sum = 0;
    const auto put = [&](std::uint8_t byte) {
        frame.push_back(byte);
        sum = static_cast<std::uint8_t>(sum ^ byte);
    };
    for (const std::uint8_t byte : data) {
        if (byte == kDle || byte == kEtx)
            put(kDle);
        put(byte);
    }
    put(kEtx);
    frame.push_back(sum);
    return frame;
}

void FrameDecoder::feed(BytesView bytes)
{
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    input_.insert(input_.end(), bytes.begin(), bytes.end());
}

std::optional<Result<Bytes>> FrameDecoder::next()
{
    while (at_ < input_.size()) {
        const std::uint8_t byte = input_[at_++];
        if (state_ == State::outside) {
            if (byte == kStx) {
                state_ = State::inside;
                data_.clear();
                sum_ = 0;
            }
            continue;
        }
        if (state_ == State::sum) {
            state_ = State::outside;
            if (byte != sum_)
                return fail(Errc::bad_checksum, "atol v2 frame: sum");
            if (data_.empty())
                return fail(Errc::bad_length, "atol v2 frame: no data");
            return std::move(data_);
        }
        sum_ = static_cast<std::uint8_t>(sum_ ^ byte);
        if (state_ == State::inside && byte == kDle) {
            state_ = State::escaped;
        } else if (state_ == State::inside && byte == kEtx) {
            state_ = State::sum;
        } else {
            state_ = State::inside;
            data_.push_back(byte);
        }
        if (data_.size() > kMaxAnswer) {
            state_ = State::outside;
            return fail(Errc::bad_length, "atol v2 frame: no end");
        }
    }
    return std::nullopt;
}

void FrameDecoder::reset()
{
    input_.clear();
    at_ = 0;
    state_ = State::outside;
    data_.clear();
}

} // namespace kb::atol::v2
