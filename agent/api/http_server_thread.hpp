// An HttpServer with a thread of its own: however much its clients ask, the thread that serves the registers
// has none of that work.
#pragma once

#include "agent/api/http_server.hpp"
#include "drivers/asio.hpp"

#include <optional>
#include <thread>

namespace kb::agent {

class HttpServerThread {
public:
    HttpServerThread() = default;
    /// As stop().
    ~HttpServerThread();
    HttpServerThread(const HttpServerThread&) = delete;
    HttpServerThread& operator=(const HttpServerThread&) = delete;

    /// Where the options' functions are called.
    [[nodiscard]] asio::any_io_executor executor() { return io_.get_executor(); }
    /// As HttpServer::start; once. All of the server lives on its thread from then on, which comes behind all
    /// others of the program.
    Result<std::uint16_t> start(const kb::http::Router& router, HttpServerOptions options);
    /// As HttpServer::stop; the thread has ended then.
    void stop();

private:
    void run();

    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> stays_{io_.get_executor()};
    std::optional<HttpServer> server_;
    std::thread thread_;
};

} // namespace kb::agent
