#include "drivers/shtrih/emulator.hpp"

#include "protocol/core/crc.hpp"

#include <algorithm>

namespace kb::shtrih {

using emulator::FaultKind;
using emulator::Instant;

namespace {

constexpr std::uint8_t kStx = 0x02;
constexpr std::uint8_t kEnq = 0x05;
constexpr std::uint8_t kAck = 0x06;
constexpr std::uint8_t kNak = 0x15;
constexpr std::uint8_t kStx2 = 0x8F;
constexpr std::uint8_t kEscape = 0x9F;
constexpr std::size_t kV1Longest = 255;
constexpr std::uint8_t kStillPrinting = 0x50;

} // namespace

EmulatorFace::EmulatorFace(emulator::VirtualKkt& kkt, const EmulatorModel& model, emulator::Faults& faults,
                           FaceOptions options)
    : kkt_(kkt),
      faults_(faults),
      options_(options),
      commands_(kkt, model, options.over_tcp),
      framing_(options.framing)
{}

// A pending answer is not kept over a power cycle; the packet numbers of v2 start again.
void EmulatorFace::power_up()
{
    state_ = State::power_on;
    framing_ = options_.framing;
    output_.clear();
    command_.clear();
    execute_at_.reset();
    answer_at_.reset();
    answer_.clear();
    older_answer_.clear();
    frame_.clear();
    byte_deadline_.reset();
    confirm_deadline_.reset();
    silent_until_.reset();
    stale_sent_ = false;
    packet_.clear();
    in_packet_ = false;
    last_number_ = 1;
    executed_any_ = false;
}

// Unverified: a real unit keeps its choice until a reset; here a new connection may speak the other protocol.
void EmulatorFace::link_up()
{
    framing_ = options_.framing;
    in_packet_ = false;
    if (state_ == State::receiving)
        state_ = State::wait_command;
}

void EmulatorFace::on_bytes(BytesView bytes, Instant now)
{
    if (!kkt_.powered())
        return;
    for (const std::uint8_t byte : bytes) {
        if (silent_until_ && now < *silent_until_)
            return;
        if (framing_ == Framing::automatic)
            framing_ = byte == kStx2 ? Framing::v2 : Framing::v1;
        if (framing_ == Framing::v2)
            v2_byte(byte, now);
        else
            v1_byte(byte, now);
    }
}

std::optional<Instant> EmulatorFace::deadline() const
{
    std::optional<Instant> first;
    for (const auto& at : {execute_at_, answer_at_, byte_deadline_, confirm_deadline_})
        if (at && (!first || *at < *first))
            first = at;
    return first;
}

void EmulatorFace::on_time(Instant now)
{
    if (!kkt_.powered())
        return;
    if (byte_deadline_ && now >= *byte_deadline_) {
        byte_deadline_.reset();
        if (state_ == State::receiving) {
            state_ = State::wait_command;
            control(kNak);
        }
        in_packet_ = false;
    }
    if (confirm_deadline_ && now >= *confirm_deadline_) {
        confirm_deadline_.reset();
        if (state_ == State::answer_sent)
            state_ = State::answer_pending;
    }
    if (execute_at_ && now >= *execute_at_)
        execute(now);
    if (answer_at_ && now >= *answer_at_) {
        answer_at_.reset();
        if (framing_ == Framing::v2)
            send_v2(answer_, last_number_, false);
        else
            send_v1_answer();
    }
}

Bytes EmulatorFace::take_output() { return std::exchange(output_, {}); }
bool EmulatorFace::take_hang_up() { return std::exchange(hang_up_, false); }
std::optional<std::uint32_t> EmulatorFace::take_new_baud() { return std::exchange(new_baud_, std::nullopt); }

void EmulatorFace::on_sent(Instant now)
{
    if (state_ == State::answer_sent)
        confirm_deadline_ = now + options_.confirmation_timeout;
}

void EmulatorFace::control(std::uint8_t byte)
{
    if (options_.stray_ff)
        output_.push_back(0xFF);
    output_.push_back(byte);
}

// The table of docs/sources.md#shtrih, section 1.2.
void EmulatorFace::v1_byte(std::uint8_t byte, Instant now)
{
    switch (state_) {
    case State::power_on:
        if (byte == kEnq) {
            state_ = State::wait_command;
            control(kNak);
        }
        break;
    case State::wait_command:
        if (byte == kStx) {
            state_ = State::receiving;
            frame_.clear();
            byte_deadline_ = now + options_.byte_timeout;
        } else {
            control(kNak);
        }
        break;
    case State::receiving:
        frame_.push_back(byte);
        byte_deadline_ = now + options_.byte_timeout;
        if (frame_[0] == 0) {
            byte_deadline_.reset();
            state_ = State::wait_command;
            control(kNak);
        } else if (frame_.size() == frame_[0] + 2U) {
            byte_deadline_.reset();
            v1_frame(now);
        }
        break;
    case State::executing:
        if (byte == kEnq)
            control(kAck);
        break;
    case State::answer_sent:
        confirm_deadline_.reset();
        state_ = byte == kAck && !stale_sent_ ? State::wait_command : State::answer_pending;
        stale_sent_ = false;
        break;
    case State::answer_pending:
        if (byte == kEnq) {
            control(kAck);
            send_v1_answer();
        }
        break;
    }
}

void EmulatorFace::v1_frame(Instant now)
{
    state_ = State::wait_command;
    const BytesView covered = BytesView(frame_).first(frame_.size() - 1);
    if (xor_sum(covered) != frame_.back()) {
        control(kNak);
        return;
    }
    Bytes command(covered.begin() + 1, covered.end());
    const std::string name = command_name(command);
    faults_.set_current_command(name);
    if (faults_.at_command(FaultKind::nak_storm, name)) {
        control(kNak);
        return;
    }
    if (const auto fault = faults_.at_command(FaultKind::silence, name)) {
        silent_until_ = now + fault->duration;
        return;
    }
    control(kAck);
    start(std::move(command), now);
}

void EmulatorFace::start(Bytes command, Instant now)
{
    state_ = State::executing;
    command_ = std::move(command);
    execute_at_ = now + options_.think;
    if (options_.think.count() == 0)
        execute(now);
}

void EmulatorFace::execute(Instant now)
{
    execute_at_.reset();
    const std::string name = command_name(command_);
    if (const auto fault = faults_.at_command(FaultKind::reboot_before, name)) {
        restart(fault->duration, now);
        return;
    }
    std::optional<Bytes> answer;
    if (const auto fault = faults_.at_command(FaultKind::busy, name))
        answer = commands_.error_answer(command_, fault->code.value_or(kStillPrinting));
    else
        answer = commands_.execute(command_);
    new_baud_ = commands_.take_new_baud();
    const auto waited = commands_.take_own_time();
    if (!answer) { // a reboot, or the power is gone: nobody answers
        if (kkt_.powered())
            power_up();
        return;
    }
    if (commands_.take_protocol_reset())
        framing_ = options_.framing == Framing::automatic ? framing_ : options_.framing;
    older_answer_ = std::exchange(answer_, std::move(*answer));
    last_number_ = running_number_;
    executed_any_ = true;
    if (const auto fault = faults_.at_command(FaultKind::reboot_after, name)) {
        restart(fault->duration, now);
        return;
    }
    hang_up_ = faults_.at_command(FaultKind::hang_up, name).has_value();
    if (hang_up_ || faults_.at_command(FaultKind::lose_answer, name)) {
        state_ = framing_ == Framing::v2 ? State::wait_command : State::answer_pending;
        return;
    }
    if (const auto fault = faults_.at_command(FaultKind::delay_answer, name)) {
        answer_at_ = now + fault->duration;
        return;
    }
    if (waited.count() != 0) {
        answer_at_ = now + waited;
        return;
    }
    const bool stale =
        !older_answer_.empty() && faults_.at_command(FaultKind::stale_answer, name).has_value();
    const Bytes right = answer_;
    if (stale)
        answer_ = older_answer_;
    const auto before = static_cast<std::ptrdiff_t>(output_.size());
    if (framing_ == Framing::v2)
        send_v2(answer_, last_number_, false);
    else
        send_v1_answer();
    if (faults_.at_command(FaultKind::damage_answer, name))
        output_.back() ^= 0x01U; // asked for again it is right
    if (faults_.at_command(FaultKind::double_answer, name)) {
        const Bytes again(output_.begin() + before, output_.end());
        output_.insert(output_.end(), again.begin(), again.end());
    }
    answer_ = right;
    stale_sent_ = stale;
}

void EmulatorFace::restart(std::chrono::milliseconds away, Instant now)
{
    kkt_.marking().clear();
    power_up();
    silent_until_ = now + away;
    hang_up_ = true;
}

void EmulatorFace::send_v1_answer()
{
    Bytes body = answer_;
    body.resize(std::min(body.size(), kV1Longest));
    Bytes frame = {static_cast<std::uint8_t>(body.size())};
    frame.insert(frame.end(), body.begin(), body.end());
    output_.push_back(kStx);
    output_.insert(output_.end(), frame.begin(), frame.end());
    output_.push_back(xor_sum(frame));
    state_ = State::answer_sent;
}

// 8F | LEN u16 | NUM u16 | DATA | CRC u16, every byte after the first one stuffed: 8F -> 9F 81, 9F -> 9F 83.
void EmulatorFace::v2_byte(std::uint8_t byte, Instant now)
{
    if (byte == kStx2) {
        in_packet_ = true;
        escaped_ = false;
        packet_.clear();
        byte_deadline_ = now + options_.byte_timeout;
        return;
    }
    if (!in_packet_)
        return;
    byte_deadline_ = now + options_.byte_timeout;
    if (escaped_) {
        escaped_ = false;
        if (byte != 0x81 && byte != 0x83) {
            in_packet_ = false;
            return;
        }
        byte = byte == 0x81 ? kStx2 : kEscape;
    } else if (byte == kEscape) {
        escaped_ = true;
        return;
    }
    packet_.push_back(byte);
    if (packet_.size() < 2)
        return;
    const std::size_t size = packet_[0] + 256U * packet_[1];
    if (packet_.size() == size + 4) {
        in_packet_ = false;
        byte_deadline_.reset();
        v2_packet(now);
    }
}

void EmulatorFace::v2_packet(Instant now)
{
    const BytesView covered = BytesView(packet_).first(packet_.size() - 2);
    const unsigned crc = packet_[packet_.size() - 2] + 256U * packet_.back();
    if (crc16_ccitt(covered) != crc || state_ == State::executing)
        return; // a damaged packet is not answered; the host repeats it
    const std::size_t size = covered.size() - 2;
    const unsigned number = size >= 2 ? covered[2] + 256U * covered[3] : 0;
    const bool next = size >= 3 && number == static_cast<std::uint16_t>(last_number_ + 1U);
    if (!next) {
        if (!answer_at_)
            send_v2(answer_, last_number_, !executed_any_);
        return;
    }
    Bytes command(covered.begin() + 4, covered.end());
    const std::string name = command_name(command);
    faults_.set_current_command(name);
    if (faults_.at_command(FaultKind::nak_storm, name))
        return;
    if (const auto fault = faults_.at_command(FaultKind::silence, name)) {
        silent_until_ = now + fault->duration;
        return;
    }
    running_number_ = static_cast<std::uint16_t>(number);
    start(std::move(command), now);
}

void EmulatorFace::send_v2(BytesView data, std::uint16_t number, bool number_only)
{
    ByteWriter body;
    body.u16(static_cast<std::uint16_t>(number_only ? 2 : data.size() + 2)).u16(number);
    if (!number_only)
        body.bytes(data);
    const std::uint16_t crc = crc16_ccitt(body.view());
    body.u16(crc);
    output_.push_back(kStx2);
    for (const std::uint8_t byte : body.view()) {
        if (byte == kStx2 || byte == kEscape) {
            output_.push_back(kEscape);
            output_.push_back(byte == kStx2 ? 0x81 : 0x83);
        } else {
            output_.push_back(byte);
        }
    }
    state_ = State::wait_command;
}

} // namespace kb::shtrih
