// One command over the v2 line: numbers that make a request sent twice be executed once.
#pragma once

#include "protocol/core/exchange.hpp"
#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/frame_v2.hpp"

#include <vector>

namespace kb::shtrih::v2 {

struct Timing {
    std::chrono::milliseconds ping{1000};   ///< for the answer to a ping
    std::chrono::milliseconds rest{1000};   ///< between two bytes of an answer
    std::chrono::milliseconds quiet{100};   ///< silence after which no late byte is expected any more
    std::chrono::milliseconds resend{2000}; ///< before the request goes out again; doubles each time
    int ping_attempts = 5;
    int repeat_attempts = 5; ///< after damaged, foreign or wrongly numbered answers
};

/// What one connection remembers between commands.
struct Link {
    /// False after connecting and after any trouble: the next command listens for Timing::quiet, then asks
    /// the device by a ping which number it answered last.
    bool synced = false;
    std::uint16_t number = 0; ///< of the device's last answer; valid when synced
    /// Answers to earlier commands that the device repeated while this command got into step.
    std::vector<Bytes> recovered;
};

/// Sends one request and gives back the data of its answer, refusals included (errors.hpp reads it).
///
/// The device executes a number once, so a lost answer is fetched by sending the same number again. A request
/// gets a new number only when the device certainly did not execute the old one, or when it merely reads.
/// Errors: no_answer, bad_frame, protocol_violation, bad_length.
class CommandExchange final : public Exchange {
public:
    /// `request`: code and parameters, 1..kMaxData bytes. `link` outlives the exchange.
    CommandExchange(Link& link, Bytes request, Timing timing = {});

    Step begin() override;
    Step on_written() override;
    Step on_bytes(BytesView bytes) override;
    Step on_timeout() override;
    [[nodiscard]] Outcome outcome_if_lost() const override { return outcome_; }
    [[nodiscard]] ExchangeCounters counters() const override { return counters_; }

private:
    enum class Stage { settling, pinging, requesting };

    Step ping();
    Step send();
    Step repeat();
    Step take(Packet packet);
    Step take_number(Packet packet);
    Step keep_reading();
    Step fail_with(Errc code, const char* why, Outcome outcome);

    Link& link_;
    Bytes request_;
    Timing timing_;
    std::uint16_t code_ = 0;
    Stage stage_ = Stage::settling;
    Outcome outcome_ = Outcome::not_done;
    ExchangeCounters counters_;
    FrameDecoder decoder_;
    std::uint16_t number_ = 0;
    std::chrono::milliseconds wait_{};   ///< for the present try
    std::chrono::milliseconds budget_{}; ///< still to be waited for the answer after that
    int pings_ = 0;
    int sent_ = 0; ///< with the present number
    int repeats_ = 0;
    std::size_t noise_ = 0;
};

} // namespace kb::shtrih::v2
