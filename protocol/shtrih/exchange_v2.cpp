#include "protocol/shtrih/exchange_v2.hpp"

#include "protocol/shtrih/errors.hpp"

#include <algorithm>

namespace kb::shtrih::v2 {

namespace {

/// More bytes than this without a packet: not a register, or not at this speed.
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
    if (!code || request_.size() > kMaxData)
        return Error{Errc::bad_length,
                     Outcome::not_done,
                     "shtrih v2: a request of " + std::to_string(request_.size()) + " bytes",
                     {}};
    code_ = *code;
    budget_ = answer_timeout(code_);
    if (link_.synced)
        return send();
    return Read{timing_.quiet};
}

Step CommandExchange::ping()
{
    stage_ = Stage::pinging;
    decoder_.reset();
    counters_.retries += pings_ > 0 ? 1U : 0U;
    if (pings_++ >= timing_.ping_attempts)
        return fail_with(Errc::no_answer, "no answer to ping", outcome_);
    return Write{encode_ping()};
}

/// The request under the number after the device's last one.
Step CommandExchange::send()
{
    stage_ = Stage::requesting;
    number_ = static_cast<std::uint16_t>(link_.number + 1);
    sent_ = 0;
    wait_ = std::min(timing_.resend, budget_ / 4); // room for three tries also where answers come soon
    return repeat();
}

/// The request under the same number.
Step CommandExchange::repeat()
{
    decoder_.reset();
    counters_.retries += sent_ > 0 ? 1U : 0U;
    ++sent_;
    outcome_ = outcome_without_answer(code_);
    return Write{encode_frame(number_, request_)};
}

Step CommandExchange::on_written()
{
    if (stage_ == Stage::pinging)
        return Read{timing_.ping};
    const CommandInfo* known = find_command(code_);
    if (known != nullptr && !known->answers) {
        link_.synced = false;
        return Done{};
    }
    wait_ = std::min(wait_, budget_);
    return Read{wait_};
}

Step CommandExchange::on_timeout()
{
    if (stage_ != Stage::requesting)
        return ping();
    budget_ -= std::min(budget_, wait_);
    if (budget_.count() == 0)
        return fail_with(Errc::no_answer, "the answer did not come", outcome_without_answer(code_));
    wait_ *= 2;
    return repeat();
}

Step CommandExchange::on_bytes(BytesView bytes)
{
    if (stage_ == Stage::settling) {
        noise_ += bytes.size();
        if (noise_ > kMaxNoise)
            return fail_with(Errc::bad_frame, "the line is never quiet", outcome_);
        return Read{timing_.quiet};
    }
    decoder_.feed(bytes);
    bool damaged = false;
    while (auto packet = decoder_.next()) {
        damaged = !*packet;
        counters_.bad_frames += damaged ? 1U : 0U;
        // A ping can only be our own, sent back by the line.
        if (damaged || (*packet)->ping)
            continue;
        // The packet before the one asked for: the device repeated it, being asked twice then.
        if (stage_ == Stage::requesting && (*packet)->number == link_.number)
            continue;
        return take(**std::move(packet));
    }
    noise_ += decoder_.in_frame() ? 0 : bytes.size();
    if (noise_ > kMaxNoise)
        return fail_with(Errc::bad_frame, "noise instead of an answer", outcome_);
    if (!damaged || decoder_.in_frame())
        return keep_reading();
    if (stage_ == Stage::pinging)
        return ping();
    if (repeats_++ >= timing_.repeat_attempts)
        return fail_with(Errc::bad_frame, "the answer stays damaged", outcome_);
    return repeat();
}

Step CommandExchange::keep_reading()
{
    if (decoder_.in_frame())
        return Read{timing_.rest};
    return Read{stage_ == Stage::pinging ? timing_.ping : wait_};
}

Step CommandExchange::take(Packet packet)
{
    if (stage_ == Stage::pinging) {
        link_.synced = true;
        return take_number(std::move(packet));
    }
    if (packet.number == number_ && answers_to(code_, packet.data)) {
        link_.number = number_;
        return Done{std::move(packet.data)};
    }
    if (repeats_++ >= timing_.repeat_attempts)
        return fail_with(Errc::protocol_violation, "answered for another command",
                         outcome_without_answer(code_));
    if (packet.number == number_ && !packet.data.empty()) {
        link_.recovered.push_back(std::move(packet.data));
        return repeat();
    }
    // The device counts otherwise than we do, so it did not execute what it has just been sent. What was sent
    // before that, it may have executed and forgotten with its power.
    if (sent_ > 1 && effect_of(code_) != Effect::reads)
        return fail_with(Errc::protocol_violation, "the device lost its count", Outcome::unknown);
    return take_number(std::move(packet));
}

Step CommandExchange::take_number(Packet packet)
{
    link_.number = packet.number;
    if (!packet.data.empty())
        link_.recovered.push_back(std::move(packet.data));
    return send();
}

Step CommandExchange::fail_with(Errc code, const char* why, Outcome outcome)
{
    link_.synced = false;
    outcome_ = outcome;
    const CommandInfo* known = find_command(code_);
    std::string context = "shtrih v2 ";
    context.append(known != nullptr ? known->name : std::string_view("command")).append(": ").append(why);
    return Error{code, outcome, std::move(context), {}};
}

} // namespace kb::shtrih::v2
