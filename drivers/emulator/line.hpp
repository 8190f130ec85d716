// The line between a host and a virtual register: a pty or a TCP server, at the true speed of a serial line,
// with the line faults on it.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/emulator/face.hpp"
#include "drivers/emulator/faults.hpp"

#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace kb::emulator {

struct LineOptions {
    std::string listen;                ///< "pty:PATH" or "tcp:HOST:PORT"
    std::optional<std::uint32_t> baud; ///< fixed speed; absent: a pty follows the host, TCP is not paced
};

/// What a concrete line does for the common part.
class Wire {
public:
    virtual ~Wire() = default;
    virtual void start() = 0;
    virtual void write(BytesView bytes) = 0;
    /// Breaks the line; it comes back by itself.
    virtual void hang_up() = 0;
    /// Pulls the cable (false), so that the line stays away, or puts it back.
    virtual void plug(bool in) = 0;
    /// The speed the host has set; 0 where a line has none.
    [[nodiscard]] virtual std::uint32_t host_baud() const = 0;
    [[nodiscard]] virtual bool has_client() const = 0;
    /// For people: "pty:/tmp/kkt -> /dev/pts/3", "tcp:127.0.0.1:7778".
    [[nodiscard]] virtual std::string name() const = 0;
};

/// Handlers that its owner is still there for: one that was on its way when the owner went does nothing. The
/// context may so go on after the line.
class Lifeline {
public:
    template <class Handler>
    [[nodiscard]] auto guard(Handler handler) const
    {
        return [owner = std::weak_ptr<char>(owner_), handler = std::move(handler)](auto&&... told) mutable {
            if (!owner.expired())
                handler(std::forward<decltype(told)>(told)...);
        };
    }

private:
    std::shared_ptr<char> owner_ = std::make_shared<char>();
};

class Line {
public:
    Line(asio::io_context& context, VirtualKkt& kkt, Face& face, Faults& faults, LineOptions options);
    ~Line();

    /// Errc::bad_config for a bad address, Errc::port_busy when it cannot be opened.
    Result<void> open();
    void hang_up();
    /// Pulls the cable, or puts it back.
    void plug(bool in);
    /// The power went: what was on its way is lost.
    void power_lost();
    /// The face may have something to send after a change from outside.
    void settle(Instant at);
    [[nodiscard]] const Wire& wire() const { return *wire_; }
    [[nodiscard]] std::optional<std::uint32_t> baud() const;

    // -- called by the wire
    void received(Bytes bytes);
    void linked();

private:
    struct Arriving {
        Bytes bytes;
        Instant at;
    };

    [[nodiscard]] std::chrono::nanoseconds byte_time() const;
    [[nodiscard]] bool garbled() const;
    void garble(Bytes& bytes);
    void arm_arrival();
    void arm_departure();
    void depart();
    void arm_face();

    asio::io_context& context_;
    VirtualKkt& kkt_;
    Face& face_;
    Faults& faults_;
    LineOptions options_;
    std::unique_ptr<Wire> wire_;
    std::deque<Arriving> arriving_;
    Instant arrival_free_{};
    Bytes departing_;
    std::size_t departed_ = 0;
    Instant departure_start_{};
    std::optional<std::uint32_t> next_baud_;
    std::uint32_t noise_ = 12345;
    asio::steady_timer arrival_timer_;
    asio::steady_timer departure_timer_;
    asio::steady_timer face_timer_;
    Lifeline lifeline_;
};

std::unique_ptr<Wire> make_pty_wire(asio::io_context& context, Line& line, const std::string& path);
std::unique_ptr<Wire> make_tcp_wire(asio::io_context& context, Line& line, const VirtualKkt& kkt,
                                    const asio::ip::tcp::endpoint& endpoint);

} // namespace kb::emulator
