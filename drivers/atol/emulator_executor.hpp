// Runs one request at a time as a register does: it thinks, acts, prints, and only then has an answer. The
// faults bound to commands strike here, so that both transports feel them alike.
#pragma once

#include "drivers/atol/emulator_commands.hpp"
#include "drivers/emulator/faults.hpp"

#include <optional>

namespace kb::emulator::atol {

/// A request's answer, and what a fault does to it on its way.
struct Finished {
    Reply reply;
    bool lost = false;
    bool damaged = false;
    bool twice = false;
    std::optional<Reply> stale; ///< an older answer goes first
};

class Executor {
public:
    Executor(VirtualKkt& kkt, Commands& commands, Faults& faults, std::chrono::milliseconds think)
        : kkt_(kkt),
          commands_(commands),
          faults_(faults),
          think_(think)
    {}

    /// A request arrived whole. nullopt: take it; else how long the register is deaf and dumb from now on.
    std::optional<std::chrono::milliseconds> falls_silent(BytesView request);
    /// Whether a good request is to be refused as damaged.
    bool refuses(BytesView request);

    [[nodiscard]] bool busy() const { return stage_ != Stage::idle; }
    /// Precondition: not busy().
    void start(Bytes request, Instant now);
    [[nodiscard]] std::optional<Instant> deadline() const;
    /// The answer when it is there; nullopt: later, or never because the power went or the register restarts.
    std::optional<Finished> run(Instant now);
    /// The power went: nothing is under way.
    void forget() { stage_ = Stage::idle; }

    /// How long the register is away, should a command or a fault have restarted it; asking clears it.
    std::optional<std::chrono::milliseconds> take_restart() { return std::exchange(restart_, std::nullopt); }
    bool take_hang_up() { return std::exchange(hang_up_, false); }

private:
    enum class Stage { idle, thinking, printing, delayed };

    std::optional<Finished> act(Instant now);
    std::optional<Finished> hand_over(Instant now);
    std::optional<Finished> finish();

    VirtualKkt& kkt_;
    Commands& commands_;
    Faults& faults_;
    std::chrono::milliseconds think_;
    Stage stage_ = Stage::idle;
    Instant at_{};
    Bytes request_;
    std::string name_;
    Reply reply_;
    std::optional<Reply> older_;
    std::optional<std::chrono::milliseconds> restart_;
    bool hang_up_ = false;
};

} // namespace kb::emulator::atol
