// One command over the v3 line: a task put into the register's buffer, its result fetched, the buffer left
// clean.
#pragma once

#include "protocol/atol/command_codes.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "protocol/core/exchange.hpp"

#include <optional>
#include <vector>

namespace kb::atol::v3 {

// Commands to the buffer and the states it tells. Source: docs/sources.md#atol, sections 2.2 and 2.3.
namespace buffer {
inline constexpr std::uint8_t kAdd = 0xC1;   ///< flags, task, request
inline constexpr std::uint8_t kAck = 0xC2;   ///< task: its result was taken, forget it
inline constexpr std::uint8_t kReq = 0xC3;   ///< task: how is it?
inline constexpr std::uint8_t kAbort = 0xC4; ///< forget all tasks and the error state

inline constexpr std::uint8_t kNeedResult = 0x01; ///< flag of kAdd

inline constexpr std::uint8_t kPending = 0xA1;
inline constexpr std::uint8_t kInProgress = 0xA2;
inline constexpr std::uint8_t kResult = 0xA3;      ///< and the answer
inline constexpr std::uint8_t kError = 0xA4;       ///< and the answer
inline constexpr std::uint8_t kStopped = 0xA5;     ///< never begun, since a task before it failed
inline constexpr std::uint8_t kAsyncResult = 0xA6; ///< task and answer, on its own
inline constexpr std::uint8_t kAsyncError = 0xA7;  ///< task and answer, on its own
inline constexpr std::uint8_t kWaiting = 0xA8;
inline constexpr std::uint8_t kOverflow = 0xB1;
inline constexpr std::uint8_t kAlreadyExists = 0xB2;
inline constexpr std::uint8_t kNotFound = 0xB3;
inline constexpr std::uint8_t kIllegalValue = 0xB4;
} // namespace buffer

/// Identifiers of packets and tasks: 00..DF, then 00 again.
constexpr std::uint8_t after(std::uint8_t id)
{
    return id >= kLastId ? std::uint8_t{0} : static_cast<std::uint8_t>(id + 1);
}

struct Timing {
    std::chrono::milliseconds reply{2000}; ///< for the reply to Add and Req
    std::chrono::milliseconds abort{500};  ///< for the reply to Abort and Ack
    std::chrono::milliseconds slice{1000}; ///< of silence before a task is asked for
    std::chrono::milliseconds rest{500};   ///< between two bytes of a packet
    std::chrono::milliseconds grace{
        60000}; ///< beyond the command's own time while the register says it works
    std::chrono::milliseconds old_task{30000}; ///< for a task whose answer an earlier exchange lost
    int attempts = 3;                          ///< of one packet
    int repeats = 5;                           ///< of one packet, when the register asks for it
    int restarts = 3;                          ///< of a task that was certainly not executed
};

/// What one connection remembers between commands.
struct Link {
    /// False after connecting and after any trouble: the next command first clears the buffer.
    bool ready = false;
    std::uint8_t id = 0;   ///< of the next packet
    std::uint8_t task = 0; ///< of the next task; a driver that begins anew should not begin at the same one

    /// A task that may have changed something and whose answer was lost: the next command asks for it first,
    /// and never clears a buffer in which it is still at work.
    struct Unfinished {
        std::uint8_t task;
        std::uint16_t code;
    };
    std::optional<Unfinished> unfinished;

    struct Recovered {
        std::uint8_t task;
        Bytes answer;
    };
    /// Answers to other tasks that came while this command was at work, `unfinished` included.
    std::vector<Recovered> recovered;
};

/// Sends one request and gives back its answer, refusals included (errors.hpp reads it).
///
/// A task has a number, and the register takes a number once: so a lost packet is repeated byte by byte, and
/// a lost answer is asked for. A task gets a new number only when the register says that it was not begun, or
/// when it merely reads.
/// Errors: no_answer, device_busy, bad_frame, protocol_violation, bad_length.
class CommandExchange final : public Exchange {
public:
    /// `request`: access password, code and parameters. `link` outlives the exchange.
    CommandExchange(Link& link, Bytes request, Timing timing = {});

    Step begin() override;
    Step on_written() override;
    Step on_bytes(BytesView bytes) override;
    Step on_timeout() override;
    [[nodiscard]] Outcome outcome_if_lost() const override;
    [[nodiscard]] ExchangeCounters counters() const override { return counters_; }
    /// After Done: the register delivered the answer as an error.
    [[nodiscard]] bool refused() const { return refused_; }
    /// What to put into Link::unfinished when the line went away in the middle of this exchange.
    [[nodiscard]] std::optional<Link::Unfinished> unfinished() const;

private:
    enum class Stage {
        asking_old,  ///< Req for the task of an earlier exchange
        old_at_work, ///< that task still works
        clearing,    ///< Abort before the first task
        adding,      ///< Add
        waiting,     ///< the register works
        asking,      ///< Req for our task
        closing,     ///< Ack or Abort after the answer
    };

    Step send(Stage stage, Bytes data, std::chrono::milliseconds wait);
    Step resend();
    Step proceed();
    std::optional<Step> take(const Packet& packet);
    std::optional<Step> take_async(const Packet& packet);
    std::optional<Step> take_old(const Packet& packet);
    std::optional<Step> take_add(const Packet& packet);
    std::optional<Step> take_state(const Packet& packet);
    Step clear();
    Step add();
    void keep_waiting();
    Step ask();
    Step restart();
    Step lost_task();
    Step silent();
    Step finish(BytesView answer, bool refused);
    Step fail_with(Errc code, const char* why, Outcome outcome);

    Link& link_;
    Bytes request_;
    Timing timing_;
    std::uint16_t code_ = 0;
    Stage stage_ = Stage::clearing;
    std::chrono::milliseconds wait_{};
    bool added_ = false; ///< Add has been sent under the present task number
    ExchangeCounters counters_;
    PacketDecoder decoder_;
    std::uint8_t task_ = 0;
    std::uint8_t sent_id_ = 0;
    Bytes packet_; ///< as it was sent last, to be sent again
    int attempts_ = 0;
    int repeats_ = 0;
    int restarts_ = 0;
    std::chrono::milliseconds silence_{}; ///< since the register last said that the task is there
    std::chrono::milliseconds working_{}; ///< since the task was added
    bool damaged_ = false;
    std::size_t noise_ = 0;
    Bytes reply_;
    bool refused_ = false;
    std::optional<Error> error_;
};

} // namespace kb::atol::v3
