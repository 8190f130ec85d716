// Chooses the transport by the URL.
#include "drivers/transport/open.hpp"

#include "drivers/transport/serial.hpp"
#include "drivers/transport/tcp.hpp"
#include "drivers/transport/usb.hpp"

namespace kb {

Task<std::unique_ptr<Transport>> open_transport(asio::any_io_executor executor, PortUrl url)
{
    if (url.kind == PortUrl::Kind::tcp) {
        co_return co_await open_tcp(executor, url.host, url.port, kConnectWait);
    }
    if (url.kind == PortUrl::Kind::usb) {
        co_return co_await open_usb(executor, std::move(url));
    }
    const SerialSettings settings{url.path, url.baud.value_or(kDefaultBaud)};
    co_return open_serial(executor, settings);
}

} // namespace kb
