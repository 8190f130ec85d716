#include "agent/api/http_server_thread.hpp"

#include "agent/log.hpp"
#include "agent/service/service.hpp"

#include <exception>
#include <utility>

namespace kb::agent {

HttpServerThread::~HttpServerThread() { stop(); }

Result<std::uint16_t> HttpServerThread::start(const kb::http::Router& router, HttpServerOptions options)
{
    server_.emplace(io_, router, std::move(options));
    const auto listening = server_->start();
    if (!listening) {
        server_.reset();
        return pass(listening);
    }
    thread_ = std::thread([this] { run(); });
    return *listening;
}

void HttpServerThread::run()
{
    service::let_others_go_first();
    while (true) {
        try {
            // A thread of the program that has become ready meanwhile has to wait for one handler only.
            while (io_.run_one() > 0) {
                std::this_thread::yield();
            }
            return;
        } catch (const std::exception& error) {
            log::error("http: an exception reached the top", {{"error", error.what()}});
        }
    }
}

void HttpServerThread::stop()
{
    io_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
    server_.reset(); // nobody else is on it any more
}

} // namespace kb::agent
