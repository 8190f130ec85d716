#include "protocol/atol/exchange_v2.hpp"

#include <algorithm>

namespace kb::atol::v2 {

namespace {

/// More bytes than this without a meaning: not a register, or not at this speed.
constexpr std::size_t kMaxNoise = 4096;

} // namespace

CommandExchange::CommandExchange(Link& link, Bytes request, Timing timing)
    : link_(link),
      request_(std::move(request)),
      timing_(timing)
{}

Step CommandExchange::begin()
{
    link_.recovered.clear();
    const auto code = request_code(request_);
    if (!code || request_.size() > kMaxRequest)
        return Error{Errc::bad_length,
                     Outcome::not_done,
                     "atol v2: a request of " + std::to_string(request_.size()) + " bytes",
                     {}};
    code_ = *code;
    if (!link_.settled)
        return wait(Stage::settling, timing_.quiet);
    return ask();
}

Step CommandExchange::write(Stage stage, Bytes bytes, std::chrono::milliseconds then_wait)
{
    // What came before these bytes cannot answer them. Only behind the EOT of a request the device's ENQ may
    // already be there.
    if (stage != Stage::ending_request) {
        input_.clear();
        at_ = 0;
    }
    stage_ = stage;
    wait_ = then_wait;
    return Write{std::move(bytes)};
}

Step CommandExchange::wait(Stage stage, std::chrono::milliseconds at_most)
{
    stage_ = stage;
    wait_ = at_most;
    return Read{wait_};
}

Step CommandExchange::ask()
{
    decoder_.reset();
    counters_.retries += asked_ > 0 ? 1U : 0U;
    if (asked_++ >= timing_.enq_attempts)
        return give_up(Errc::no_answer, "no answer to ENQ", outcome_);
    return write(Stage::asking, {kEnq}, timing_.control);
}

Step CommandExchange::send()
{
    counters_.retries += sent_ > 0 ? 1U : 0U;
    if (sent_++ >= timing_.frame_attempts)
        return give_up(may_be_taken_ ? Errc::no_answer : Errc::bad_frame,
                       may_be_taken_ ? "the request is not acknowledged"
                                     : "the device keeps refusing the frame",
                       may_be_taken_ ? outcome_without_answer(code_) : Outcome::not_done);
    outcome_ = outcome_without_answer(code_);
    return write(Stage::sent, encode_frame(request_), timing_.control);
}

/// The device announces the answer.
Step CommandExchange::accept()
{
    decoder_.reset();
    return write(Stage::accepting, {kAck}, timing_.frame);
}

/// The device insists on being rid of an older answer: it gets its way, since until then it takes no request.
Step CommandExchange::drain()
{
    if (++drained_ > timing_.read_attempts)
        return give_up(Errc::protocol_violation, "old answers without end", outcome_);
    asked_ = 0;
    decoder_.reset();
    return write(Stage::old_announced, {kAck}, timing_.frame);
}

Step CommandExchange::on_written()
{
    switch (stage_) {
    case Stage::ending_request:
        stage_ = Stage::waiting;
        wait_ = answer_timeout(code_);
        break;
    case Stage::giving_up:
        return *std::move(error_);
    default:
        break;
    }
    return proceed();
}

Step CommandExchange::on_bytes(BytesView bytes)
{
    if (stage_ == Stage::settling || stage_ == Stage::pausing) {
        noise_ += bytes.size();
        if (noise_ > kMaxNoise)
            return fail_with(Errc::bad_frame, "the line is never quiet", outcome_);
        return Read{wait_};
    }
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    return proceed();
}

/// Looks at what has come, byte by byte, until something is to be written.
Step CommandExchange::proceed()
{
    while (at_ < input_.size()) {
        if (auto step = take(input_[at_++]))
            return *std::move(step);
    }
    input_.clear();
    at_ = 0;
    return Read{decoder_.in_frame() ? timing_.byte : wait_};
}

std::optional<Step> CommandExchange::take(std::uint8_t byte)
{
    switch (stage_) {
    case Stage::asking:
        return take_while_asking(byte);
    case Stage::sent:
        return take_while_sent(byte);
    case Stage::waiting:
        return byte == kEnq ? std::optional(accept()) : noise();
    case Stage::old_announced:
    case Stage::accepting:
        return take_while_accepting(byte);
    case Stage::old_answer:
    case Stage::answer:
        return take_of_frame(byte);
    case Stage::ending_old:
    case Stage::confirming:
        if (byte == kEot)
            return stage_ == Stage::confirming ? Step{Done{*std::move(reply_)}} : ask();
        if (byte == kEnq || byte == kStx) // our ACK was lost, the answer comes again
            return byte == kEnq ? read_again() : take_while_accepting(byte);
        return noise();
    default: // settling, pausing: late bytes
        return std::nullopt;
    }
}

std::optional<Step> CommandExchange::take_while_asking(std::uint8_t byte)
{
    switch (byte) {
    case kAck:
        return send();
    case kNak:
        if (++busy_ > timing_.busy_attempts)
            return give_up(Errc::device_busy, "the device stays busy", outcome_);
        --asked_; // it did answer
        return wait(Stage::pausing, timing_.pause);
    case kEnq:
        // Both asked at once, or an answer to an earlier command is still to be taken off the device.
        if (++collisions_ > 1)
            return drain();
        return wait(Stage::pausing, timing_.pause);
    default:
        return noise();
    }
}

std::optional<Step> CommandExchange::take_while_sent(std::uint8_t byte)
{
    if (byte == kAck)
        return write(Stage::ending_request, {kEot}, {});
    if (byte == kNak)
        return send();
    // Its ACK was lost: the device took the request and is already through with it. After the first copy it
    // might also be the ENQ of an older answer; then the request goes out once more, and it asks again.
    if (byte == kEnq && sent_ > 1)
        return accept();
    may_be_taken_ = may_be_taken_ || byte == kEnq;
    return noise();
}

std::optional<Step> CommandExchange::take_while_accepting(std::uint8_t byte)
{
    if (byte == kStx) {
        const bool old = stage_ == Stage::old_announced || stage_ == Stage::ending_old;
        stage_ = old ? Stage::old_answer : Stage::answer;
        return take_of_frame(byte);
    }
    if (byte == kEnq)
        return read_again();
    return noise();
}

std::optional<Step> CommandExchange::take_of_frame(std::uint8_t byte)
{
    decoder_.feed(BytesView(&byte, 1));
    auto data = decoder_.next();
    if (!data)
        return std::nullopt;
    const bool old = stage_ == Stage::old_answer;
    if (!*data) {
        ++counters_.bad_frames;
        if (++read_ >= timing_.read_attempts)
            return fail_with(data->error().code, "the answer stays damaged", outcome_);
        return write(old ? Stage::old_announced : Stage::accepting, {kNak}, timing_.frame);
    }
    if (!old)
        return take_answer(**std::move(data));
    link_.recovered.push_back(**std::move(data));
    return write(Stage::ending_old, {kAck}, timing_.end);
}

std::optional<Step> CommandExchange::noise()
{
    if (++noise_ > kMaxNoise)
        return fail_with(Errc::bad_frame, "noise instead of control bytes", outcome_);
    return std::nullopt;
}

/// Answers an ENQ that came although we had answered one: the device did not hear us.
Step CommandExchange::read_again()
{
    if (++read_ >= timing_.read_attempts)
        return fail_with(Errc::no_answer, "the device does not hear the ACK", outcome_);
    const bool old = stage_ == Stage::old_announced || stage_ == Stage::ending_old;
    decoder_.reset();
    return write(old ? Stage::old_announced : Stage::accepting, {kAck}, timing_.frame);
}

Step CommandExchange::take_answer(Bytes data)
{
    if (!answers_to(code_, data) && !reply_) {
        error_ = Error{Errc::protocol_violation,
                       outcome_without_answer(code_),
                       name_of(code_) + ": answered by " +
                           to_hex(BytesView(data).first(std::min<std::size_t>(data.size(), 3))),
                       {}};
        link_.settled = false;
        return write(Stage::giving_up, {kAck}, {});
    }
    if (!reply_) // else the same once more
        reply_ = std::move(data);
    link_.settled = true;
    return write(Stage::confirming, {kAck}, timing_.end);
}

Step CommandExchange::on_timeout()
{
    switch (stage_) {
    case Stage::sent:
        may_be_taken_ = true;
        return send();
    case Stage::waiting:
        return fail_with(Errc::no_answer, "the answer did not come", outcome_);
    case Stage::accepting:
        // It did not hear the ACK; its next ENQ comes within its own pause.
        if (++read_ >= timing_.read_attempts)
            return fail_with(Errc::no_answer, "an answer announced and not sent", outcome_);
        return wait(Stage::waiting, timing_.frame);
    case Stage::old_answer:
    case Stage::answer:
        // Torn: NAK has it sent again.
        ++counters_.bad_frames;
        decoder_.reset();
        if (++read_ >= timing_.read_attempts)
            return fail_with(Errc::bad_frame, "the answer stays torn", outcome_);
        return write(stage_ == Stage::answer ? Stage::accepting : Stage::old_announced, {kNak},
                     timing_.frame);
    case Stage::confirming:
        return Done{*std::move(reply_)}; // some devices send no EOT
    default:                             // settling, asking, pausing, old_announced, ending_old
        return ask();
    }
}

/// While the device may still be listening it is told by EOT that nothing more comes.
Step CommandExchange::give_up(Errc code, const char* why, Outcome outcome)
{
    link_.settled = false;
    outcome_ = outcome;
    error_ = Error{code, outcome, name_of(code_).append(": ").append(why), {}};
    return write(Stage::giving_up, {kEot}, {});
}

Step CommandExchange::fail_with(Errc code, const char* why, Outcome outcome)
{
    link_.settled = false;
    if (reply_) // the device did not hear that we have it
        return Done{*std::move(reply_)};
    outcome_ = outcome;
    return Error{code, outcome, name_of(code_).append(": ").append(why), {}};
}

} // namespace kb::atol::v2
