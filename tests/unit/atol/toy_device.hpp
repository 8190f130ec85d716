// Registers of a few lines, for tests of the exchanges: the states of v2 and the task buffer of v3, no
// meaning behind them. Not the emulator: that one has its own reading of the documents.
#pragma once

#include "protocol/atol/exchange_v2.hpp"
#include "protocol/atol/exchange_v3.hpp"
#include "tests/support/faulty_line.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <utility>

namespace kb::test {

/// Counts the commands that change something; the answer tells which one it was, so that an answer to an
/// earlier command is seen.
class ToyRegister {
public:
    Bytes execute(BytesView request)
    {
        const auto code = atol::request_code(request);
        if (!code)
            return {0x55, 0x13, 0};
        if (atol::effect_of(*code) == atol::Effect::changes)
            ++executed_;
        return {0x55, 0, static_cast<std::uint8_t>(executed_)};
    }
    [[nodiscard]] int executed() const { return executed_; }

private:
    int executed_ = 0;
};

/// The device's side of v2 (docs/sources.md#atol, section 1.4), the mirror image of the host's.
class ToyDevice {
public:
    void take(BytesView bytes)
    {
        for (const std::uint8_t byte : bytes)
            take(byte);
    }

    /// Silence for so long, but not beyond what the device does about it.
    void pass_time(std::chrono::milliseconds at_most)
    {
        silence_ += at_most;
        if (silence_ < kPatience)
            return;
        silence_ = {};
        lose_patience();
    }

    Bytes give() { return std::exchange(output_, {}); }
    [[nodiscard]] int executed() const { return register_.executed(); }

private:
    enum class State { idle, receiving, received, announcing, answered };
    static constexpr std::chrono::milliseconds kPatience{500}; // T1, T3, T4 and T6

    void lose_patience()
    {
        using namespace atol::v2;
        switch (state_) {
        case State::idle:
            break;
        case State::receiving:
            if (decoder_.in_frame())
                send(kNak);
            else if (++waited_ > 3)
                state_ = State::idle;
            decoder_.reset();
            break;
        case State::received:
            execute();
            break;
        case State::announcing:
            if (++waited_ > 9)
                state_ = State::idle; // the answer is dropped
            else
                send(kEnq);
            break;
        case State::answered:
            if (++waited_ > 9)
                state_ = State::idle;
            else
                send_answer();
            break;
        }
    }

    void send(std::uint8_t byte) { output_.push_back(byte); }
    void enter(State state)
    {
        state_ = state;
        waited_ = 0;
        decoder_.reset();
    }
    void send_answer()
    {
        const Bytes frame = atol::v2::encode_frame(answer_);
        output_.insert(output_.end(), frame.begin(), frame.end());
    }
    void execute()
    {
        answer_ = register_.execute(request_);
        enter(State::announcing);
        send(atol::v2::kEnq);
    }
    void receive(std::uint8_t byte)
    {
        decoder_.feed(BytesView(&byte, 1));
        const auto frame = decoder_.next();
        if (!frame)
            return;
        if (*frame) {
            request_ = **frame;
            enter(State::received);
        }
        send(*frame ? atol::v2::kAck : atol::v2::kNak);
    }

    void take(std::uint8_t byte)
    {
        using namespace atol::v2;
        silence_ = {};
        switch (state_) {
        case State::idle:
            if (byte == kEnq) {
                send(kAck);
                enter(State::receiving);
            }
            break;
        case State::receiving:
            if (byte == kEnq && !decoder_.in_frame())
                send(kAck);
            else if (byte == kEot && !decoder_.in_frame())
                enter(State::idle);
            else
                receive(byte);
            break;
        case State::received:
            if (byte == kEot) {
                execute();
            } else if (byte == kStx) {
                enter(State::receiving); // our ACK was lost
                receive(byte);
            }
            break;
        case State::announcing:
            if (byte == kAck) {
                enter(State::answered);
                send_answer();
            }
            break;
        case State::answered:
            if (byte == kAck) {
                send(kEot);
                enter(State::idle);
            } else if (byte == kNak) {
                send_answer();
            }
            break;
        }
    }

    ToyRegister register_;
    State state_ = State::idle;
    atol::v2::FrameDecoder decoder_;
    Bytes request_;
    Bytes answer_;
    Bytes output_;
    std::chrono::milliseconds silence_{};
    int waited_ = 0;
};

/// The device's side of v3 (docs/sources.md#atol, sections 2.2 to 2.4).
class ToyBufferDevice {
public:
    /// Asks for broken packets again by empty ones.
    bool asks_again = false;
    /// Puts the answer into the reply to Add.
    bool answers_at_once = false;

    void take(BytesView bytes)
    {
        decoder_.feed(bytes);
        while (auto packet = decoder_.next()) {
            if (*packet)
                take(**packet);
            else if (asks_again)
                send(last_id_, {});
        }
    }
    void pass_time() { decoder_.reset(); }
    Bytes give() { return std::exchange(output_, {}); }
    [[nodiscard]] int executed() const { return register_.executed(); }
    [[nodiscard]] std::size_t kept() const { return tasks_.size(); }
    void lose_power()
    {
        tasks_.clear();
        output_.clear();
        decoder_.reset();
    }
    /// A task of somebody else whose result was never taken.
    void keep_foreign(std::uint8_t task) { tasks_[task] = {0x55, 0, 0xEE}; }

private:
    void send(std::uint8_t id, const Bytes& data)
    {
        const Bytes packet = atol::v3::encode_packet(id, data);
        output_.insert(output_.end(), packet.begin(), packet.end());
    }
    static Bytes with(std::uint8_t first, const Bytes& rest)
    {
        Bytes all{first};
        all.insert(all.end(), rest.begin(), rest.end());
        return all;
    }

    void take(const atol::v3::Packet& packet)
    {
        using namespace atol::v3::buffer;
        last_id_ = packet.id;
        if (packet.data.empty())
            return;
        const std::uint8_t task = packet.data.size() > 1 ? packet.data[1] : std::uint8_t{0};
        switch (packet.data[0]) {
        case kAbort:
            tasks_.clear();
            return send(packet.id, {kResult});
        case kAck:
            return send(packet.id, {tasks_.erase(task) != 0 ? kResult : kNotFound});
        case kReq:
            return send(packet.id, tasks_.count(task) != 0 ? with(kResult, tasks_[task]) : Bytes{kNotFound});
        case kAdd:
            return add(packet);
        default:
            return;
        }
    }
    void add(const atol::v3::Packet& packet)
    {
        using namespace atol::v3::buffer;
        const std::uint8_t task = packet.data.at(2);
        if (tasks_.count(task) != 0)
            return send(packet.id, {kAlreadyExists});
        tasks_[task] = register_.execute(BytesView(packet.data).subspan(3));
        if (answers_at_once)
            return send(packet.id, with(kResult, tasks_[task]));
        send(packet.id, {kInProgress});
        send(atol::v3::kAsyncId, with(kAsyncResult, with(task, tasks_[task])));
    }

    ToyRegister register_;
    atol::v3::PacketDecoder decoder_;
    std::map<std::uint8_t, Bytes> tasks_;
    std::uint8_t last_id_ = 0;
    Bytes output_;
};

} // namespace kb::test
