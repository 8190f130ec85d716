// One client of an HttpServer, from its first byte to its last.
#pragma once

#include "agent/api/http_responder.hpp"
#include "agent/api/http_server.hpp"
#include "drivers/asio.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kb::agent {

class HttpConnection;

/// What the connections of one server share.
struct HttpService {
    HttpService(asio::io_context& context, const kb::http::Router& served, HttpServerOptions wanted)
        : io(context),
          router(served),
          options(std::move(wanted))
    {}
    HttpService(const HttpService&) = delete;
    HttpService& operator=(const HttpService&) = delete;
    virtual ~HttpService() = default;
    /// A connection has ended, or waits for its next request: a new one may have its place.
    virtual void on_room() = 0;

    asio::io_context& io;
    const kb::http::Router& router;
    HttpServerOptions options;
    std::set<std::shared_ptr<HttpConnection>> connections;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(std::shared_ptr<HttpService> service, asio::ip::tcp::socket socket);

    void begin();
    /// At once, whatever is under way. Leaves the service's connections.
    void close();
    /// Kept open by a client that has been answered, or that was refused and has not gone yet: it counts with
    /// its end. One that has just come does not.
    [[nodiscard]] bool idle() const
    {
        return (state_ == State::idle && number_ > 0) || state_ == State::lingering;
    }
    [[nodiscard]] std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }

    // For HttpResponder and HttpStream; `request` is the number of the request that they belong to.
    [[nodiscard]] asio::io_context& io() { return service_->io; }
    [[nodiscard]] std::size_t max_stream_backlog() const { return service_->options.max_stream_backlog; }
    void answer(std::uint64_t request, kb::http::Response response);
    /// Nobody is left who could answer.
    void forget(std::uint64_t request);
    void open_stream(std::uint64_t request, kb::http::Response head, std::shared_ptr<StreamBacklog> backlog);
    /// Sends on what the stream's backlog holds.
    void pump();

private:
    /// Where the conversation is. The deadline that runs belongs to it.
    enum class State {
        idle,      ///< no byte of a request has come
        reading,   ///< a request is on its way
        waiting,   ///< for its handler
        answering, ///< the answer is on its way
        streaming,
        lingering, ///< all is said; what the client still sends is thrown away, so that it can read the
                   ///< answer
        closed,
    };

    /// Of requests: what came already counts.
    [[nodiscard]] bool more_may_come() const { return !sender_ended_ || begin_ != end_; }
    void wait_for_request();
    void use_input();
    void read();
    void on_read(const boost::system::error_code& failed, std::size_t size);
    void serve();
    void refuse(const kb::http::Fault& fault);
    void send(kb::http::Response response);
    void write(std::string bytes);
    void flush();
    void on_written(const boost::system::error_code& failed);
    void end_answer();
    void set_deadline(std::chrono::milliseconds within);
    void no_deadline();
    void arm_timer();
    void on_deadline();

    std::shared_ptr<HttpService> service_;
    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    /// Far away compared with a request: the timer runs until an earlier one and is looked after then.
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    bool timer_runs_ = false;
    State state_ = State::idle;
    std::chrono::steady_clock::time_point idle_since_{};
    std::string remote_;

    // Input: bytes [begin_, end_) have come and are not used; a read under way writes behind them.
    std::array<char, 4'096> input_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool reading_ = false;
    bool sender_ended_ = false;

    kb::http::RequestParser parser_;
    kb::http::Request request_; ///< the one being served, without its body once its handler has run
    std::uint64_t number_ = 0;
    bool keep_alive_ = false;
    bool takes_chunks_ = false;

    std::vector<std::string> queued_;
    std::vector<std::string> leaving_; ///< being written
    std::shared_ptr<StreamBacklog> backlog_;
};

} // namespace kb::agent
