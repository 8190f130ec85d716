// What the two transports have in common, seen from the register: bytes come one by one, requests go to the
// executor, answers come back from it.
#pragma once

#include "drivers/atol/emulator_executor.hpp"

namespace kb::emulator::atol {

class Protocol {
public:
    Protocol(Executor& executor, Bytes& output) : executor_(executor), output_(output) {}
    virtual ~Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;

    virtual void on_byte(std::uint8_t byte, Instant now) = 0;
    /// Everything written has left.
    virtual void on_sent(Instant now) = 0;
    [[nodiscard]] virtual std::optional<Instant> deadline() const = 0;
    virtual void on_time(Instant now) = 0;
    /// The executor is through with the request it was given.
    virtual void finished(Finished done, Instant now) = 0;
    /// A host opened the line: what was half received is noise.
    virtual void link_up() = 0;
    /// The power came: nothing is remembered.
    virtual void power_up() = 0;
    /// A fault made the register deaf and dumb for so long; asking clears it.
    std::optional<std::chrono::milliseconds> take_silence() { return std::exchange(silence_, std::nullopt); }

protected:
    void write(BytesView bytes) { output_.insert(output_.end(), bytes.begin(), bytes.end()); }

    Executor& executor_;
    Bytes& output_;
    std::optional<std::chrono::milliseconds> silence_;
};

} // namespace kb::emulator::atol
