// The only loop with I/O in it: runs the pure conversations of protocol/ over a line.
#pragma once

#include "drivers/line_counters.hpp"
#include "drivers/transport/transport.hpp"
#include "protocol/core/exchange.hpp"

#include <memory>

namespace kb {

/// Owns the line to one device. One exchange at a time; everything runs on the device's strand.
class Session {
public:
    /// No command of any vendor works longer; a line that babbles without end is cut off here.
    static constexpr std::chrono::milliseconds kLongest{180'000};
    /// A frame that the system does not take within this time never left the PC.
    static constexpr std::chrono::milliseconds kWriteWait{3'000};

    explicit Session(std::unique_ptr<Transport> line);

    /// The answer, or why there is none: the exchange's own error, port_lost, cancelled, or timed_out after
    /// `at_most`. What had arrived before is dropped first. Once anything was written, a failure of the line
    /// is Outcome::unknown.
    Task<Bytes> run(Exchange& exchange, std::chrono::milliseconds at_most = kLongest);

    /// Ends the running exchange, and all further ones until resume(), with Errc::cancelled.
    void cancel();
    void resume() { cancelled_ = false; }
    [[nodiscard]] bool cancelled() const { return cancelled_; }

    [[nodiscard]] const LineCounters& counters() const { return counters_; }
    [[nodiscard]] Transport& line() { return *line_; }
    [[nodiscard]] const Transport& line() const { return *line_; }

private:
    Result<Bytes> broken(const Exchange& exchange, Error error, bool written);
    void count(const Exchange& exchange);

    std::unique_ptr<Transport> line_;
    LineCounters counters_;
    bool cancelled_ = false;
};

} // namespace kb
