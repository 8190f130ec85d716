#include "tests/exactly_once/memory_line.hpp"

#include <algorithm>
#include <utility>

namespace kb::test {

/// What a host's end and the line have in common.
struct MemoryLine::Shared {
    explicit Shared(asio::io_context& io) : arrived(io) {}
    MemoryLine* line = nullptr; ///< nullptr: it went away
    Bytes inbox;
    Timer arrived; ///< cancelled when something has
    bool open = true;
    bool cancelled = false;
};

class MemoryLine::End final : public Transport {
public:
    explicit End(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    ~End() override { shut(); }

    Task<void> write(Bytes bytes, std::chrono::milliseconds /*at_most*/) override
    {
        const auto shared = shared_; // the line may go away while it takes them
        co_await turn();             // an agent may die with the bytes still in its hands
        if (!shared->open || shared->line == nullptr) {
            co_return lost();
        }
        shared->line->receive(bytes);
        co_await turn(); // or when the register has them already
        if (shared->line == nullptr) {
            co_return lost();
        }
        co_return Result<void>{};
    }

    Task<Bytes> read(std::chrono::milliseconds at_most) override
    {
        const auto shared = shared_;
        const auto end = Steady::now() + at_most;
        while (shared->inbox.empty()) {
            if (!shared->open || shared->line == nullptr) {
                co_return lost();
            }
            if (std::exchange(shared->cancelled, false)) {
                co_return fail(Errc::cancelled, "memory line: stopped on request", Outcome::unknown);
            }
            if (Steady::now() >= end) {
                co_return fail(Errc::no_answer, "memory line: silence", Outcome::unknown);
            }
            shared->arrived.expires_at(end);
            boost::system::error_code ignored;
            co_await shared->arrived.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        co_return std::exchange(shared->inbox, {});
    }

    Result<void> discard_input() override
    {
        shared_->inbox.clear();
        return {};
    }
    void cancel() override
    {
        shared_->cancelled = true;
        shared_->arrived.cancel();
    }
    void close() override { shut(); }
    [[nodiscard]] bool is_open() const override { return shared_->open && shared_->line != nullptr; }
    [[nodiscard]] std::string name() const override { return "memory line"; }

private:
    static asio::awaitable<void> turn()
    {
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
    static tl::unexpected<Error> lost()
    {
        return fail(Errc::port_lost, "memory line: gone", Outcome::unknown);
    }
    void shut()
    {
        shared_->open = false;
        shared_->arrived.cancel();
    }
    std::shared_ptr<Shared> shared_;
};

MemoryLine::MemoryLine(asio::io_context& io, emulator::VirtualKkt& kkt, emulator::Face& face,
                       emulator::Faults& faults)
    : io_(io),
      kkt_(kkt),
      face_(face),
      faults_(faults),
      face_timer_(io)
{}

MemoryLine::~MemoryLine()
{
    if (end_) {
        end_->line = nullptr;
    }
}

Result<std::unique_ptr<Transport>> MemoryLine::open()
{
    if (away_until_ && Steady::now() < *away_until_) {
        return fail(Errc::port_not_found, "memory line: away");
    }
    away_until_.reset();
    if (end_) {
        end_->line = nullptr;
    }
    end_ = std::make_shared<Shared>(io_);
    end_->line = this;
    face_.link_up();
    Result<std::unique_ptr<Transport>> opened(std::make_unique<End>(end_));
    return opened;
}

void MemoryLine::hang_up(std::chrono::milliseconds away)
{
    away_until_ = Steady::now() + away;
    if (end_) {
        end_->line = nullptr;
        end_->arrived.cancel();
        end_.reset();
    }
    arm_face();
}

Bytes MemoryLine::carry(Bytes bytes, Direction direction)
{
    bytes.resize(pass(bytes.size(), direction));
    return bytes;
}

void MemoryLine::receive(BytesView bytes)
{
    if (!kkt_.powered()) {
        return;
    }
    if (faults_.hang_up_after(bytes.size())) {
        hang_up();
        return;
    }
    Bytes carried = carry(Bytes(bytes.begin(), bytes.end()), Direction::to_device);
    carried = faults_.on_line(carried, false);
    face_.on_bytes(carried, Steady::now());
    settle();
}

void MemoryLine::settle()
{
    if (face_.take_hang_up()) {
        hang_up();
        return;
    }
    static_cast<void>(face_.take_new_baud());
    Bytes out = face_.take_output();
    if (!out.empty()) {
        out = carry(faults_.on_line(out, true), Direction::to_host);
        if (end_) {
            end_->inbox.insert(end_->inbox.end(), out.begin(), out.end());
            end_->arrived.cancel();
        }
        face_.on_sent(Steady::now());
    }
    arm_face();
}

void MemoryLine::arm_face()
{
    const auto deadline = face_.deadline();
    if (!deadline || !kkt_.powered()) { // without power nothing is due, and it begins anew with it
        face_timer_.cancel();
        return;
    }
    face_timer_.expires_at(*deadline);
    face_timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
        if (cancelled || alive.expired()) {
            return;
        }
        face_.on_time(Steady::now());
        settle();
    });
}

} // namespace kb::test
