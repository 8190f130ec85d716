// Real sockets around an HttpServer: a loop that serves in a thread of its own, and a client that blocks.
#pragma once

#include "agent/api/http_server.hpp"
#include "drivers/asio.hpp"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace kb::agent::test {

namespace web = kb::http;

/// Runs one io_context. What belongs to its thread is done by on_it().
class Loop {
public:
    Loop() : work_(asio::make_work_guard(io)), thread_([this] { io.run(); }) {}
    ~Loop()
    {
        work_.reset();
        io.stop();
        thread_.join();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    template <class Work>
    auto on_it(Work work)
    {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto done = task.get_future();
        asio::post(io, [&task] { task(); });
        return done.get();
    }

    asio::io_context io{1};

private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

/// A server of that loop on a free port.
class Serving {
public:
    Serving(Loop& loop, const web::Router& router, HttpServerOptions options = {}) : loop_(loop)
    {
        server_.emplace(loop.io, router, std::move(options));
        port = loop.on_it([&] { return server_->start(); }).value();
    }
    ~Serving()
    {
        loop_.on_it([&] { server_.reset(); });
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

    void stop()
    {
        loop_.on_it([&] { server_->stop(); });
    }
    std::size_t connections()
    {
        return loop_.on_it([&] { return server_->connections(); });
    }
    void wait_for_connections(std::size_t wanted)
    {
        while (connections() != wanted)
            std::this_thread::yield();
    }

    std::uint16_t port = 0;

private:
    Loop& loop_;
    std::optional<HttpServer> server_;
};

struct Reply {
    int status = 0; ///< 0: the connection ended before an answer
    std::string head;
    std::string body;
};

class Client {
public:
    explicit Client(std::uint16_t port) { socket_.connect({asio::ip::make_address("127.0.0.1"), port}); }

    /// False when the server has gone.
    bool send(const std::string& bytes)
    {
        boost::system::error_code failed;
        asio::write(socket_, asio::buffer(bytes), failed);
        return !failed;
    }
    Reply get(const std::string& path, const std::string& headers = "")
    {
        send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
        return reply();
    }
    Reply post(const std::string& path, const std::string& body, const std::string& headers = "")
    {
        send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return reply();
    }
    /// The next answer, with a body of a told length.
    Reply reply()
    {
        Reply reply;
        reply.head = read_until("\r\n\r\n");
        if (reply.head.empty())
            return reply;
        reply.status = std::stoi(reply.head.substr(reply.head.find(' ')));
        const std::size_t at = reply.head.find("Content-Length: ");
        const std::size_t size = at == std::string::npos ? 0 : std::stoul(reply.head.substr(at + 16));
        boost::system::error_code failed;
        if (buffer_.size() < size)
            asio::read(socket_, asio::dynamic_buffer(buffer_), asio::transfer_exactly(size - buffer_.size()),
                       failed);
        reply.body = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return reply;
    }
    /// Up to and with `end`; empty when the server closed before.
    std::string read_until(const std::string& end)
    {
        boost::system::error_code failed;
        const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(buffer_), end, failed);
        if (failed)
            return {};
        std::string text = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return text;
    }
    /// All that comes until the server closes.
    std::string rest()
    {
        boost::system::error_code closed;
        asio::read(socket_, asio::dynamic_buffer(buffer_), closed);
        return std::exchange(buffer_, {});
    }
    bool has_heard() { return socket_.available() > 0; }
    void end_sending() { socket_.shutdown(asio::ip::tcp::socket::shutdown_send); }
    void close() { socket_.close(); }
    /// Ends both ways, also for a thread that is sending; it stays open.
    void shut()
    {
        boost::system::error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    }
    /// As when its program dies with bytes unread.
    void reset()
    {
        socket_.set_option(asio::socket_base::linger(true, 0));
        socket_.close();
    }

private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_{io_};
    std::string buffer_;
};

/// Takes a responder from the server's thread to the test.
class Held {
public:
    web::Handler handler()
    {
        return [this](const web::Request&, const web::PathParts&, const web::ResponderPtr& responder) {
            promise_.set_value(responder);
        };
    }
    web::ResponderPtr take() { return promise_.get_future().get(); }

private:
    std::promise<web::ResponderPtr> promise_;
};

inline web::Response text(std::string body, int status = 200)
{
    return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}

} // namespace kb::agent::test
