#include "drivers/transport/replay.hpp"

#include <algorithm>
#include <utility>

namespace kb {
namespace {

class ReplayTransport final : public Transport {
public:
    explicit ReplayTransport(std::unique_ptr<RecordedDevice> device) : device_(std::move(device)) {}

    Task<void> write(Bytes bytes, std::chrono::milliseconds) override
    {
        if (!open_) {
            co_return fail(Errc::port_lost, name() + ": closed");
        }
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
    std::unique_ptr<RecordedDevice> device_;
    Bytes arrived_;
    bool open_ = true;
};

} // namespace

void RecordedAnswers::add(Bytes request, Bytes answer)
{
    pairs_.push_back({std::move(request), std::move(answer)});
}

std::optional<Bytes> RecordedAnswers::to(BytesView request)
{
    for (std::size_t step = 0; step < pairs_.size(); ++step) {
        const std::size_t at = (next_ + step) % pairs_.size();
        const Pair& pair = pairs_[at];
        if (std::equal(pair.request.begin(), pair.request.end(), request.begin(), request.end())) {
            next_ = at + 1;
            return pair.answer;
        }
    }
    return std::nullopt;
}

std::unique_ptr<Transport> replay_transport(std::unique_ptr<RecordedDevice> device)
{
    return std::make_unique<ReplayTransport>(std::move(device));
}

} // namespace kb
