// The portable part of a serial port: a byte stream that can drop its input.
#include "drivers/transport/serial.hpp"

#include "drivers/transport/serial_platform.hpp"
#include "drivers/transport/stream.hpp"

namespace kb {
namespace {

class SerialTransport final : public StreamTransport<asio::serial_port> {
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

} // namespace

Result<std::unique_ptr<Transport>> open_serial(const asio::any_io_executor& executor,
                                               const SerialSettings& settings)
{
    asio::serial_port port(executor);
    const auto opened = detail::open_serial_port(port, settings);
    if (!opened) {
        return pass(opened);
    }
    return std::make_unique<SerialTransport>(std::move(port),
                                             "serial:" + settings.path + " " + std::to_string(settings.baud));
}

} // namespace kb
