#include "drivers/atol/emulator_v2.hpp"

namespace kb::emulator::atol {

namespace {

constexpr std::uint8_t kStx = 0x02;
constexpr std::uint8_t kEtx = 0x03;
constexpr std::uint8_t kEot = 0x04;
constexpr std::uint8_t kEnq = 0x05;
constexpr std::uint8_t kAck = 0x06;
constexpr std::uint8_t kDle = 0x10;
constexpr std::uint8_t kNak = 0x15;
constexpr std::size_t kLongest = 1024; // of a request; what is longer lost its end

} // namespace

void ProtocolV2::power_up()
{
    state_ = State::idle;
    deadline_.reset();
    after_sent_.reset();
    request_.clear();
    answers_.clear();
}

// An answer nobody has taken waits for its time to be given up; a half frame does not.
void ProtocolV2::link_up()
{
    if (state_ == State::frame_start || state_ == State::frame || state_ == State::end_of_request) {
        state_ = State::idle;
        deadline_.reset();
    }
}

void ProtocolV2::on_sent(Instant now)
{
    if (after_sent_)
        wait(*std::exchange(after_sent_, std::nullopt), now);
}

void ProtocolV2::on_byte(std::uint8_t byte, Instant now)
{
    switch (state_) {
    case State::idle:
        if (byte == kEnq && executor_.busy()) // with the request of a host that went away
            write(Bytes{kNak});
        else if (byte == kEnq)
            take_enquiry(now);
        break;
    case State::frame_start:
        if (byte == kStx)
            begin_frame(now);
        else if (byte == kEnq)
            take_enquiry(now); // it did not hear the ACK
        else if (byte == kEot)
            give_up();
        break;
    case State::frame:
        frame_byte(byte, now);
        break;
    case State::end_of_request:
        if (byte == kEot)
            execute(now);
        else if (byte == kStx) // it did not hear the ACK and sends the frame again
            begin_frame(now);
        else if (byte == kEnq)
            take_enquiry(now); // it gave up and starts anew; nothing was executed yet
        break;
    case State::executing:
        if (byte == kEnq)
            write(Bytes{kNak});
        break;
    case State::announced:
        if (byte == kAck) {
            tries_ = 0;
            send_frame();
        } else if (byte == kEnq) { // both spoke at once: the host's pause is the shorter one
            state_ = State::waits;
            wait(timers_.t8, now);
        }
        break;
    case State::waits:
        if (byte == kEnq) { // the host wants to say something new; the old answer is lost
            answers_.clear();
            take_enquiry(now);
        }
        break;
    case State::answered:
        if (byte == kAck) {
            write(Bytes{kEot});
            answers_.erase(answers_.begin());
            give_up();
            tries_ = 0;
            if (!answers_.empty())
                announce();
        } else if (byte == kNak) {
            send_frame();
        } else if (byte == kEnq) { // its ACK was lost, or it has given up: either way it wants to go on
            answers_.clear();
            take_enquiry(now);
        }
        break;
    }
}

void ProtocolV2::on_time(Instant now)
{
    if (!deadline_ || now < *deadline_)
        return;
    deadline_.reset();
    switch (state_) {
    case State::frame_start:
        give_up();
        break;
    case State::frame:
        refuse_frame(now);
        break;
    case State::end_of_request:
        execute(now); // no EOT is also an end
        break;
    case State::announced:
        state_ = State::waits;
        wait(timers_.t8 - timers_.t1, now);
        break;
    case State::waits:
        announce();
        break;
    case State::answered:
        send_frame();
        break;
    case State::idle:
    case State::executing:
        break;
    }
}

void ProtocolV2::take_enquiry(Instant now)
{
    write(Bytes{kAck});
    state_ = State::frame_start;
    refused_ = 0;
    after_sent_.reset();
    wait(timers_.t2, now);
}

void ProtocolV2::begin_frame(Instant now)
{
    state_ = State::frame;
    request_.clear();
    check_ = 0;
    literal_ = ended_ = false;
    wait(timers_.t6, now);
}

// The check byte covers every byte after STX, the DLEs and the ETX included.
void ProtocolV2::frame_byte(std::uint8_t byte, Instant now)
{
    if (ended_) {
        frame_done(byte, now);
        return;
    }
    check_ ^= byte;
    wait(timers_.t6, now);
    if (literal_ || (byte != kDle && byte != kEtx)) {
        literal_ = false;
        request_.push_back(byte);
        if (request_.size() > kLongest)
            refuse_frame(now);
    } else if (byte == kDle) {
        literal_ = true;
    } else {
        ended_ = true;
    }
}

void ProtocolV2::frame_done(std::uint8_t check, Instant now)
{
    if (check != check_) {
        refuse_frame(now);
        return;
    }
    if (const auto silence = executor_.falls_silent(request_)) {
        silence_ = silence;
        give_up();
        return;
    }
    if (executor_.refuses(request_)) {
        refuse_frame(now);
        return;
    }
    write(Bytes{kAck});
    state_ = State::end_of_request;
    wait(timers_.t3, now);
}

void ProtocolV2::refuse_frame(Instant now)
{
    if (++refused_ >= timers_.frames) {
        give_up();
        return;
    }
    write(Bytes{kNak});
    state_ = State::frame_start;
    wait(timers_.t2, now);
}

void ProtocolV2::execute(Instant now)
{
    deadline_.reset();
    state_ = State::executing;
    executor_.start(request_, now);
}

void ProtocolV2::finished(Finished done, Instant)
{
    if (state_ != State::executing)
        return;
    answers_.clear();
    if (done.stale)
        answers_.push_back(v2_frame(done.stale->answer));
    answers_.push_back(v2_frame(done.reply.answer));
    if (done.twice)
        answers_.push_back(answers_.back());
    damage_ = done.damaged;
    tries_ = 0;
    if (done.lost)
        give_up();
    else
        announce();
}

void ProtocolV2::announce()
{
    if (tries_++ >= timers_.enquiries) {
        write(Bytes{kEot});
        give_up();
        return;
    }
    write(Bytes{kEnq});
    state_ = State::announced;
    deadline_.reset();
    after_sent_ = timers_.t1;
}

void ProtocolV2::send_frame()
{
    if (tries_++ >= timers_.frames) {
        write(Bytes{kEot});
        give_up();
        return;
    }
    Bytes frame = answers_.front();
    if (std::exchange(damage_, false))
        frame.back() ^= 0x55U;
    write(frame);
    state_ = State::answered;
    deadline_.reset();
    after_sent_ = timers_.t4;
}

void ProtocolV2::give_up()
{
    state_ = State::idle;
    deadline_.reset();
    after_sent_.reset();
}

} // namespace kb::emulator::atol
