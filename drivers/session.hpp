// The only loop with I/O in it: runs the pure conversations of protocol/ over a line.
#pragma once

#include "drivers/line_counters.hpp"
#include "drivers/transport/transport.hpp"
#include "protocol/core/exchange.hpp"

#include <memory>

namespace kb {

/// What outlives the exchanges on one line.
struct LineState {
    LineCounters counters;
    bool cancelled = false; ///< the running exchange, and every further one, ends with Errc::cancelled
};

/// No command of any vendor works longer; a line that babbles without end is cut off here.
inline constexpr std::chrono::milliseconds kLongestExchange{180'000};

/// The answer, or why there is none: the exchange's own error, port_lost, cancelled, or timed_out after
/// `at_most`. What had arrived before is dropped first. The Outcome of a failed line is what the exchange
/// says is certain at that moment.
Task<Bytes> run(Exchange& exchange, Transport& line, LineState& state,
                std::chrono::milliseconds at_most = kLongestExchange);

/// Owns the line to one device. One exchange at a time; everything runs on the device's strand.
class Session {
public:
    explicit Session(std::unique_ptr<Transport> line) : line_(std::move(line)) {}

    /// As kb::run over the session's line.
    Task<Bytes> run(Exchange& exchange, std::chrono::milliseconds at_most = kLongestExchange)
    {
        return kb::run(exchange, *line_, state_, at_most);
    }

    /// Ends the running exchange, and all further ones until resume(), with Errc::cancelled.
    void cancel();
    void resume() { state_.cancelled = false; }
    [[nodiscard]] bool cancelled() const { return state_.cancelled; }

    [[nodiscard]] const LineCounters& counters() const { return state_.counters; }
    [[nodiscard]] Transport& line() { return *line_; }
    [[nodiscard]] const Transport& line() const { return *line_; }

private:
    std::unique_ptr<Transport> line_;
    LineState state_;
};

} // namespace kb
