// Listens and keeps the connections.
#include "agent/api/http_server.hpp"

#include "agent/api/http_connection.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent {
namespace {

using asio::ip::tcp;

constexpr auto kAcceptAgain = std::chrono::milliseconds(100);

Errc code_of(const boost::system::error_code& failed)
{
    if (failed == asio::error::address_in_use) {
        return Errc::port_busy;
    }
    return failed == asio::error::access_denied ? Errc::port_denied : Errc::bad_config;
}

} // namespace

struct HttpServer::Impl : HttpService, std::enable_shared_from_this<HttpServer::Impl> {
    Impl(asio::io_context& context, const kb::http::Router& served, HttpServerOptions wanted)
        : HttpService(context, served, std::move(wanted)),
          acceptor(context),
          again(context)
    {}

    Result<std::uint16_t> listen();
    void stop();
    void on_room() override { accept(); }
    void accept();
    void on_accepted(const boost::system::error_code& failed, tcp::socket socket);
    [[nodiscard]] std::shared_ptr<HttpConnection> longest_idle() const;

    tcp::acceptor acceptor;
    asio::steady_timer again;
    bool accepting = false;
};

Result<std::uint16_t> HttpServer::Impl::listen()
{
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(options.address, failed);
    if (failed) {
        return fail(Errc::bad_config, options.name + ": \"" + options.address + "\" is not an IP address");
    }
    if (!address.is_loopback() && !options.allow_any_address) {
        return fail(Errc::bad_config,
                    options.name + ": \"" + options.address + "\" is not a loopback address");
    }
    const tcp::endpoint wanted(address, options.port);
    acceptor.open(wanted.protocol(), failed);
    if (!failed) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
    }
    if (!failed) {
        acceptor.bind(wanted, failed);
    }
    if (!failed) {
        acceptor.listen(asio::socket_base::max_listen_connections, failed);
    }
    if (failed) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        return fail(code_of(failed), options.name + " on " + options.address + ":" +
                                         std::to_string(options.port) + ": " + failed.message());
    }
    accept();
    return acceptor.local_endpoint().port();
}

void HttpServer::Impl::stop()
{
    boost::system::error_code ignored;
    acceptor.close(ignored);
    again.cancel();
    while (!connections.empty()) {
        (*connections.begin())->close();
    }
}

std::shared_ptr<HttpConnection> HttpServer::Impl::longest_idle() const
{
    std::shared_ptr<HttpConnection> longest;
    for (const auto& one : connections) {
        if (one->idle() && (!longest || one->idle_since() < longest->idle_since())) {
            longest = one;
        }
    }
    return longest;
}

// When all places are taken, a new client gets that of one who asks for nothing; is there none, it waits in
// the system's queue.
void HttpServer::Impl::accept()
{
    const bool full = connections.size() >= options.max_connections;
    if (accepting || !acceptor.is_open() || (full && !longest_idle())) {
        return;
    }
    accepting = true;
    acceptor.async_accept(
        [self = shared_from_this()](const boost::system::error_code& failed, tcp::socket socket) {
            self->accepting = false;
            self->on_accepted(failed, std::move(socket));
        });
}

void HttpServer::Impl::on_accepted(const boost::system::error_code& failed, tcp::socket socket)
{
    if (!acceptor.is_open()) {
        return;
    }
    if (failed) {
        // No descriptor left, or the client went away at once: neither may end the listening, nor spin.
        again.expires_after(kAcceptAgain);
        again.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
            if (!stopped) {
                self->accept();
            }
        });
        return;
    }
    if (connections.size() >= options.max_connections) {
        if (const auto idle = longest_idle()) {
            idle->close();
        }
    }
    const auto connection = std::make_shared<HttpConnection>(shared_from_this(), std::move(socket));
    connections.insert(connection);
    connection->begin();
    accept();
}

HttpServer::HttpServer(asio::io_context& io, const kb::http::Router& router, HttpServerOptions options)
    : impl_(std::make_shared<Impl>(io, router, std::move(options)))
{}

HttpServer::~HttpServer() { impl_->stop(); }

Result<std::uint16_t> HttpServer::start() { return impl_->listen(); }

void HttpServer::stop() { impl_->stop(); }

std::size_t HttpServer::connections() const { return impl_->connections.size(); }

} // namespace kb::agent
