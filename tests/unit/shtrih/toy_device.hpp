// A register of a few lines, for tests of the exchanges: the v1 states and the v2 numbers, no meaning behind
// them.
#pragma once

#include "protocol/core/crc.hpp"
#include "protocol/core/exchange.hpp"
#include "protocol/shtrih/command_codes.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "tests/support/faulty_line.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace kb::test {

/// Answers every command with its code, 00 and operator 30, and counts those that change something.
inline Bytes toy_answer(BytesView request, int& executed)
{
    const auto code = shtrih::request_code(request);
    if (!code)
        return {request.empty() ? std::uint8_t{0} : request[0], 0x37};
    if (shtrih::effect_of(*code) == shtrih::Effect::changes)
        ++executed;
    Bytes answer(request.begin(),
                 request.begin() + static_cast<std::ptrdiff_t>(shtrih::answer_code_size(*code)));
    answer.push_back(0);
    answer.push_back(30);
    return answer;
}

/// The device's side of v1 (docs/sources.md#shtrih, section 1.2), byte by byte.
class ToyDevice {
public:
    void take(BytesView bytes)
    {
        for (const std::uint8_t byte : bytes)
            take(byte);
    }

    /// Time-outs between bytes and for the confirmation.
    void pass_time()
    {
        if (state_ == State::receiving) {
            send(shtrih::v1::kNak);
            state_ = State::waiting;
        } else if (state_ == State::sent) {
            state_ = State::pending;
        }
    }

    /// What the device has sent since the last call.
    Bytes give() { return std::exchange(output_, {}); }
    [[nodiscard]] int executed() const { return executed_; }

private:
    enum class State { power_on, waiting, receiving, sent, pending };

    void send(std::uint8_t byte) { output_.push_back(byte); }

    void send_answer()
    {
        const Bytes frame = shtrih::v1::encode_frame(answer_);
        output_.insert(output_.end(), frame.begin(), frame.end());
        state_ = State::sent;
    }

    void take(std::uint8_t byte)
    {
        using namespace shtrih::v1;
        switch (state_) {
        case State::power_on:
            if (byte == kEnq) {
                send(kNak);
                state_ = State::waiting;
            }
            break;
        case State::waiting:
            if (byte != kStx) {
                send(kNak);
                break;
            }
            state_ = State::receiving;
            frame_.clear();
            break;
        case State::receiving:
            frame_.push_back(byte);
            if (frame_.size() < 2U + frame_[0])
                break;
            if (frame_[0] == 0 || xor_sum(frame_) != 0) {
                send(kNak);
                state_ = State::waiting;
                break;
            }
            send(kAck);
            answer_ = toy_answer(BytesView(frame_).subspan(1, frame_[0]), executed_);
            send_answer();
            break;
        case State::sent:
            state_ = byte == kAck ? State::waiting : State::pending;
            break;
        case State::pending:
            if (byte == kEnq) {
                send(kAck);
                send_answer();
            }
            break;
        }
    }

    State state_ = State::power_on;
    Bytes frame_;
    Bytes answer_;
    Bytes output_;
    int executed_ = 0;
};

/// The device's side of v2.
class ToyNumberedDevice {
public:
    void take(BytesView bytes)
    {
        decoder_.feed(bytes);
        while (auto packet = decoder_.next()) {
            if (!*packet)
                continue;
            if (!(*packet)->ping && (*packet)->number == static_cast<std::uint16_t>(number_ + 1)) {
                number_ = (*packet)->number;
                answer_ = toy_answer((*packet)->data, executed_);
            }
            const Bytes frame = shtrih::v2::encode_frame(number_, answer_);
            output_.insert(output_.end(), frame.begin(), frame.end());
        }
    }
    void pass_time() {}
    Bytes give() { return std::exchange(output_, {}); }
    [[nodiscard]] int executed() const { return executed_; }
    void lose_power()
    {
        number_ = 1;
        answer_.clear();
        output_.clear();
        decoder_.reset();
    }

private:
    shtrih::v2::FrameDecoder decoder_;
    std::uint16_t number_ = 1;
    Bytes answer_;
    Bytes output_;
    int executed_ = 0;
};

} // namespace kb::test
