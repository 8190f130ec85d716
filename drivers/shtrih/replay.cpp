#include "drivers/shtrih/replay.hpp"

#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "protocol/shtrih/traffic.hpp"

namespace kb::shtrih {
namespace {

RecordedAnswers answers_of(const ExchangeFile& file)
{
    RecordedAnswers answers;
    Bytes request;
    for (TrafficItem& item : read_traffic(file)) {
        if (item.kind != TrafficItem::Kind::frame || item.body.empty()) {
            continue;
        }
        if (item.from_host) {
            request = std::move(item.body);
            continue;
        }
        const auto code = request_code(request);
        if (code && answers_to(*code, item.body)) {
            answers.add(std::move(request), std::move(item.body));
            request.clear();
        }
    }
    return answers;
}

class DeviceV1 final : public RecordedDevice {
public:
    explicit DeviceV1(const ExchangeFile& file) : answers_(answers_of(file)) {}

    Bytes on_bytes(BytesView bytes) override
    {
        Bytes out;
        decoder_.feed(bytes);
        if (const auto body = decoder_.next()) {
            if (!*body) {
                return {v1::kNak};
            }
            const auto answer = answers_.to(**body);
            pending_ = answer ? v1::encode_frame(*answer) : Bytes();
            out.push_back(v1::kAck);
            out.insert(out.end(), pending_.begin(), pending_.end());
            return out;
        }
        if (decoder_.in_frame() || bytes.empty()) {
            return out;
        }
        if (bytes.back() == v1::kEnq) {
            out.push_back(pending_.empty() ? v1::kNak : v1::kAck);
            out.insert(out.end(), pending_.begin(), pending_.end());
        } else if (bytes.back() == v1::kAck) {
            pending_.clear();
        }
        return out;
    }

private:
    RecordedAnswers answers_;
    v1::FrameDecoder decoder_;
    Bytes pending_; ///< an answer the host has not confirmed
};

class DeviceV2 final : public RecordedDevice {
public:
    explicit DeviceV2(const ExchangeFile& file) : answers_(answers_of(file)) {}

    Bytes on_bytes(BytesView bytes) override
    {
        decoder_.feed(bytes);
        const auto packet = decoder_.next();
        if (!packet || !*packet) {
            return {};
        }
        if (!(*packet)->ping && (*packet)->number != number_) {
            const auto answer = answers_.to((*packet)->data);
            if (!answer) {
                return {};
            }
            number_ = (*packet)->number;
            last_ = *answer;
        }
        return v2::encode_frame(number_, last_);
    }

private:
    RecordedAnswers answers_;
    v2::FrameDecoder decoder_;
    std::uint16_t number_ = 0;
    Bytes last_;
};

} // namespace

std::unique_ptr<Transport> replay(const ExchangeFile& file)
{
    if (recorded_framing(file) == RecordedFraming::v1) {
        return replay_transport(std::make_unique<DeviceV1>(file));
    }
    return replay_transport(std::make_unique<DeviceV2>(file));
}

} // namespace kb::shtrih
