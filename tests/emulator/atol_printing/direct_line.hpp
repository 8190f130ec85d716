// A line in memory between the driver and an emulated register, on which no time passes but what somebody
// waits for, and which can be broken at any byte.
#pragma once

#include "drivers/emulator/face.hpp"
#include "drivers/transport/transport.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

namespace kb::test {

/// The steady clock of both sides: it runs, and jumps over waiting.
struct JumpingClock {
    std::chrono::steady_clock::duration ahead{};
    [[nodiscard]] emulator::Instant now() const { return std::chrono::steady_clock::now() + ahead; }
};

/// What happens to the line, and what went over it. Bytes and pieces (writes and answers) are counted
/// separately in each direction.
struct LineFate {
    enum class Loss {
        none,
        everything_from_byte, ///< both directions together, until healed
        to_register_from,     ///< from this piece on, until healed
        from_register_from,
        one_piece_to_register,
        one_piece_from_register,
        port, ///< the line itself goes away at this piece of the host
    };
    Loss loss = Loss::none;
    std::size_t at = 0;

    std::size_t bytes = 0; ///< both directions
    std::size_t pieces_to = 0;
    std::size_t pieces_from = 0;
    bool struck = false;        ///< something was lost
    bool opening_begun = false; ///< the command that opens a receipt was written
    bool closing_begun = false; ///< ... that makes it final
    /// Called when a command is about to reach the register: "EB" with its access password before it.
    std::string at_command;
    std::function<void()> then;

    void watch(BytesView written)
    {
        const std::string hex = to_hex(written);
        opening_begun = opening_begun || hex.find("00009200") != std::string::npos;
        closing_begun = closing_begun || hex.find("00004A00") != std::string::npos;
        if (then && hex.find("0000" + at_command) != std::string::npos)
            then();
    }

    /// What is left of a piece.
    Bytes carried(const Bytes& piece, bool to_register)
    {
        const std::size_t first = bytes;
        const std::size_t number = to_register ? pieces_to++ : pieces_from++;
        bytes += piece.size();
        std::size_t kept = piece.size();
        switch (loss) {
        case Loss::none:
        case Loss::port:
            break;
        case Loss::everything_from_byte:
            kept = at <= first ? 0 : std::min(piece.size(), at - first);
            break;
        case Loss::to_register_from:
            kept = to_register && number >= at ? 0 : piece.size();
            break;
        case Loss::from_register_from:
            kept = !to_register && number >= at ? 0 : piece.size();
            break;
        case Loss::one_piece_to_register:
            kept = to_register && number == at ? 0 : piece.size();
            break;
        case Loss::one_piece_from_register:
            kept = !to_register && number == at ? 0 : piece.size();
            break;
        }
        struck = struck || kept != piece.size();
        return Bytes(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(kept));
    }
};

class DirectLine final : public Transport {
public:
    DirectLine(emulator::Face& face, JumpingClock& clock, LineFate& fate)
        : face_(face),
          clock_(clock),
          fate_(fate)
    {
        face_.link_up();
        static_cast<void>(face_.take_output()); // of an earlier connection
    }

    Task<void> write(Bytes bytes, std::chrono::milliseconds /*at_most*/) override
    {
        fate_.watch(bytes);
        if (fate_.loss == LineFate::Loss::port && fate_.pieces_to >= fate_.at) {
            fate_.struck = true;
            open_ = false;
        }
        if (!open_) {
            co_return fail(Errc::port_lost, "direct line: away");
        }
        const Bytes arriving = fate_.carried(bytes, true);
        face_.on_bytes(arriving, clock_.now());
        listen();
        co_return Result<void>{};
    }

    Task<Bytes> read(std::chrono::milliseconds at_most) override
    {
        if (!open_) {
            co_return fail(Errc::port_lost, "direct line: away");
        }
        const emulator::Instant end = clock_.now() + at_most;
        while (waiting_.empty()) {
            const auto next = face_.deadline();
            const emulator::Instant now = clock_.now();
            const emulator::Instant until = next ? std::min(*next, end) : end;
            if (until > now) {
                clock_.ahead += until - now;
            }
            if (!next || *next > end) {
                co_return fail(Errc::no_answer, "direct line: silence");
            }
            face_.on_time(clock_.now());
            listen();
        }
        co_return std::exchange(waiting_, {});
    }

    Result<void> discard_input() override
    {
        if (!open_) {
            return fail(Errc::port_lost, "direct line: away");
        }
        waiting_.clear();
        return {};
    }
    void cancel() override {}
    void close() override { open_ = false; }
    [[nodiscard]] bool is_open() const override { return open_; }
    [[nodiscard]] std::string name() const override { return "direct line"; }

private:
    void listen()
    {
        for (Bytes said = face_.take_output(); !said.empty(); said = face_.take_output()) {
            const Bytes heard = fate_.carried(said, false);
            waiting_.insert(waiting_.end(), heard.begin(), heard.end());
            face_.on_sent(clock_.now());
        }
    }

    emulator::Face& face_;
    JumpingClock& clock_;
    LineFate& fate_;
    Bytes waiting_;
    bool open_ = true;
};

} // namespace kb::test
