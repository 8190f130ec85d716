#include "drivers/atol/replay.hpp"

#include "protocol/atol/errors.hpp"
#include "protocol/atol/exchange_v3.hpp"
#include "protocol/atol/frame_v2.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "protocol/atol/traffic.hpp"

namespace kb::atol {
namespace {

RecordedAnswers answers_of(const ExchangeFile& file)
{
    RecordedAnswers answers;
    const auto items = read_traffic(file);
    for (const TrafficTalk& talk : talks_of(items, recorded_transport(file))) {
        if (!talk.answers.empty()) {
            const BytesView request = at_place(items, talk.requests.front());
            const BytesView answer = at_place(items, talk.answers.front());
            answers.add(Bytes(request.begin(), request.end()), Bytes(answer.begin(), answer.end()));
        }
    }
    return answers;
}

/// Host: ENQ, frame, EOT; then the device: ENQ, frame, EOT; each ENQ and each frame is confirmed by ACK.
class DeviceV2 final : public RecordedDevice {
public:
    explicit DeviceV2(const ExchangeFile& file) : answers_(answers_of(file)) {}

    Bytes on_bytes(BytesView bytes) override
    {
        Bytes out;
        decoder_.reset(); // the host writes a frame at once: a torn one is over
        for (const std::uint8_t byte : bytes) {
            if (decoder_.in_frame() || byte == v2::kStx) {
                decoder_.feed(BytesView(&byte, 1));
                const auto request = decoder_.next();
                if (request) {
                    out.push_back(*request ? v2::kAck : v2::kNak);
                    answer_ = *request ? answers_.to(**request) : std::nullopt;
                }
            } else {
                control(byte, out);
            }
        }
        return out;
    }

private:
    void control(std::uint8_t byte, Bytes& out)
    {
        if (byte == v2::kEnq) {
            out.push_back(v2::kAck);
            given_ = false;
        } else if (byte == v2::kEot && answer_) {
            out.push_back(v2::kEnq);
        } else if (byte == v2::kAck && answer_ && given_) {
            out.push_back(v2::kEot);
            answer_.reset();
            given_ = false;
        } else if ((byte == v2::kAck || byte == v2::kNak) && answer_) {
            out = v2::encode_frame(*answer_);
            given_ = true;
        }
    }

    RecordedAnswers answers_;
    v2::FrameDecoder decoder_;
    std::optional<Bytes> answer_;
    bool given_ = false;
};

class DeviceV3 final : public RecordedDevice {
public:
    explicit DeviceV3(const ExchangeFile& file) : answers_(answers_of(file)) {}

    Bytes on_bytes(BytesView bytes) override
    {
        using namespace v3::buffer;
        constexpr std::ptrdiff_t kAddHead = 3; // C1 | flags | task
        decoder_.reset();
        decoder_.feed(bytes);
        const auto packet = decoder_.next();
        if (!packet || !*packet || (*packet)->data.empty()) {
            return {};
        }
        const Bytes& data = (*packet)->data;
        if (data[0] != kAdd || data.size() <= kAddHead) {
            return v3::encode_packet((*packet)->id, Bytes{kResult});
        }
        const Bytes request(data.begin() + kAddHead, data.end());
        const auto answer = answers_.to(request);
        const auto code = request_code(request);
        if (!answer || !code) {
            return {};
        }
        const auto told = answer_data(*code, *answer);
        Bytes result{!told && told.error().device_code ? kError : kResult};
        result.insert(result.end(), answer->begin(), answer->end());
        return v3::encode_packet((*packet)->id, result);
    }

private:
    RecordedAnswers answers_;
    v3::PacketDecoder decoder_;
};

} // namespace

std::unique_ptr<Transport> replay(const ExchangeFile& file)
{
    if (recorded_transport(file) == RecordedTransport::v2) {
        return replay_transport(std::make_unique<DeviceV2>(file));
    }
    return replay_transport(std::make_unique<DeviceV3>(file));
}

} // namespace kb::atol
