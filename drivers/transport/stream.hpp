// Reading and writing with a deadline over any Asio byte stream: what serial ports and sockets have in
// common.
#pragma once

#include "drivers/transport/deadline.hpp"
#include "drivers/transport/transport.hpp"

#include <array>

namespace kb {

struct CloseStream {
    template <class Stream>
    void operator()(Stream& stream) const
    {
        boost::system::error_code ignored;
        stream.close(ignored);
    }
};

/// `Stream` is asio::serial_port or asio::ip::tcp::socket. Every failure that is neither the deadline nor a
/// cancellation means that the line went away.
template <class Stream, class Close = CloseStream>
class StreamTransport : public Transport {
public:
    StreamTransport(Stream stream, std::string name)
        : stream_(std::move(stream)),
          name_(std::move(name)),
          deadline_(stream_.get_executor(), [this] { cancel(); })
    {}
    ~StreamTransport() override { shut(); }
    StreamTransport(const StreamTransport&) = delete;
    StreamTransport& operator=(const StreamTransport&) = delete;

    Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) override
    {
        if (!stream_.is_open()) {
            co_return fail(Errc::port_lost, name_ + ": the port is closed");
        }
        deadline_.start(at_most);
        boost::system::error_code error;
        co_await asio::async_write(stream_, asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, error));
        const bool late = deadline_.finish();
        if (error) {
            co_return failure(error, late ? Errc::port_stuck : Errc::cancelled, "write", Outcome::unknown);
        }
        co_return Result<void>{};
    }

    Task<Bytes> read(std::chrono::milliseconds at_most) override
    {
        if (!stream_.is_open()) {
            co_return fail(Errc::port_lost, name_ + ": the port is closed");
        }
        deadline_.start(at_most);
        boost::system::error_code error;
        const std::size_t count = co_await stream_.async_read_some(
            asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, error));
        const bool late = deadline_.finish();
        if (error) {
            co_return failure(error, late ? Errc::no_answer : Errc::cancelled, "read", Outcome::unknown);
        }
        const auto* first = buffer_.data();
        co_return Bytes(first, first + count);
    }

    void cancel() override
    {
        boost::system::error_code ignored;
        stream_.cancel(ignored);
    }

    void close() override { shut(); }
    [[nodiscard]] bool is_open() const override { return stream_.is_open(); }
    [[nodiscard]] std::string name() const override { return name_; }

protected:
    Stream& stream() { return stream_; }

private:
    void shut()
    {
        deadline_.stop();
        Close()(stream_);
    }

    tl::unexpected<Error> failure(boost::system::error_code error, Errc when_aborted, const char* what,
                                  Outcome outcome)
    {
        if (error == asio::error::operation_aborted) {
            return fail(when_aborted, name_ + ": " + what, outcome);
        }
        // A line that went away never comes back on this handle: closing it frees the port for the search.
        shut();
        return fail(Errc::port_lost, name_ + ": " + what + ": " + error.message(), outcome);
    }

    Stream stream_;
    std::string name_;
    IoDeadline deadline_;
    std::array<std::uint8_t, 4096> buffer_{};
};

} // namespace kb
