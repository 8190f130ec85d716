// Faults on demand: what breaks, when, how often. Seeded, so that a failure seen once can be seen again.
#pragma once

#include "protocol/core/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kb::emulator {

enum class FaultKind {
    lost_byte,     ///< a byte of the line vanishes
    flipped_bit,   ///< one bit of a byte turns over
    nak_storm,     ///< good frames are refused as damaged
    silence,       ///< deaf and dumb for a time
    hang_up,       ///< the line goes away and comes back
    lose_answer,   ///< the command is done, its answer never leaves
    delay_answer,  ///< the answer comes late
    stale_answer,  ///< an older answer comes first
    busy,          ///< the command is refused as "still printing"
    damage_answer, ///< the answer comes with a wrong check sum
    double_answer, ///< the answer comes twice
    reboot_before, ///< the register restarts and has not executed the command
    reboot_after,  ///< the register restarts before it can tell what it did
};

struct Fault {
    FaultKind kind{};
    std::uint32_t after = 0;                  ///< so many bytes or commands pass first
    double probability = 1.0;                 ///< of each further byte or command
    std::uint32_t count = 1;                  ///< how often; 0: for ever
    std::string at_command;                   ///< "FF45": only there; empty: anywhere
    std::chrono::milliseconds duration{2000}; ///< silence, delay_answer
    bool to_host = true;                      ///< lost_byte, flipped_bit: in this direction
    bool from_host = true;
    std::optional<std::uint8_t> code =
        std::nullopt; ///< busy: the register's error instead of its "still printing"
};

std::string_view to_string(FaultKind kind);
std::optional<FaultKind> fault_kind(std::string_view name);

class Faults {
public:
    explicit Faults(std::uint64_t seed) : random_(seed) {}

    void add(Fault fault) { faults_.push_back(std::move(fault)); }
    void clear() { faults_.clear(); }
    void reseed(std::uint64_t seed) { random_.seed(seed); }
    [[nodiscard]] const std::vector<Fault>& list() const { return faults_; }

    /// A command has arrived: the faults of `kind` that are due at it (used up by asking).
    std::optional<Fault> at_command(FaultKind kind, std::string_view command);
    /// The command byte faults with `at_command` are bound to.
    void set_current_command(std::string_view command) { current_ = command; }
    /// Passes bytes of the line through lost_byte and flipped_bit.
    Bytes on_line(BytesView bytes, bool to_host);
    /// Whether a hang_up is due after these bytes.
    bool hang_up_after(std::size_t bytes);

private:
    bool strikes(Fault& fault);
    void drop_spent();

    std::vector<Fault> faults_;
    std::mt19937_64 random_;
    std::string current_;
};

} // namespace kb::emulator
