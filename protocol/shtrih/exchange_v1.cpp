#include "protocol/shtrih/exchange_v1.hpp"

#include "protocol/shtrih/errors.hpp"

#include <algorithm>

namespace kb::shtrih::v1 {

namespace {

/// More bytes than this without a meaning: not a register, or not at this speed.
constexpr std::size_t kMaxNoise = 4096;

bool is_control(std::uint8_t byte) { return byte == kAck || byte == kNak || byte == kStx; }

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
    if (!code || request_.size() > kMaxBody)
        return Error{Errc::bad_length,
                     Outcome::not_done,
                     "shtrih v1: a request of " + std::to_string(request_.size()) + " bytes",
                     {}};
    code_ = *code;
    if (!link_.settled)
        return wait(Stage::settling, timing_.quiet);
    return ask();
}

Step CommandExchange::write(Stage stage, Bytes bytes)
{
    stage_ = stage;
    return Write{std::move(bytes)};
}

Step CommandExchange::wait(Stage stage, std::chrono::milliseconds at_most)
{
    stage_ = stage;
    return Read{at_most};
}

Step CommandExchange::ask()
{
    decoder_.reset();
    counters_.retries += asked_ > 0 ? 1U : 0U;
    if (asked_++ >= timing_.enq_attempts)
        return fail_with(Errc::no_answer, "no answer to ENQ", outcome_);
    return write(Stage::asking, {kEnq});
}

Step CommandExchange::ask_again()
{
    decoder_.reset();
    ++counters_.retries;
    if (asked_++ >= timing_.enq_attempts)
        return fail_with(Errc::no_answer, "no answer to ENQ after the request",
                         outcome_without_answer(code_));
    return write(Stage::asking_again, {kEnq});
}

Step CommandExchange::send()
{
    decoder_.reset();
    counters_.retries += sent_ > 0 ? 1U : 0U;
    if (sent_++ >= timing_.send_attempts)
        return fail_with(Errc::bad_frame, "the device keeps refusing the frame", outcome_);
    asked_ = 0;
    outcome_ = outcome_without_answer(code_);
    return write(Stage::sending, encode_frame(request_));
}

Step CommandExchange::on_written()
{
    switch (stage_) {
    case Stage::ending_old:
        return ask();
    case Stage::sending:
        return wait(Stage::sent, timing_.control);
    case Stage::confirming:
        link_.settled = true;
        return Done{std::move(reply_)};
    case Stage::rejecting:
        return ask_again();
    default:
        return wait(stage_, timing_.control);
    }
}

Step CommandExchange::on_bytes(BytesView bytes)
{
    if (stage_ == Stage::old_answer)
        return read_old(bytes);
    if (stage_ == Stage::answer)
        return read_answer(bytes);

    const auto control =
        stage_ == Stage::settling ? bytes.end() : std::find_if(bytes.begin(), bytes.end(), is_control);
    noise_ += static_cast<std::size_t>(control - bytes.begin());
    if (noise_ > kMaxNoise)
        return fail_with(Errc::bad_frame, "noise instead of control bytes", outcome_);
    if (control == bytes.end())
        return wait(stage_, stage_ == Stage::settling || stage_ == Stage::refused_frame ? timing_.quiet
                                                                                        : timing_.control);
    return take_control(*control, bytes.subspan(static_cast<std::size_t>(control - bytes.begin())));
}

/// `rest` begins with the control byte.
Step CommandExchange::take_control(std::uint8_t control, BytesView rest)
{
    // An ACK may be lost or damaged in front of an answer, so STX stands for both.
    const BytesView frame = control == kStx ? rest : rest.subspan(1);
    switch (stage_) {
    case Stage::asking:
        if (control == kNak) {
            outcome_ = Outcome::not_done; // idle: also a frame refused before is certainly not at work
            return send();
        }
        if (sent_ == 0)
            return read_old(frame);
        break;
    case Stage::sent:
    case Stage::refused_frame:
        if (control == kNak) {
            // Unless this NAK is late, meant for an ENQ or for noise before it: then ACK follows.
            stage_ = Stage::refused_frame;
            return rest.size() > 1 ? on_bytes(rest.subspan(1)) : wait(stage_, timing_.quiet);
        }
        break;
    default: // asking_again
        if (control == kNak)
            return request_lost();
    }
    return request_taken(frame);
}

/// The device keeps no answer: it never took the request, or lost the answer with its power.
Step CommandExchange::request_lost()
{
    if (effect_of(code_) == Effect::reads && sent_ < timing_.send_attempts)
        return send();
    return fail_with(Errc::no_answer, "the device keeps no answer", outcome_without_answer(code_));
}

/// `bytes` followed the ACK.
Step CommandExchange::request_taken(BytesView bytes)
{
    const CommandInfo* known = find_command(code_);
    if (known != nullptr && !known->answers) {
        link_.settled = false;
        return Done{};
    }
    outcome_ = outcome_without_answer(code_);
    return read_answer(bytes);
}

Step CommandExchange::on_timeout()
{
    switch (stage_) {
    case Stage::settling:
    case Stage::asking:
    case Stage::refused_frame:
        return ask();
    case Stage::old_answer:
        if (++drained_ >= timing_.drain_rounds)
            return fail_with(Errc::no_answer, "an old answer announced and not sent", Outcome::not_done);
        asked_ = 0;
        return write(Stage::ending_old, {kNak});
    case Stage::answer:
        if (++read_ >= timing_.read_attempts)
            return fail_with(Errc::no_answer, "the answer did not come", outcome_without_answer(code_));
        asked_ = 0;
        // NAK ends a torn answer; a device that is still at work does not look at it.
        return write(Stage::rejecting, {kNak});
    default: // sent, asking_again
        return ask_again();
    }
}

Step CommandExchange::read_old(BytesView bytes)
{
    decoder_.feed(bytes);
    auto body = decoder_.next();
    if (!body) {
        noise_ += decoder_.in_frame() ? 0 : bytes.size();
        if (noise_ > kMaxNoise)
            return fail_with(Errc::bad_frame, "noise instead of an old answer", Outcome::not_done);
        return wait(Stage::old_answer, decoder_.in_frame() ? timing_.control : timing_.old_answer);
    }
    if (++drained_ > timing_.drain_rounds)
        return fail_with(Errc::protocol_violation, "old answers without end", Outcome::not_done);
    asked_ = 0;
    counters_.bad_frames += *body ? 0U : 1U;
    if (!*body)
        return write(Stage::ending_old, {kNak});
    link_.recovered.push_back(**std::move(body));
    return write(Stage::ending_old, {kAck});
}

Step CommandExchange::read_answer(BytesView bytes)
{
    decoder_.feed(bytes);
    auto body = decoder_.next();
    if (!body) {
        noise_ += decoder_.in_frame() ? 0 : bytes.size();
        if (noise_ > kMaxNoise)
            return fail_with(Errc::bad_frame, "noise instead of an answer", outcome_without_answer(code_));
        return wait(Stage::answer, decoder_.in_frame() ? timing_.control : answer_timeout(code_));
    }
    if (*body && answers_to(code_, **body))
        return take_answer(**std::move(body));
    counters_.bad_frames += *body ? 0U : 1U;
    if (++read_ >= timing_.read_attempts)
        return fail_with(*body ? Errc::protocol_violation : body->error().code,
                         *body ? "answered for another command" : "the answer stays damaged",
                         outcome_without_answer(code_));
    asked_ = 0;
    if (!*body)
        return write(Stage::rejecting, {kNak});
    link_.recovered.push_back(**std::move(body));
    return write(Stage::rejecting, {kAck});
}

Step CommandExchange::take_answer(Bytes body)
{
    reply_ = std::move(body);
    return write(Stage::confirming, {kAck});
}

Step CommandExchange::fail_with(Errc code, const char* why, Outcome outcome)
{
    link_.settled = false;
    outcome_ = outcome;
    const CommandInfo* known = find_command(code_);
    std::string context = "shtrih v1 ";
    context.append(known != nullptr ? known->name : std::string_view("command")).append(": ").append(why);
    return Error{code, outcome, std::move(context), {}};
}

} // namespace kb::shtrih::v1
