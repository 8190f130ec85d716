// A line between a driver and a virtual register in one process and in stepped time: no port, no kernel, so
// that nothing happens but what the test and the register's faults let happen. It is cut at any byte.
#pragma once

#include "drivers/emulator/face.hpp"
#include "drivers/emulator/faults.hpp"
#include "drivers/transport/transport.hpp"

#include <memory>
#include <optional>

namespace kb::test {

/// Where a line breaks: after so many bytes in that direction, counted from now.
struct Cut {
    std::optional<std::size_t> to_device;
    std::optional<std::size_t> to_host;
};

class MemoryLine {
public:
    /// All outlive it.
    MemoryLine(asio::io_context& io, emulator::VirtualKkt& kkt, emulator::Face& face,
               emulator::Faults& faults);
    ~MemoryLine();
    MemoryLine(const MemoryLine&) = delete;
    MemoryLine& operator=(const MemoryLine&) = delete;

    /// The host's end; an earlier one is dead. Errc::port_not_found while the line is away.
    Result<std::unique_ptr<Transport>> open();
    /// It goes away, and comes back after `away`.
    void hang_up(std::chrono::milliseconds away = std::chrono::milliseconds{500});
    void cut_at(Cut cut)
    {
        cut_ = cut;
        was_cut_ = false;
    }
    /// Since then.
    [[nodiscard]] bool was_cut() const { return was_cut_; }
    /// Bytes that passed since it was made.
    [[nodiscard]] std::size_t passed_to_device() const { return to_device_; }
    [[nodiscard]] std::size_t passed_to_host() const { return to_host_; }
    /// The register has something to say after a change from outside.
    void settle();

private:
    class End;
    struct Shared;

    void receive(BytesView bytes);
    void arm_face();
    /// The part of `bytes` before a cut; the line is away when it was reached.
    Bytes pass(Bytes bytes, std::optional<std::size_t>& left, std::size_t& passed);

    asio::io_context& io_;
    emulator::VirtualKkt& kkt_;
    emulator::Face& face_;
    emulator::Faults& faults_;
    std::shared_ptr<Shared> end_; ///< of the host's end that lives
    Timer face_timer_;
    std::optional<Steady::time_point> away_until_;
    Cut cut_;
    bool was_cut_ = false;
    std::size_t to_device_ = 0;
    std::size_t to_host_ = 0;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace kb::test
