#include "drivers/atol/emulator_v3.hpp"

#include <algorithm>

namespace kb::emulator::atol {

namespace {

constexpr std::uint8_t kStart = 0xFE;
constexpr std::uint8_t kEscape = 0xFD;
constexpr std::uint8_t kLastId = 0xDF;
constexpr std::uint8_t kAsync = 0xF0;

// Of the host.
constexpr std::uint8_t kAdd = 0xC1, kAck = 0xC2, kReq = 0xC3, kAbort = 0xC4;
// Of the register.
constexpr std::uint8_t kPending = 0xA1, kInProgress = 0xA2, kResult = 0xA3, kError = 0xA4, kStopped = 0xA5,
                       kAsyncResult = 0xA6, kAsyncError = 0xA7, kWaiting = 0xA8, kOverflow = 0xB1,
                       kAlreadyExists = 0xB2, kNotFound = 0xB3, kIllegalValue = 0xB4;
// Flags of Add.
constexpr unsigned kNeedResult = 1, kIgnoreError = 2, kWaitAsyncData = 4, kKnownFlags = 7;

constexpr std::size_t kTaskHead = 3; // C1, flags, task

} // namespace

void ProtocolV3::power_up()
{
    part_ = Part::none;
    sent_.clear();
    tasks_.clear();
    running_.reset();
    stopped_ = false;
}

// FE | length & 7F | length >> 7 | id | data | CRC-8
void ProtocolV3::on_byte(std::uint8_t byte, Instant now)
{
    if (byte == kStart) { // never inside a packet: always a new one
        part_ = Part::length_low;
        return;
    }
    switch (part_) {
    case Part::none:
        break;
    case Part::length_low:
        length_ = byte & 0x7FU;
        part_ = byte > 0x7F ? Part::none : Part::length_high;
        break;
    case Part::length_high:
        length_ += std::size_t{byte} << 7U;
        part_ = Part::id;
        break;
    case Part::id:
        id_ = byte;
        data_.clear();
        escaped_ = false;
        part_ = byte > kLastId ? Part::none : length_ == 0 ? Part::check : Part::data;
        break;
    case Part::data:
    case Part::check:
        if (escaped_) {
            escaped_ = false;
            if (byte == 0xEE || byte == 0xED)
                unescaped(byte == 0xEE ? kStart : kEscape, now);
            else
                part_ = Part::none;
        } else if (byte == kEscape) {
            escaped_ = true;
        } else {
            unescaped(byte, now);
        }
        break;
    }
}

void ProtocolV3::unescaped(std::uint8_t byte, Instant now)
{
    if (part_ == Part::data) {
        data_.push_back(byte);
        if (data_.size() == length_)
            part_ = Part::check;
        return;
    }
    part_ = Part::none;
    Bytes covered = {id_};
    covered.insert(covered.end(), data_.begin(), data_.end());
    if (crc8(covered) == byte)
        packet(now);
    else if (options_.ask_repeat)
        write(v3_packet(id_, {}));
}

void ProtocolV3::packet(Instant now)
{
    if (data_.empty()) { // "say that again"
        if (const auto last = sent_.find(id_); last != sent_.end())
            write(last->second);
        return;
    }
    switch (data_[0]) {
    case kAdd:
        add(now);
        break;
    case kAck:
        acknowledge();
        start_next(now);
        break;
    case kReq:
        tell_state();
        break;
    case kAbort:
        abort();
        break;
    default: // AckAdd among them: its layout is not known
        reply({kIllegalValue, 0});
        break;
    }
}

void ProtocolV3::reply(std::initializer_list<std::uint8_t> status, BytesView answer)
{
    Bytes data(status);
    data.insert(data.end(), answer.begin(), answer.end());
    sent_[id_] = v3_packet(id_, data);
    write(sent_[id_]);
}

ProtocolV3::Task* ProtocolV3::find(std::uint8_t id)
{
    const auto at =
        std::find_if(tasks_.begin(), tasks_.end(), [id](const Task& task) { return task.id == id; });
    return at == tasks_.end() ? nullptr : &*at;
}

std::uint8_t ProtocolV3::status_of(const Task& task)
{
    switch (task.state) {
    case Task::State::pending:
        return kPending;
    case Task::State::running:
        return (task.flags & kWaitAsyncData) != 0 ? kWaiting : kInProgress;
    case Task::State::done:
        return kResult;
    case Task::State::failed:
        return kError;
    case Task::State::stopped:
        break;
    }
    return kStopped;
}

// C1 | flags | task | access password 2 | command | parameters
void ProtocolV3::add(Instant now)
{
    if (data_.size() < 2 || (data_[1] & ~kKnownFlags) != 0) {
        reply({kIllegalValue, 0});
        return;
    }
    if (data_.size() < kTaskHead || data_[2] > kLastId) {
        reply({kIllegalValue, 1});
        return;
    }
    Task task;
    task.flags = data_[1];
    task.id = data_[2];
    task.request.assign(data_.begin() + kTaskHead, data_.end());
    if (find(task.id) != nullptr) {
        reply({kAlreadyExists});
        return;
    }
    if (stopped_) {
        reply({kStopped});
        return;
    }
    if (tasks_.size() >= options_.buffer) {
        reply({kOverflow});
        return;
    }
    if (const auto silence = executor_.falls_silent(task.request)) {
        silence_ = silence;
        return;
    }
    if (executor_.refuses(task.request)) {
        if (options_.ask_repeat)
            write(v3_packet(id_, {}));
        return;
    }
    const std::uint8_t id = task.id;
    tasks_.push_back(std::move(task));
    start_next(now);
    Task& added = *find(id);
    if (added.state == Task::State::running && (options_.answer_in_reply || options_.result_first)) {
        if (auto done = executor_.run(now)) {
            const bool in_reply = options_.answer_in_reply && !done->lost;
            added.state = done->reply.ok ? Task::State::done : Task::State::failed;
            if (in_reply) {
                reply({status_of(added)}, done->reply.answer);
                done->lost = true; // nothing more to be told
            }
            finished(std::move(*done), now);
            if (!in_reply)
                reply({kInProgress});
            return;
        }
    }
    reply({status_of(added)});
}

// C2 | task
void ProtocolV3::acknowledge()
{
    Task* task = data_.size() == 2 ? find(data_[1]) : nullptr;
    if (task == nullptr) {
        reply({kNotFound});
    } else if (task->state == Task::State::done || task->state == Task::State::failed) {
        // A failed task's acknowledgement does not heal the buffer: only an abort does.
        std::erase_if(tasks_, [this](const Task& t) { return t.id == data_[1]; });
        reply({kResult});
    } else {
        reply({status_of(*task)});
    }
}

// C3 | task
void ProtocolV3::tell_state()
{
    const Task* task = data_.size() == 2 ? find(data_[1]) : nullptr;
    if (task == nullptr)
        reply({kNotFound});
    else
        reply({status_of(*task)}, task->answer);
}

// What is being executed cannot be undone; only its answer is nobody's any more.
void ProtocolV3::abort()
{
    tasks_.clear();
    running_.reset();
    stopped_ = false;
    reply({kResult});
}

void ProtocolV3::start_next(Instant now)
{
    if (stopped_ || executor_.busy())
        return;
    const auto next = std::find_if(tasks_.begin(), tasks_.end(),
                                   [](const Task& task) { return task.state == Task::State::pending; });
    if (next == tasks_.end())
        return;
    next->state = Task::State::running;
    running_ = next->id;
    executor_.start(next->request, now);
}

void ProtocolV3::finished(Finished done, Instant now)
{
    Task* task = running_ ? find(*running_) : nullptr;
    running_.reset();
    if (task != nullptr) {
        task->answer = done.reply.answer;
        task->state = done.reply.ok ? Task::State::done : Task::State::failed;
        tell(*task, done);
        const bool needs_result = (task->flags & kNeedResult) != 0;
        const bool stops = !done.reply.ok && (task->flags & kIgnoreError) == 0;
        if (!needs_result && !stops)
            std::erase_if(tasks_, [id = task->id](const Task& t) { return t.id == id; });
        if (stops) {
            stopped_ = true;
            for (Task& other : tasks_)
                if (other.state == Task::State::pending)
                    other.state = Task::State::stopped;
        }
    }
    start_next(now);
}

// F0: A6 or A7 | task | answer. A failure is told even to those who asked for no result.
void ProtocolV3::tell(const Task& task, const Finished& done)
{
    if (done.lost || (done.reply.ok && (task.flags & kNeedResult) == 0))
        return;
    const auto async = [](std::uint8_t id, const Reply& what) {
        Bytes data = {what.ok ? kAsyncResult : kAsyncError, id};
        data.insert(data.end(), what.answer.begin(), what.answer.end());
        return v3_packet(kAsync, data);
    };
    if (done.stale)
        write(async(last_told_, *done.stale));
    Bytes right = async(task.id, done.reply);
    if (done.damaged)
        right.back() ^= 0x01U;
    write(right);
    if (done.twice)
        write(right);
    last_told_ = task.id;
}

} // namespace kb::emulator::atol
