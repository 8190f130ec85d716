// One command over the v1 line: the ENQ/ACK/NAK handshake, damaged and lost bytes, and what is certain at
// each step.
#pragma once

#include "protocol/core/exchange.hpp"
#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/frame_v1.hpp"

#include <vector>

namespace kb::shtrih::v1 {

struct Timing {
    std::chrono::milliseconds control{1000};     ///< for a control byte, and between two bytes of an answer
    std::chrono::milliseconds quiet{100};        ///< silence after which no late byte is expected any more
    std::chrono::milliseconds old_answer{30000}; ///< for the answer to an earlier command
    int enq_attempts = 5;
    int send_attempts = 3;
    int read_attempts = 3;
    int drain_rounds = 10;
};

/// What one connection remembers between commands.
struct Link {
    /// False after connecting, after a power cut and after any trouble: bytes may still be under way, so the
    /// next command listens for Timing::quiet first.
    bool settled = false;
    /// Answers to earlier commands which the device still kept and this command had to take off it.
    std::vector<Bytes> recovered;
};

/// Sends one request and gives back the body of its answer, refusals included (errors.hpp reads it).
///
/// A request goes out again only when the device certainly did not take it (NAK, or idle after it was asked)
/// or when it merely reads. Errors: no_answer, bad_frame, bad_checksum, protocol_violation, bad_length.
class CommandExchange final : public Exchange {
public:
    /// `request`: code and parameters, 1..255 bytes. `link` outlives the exchange.
    CommandExchange(Link& link, Bytes request, Timing timing = {});

    Step begin() override;
    Step on_written() override;
    Step on_bytes(BytesView bytes) override;
    Step on_timeout() override;
    [[nodiscard]] Outcome outcome_if_lost() const override { return outcome_; }
    [[nodiscard]] ExchangeCounters counters() const override { return counters_; }

private:
    enum class Stage {
        settling,      ///< nothing sent yet, late bytes are dropped
        asking,        ///< ENQ sent, the request not: NAK means idle, ACK an old answer
        old_answer,    ///< the frame of an old answer is coming
        ending_old,    ///< ACK or NAK to the old answer is being written
        sending,       ///< the request is being written
        sent,          ///< waiting for ACK or NAK to the request
        refused_frame, ///< NAK came: listening whether it was the last word
        answer,        ///< request taken, the answer is coming
        confirming,    ///< ACK to the answer is being written
        rejecting,     ///< NAK to a damaged answer, or ACK to a foreign one, is being written
        asking_again,  ///< ENQ sent to have the answer once more
    };

    Step write(Stage stage, Bytes bytes);
    Step wait(Stage stage, std::chrono::milliseconds at_most);
    Step ask();
    Step ask_again();
    Step send();
    Step take_control(std::uint8_t control, BytesView rest);
    Step request_lost();
    Step request_taken(BytesView bytes);
    Step read_old(BytesView bytes);
    Step read_answer(BytesView bytes);
    Step take_answer(Bytes body);
    Step fail_with(Errc code, const char* why, Outcome outcome);

    Link& link_;
    Bytes request_;
    Timing timing_;
    std::uint16_t code_ = 0;
    Stage stage_ = Stage::settling;
    Outcome outcome_ = Outcome::not_done;
    ExchangeCounters counters_;
    FrameDecoder decoder_;
    Bytes reply_;
    int asked_ = 0;
    int sent_ = 0;
    int read_ = 0;
    int drained_ = 0;
    std::size_t noise_ = 0;
};

} // namespace kb::shtrih::v1
