// The agent's own HTTP server, for programs and pages on the same computer: any number of them in one
// process, on the agent's io_context or one of their own (http_server_thread.hpp).
#pragma once

#include "http/access.hpp"
#include "http/request_parser.hpp"
#include "http/router.hpp"
#include "protocol/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace kb::agent {

struct HttpServerOptions {
    std::string name = "local server"; ///< what messages call it
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;         ///< 0: any free one
    bool allow_any_address = false; ///< the owner wants it reached from other computers: not only loopback
    kb::http::RequestLimits limits;
    std::size_t max_connections = 64;
    std::size_t max_stream_backlog = std::size_t{256} << 10U; ///< bytes a slow reader may be behind

    /// A whole request, head and body, from its first byte: however busily a client trickles it.
    std::chrono::milliseconds read_within{10'000};
    /// What a handler may take. Longer than the longest answer of the API; a client is told at its end, and
    /// the handler's answer then goes nowhere.
    std::chrono::milliseconds answer_within{30'000};
    /// An answer, or a piece of a stream, until its reader has taken it.
    std::chrono::milliseconds write_within{10'000};
    /// Between two requests.
    std::chrono::milliseconds idle_for{30'000};

    kb::http::Guard guard;   ///< empty: everybody may ask everything
    kb::http::Finish finish; ///< empty: answers leave as they are
    /// Takes each request that the guard has let pass; empty: the router's handlers are called.
    std::function<void(const kb::http::Request&, const kb::http::ResponderPtr&)> take;
};

/// What cannot be served is answered in the router's form (Router::refusal): 400 no request, 408 too slow,
/// 413, 414 and 431 too long, 504 when no handler answered; then the connection ends. Requests that were sent
/// at once are served one after the other. A stream lives until its last owner lets go of it.
///
/// The io_context is run by one thread; everything here is called on it, handlers too. Responders and streams
/// may be used from any thread, and for as long as anybody likes: when the client or the server is gone, they
/// do nothing.
class HttpServer {
public:
    /// The router outlives the server and is complete when it starts.
    HttpServer(boost::asio::io_context& io, const kb::http::Router& router, HttpServerOptions options);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Listens, and returns the port. Errc::bad_config for an address that is none, or not loopback without
    /// leave; port_busy when somebody else listens there, port_denied when only root may.
    Result<std::uint16_t> start();
    /// Takes no new requests and ends all connections, answered or not.
    void stop();

    [[nodiscard]] std::size_t connections() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace kb::agent
