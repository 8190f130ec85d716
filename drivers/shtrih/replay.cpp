#include "drivers/shtrih/replay.hpp"

#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "protocol/shtrih/traffic.hpp"

#include <optional>

namespace kb::shtrih {
namespace {

using Kind = TrafficItem::Kind;

/// The recording as questions and answers.
class Answers {
public:
    explicit Answers(const ExchangeFile& file)
    {
        for (TrafficItem& item : read_traffic(file)) {
            if (item.kind != Kind::frame || item.body.empty()) {
                continue;
            }
            if (item.from_host) {
                pairs_.push_back({std::move(item.body), {}});
            } else if (!pairs_.empty() && pairs_.back().answer.empty() &&
                       answers(pairs_.back().request, item.body)) {
                pairs_.back().answer = std::move(item.body);
            }
        }
    }

    std::optional<Bytes> to(BytesView request)
    {
        for (std::size_t step = 0; step < pairs_.size(); ++step) {
            const std::size_t at = (next_ + step) % pairs_.size();
            const Pair& pair = pairs_[at];
            if (!pair.answer.empty() &&
                std::equal(pair.request.begin(), pair.request.end(), request.begin(), request.end())) {
                next_ = at + 1;
                return pair.answer;
            }
        }
        return std::nullopt;
    }

private:
    struct Pair {
        Bytes request;
        Bytes answer; ///< empty: none was recorded
    };

    static bool answers(BytesView request, BytesView answer)
    {
        const auto code = request_code(request);
        return code && answers_to(*code, answer);
    }

    std::vector<Pair> pairs_;
    std::size_t next_ = 0;
};

/// The device's side of one framing: bytes of the host in, bytes for the host out.
class Device {
public:
    virtual ~Device() = default;
    virtual Bytes on_bytes(BytesView bytes) = 0;
};

class DeviceV1 final : public Device {
public:
    explicit DeviceV1(const ExchangeFile& file) : answers_(file) {}

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
    Answers answers_;
    v1::FrameDecoder decoder_;
    Bytes pending_; ///< an answer the host has not confirmed
};

class DeviceV2 final : public Device {
public:
    explicit DeviceV2(const ExchangeFile& file) : answers_(file) {}

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
    Answers answers_;
    v2::FrameDecoder decoder_;
    std::uint16_t number_ = 0;
    Bytes last_;
};

class ReplayTransport final : public Transport {
public:
    explicit ReplayTransport(std::unique_ptr<Device> device) : device_(std::move(device)) {}

    Task<void> write(Bytes bytes, std::chrono::milliseconds) override
    {
        const Bytes answer = device_->on_bytes(bytes);
        arrived_.insert(arrived_.end(), answer.begin(), answer.end());
        co_return Result<void>{};
    }

    Task<Bytes> read(std::chrono::milliseconds) override
    {
        if (!open_) {
            co_return fail(Errc::port_lost, name() + ": closed");
        }
        if (arrived_.empty()) {
            co_return fail(Errc::no_answer, name() + ": this command was not recorded");
        }
        co_return std::exchange(arrived_, {});
    }

    Result<void> discard_input() override
    {
        arrived_.clear();
        return {};
    }
    void cancel() override {}
    void close() override { open_ = false; }
    [[nodiscard]] bool is_open() const override { return open_; }
    [[nodiscard]] std::string name() const override { return "recording"; }

private:
    std::unique_ptr<Device> device_;
    Bytes arrived_;
    bool open_ = true;
};

} // namespace

std::unique_ptr<Transport> replay(const ExchangeFile& file)
{
    std::unique_ptr<Device> device;
    if (recorded_framing(file) == RecordedFraming::v1) {
        device = std::make_unique<DeviceV1>(file);
    } else {
        device = std::make_unique<DeviceV2>(file);
    }
    return std::make_unique<ReplayTransport>(std::move(device));
}

} // namespace kb::shtrih
