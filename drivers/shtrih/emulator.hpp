// The Shtrih-M face of the virtual register: protocol v1 and v2 seen from the register's side.
// Source: docs/sources.md#shtrih, sections 1.2 and 1.3.
#pragma once

#include "drivers/emulator/face.hpp"
#include "drivers/emulator/faults.hpp"
#include "drivers/shtrih/emulator_commands.hpp"

#include <chrono>
#include <string>

namespace kb::shtrih {

enum class Framing { v1, v2, automatic };

struct FaceOptions {
    Framing framing = Framing::automatic;
    bool stray_ff = false; ///< FFh before each control byte, as desktop units do over TCP
    bool over_tcp = false;
    std::chrono::milliseconds think{0};
    std::chrono::milliseconds byte_timeout{300};
    std::chrono::milliseconds confirmation_timeout{1000};
};

class EmulatorFace final : public emulator::Face {
public:
    EmulatorFace(emulator::VirtualKkt& kkt, const EmulatorModel& model, emulator::Faults& faults,
                 FaceOptions options);

    void power_up() override;
    void link_up() override;
    void on_bytes(BytesView bytes, emulator::Instant now) override;
    void on_sent(emulator::Instant now) override;
    [[nodiscard]] std::optional<emulator::Instant> deadline() const override;
    void on_time(emulator::Instant now) override;
    Bytes take_output() override;
    bool take_hang_up() override;
    std::optional<std::uint32_t> take_new_baud() override;
    [[nodiscard]] bool talks_to_ofd_itself() const override { return commands_.talks_to_ofd_itself(); }

private:
    enum class State { power_on, wait_command, receiving, executing, answer_sent, answer_pending };

    void v1_byte(std::uint8_t byte, emulator::Instant now);
    void v1_frame(emulator::Instant now);
    void v2_byte(std::uint8_t byte, emulator::Instant now);
    void v2_packet(emulator::Instant now);
    void start(Bytes command, emulator::Instant now);
    void execute(emulator::Instant now);
    void restart(std::chrono::milliseconds away, emulator::Instant now);
    void control(std::uint8_t byte);
    void send_v1_answer();
    void send_v2(BytesView data, std::uint16_t number, bool number_only);

    emulator::VirtualKkt& kkt_;
    emulator::Faults& faults_;
    FaceOptions options_;
    EmulatorCommands commands_;
    Framing framing_;
    Bytes output_;
    bool hang_up_ = false;
    std::optional<std::uint32_t> new_baud_;
    std::optional<emulator::Instant> silent_until_;

    // both protocols
    State state_ = State::wait_command;
    Bytes command_;
    std::optional<emulator::Instant> execute_at_;
    std::optional<emulator::Instant> answer_at_; ///< executed, answer held back
    Bytes answer_;
    Bytes older_answer_;

    // v1
    Bytes frame_; ///< LEN, body, LRC
    std::optional<emulator::Instant> byte_deadline_;
    std::optional<emulator::Instant> confirm_deadline_;
    bool stale_sent_ = false;

    // v2
    Bytes packet_; ///< unstuffed, after STX
    bool in_packet_ = false;
    bool escaped_ = false;
    std::uint16_t last_number_ = 1;
    bool executed_any_ = false;
    std::uint16_t running_number_ = 0;
};

} // namespace kb::shtrih
