// Transport v2 from the register's side: ENQ, ACK, frames, EOT. Source: docs/sources.md#atol, sections 1.2
// to 1.4.
#pragma once

#include "drivers/atol/emulator_protocol.hpp"

namespace kb::emulator::atol {

// idle -ENQ/ACK-> frame_start -STX-> frame -good/ACK-> end_of_request -EOT or T3-> executing
//   -answer/ENQ-> announced -ACK/frame-> answered -ACK/EOT-> idle
class ProtocolV2 final : public Protocol {
public:
    ProtocolV2(Executor& executor, Bytes& output, const Timers& timers)
        : Protocol(executor, output),
          timers_(timers)
    {}

    void on_byte(std::uint8_t byte, Instant now) override;
    void on_sent(Instant now) override;
    [[nodiscard]] std::optional<Instant> deadline() const override { return deadline_; }
    void on_time(Instant now) override;
    void finished(Finished done, Instant now) override;
    void link_up() override;
    void power_up() override;

private:
    enum class State {
        idle,
        frame_start,    ///< acknowledged an ENQ, waits for STX
        frame,          ///< inside a frame
        end_of_request, ///< acknowledged a frame, waits for EOT
        executing,
        announced, ///< has sent ENQ, waits for ACK
        waits,     ///< nobody took the ENQ, or both sides spoke at once
        answered   ///< has sent the frame, waits for ACK
    };

    void take_enquiry(Instant now);
    void begin_frame(Instant now);
    void frame_byte(std::uint8_t byte, Instant now);
    void frame_done(std::uint8_t check, Instant now);
    void refuse_frame(Instant now);
    void execute(Instant now);
    void announce();
    void send_frame();
    void give_up();
    void wait(std::chrono::milliseconds time, Instant now) { deadline_ = now + time; }

    const Timers& timers_;
    State state_ = State::idle;
    std::optional<Instant> deadline_;
    std::optional<std::chrono::milliseconds> after_sent_; ///< the wait that begins when the bytes are out
    Bytes request_;
    std::uint8_t check_ = 0;
    bool literal_ = false; ///< after DLE
    bool ended_ = false;   ///< after ETX: the check byte comes
    int refused_ = 0;
    int tries_ = 0;
    bool damage_ = false;        ///< of the next frame only: asked for again by NAK, it comes whole
    std::vector<Bytes> answers_; ///< frames to be told; more than one only by a fault
};

} // namespace kb::emulator::atol
