#include "drivers/transport/tap.hpp"

namespace kb {
namespace {

class TappedTransport final : public Transport {
public:
    TappedTransport(std::unique_ptr<Transport> line, std::shared_ptr<LineTap> tap)
        : line_(std::move(line)),
          tap_(std::move(tap))
    {}

    Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) override
    {
        tap_->heard(true, bytes);
        return line_->write(std::move(bytes), at_most);
    }

    Task<Bytes> read(std::chrono::milliseconds at_most) override
    {
        return tap_->listening() ? read_and_tell(at_most) : line_->read(at_most);
    }

    Result<void> discard_input() override { return line_->discard_input(); }
    void cancel() override { line_->cancel(); }
    void close() override { line_->close(); }
    [[nodiscard]] bool is_open() const override { return line_->is_open(); }
    [[nodiscard]] std::string name() const override { return line_->name(); }

private:
    Task<Bytes> read_and_tell(std::chrono::milliseconds at_most)
    {
        auto bytes = co_await line_->read(at_most);
        if (bytes) {
            tap_->heard(false, *bytes);
        }
        co_return bytes;
    }

    std::unique_ptr<Transport> line_;
    std::shared_ptr<LineTap> tap_;
};

} // namespace

void LineTap::begin(std::size_t at_most_bytes)
{
    lines_.clear();
    bytes_ = 0;
    limit_ = at_most_bytes;
    full_ = false;
    since_ = std::chrono::steady_clock::now();
    listening_ = true;
}

std::vector<ExchangeLine> LineTap::end()
{
    listening_ = false;
    return std::exchange(lines_, {});
}

void LineTap::heard(bool from_host, BytesView bytes)
{
    if (!listening_ || full_ || bytes.empty()) {
        return;
    }
    if (bytes_ + bytes.size() > limit_) {
        full_ = true;
        return;
    }
    bytes_ += bytes.size();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since_);
    lines_.push_back({from_host, Bytes(bytes.begin(), bytes.end()), std::to_string(ms.count()) + " ms"});
}

std::unique_ptr<Transport> tapped(std::unique_ptr<Transport> line, std::shared_ptr<LineTap> tap)
{
    return std::make_unique<TappedTransport>(std::move(line), std::move(tap));
}

} // namespace kb
