// A virtual register as a TCP server: one client at a time, as the real ones.
#include "drivers/emulator/line.hpp"

#include <array>

namespace kb::emulator {

namespace {

using asio::ip::tcp;

class TcpWire final : public Wire {
public:
    TcpWire(asio::io_context& context, Line& line, const VirtualKkt& kkt, tcp::endpoint endpoint)
        : line_(line),
          kkt_(kkt),
          endpoint_(std::move(endpoint)),
          acceptor_(context),
          client_(context)
    {}

    void start() override
    {
        acceptor_.open(endpoint_.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint_);
        acceptor_.listen();
        endpoint_ = acceptor_.local_endpoint();
        accept();
    }

    void write(BytesView bytes) override
    {
        if (!client_.is_open())
            return;
        waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
        if (sending_.empty())
            send();
    }

    void hang_up() override
    {
        boost::system::error_code ignored;
        if (client_.is_open())
            client_.set_option(asio::socket_base::linger(true, 0), ignored);
        client_.close(ignored);
        waiting_.clear();
    }

    void plug(bool in) override { plugged_ = in; }

    [[nodiscard]] std::uint32_t host_baud() const override { return 0; }
    [[nodiscard]] bool has_client() const override { return client_.is_open(); }
    [[nodiscard]] std::string name() const override
    {
        return "tcp:" + endpoint_.address().to_string() + ":" + std::to_string(endpoint_.port());
    }

private:
    void accept()
    {
        acceptor_.async_accept(lifeline_.guard([this](boost::system::error_code failed, tcp::socket peer) {
            if (failed == asio::error::operation_aborted)
                return;
            if (!failed) {
                boost::system::error_code ignored;
                if (client_.is_open() || !plugged_ || !kkt_.powered()) {
                    peer.set_option(asio::socket_base::linger(true, 0), ignored);
                    peer.close(ignored);
                } else {
                    peer.set_option(tcp::no_delay(true), ignored);
                    client_ = std::move(peer);
                    ++session_;
                    sending_.clear();
                    waiting_.clear();
                    line_.linked();
                    read();
                }
            }
            accept();
        }));
    }

    void read()
    {
        const auto session = session_;
        client_.async_read_some(
            asio::buffer(buffer_),
            lifeline_.guard([this, session](boost::system::error_code failed, std::size_t size) {
                if (session != session_)
                    return;
                if (failed) {
                    boost::system::error_code ignored;
                    client_.close(ignored);
                    return;
                }
                const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(size);
                line_.received(Bytes(buffer_.begin(), end));
                if (session == session_ && client_.is_open())
                    read();
            }));
    }

    void send()
    {
        sending_ = std::exchange(waiting_, {});
        const auto session = session_;
        asio::async_write(client_, asio::buffer(sending_),
                          lifeline_.guard([this, session](boost::system::error_code failed, std::size_t) {
                              if (session != session_)
                                  return;
                              sending_.clear();
                              if (!failed && !waiting_.empty())
                                  send();
                          }));
    }

    Line& line_;
    const VirtualKkt& kkt_;
    tcp::endpoint endpoint_;
    tcp::acceptor acceptor_;
    tcp::socket client_;
    std::uint64_t session_ = 0;
    bool plugged_ = true;
    std::array<std::uint8_t, 4096> buffer_{};
    Bytes sending_;
    Bytes waiting_;
    Lifeline lifeline_;
};

} // namespace

std::unique_ptr<Wire> make_tcp_wire(asio::io_context& context, Line& line, const VirtualKkt& kkt,
                                    const asio::ip::tcp::endpoint& endpoint)
{
    return std::make_unique<TcpWire>(context, line, kkt, endpoint);
}

} // namespace kb::emulator
