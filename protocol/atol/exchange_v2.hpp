// One command over the v2 line: both sides ask by ENQ before they send, and what is certain at each step.
#pragma once

#include "protocol/atol/command_codes.hpp"
#include "protocol/atol/frame_v2.hpp"
#include "protocol/core/exchange.hpp"

#include <optional>
#include <vector>

namespace kb::atol::v2 {

/// The timers of docs/sources.md#atol, section 1.3; how long a command may work (T5) is in command_codes.hpp.
struct Timing {
    std::chrono::milliseconds control{500}; ///< T1, T4: for ACK or NAK
    std::chrono::milliseconds frame{2000};  ///< T2: for STX after our ACK to an ENQ
    std::chrono::milliseconds end{500};     ///< T3: for the EOT that ends an answer
    /// Between two bytes of a frame. Less than T6 (500 ms), after which a device that got no ACK sends the
    /// frame anew: glued to a torn one, the two may add up to a right sum.
    std::chrono::milliseconds byte{400};
    std::chrono::milliseconds pause{500}; ///< T7: after a collision, and while the device is busy
    std::chrono::milliseconds quiet{100}; ///< silence after which no late byte is expected any more
    int enq_attempts = 5;
    int busy_attempts = 20;
    int frame_attempts = 10;
    int read_attempts = 10;
};

/// What one connection remembers between commands.
struct Link {
    /// False after connecting and after any trouble: bytes may still be under way, so the next command
    /// listens for Timing::quiet first.
    bool settled = false;
    /// Answers to earlier commands which the device still wanted to be rid of.
    std::vector<Bytes> recovered;
};

/// Sends one request and gives back the data of its answer, refusals included (errors.hpp reads it).
///
/// The frames carry no number: a device cannot tell a repeated request. So a frame is written again only
/// within one handshake, where the device by its own states takes it once; and once it may have been taken,
/// nothing is ever sent again.
/// Errors: no_answer, device_busy, bad_frame, bad_checksum, protocol_violation, bad_length.
class CommandExchange final : public Exchange {
public:
    /// `request`: access password, code and parameters, at most kMaxRequest bytes. `link` outlives the
    /// exchange.
    CommandExchange(Link& link, Bytes request, Timing timing = {});

    Step begin() override;
    Step on_written() override;
    Step on_bytes(BytesView bytes) override;
    Step on_timeout() override;
    [[nodiscard]] Outcome outcome_if_lost() const override { return outcome_; }
    [[nodiscard]] ExchangeCounters counters() const override { return counters_; }

private:
    enum class Stage {
        settling,       ///< nothing sent yet, late bytes are dropped
        asking,         ///< ENQ sent, waiting for ACK
        pausing,        ///< the device is busy, or both sent ENQ
        old_announced,  ///< ACK to the ENQ of an old answer sent
        old_answer,     ///< the frame of an old answer is coming
        ending_old,     ///< ACK to an old answer sent
        sent,           ///< request sent, waiting for ACK
        ending_request, ///< EOT is being written
        waiting,        ///< the device works
        accepting,      ///< ACK to the ENQ of the answer sent
        answer,         ///< the answer is coming
        confirming,     ///< ACK to the answer sent
        giving_up,      ///< EOT is being written, then error_
    };

    Step write(Stage stage, Bytes bytes, std::chrono::milliseconds then_wait);
    Step wait(Stage stage, std::chrono::milliseconds at_most);
    Step proceed();
    std::optional<Step> take(std::uint8_t byte);
    std::optional<Step> take_while_asking(std::uint8_t byte);
    std::optional<Step> take_while_sent(std::uint8_t byte);
    std::optional<Step> take_while_accepting(std::uint8_t byte);
    std::optional<Step> take_of_frame(std::uint8_t byte);
    std::optional<Step> noise();
    Step ask();
    Step send();
    Step accept();
    Step drain();
    Step read_again();
    Step take_answer(Bytes data);
    Step give_up(Errc code, const char* why, Outcome outcome);
    Step fail_with(Errc code, const char* why, Outcome outcome);

    Link& link_;
    Bytes request_;
    Timing timing_;
    std::uint16_t code_ = 0;
    Stage stage_ = Stage::settling;
    std::chrono::milliseconds wait_{};
    Outcome outcome_ = Outcome::not_done;
    ExchangeCounters counters_;
    FrameDecoder decoder_;
    Bytes input_;
    std::size_t at_ = 0; ///< of input_, already looked at
    std::optional<Bytes> reply_;
    std::optional<Error> error_;
    bool may_be_taken_ = false; ///< some copy of the request was neither acknowledged nor refused
    int asked_ = 0;
    int busy_ = 0;
    int collisions_ = 0;
    int drained_ = 0;
    int sent_ = 0;
    int read_ = 0;
    std::size_t noise_ = 0;
};

} // namespace kb::atol::v2
