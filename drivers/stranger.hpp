// Asking a port of which nobody knows what is on it: what may be sent, what was heard, and what that means.
#pragma once

#include "drivers/transport/port_url.hpp"
#include "drivers/transport/transport.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace kb {

/// What went over a line while it was asked who is there.
struct Heard {
    unsigned baud = 0;
    std::size_t written = 0;
    std::size_t read = 0;
    unsigned silences = 0; ///< reads that ended without a byte
    Bytes sent;            ///< the first bytes of either direction, kHeardBytes at most
    Bytes came;
};
inline constexpr std::size_t kHeardBytes = 128;

/// Passes everything through, keeps count, and ends a conversation that gets out of hand: a stranger is sent
/// at most kMostAsked bytes each time its port is opened, and one that sends kMostHeard without being any
/// vendor's device is Errc::endless_noise. Once somebody is found it only passes through.
class AskingTransport final : public Transport {
public:
    static constexpr std::size_t kMostAsked = 1024;
    /// More than any vendor's pending answer with its repeats; a second and a half of a line at 115200.
    static constexpr std::size_t kMostHeard = 16'384;

    AskingTransport(std::unique_ptr<Transport> line, unsigned baud) : line_(std::move(line))
    {
        heard_.baud = baud;
    }

    Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) override;
    Task<Bytes> read(std::chrono::milliseconds at_most) override;
    Result<void> discard_input() override { return line_->discard_input(); }
    void cancel() override { line_->cancel(); }
    void close() override { line_->close(); }
    [[nodiscard]] bool is_open() const override { return line_->is_open(); }
    [[nodiscard]] std::string name() const override { return line_->name(); }

    [[nodiscard]] const Heard& heard() const { return heard_; }
    void found() { asking_ = false; }

private:
    Task<void> asked_enough();
    Task<Bytes> listen(std::chrono::milliseconds at_most);

    std::unique_ptr<Transport> line_;
    Heard heard_;
    bool asking_ = true;
};

/// What a line is that no vendor knows.
enum class Stranger {
    silent,  ///< not a byte
    echo,    ///< sends our own bytes back: a modem, a loop plug
    text,    ///< plain text: a scanner, a modem, a console
    noise,   ///< never quiet
    unclear, ///< some bytes that mean nothing: another device, or a register at another speed
};
Stranger judge(const Heard& heard);

/// Errc::no_answer, foreign_device or endless_noise with what was heard and the cure; `tries` are the speeds
/// asked at, in order.
Error nobody_there(const PortUrl& url, std::span<const Heard> tries);

} // namespace kb
