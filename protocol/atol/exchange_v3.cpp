#include "protocol/atol/exchange_v3.hpp"

#include <algorithm>

namespace kb::atol::v3 {

namespace {

using namespace buffer;
using std::chrono::milliseconds;

/// More bytes than this without a packet: not a register, or not at this speed.
constexpr std::size_t kMaxNoise = 8192;

bool at_work(std::uint8_t state) { return state == kPending || state == kInProgress || state == kWaiting; }

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
    if (!code || request_.size() > kMaxData - 3)
        return Error{Errc::bad_length,
                     Outcome::not_done,
                     "atol v3: a request of " + std::to_string(request_.size()) + " bytes",
                     {}};
    code_ = *code;
    if (link_.unfinished)
        return send(Stage::asking_old, {kReq, link_.unfinished->task}, timing_.reply);
    return link_.ready ? add() : clear();
}

/// A new packet under the next identifier.
Step CommandExchange::send(Stage stage, Bytes data, milliseconds wait)
{
    stage_ = stage;
    wait_ = wait;
    attempts_ = 1;
    repeats_ = 0;
    damaged_ = false;
    sent_id_ = link_.id;
    link_.id = after(link_.id);
    packet_ = encode_packet(sent_id_, data);
    return Write{packet_};
}

/// The same packet once more.
Step CommandExchange::resend()
{
    ++counters_.retries;
    ++attempts_;
    damaged_ = false;
    return Write{packet_};
}

Step CommandExchange::clear() { return send(Stage::clearing, {kAbort}, timing_.abort); }

Step CommandExchange::add()
{
    task_ = link_.task;
    link_.task = after(link_.task);
    added_ = true;
    silence_ = {};
    working_ = {};
    Bytes data{kAdd, kNeedResult, task_};
    data.insert(data.end(), request_.begin(), request_.end());
    return send(Stage::adding, std::move(data), timing_.reply);
}

Step CommandExchange::ask() { return send(Stage::asking, {kReq, task_}, timing_.reply); }

void CommandExchange::keep_waiting()
{
    stage_ = Stage::waiting;
    wait_ = timing_.slice;
}

Step CommandExchange::on_written() { return proceed(); }

Step CommandExchange::on_bytes(BytesView bytes)
{
    decoder_.feed(bytes);
    noise_ += bytes.size();
    return proceed();
}

/// Looks at the packets that have come, until something is to be written.
Step CommandExchange::proceed()
{
    while (auto packet = decoder_.next()) {
        if (!*packet) {
            ++counters_.bad_frames;
            damaged_ = true;
            continue;
        }
        noise_ = 0;
        if (auto step = take(**packet))
            return *std::move(step);
    }
    if (noise_ > kMaxNoise + (decoder_.in_packet() ? kMaxData * 2 : 0))
        return fail_with(Errc::bad_frame, "noise instead of packets", outcome_if_lost());
    if (decoder_.in_packet())
        return Read{timing_.rest};
    // What was damaged may have been what is waited for: no need to sit the time out.
    if (damaged_)
        return silent();
    return Read{wait_};
}

std::optional<Step> CommandExchange::take(const Packet& packet)
{
    if (packet.id == kAsyncId)
        return take_async(packet);
    if (packet.id != sent_id_)
        return std::nullopt; // a late reply to something that is over
    if (packet.data.empty()) {
        if (++repeats_ > timing_.repeats)
            return fail_with(Errc::bad_frame, "the register keeps asking for repetition", outcome_if_lost());
        ++counters_.retries;
        return Write{packet_};
    }
    switch (stage_) {
    case Stage::asking_old:
        return take_old(packet);
    case Stage::clearing:
        // What the byte is, is not known for certain; that it comes is what counts.
        link_.ready = true;
        return add();
    case Stage::adding:
        return take_add(packet);
    case Stage::asking:
        return take_state(packet);
    case Stage::closing:
        return error_ ? Step{*std::move(error_)} : Step{Done{std::move(reply_)}};
    default: // a second reply to a packet that was repeated
        return std::nullopt;
    }
}

std::optional<Step> CommandExchange::take_async(const Packet& packet)
{
    const bool refused = !packet.data.empty() && packet.data[0] == kAsyncError;
    if (packet.data.size() < 2 || (!refused && packet.data[0] != kAsyncResult))
        return std::nullopt;
    const std::uint8_t task = packet.data[1];
    const BytesView answer = BytesView(packet.data).subspan(2);
    const bool ours = added_ && task == task_;
    if (stage_ == Stage::adding || stage_ == Stage::waiting || stage_ == Stage::asking) {
        if (ours)
            return finish(answer, refused);
        link_.recovered.push_back({task, Bytes(answer.begin(), answer.end())});
        const std::uint8_t id = link_.id;
        link_.id = after(link_.id);
        return Write{encode_packet(id, Bytes{kAck, task})};
    }
    if (link_.unfinished && link_.unfinished->task == task &&
        (stage_ == Stage::asking_old || stage_ == Stage::old_at_work)) {
        link_.recovered.push_back({task, Bytes(answer.begin(), answer.end())});
        link_.unfinished.reset();
        return clear();
    }
    return std::nullopt; // repeated, or of before our Abort
}

/// How the task of an earlier exchange is.
std::optional<Step> CommandExchange::take_old(const Packet& packet)
{
    const std::uint8_t state = packet.data[0];
    if (at_work(state)) {
        stage_ = Stage::old_at_work;
        wait_ = timing_.slice;
        attempts_ = 0;
        return std::nullopt;
    }
    if (state == kResult || state == kError)
        link_.recovered.push_back(
            {link_.unfinished->task, Bytes(packet.data.begin() + 1, packet.data.end())});
    link_.unfinished.reset();
    return clear();
}

std::optional<Step> CommandExchange::take_add(const Packet& packet)
{
    const std::uint8_t state = packet.data[0];
    const bool repeated = attempts_ > 1 || repeats_ > 0;
    switch (state) {
    case kAlreadyExists:
        if (!repeated)
            return restart(); // somebody else's task has this number
        keep_waiting();       // the first copy arrived
        return std::nullopt;
    case kOverflow:
        if (!repeated)
            return restart();
        return lost_task();
    case kIllegalValue:
        return fail_with(Errc::protocol_violation, "the register refuses the task",
                         repeated ? outcome_if_lost() : Outcome::not_done);
    default:
        return take_state(packet);
    }
}

/// How our task is, as the reply to Add or Req tells.
std::optional<Step> CommandExchange::take_state(const Packet& packet)
{
    const std::uint8_t state = packet.data[0];
    if (at_work(state)) {
        silence_ = {};
        keep_waiting();
        return std::nullopt;
    }
    switch (state) {
    case kResult:
    case kError:
        return finish(BytesView(packet.data).subspan(1), state == kError);
    case kStopped:
        return restart();
    case kNotFound:
        return lost_task();
    default:
        return fail_with(Errc::protocol_violation, "an unknown state of the task", outcome_if_lost());
    }
}

/// The task was certainly not begun: it gets a new number in a buffer cleared of what stood in its way.
Step CommandExchange::restart()
{
    added_ = false;
    if (++restarts_ > timing_.restarts)
        return fail_with(Errc::device_busy, "the register does not take the task", Outcome::not_done);
    ++counters_.retries;
    return clear();
}

/// The register took the task and knows it no more: it lost its power, or somebody cleared the buffer.
Step CommandExchange::lost_task()
{
    if (effect_of(code_) == Effect::reads)
        return restart();
    link_.unfinished.reset();
    return fail_with(Errc::no_answer, "the register no longer knows the task", outcome_without_answer(code_));
}

Step CommandExchange::on_timeout()
{
    if (stage_ == Stage::waiting || stage_ == Stage::asking) {
        silence_ += wait_;
        working_ += wait_;
    } else if (stage_ == Stage::old_at_work) {
        working_ += wait_;
    }
    decoder_.reset();
    return silent();
}

/// Nothing came, or only something damaged.
Step CommandExchange::silent()
{
    damaged_ = false;
    switch (stage_) {
    case Stage::waiting:
    case Stage::asking: {
        const auto limit = answer_timeout(code_);
        if (silence_ >= limit || working_ >= limit + timing_.grace) {
            link_.unfinished = unfinished();
            return fail_with(Errc::no_answer, "the answer did not come", outcome_without_answer(code_));
        }
        return ask();
    }
    case Stage::old_at_work:
        if (working_ >= timing_.old_task)
            return fail_with(Errc::device_busy, "the register still works on an earlier command",
                             Outcome::not_done);
        return send(Stage::asking_old, {kReq, link_.unfinished->task}, timing_.reply);
    case Stage::asking_old:
        if (attempts_ < timing_.attempts)
            return resend();
        return fail_with(Errc::no_answer, "no reply", Outcome::not_done);
    case Stage::closing:
        if (attempts_ < timing_.attempts)
            return resend();
        link_.ready = false; // the answer is in hand; the next command clears the buffer
        return error_ ? Step{*std::move(error_)} : Step{Done{std::move(reply_)}};
    default: // clearing, adding
        if (attempts_ < timing_.attempts)
            return resend();
        link_.unfinished = unfinished();
        return fail_with(Errc::no_answer, "no reply", outcome_if_lost());
    }
}

/// The answer is there: the buffer is told to forget it. After a failure it takes no task before an Abort.
Step CommandExchange::finish(BytesView answer, bool refused)
{
    if (answers_to(code_, answer)) {
        reply_.assign(answer.begin(), answer.end());
        refused_ = refused;
    } else {
        error_ = Error{Errc::protocol_violation,
                       outcome_without_answer(code_),
                       name_of(code_) + ": answered by " +
                           to_hex(answer.first(std::min<std::size_t>(answer.size(), 3))),
                       {}};
    }
    if (refused)
        return send(Stage::closing, {kAbort}, timing_.abort);
    return send(Stage::closing, {kAck, task_}, timing_.abort);
}

std::optional<Link::Unfinished> CommandExchange::unfinished() const
{
    if (!added_ || effect_of(code_) != Effect::changes || stage_ == Stage::closing)
        return std::nullopt;
    return Link::Unfinished{task_, code_};
}

Outcome CommandExchange::outcome_if_lost() const
{
    return added_ ? outcome_without_answer(code_) : Outcome::not_done;
}

Step CommandExchange::fail_with(Errc code, const char* why, Outcome outcome)
{
    link_.ready = false;
    added_ = added_ && outcome != Outcome::not_done;
    return Error{code, outcome, name_of(code_).append(": ").append(why), {}};
}

} // namespace kb::atol::v3
