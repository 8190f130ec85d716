// A TCP connection to a register.
#include "drivers/transport/tcp.hpp"

#include "drivers/transport/stream.hpp"

namespace kb {
namespace {

using asio::ip::tcp;

class TcpTransport final : public StreamTransport<tcp::socket> {
public:
    using StreamTransport::StreamTransport;

    Result<void> discard_input() override
    {
        if (!is_open()) {
            return fail(Errc::port_lost, name() + ": the connection is closed");
        }
        // A peer that sends faster than this reads would keep it, and every other device, for ever.
        constexpr int kMostPieces = 64;
        std::array<std::uint8_t, 4096> dropped{};
        boost::system::error_code error;
        for (int i = 0; i < kMostPieces && stream().available(error) > 0 && !error; ++i) {
            stream().read_some(asio::buffer(dropped), error);
        }
        if (error) {
            close();
            return fail(Errc::port_lost, name() + ": discard input: " + error.message());
        }
        return {};
    }
};

// Resolving and connecting, ended by one timer; the state is shared since the timer may outlive the
// coroutine.
struct Attempt {
    Attempt(const asio::any_io_executor& executor) : resolver(executor), socket(executor) {}
    tcp::resolver resolver;
    tcp::socket socket;
};

std::string advice(const boost::system::error_code& error)
{
    if (error == asio::error::connection_refused) {
        return "; the address answers but no register listens: switch its TCP server on and check the port";
    }
    return "; check power, cable and address of the register";
}

} // namespace

Task<std::unique_ptr<Transport>> open_tcp(asio::any_io_executor executor, std::string host,
                                          std::uint16_t port, std::chrono::milliseconds at_most)
{
    const std::string name = "tcp:" + host + ":" + std::to_string(port);
    Attempt attempt(executor);
    IoDeadline deadline(executor, [&attempt] {
        boost::system::error_code ignored;
        attempt.resolver.cancel();
        attempt.socket.close(ignored);
    });
    deadline.start(at_most);

    boost::system::error_code error;
    const std::string service = std::to_string(port);
    tcp::resolver::results_type found;
    if (const auto address = asio::ip::make_address(host, error); !error) {
        // An address needs no resolver, and so no thread of it.
        found = tcp::resolver::results_type::create(tcp::endpoint(address, port), host, service);
    } else {
        error.clear();
        found = co_await attempt.resolver.async_resolve(host, service,
                                                        asio::redirect_error(asio::use_awaitable, error));
    }
    if (!error) {
        co_await asio::async_connect(attempt.socket, found, asio::redirect_error(asio::use_awaitable, error));
    }
    const bool late = deadline.finish();
    if (late) {
        co_return fail(Errc::network_failed, "connect " + name + ": no answer within " +
                                                 std::to_string(at_most.count()) +
                                                 " ms; check power, cable and address of the register");
    }
    if (error) {
        co_return fail(Errc::network_failed, "connect " + name + ": " + error.message() + advice(error));
    }
    // A command is one small packet each way: Nagle would add 40 ms to every one.
    attempt.socket.set_option(tcp::no_delay(true), error);
    attempt.socket.set_option(asio::socket_base::keep_alive(true), error);
    std::unique_ptr<Transport> transport = std::make_unique<TcpTransport>(std::move(attempt.socket), name);
    co_return transport;
}

} // namespace kb
