// The portable part of a serial port: a byte stream that can drop its input.
#include "drivers/transport/serial.hpp"

#include "drivers/transport/serial_platform.hpp"
#include "drivers/transport/stream.hpp"

#include <mutex>
#include <optional>
#include <thread>

namespace kb {
namespace {

class SerialTransport final : public StreamTransport<asio::serial_port, detail::CloseSerial> {
public:
    using StreamTransport::StreamTransport;

    Result<void> discard_input() override
    {
        if (!is_open()) {
            return fail(Errc::port_lost, name() + ": the port is closed");
        }
        auto done = detail::discard_serial_input(stream(), name());
        if (!done) {
            close();
        }
        return done;
    }
};

Result<std::unique_ptr<Transport>> adopt(const asio::any_io_executor& executor, detail::SerialHandle handle,
                                         const SerialSettings& settings)
{
    asio::serial_port port(executor);
    boost::system::error_code error;
    port.assign(handle.native(), error);
    if (error) {
        return fail(Errc::port_lost, "open " + settings.path + ": " + error.message());
    }
    handle.release();
    return std::make_unique<SerialTransport>(std::move(port),
                                             "serial:" + settings.path + " " + std::to_string(settings.baud));
}

// Shared by the coroutine that waits and the thread that opens; whichever ends first leaves it to the other.
struct Opening {
    std::mutex guard;
    bool awaited = true; // the coroutine still wants it
    std::optional<Result<detail::SerialHandle>> result;
    std::optional<asio::steady_timer> done; // belongs to the coroutine's thread
};

// Also when the coroutine is destroyed while it waits: afterwards the thread touches nothing of its executor.
class Awaiting {
public:
    explicit Awaiting(std::shared_ptr<Opening> opening) : opening_(std::move(opening)) {}
    ~Awaiting()
    {
        const std::lock_guard lock(opening_->guard);
        opening_->awaited = false;
        opening_->result.reset();
        opening_->done.reset();
    }
    Awaiting(const Awaiting&) = delete;
    Awaiting& operator=(const Awaiting&) = delete;

private:
    std::shared_ptr<Opening> opening_;
};

void open_and_tell(const std::shared_ptr<Opening>& opening, const asio::any_io_executor& executor,
                   const SerialSettings& settings)
{
    auto result = detail::open_serial_port(settings);
    const std::lock_guard lock(opening->guard);
    if (opening->awaited) {
        opening->result.emplace(std::move(result));
        asio::post(executor, [opening] {
            if (opening->done) {
                opening->done->cancel();
            }
        });
    }
}

} // namespace

Result<std::unique_ptr<Transport>> open_serial(const asio::any_io_executor& executor,
                                               const SerialSettings& settings)
{
    auto opened = detail::open_serial_port(settings);
    if (!opened) {
        return pass(opened);
    }
    return adopt(executor, *std::move(opened), settings);
}

Task<std::unique_ptr<Transport>> open_serial_within(asio::any_io_executor executor, SerialSettings settings,
                                                    std::chrono::milliseconds at_most)
{
    const auto opening = std::make_shared<Opening>();
    opening->done.emplace(executor, at_most);
    const Awaiting awaiting(opening);
    // A thread for each: one that hangs must not keep the others from opening.
    std::thread([opening, executor, settings] { open_and_tell(opening, executor, settings); }).detach();
    boost::system::error_code ignored;
    co_await opening->done->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    std::optional<Result<detail::SerialHandle>> opened;
    {
        const std::lock_guard lock(opening->guard);
        if (opening->result) {
            opened.emplace(*std::move(opening->result));
        }
    }
    if (!opened) {
        co_return fail(Errc::port_stuck, "open " + settings.path + ": the system has not opened it within " +
                                             std::to_string(at_most.count()) +
                                             " ms; unplug the register and plug it in again");
    }
    if (!*opened) {
        co_return pass(*opened);
    }
    co_return adopt(executor, **std::move(opened), settings);
}

} // namespace kb
