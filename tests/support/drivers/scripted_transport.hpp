// A line that plays an `.exchange` fixture: the device's side of a recorded conversation.
#pragma once

#include "drivers/transport/transport.hpp"
#include "tests/support/fixtures.hpp"

#include <optional>

namespace kb::test {

/// What the test wants to know of the line after the driver has taken it over.
struct ScriptLog {
    std::size_t steps = 0;    ///< writes and reads so far
    std::size_t timeouts = 0; ///< reads that found nothing to read
    std::string mismatch;     ///< the first write that differs from the script
    bool exhausted = false;   ///< every line of the script was played
    Bytes written;
};

struct ScriptOptions {
    std::optional<std::size_t> lost_at; ///< the line goes away at this write or read, counted from 0
    bool byte_by_byte = false;          ///< the device's bytes come singly
};

/// Time is virtual: a read without a device line at hand is a time-out at once.
class ScriptedTransport final : public Transport {
public:
    ScriptedTransport(std::vector<ExchangeLine> script, ScriptLog& log, ScriptOptions options = {})
        : script_(std::move(script)),
          log_(log),
          options_(options)
    {
        note_end();
    }

    Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) override;
    Task<Bytes> read(std::chrono::milliseconds at_most) override;
    Result<void> discard_input() override;
    void cancel() override {}
    void close() override { open_ = false; }
    [[nodiscard]] bool is_open() const override { return open_; }
    [[nodiscard]] std::string name() const override { return "script"; }

private:
    bool lost();
    void note_end() { log_.exhausted = at_ == script_.size(); }

    std::vector<ExchangeLine> script_;
    ScriptLog& log_;
    ScriptOptions options_;
    std::size_t at_ = 0;
    std::size_t offset_ = 0; // bytes of script_[at_] already played
    bool open_ = true;
};

} // namespace kb::test
