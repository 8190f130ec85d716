// The strand's side of a USB line: deadlines, and what the end of a transfer means.
#include "drivers/transport/usb.hpp"

#include "drivers/transport/discovery.hpp"
#include "drivers/transport/serial.hpp"
#include "drivers/transport/usb_line.hpp"
#include "drivers/transport/usb_thread.hpp"

#include <algorithm>

namespace kb {
namespace {

using namespace std::chrono_literals;

// An error on the bus is what an unplugged device answers first, but noise does the same: the device is asked
// again, a little later each time, until the system itself says that it has gone.
constexpr unsigned kReadFailures = 5;
constexpr auto kFirstRetry = 10ms;
constexpr auto kCancelWait = 1s;

// What the USB thread tells, kept on the strand. Lives on for answers that come after the transport.
struct State {
    explicit State(const asio::any_io_executor& executor)
        : arrived(executor),
          written(executor),
          retry(executor)
    {}
    asio::steady_timer arrived; ///< a read waits for it
    asio::steady_timer written; ///< a write waits for it
    asio::steady_timer retry;
    Bytes unread;
    std::optional<UsbLine::Sent> sent;
    std::string lost; ///< why the line is of no use any more
    unsigned read_failures = 0;
    bool cancelled = false;
};

class UsbTransport final : public Transport {
public:
    UsbTransport(const asio::any_io_executor& executor, std::shared_ptr<UsbThread> thread,
                 std::shared_ptr<UsbLine> line, std::string name)
        : thread_(std::move(thread)),
          line_(std::move(line)),
          name_(std::move(name)),
          mailbox_(executor),
          state_(std::make_shared<State>(executor))
    {
        auto told = [to = mailbox_.address(), this](UsbLine::Received piece) {
            to.post([this, alive = std::weak_ptr(state_), piece = std::move(piece)]() mutable {
                if (!alive.expired()) {
                    on_piece(std::move(piece));
                }
            });
        };
        on_line([told = std::move(told)](UsbLine& opened) { opened.start_reading(told); });
    }
    ~UsbTransport() override { shut(); }
    UsbTransport(const UsbTransport&) = delete;
    UsbTransport& operator=(const UsbTransport&) = delete;

    Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) override
    {
        if (!is_open()) {
            co_return lost("write");
        }
        const auto state = state_;
        const auto end = std::chrono::steady_clock::now() + at_most;
        state->cancelled = false;
        bool stalled = false;
        while (true) {
            const std::size_t size = bytes.size();
            const bool in_time = co_await written(bytes, end);
            if (!in_time && !state->lost.empty()) {
                co_return lost("write");
            }
            if (!in_time) {
                const bool late = !state->cancelled && is_open();
                co_await give_up_writing();
                co_return fail(late ? Errc::timed_out : Errc::cancelled, name_ + ": write", Outcome::unknown);
            }
            const UsbLine::Sent sent = *state->sent;
            if (sent.end == UsbEnd::done) {
                co_return Result<void>{};
            }
            if (sent.end != UsbEnd::stalled || stalled) {
                // Sending again after an error on the bus could bring the device the same command twice.
                lose(sent.end == UsbEnd::gone ? "the device has gone" : "the device does not take the bytes");
                co_return lost("write");
            }
            // A stalled packet was certainly not taken: the rest goes out once the halt is cleared.
            stalled = true;
            on_line([](UsbLine& line) { line.clear_write_halt(); });
            bytes.erase(bytes.begin(),
                        bytes.begin() + static_cast<std::ptrdiff_t>(std::min(sent.count, size)));
        }
    }

    Task<Bytes> read(std::chrono::milliseconds at_most) override
    {
        const auto state = state_;
        state->cancelled = false;
        if (state->unread.empty() && is_open()) {
            state->arrived.expires_after(at_most);
            boost::system::error_code ignored;
            co_await state->arrived.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        if (!state->unread.empty()) {
            Bytes bytes = std::exchange(state->unread, {});
            took(bytes.size());
            co_return bytes;
        }
        if (state->cancelled) {
            co_return fail(Errc::cancelled, name_ + ": read", Outcome::unknown);
        }
        if (!is_open()) {
            co_return lost("read");
        }
        co_return fail(Errc::no_answer, name_ + ": read", Outcome::unknown);
    }

    Result<void> discard_input() override
    {
        if (!is_open()) {
            return lost("discard input");
        }
        took(state_->unread.size());
        state_->unread.clear();
        return {};
    }

    void cancel() override
    {
        state_->cancelled = true;
        state_->arrived.cancel();
        state_->written.cancel();
    }

    void close() override
    {
        if (is_open()) {
            cancel();
            shut();
        }
    }

    [[nodiscard]] bool is_open() const override { return line_ != nullptr; }
    [[nodiscard]] std::string name() const override { return name_; }

private:
    template <class F>
    void on_line(F action)
    {
        thread_->post([line = line_, action = std::move(action)](libusb_context*) { action(*line); });
    }

    // Hands the bytes over and waits until the device has taken them; false when the deadline or a
    // cancellation came first.
    asio::awaitable<bool> written(const Bytes& bytes, std::chrono::steady_clock::time_point end)
    {
        const auto state = state_;
        state->sent.reset();
        auto told = [to = mailbox_.address(), alive = std::weak_ptr(state)](UsbLine::Sent sent) {
            to.post([alive, sent] {
                if (const auto strand_state = alive.lock()) {
                    strand_state->sent = sent;
                    strand_state->written.cancel();
                }
            });
        };
        state->written.expires_at(end);
        on_line([bytes, told = std::move(told)](UsbLine& line) { line.write(bytes, told); });
        boost::system::error_code ignored;
        co_await state->written.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return state->sent.has_value();
    }

    // The next write must not meet this one still under way.
    asio::awaitable<void> give_up_writing()
    {
        const auto state = state_;
        if (is_open()) {
            on_line([](UsbLine& line) { line.cancel_write(); });
            state->written.expires_after(kCancelWait);
            boost::system::error_code ignored;
            co_await state->written.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }

    void on_piece(UsbLine::Received piece)
    {
        if (!is_open()) {
            return;
        }
        State& state = *state_;
        if (!piece.bytes.empty()) {
            state.arrived.cancel();
        }
        state.unread.insert(state.unread.end(), piece.bytes.begin(), piece.bytes.end());
        if (piece.end == UsbEnd::done) {
            state.read_failures = 0;
        } else if (piece.end == UsbEnd::gone || ++state.read_failures > kReadFailures) {
            lose(piece.end == UsbEnd::gone ? "the device has gone" : "the device answers with errors only");
        } else {
            state.retry.expires_after(kFirstRetry * (1U << state.read_failures));
            state.retry.async_wait(
                [this, alive = std::weak_ptr(state_),
                 stalled = piece.end == UsbEnd::stalled](const boost::system::error_code& stopped) {
                    if (!stopped && !alive.expired() && is_open()) {
                        on_line([stalled](UsbLine& line) { line.read_on(stalled); });
                    }
                });
        }
    }

    void took(std::size_t count)
    {
        if (count > 0 && is_open() && line_->taken(count)) {
            on_line([](UsbLine& line) { line.read_on(false); });
        }
    }

    // A line that went away never comes back on this handle: closing it at once frees the device.
    void lose(const char* why)
    {
        state_->lost = why;
        shut();
        state_->arrived.cancel();
        state_->written.cancel();
    }

    tl::unexpected<Error> lost(const char* what)
    {
        return fail(Errc::port_lost,
                    name_ + ": " + what + ": " + (state_->lost.empty() ? "the port is closed" : state_->lost),
                    Outcome::unknown);
    }

    void shut()
    {
        if (line_ == nullptr) {
            return;
        }
        mailbox_.close();
        state_->retry.cancel();
        thread_->post([line = std::move(line_)](libusb_context* context) { line->close(context); });
        line_ = nullptr;
    }

    std::shared_ptr<UsbThread> thread_; // outlives the line
    std::shared_ptr<UsbLine> line_;     ///< empty: closed
    std::string name_;
    Mailbox mailbox_;
    std::shared_ptr<State> state_;
};

// Taking the system's driver off a device in use would break the line of whoever uses it.
Result<void> check_unused(const asio::any_io_executor& executor, const ListedUsb& device)
{
    const auto ports = list_serial_ports();
    if (!ports) {
        return {};
    }
    for (const ListedPort& port : *ports) {
        if (port.usb_address == device.address && port.usb == device.id) {
            const auto free = open_serial(executor, SerialSettings{port.path, kDefaultBaud});
            if (!free && free.error().code == Errc::port_busy) {
                return pass(free);
            }
        }
    }
    return {};
}

} // namespace

Task<std::unique_ptr<Transport>> open_usb(asio::any_io_executor executor, PortUrl url,
                                          std::chrono::milliseconds at_most)
{
    UsbWanted wanted;
    wanted.vid = url.usb.vid;
    wanted.pid = url.usb.pid;
    wanted.usb_serial = url.usb_serial;
    wanted.name = url.text();
    // The system's list tells the serial number without opening the device, also without the right to.
    const auto listed = list_usb_devices();
    if (listed) {
        std::optional<Error> used;
        for (const ListedUsb& device : *listed) {
            if (device.id == url.usb && (url.usb_serial.empty() || device.serial == url.usb_serial)) {
                if (const auto unused = check_unused(executor, device); !unused) {
                    used = unused.error();
                } else {
                    wanted.addresses.push_back(device.address);
                }
            }
        }
        if (wanted.addresses.empty()) {
            co_return tl::unexpected<Error>(used ? *used : no_such_device(wanted.name));
        }
    }
    auto thread = UsbThread::shared();
    if (!thread) {
        co_return pass(thread);
    }
    auto work = [wanted](libusb_context* context) { return UsbLine::open(context, wanted); };
    auto line = co_await on_usb_thread<std::shared_ptr<UsbLine>>(executor, *thread, std::move(work), at_most);
    if (!line) {
        co_return pass(line);
    }
    std::unique_ptr<Transport> transport =
        std::make_unique<UsbTransport>(executor, *std::move(thread), *std::move(line), wanted.name);
    co_return transport;
}

} // namespace kb
