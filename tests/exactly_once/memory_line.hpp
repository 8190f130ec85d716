// A line between a driver and a virtual register in one process and in stepped time: no port, no kernel, so
// that nothing happens but what the test and the register's faults let happen. It is cut at any byte.
#pragma once

#include "drivers/emulator/face.hpp"
#include "drivers/emulator/faults.hpp"
#include "drivers/transport/transport.hpp"
#include "tests/exactly_once/test_line.hpp"

#include <memory>
#include <optional>

namespace kb::test {

class MemoryLine final : public TestLine {
public:
    /// All outlive it.
    MemoryLine(asio::io_context& io, emulator::VirtualKkt& kkt, emulator::Face& face,
               emulator::Faults& faults);
    ~MemoryLine() override;
    MemoryLine(const MemoryLine&) = delete;
    MemoryLine& operator=(const MemoryLine&) = delete;

    /// The host's end; an earlier one is dead. Errc::port_not_found while the line is away.
    Result<std::unique_ptr<Transport>> open();
    using TestLine::hang_up;
    void hang_up(std::chrono::milliseconds away) override;
    /// The register has something to say after a change from outside.
    void settle();

private:
    class End;
    struct Shared;

    void receive(BytesView bytes);
    void arm_face();
    /// The part of `bytes` before a cut; the line is away when it was reached.
    Bytes carry(Bytes bytes, Direction direction);

    asio::io_context& io_;
    emulator::VirtualKkt& kkt_;
    emulator::Face& face_;
    emulator::Faults& faults_;
    std::shared_ptr<Shared> end_; ///< of the host's end that lives
    Timer face_timer_;
    std::optional<Steady::time_point> away_until_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace kb::test
