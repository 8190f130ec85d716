// The two ends that a handler holds: of an answer to be given, and of one that goes on.
#pragma once

#include "http/message.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace kb::agent {

class HttpConnection;

/// What was written to a stream and has not left yet. Written by any thread, emptied by the connection.
class StreamBacklog {
public:
    explicit StreamBacklog(std::size_t limit) : limit_(limit) {}

    /// False when the stream is over; it is, from then on, when its reader is more than the limit behind.
    bool add(std::string_view text);
    /// No more will be added.
    void finish();
    /// Nothing can be read any more.
    void cut();

    /// All that waits; it counts until sent().
    std::string take();
    void sent();
    [[nodiscard]] bool cut_off() const;
    /// All of it has left, and no more will come.
    [[nodiscard]] bool at_end() const;

private:
    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::string waiting_;
    std::size_t leaving_ = 0;
    bool finished_ = false;
    bool cut_ = false;
};

class HttpStream : public kb::http::Stream {
public:
    HttpStream(std::weak_ptr<HttpConnection> connection, std::shared_ptr<StreamBacklog> backlog);
    ~HttpStream() override;
    HttpStream(const HttpStream&) = delete;
    HttpStream& operator=(const HttpStream&) = delete;
    bool write(std::string text) override;

private:
    void pump();

    std::weak_ptr<HttpConnection> connection_;
    std::shared_ptr<StreamBacklog> backlog_;
};

class HttpResponder : public kb::http::Responder {
public:
    HttpResponder(std::weak_ptr<HttpConnection> connection, std::uint64_t request);
    /// The client of a handler that let go of its request without an answer is told so.
    ~HttpResponder() override;
    HttpResponder(const HttpResponder&) = delete;
    HttpResponder& operator=(const HttpResponder&) = delete;

    void send(kb::http::Response response) override;
    std::shared_ptr<kb::http::Stream> open_stream(kb::http::Response head) override;

private:
    std::weak_ptr<HttpConnection> connection_;
    std::uint64_t request_;
    std::atomic<bool> answered_ = false;
};

} // namespace kb::agent
