// Chooses the transport by the URL.
#include "drivers/transport/open.hpp"

#include "drivers/transport/serial.hpp"
#include "drivers/transport/tcp.hpp"

namespace kb {

Task<std::unique_ptr<Transport>> open_transport(asio::any_io_executor executor, PortUrl url)
{
    if (url.kind == PortUrl::Kind::tcp) {
        co_return co_await open_tcp(executor, url.host, url.port, kConnectWait);
    }
    SerialSettings settings{url.path, url.baud.value_or(kDefaultBaud)};
    co_return co_await open_serial_within(executor, std::move(settings), kOpenWait);
}

} // namespace kb
