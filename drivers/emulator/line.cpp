#include "drivers/emulator/line.hpp"

#include <charconv>

namespace kb::emulator {

namespace {

constexpr auto kSlice = std::chrono::milliseconds{1}; // how finely a long answer is dealt out
constexpr auto kSpin = std::chrono::microseconds{60}; // a timer is late by about this much
constexpr std::uint64_t kBitsPerByte = 10;            // start, eight data bits, stop

} // namespace

Line::Line(asio::io_context& context, VirtualKkt& kkt, Face& face, Faults& faults, LineOptions options)
    : context_(context),
      kkt_(kkt),
      face_(face),
      faults_(faults),
      options_(std::move(options)),
      arrival_timer_(context),
      departure_timer_(context),
      face_timer_(context)
{}

Line::~Line() = default;

Result<void> Line::open()
{
    const std::string& listen = options_.listen;
    try {
        if (listen.starts_with("pty:") && listen.size() > 4) {
            wire_ = make_pty_wire(context_, *this, listen.substr(4));
        } else if (listen.starts_with("tcp:")) {
            const std::size_t colon = listen.rfind(':');
            unsigned port = 0;
            const char* end = listen.data() + listen.size();
            const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
            boost::system::error_code bad;
            const auto host = asio::ip::make_address(colon > 4 ? listen.substr(4, colon - 4) : "", bad);
            if (bad || parsed.ec != std::errc{} || parsed.ptr != end || port > 65535)
                return fail(Errc::bad_config, "--listen: \"" + listen + "\", want tcp:127.0.0.1:7778");
            const asio::ip::tcp::endpoint endpoint(host, static_cast<std::uint16_t>(port));
            wire_ = make_tcp_wire(context_, *this, kkt_, endpoint);
        } else {
            return fail(Errc::bad_config, "--listen: \"" + listen + "\", want pty:PATH or tcp:HOST:PORT");
        }
        wire_->start();
    } catch (const std::exception& broken) {
        return fail(Errc::port_busy, "--listen " + listen + ": " + broken.what());
    }
    return {};
}

std::optional<std::uint32_t> Line::baud() const
{
    if (options_.baud)
        return options_.baud;
    const std::uint32_t host = wire_->host_baud();
    return host == 0 ? std::nullopt : std::optional(host);
}

std::chrono::nanoseconds Line::byte_time() const
{
    const auto speed = baud();
    return std::chrono::nanoseconds{speed ? kBitsPerByte * 1'000'000'000ULL / *speed : 0};
}

bool Line::garbled() const
{
    const std::uint32_t host = wire_->host_baud();
    return options_.baud && host != 0 && host != *options_.baud;
}

// At a wrong speed neither the bytes nor their number are what was sent.
void Line::garble(Bytes& bytes)
{
    for (auto& byte : bytes) {
        noise_ = noise_ * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>((byte ^ (noise_ >> 24U)) | 0x80U);
    }
    if (bytes.size() > 2)
        bytes.resize(bytes.size() - bytes.size() / 3);
}

void Line::linked() { face_.link_up(); }

void Line::received(Bytes bytes)
{
    const Instant now = std::chrono::steady_clock::now();
    const std::size_t sent = bytes.size();
    if (!kkt_.powered())
        return;
    if (faults_.hang_up_after(sent)) {
        hang_up();
        return;
    }
    if (garbled())
        garble(bytes);
    bytes = faults_.on_line(bytes, false);
    const auto each = byte_time();
    if (each.count() == 0) {
        face_.on_bytes(bytes, now);
        settle(now);
        return;
    }
    arrival_free_ = std::max(arrival_free_, now) + each * sent;
    arriving_.push_back({std::move(bytes), arrival_free_});
    if (arriving_.size() == 1)
        arm_arrival();
}

void Line::arm_arrival()
{
    if (arriving_.empty())
        return;
    arrival_timer_.expires_at(arriving_.front().at);
    arrival_timer_.async_wait(lifeline_.guard([this](boost::system::error_code cancelled) {
        if (cancelled || arriving_.empty())
            return;
        const Arriving front = std::move(arriving_.front());
        arriving_.pop_front();
        // Told the ideal moment and not the present one: a late timer does not make the answer later.
        face_.on_bytes(front.bytes, front.at);
        settle(front.at);
        arm_arrival();
    }));
}

void Line::settle(Instant at)
{
    if (face_.take_hang_up()) {
        hang_up();
        return;
    }
    if (const auto speed = face_.take_new_baud())
        next_baud_ = speed;
    Bytes out = face_.take_output();
    if (!out.empty()) {
        out = faults_.on_line(out, true);
        if (garbled())
            garble(out);
        const bool idle = departing_.empty();
        if (idle)
            departure_start_ = at;
        departing_.insert(departing_.end(), out.begin(), out.end());
        if (idle)
            arm_departure();
    }
    arm_face();
}

void Line::arm_departure()
{
    const auto each = byte_time();
    if (each.count() == 0) {
        depart();
        return;
    }
    const Instant now = std::chrono::steady_clock::now();
    const Instant end = departure_start_ + each * departing_.size();
    const Instant wake = end - now <= kSlice + kSpin ? end - kSpin : now + kSlice;
    departure_timer_.expires_at(wake);
    departure_timer_.async_wait(lifeline_.guard([this](boost::system::error_code cancelled) {
        if (!cancelled)
            depart();
    }));
}

void Line::depart()
{
    const auto each = byte_time();
    std::size_t due = departing_.size();
    if (each.count() != 0) {
        const Instant end = departure_start_ + each * departing_.size();
        Instant now = std::chrono::steady_clock::now();
        while (now < end && end - now <= kSpin) // the last bytes exactly on time; never longer than kSpin
            now = std::chrono::steady_clock::now();
        if (now < end)
            due = std::min(due, static_cast<std::size_t>((now - departure_start_) / each));
    }
    if (due > departed_) {
        wire_->write(BytesView(departing_).subspan(departed_, due - departed_));
        departed_ = due;
    }
    if (departed_ < departing_.size()) {
        arm_departure();
        return;
    }
    const Instant end = departure_start_ + each * departing_.size();
    departing_.clear();
    departed_ = 0;
    if (next_baud_) {
        if (options_.baud)
            options_.baud = next_baud_;
        next_baud_.reset();
    }
    face_.on_sent(end);
    arm_face();
}

void Line::arm_face()
{
    const auto deadline = face_.deadline();
    if (!deadline) {
        face_timer_.cancel();
        return;
    }
    face_timer_.expires_at(*deadline);
    face_timer_.async_wait(lifeline_.guard([this](boost::system::error_code cancelled) {
        if (cancelled)
            return;
        const Instant due = face_.deadline().value_or(std::chrono::steady_clock::now());
        face_.on_time(std::max(due, std::chrono::steady_clock::now() - kSlice));
        settle(due);
    }));
}

void Line::hang_up()
{
    arriving_.clear();
    departing_.clear();
    departed_ = 0;
    arrival_timer_.cancel();
    departure_timer_.cancel();
    wire_->hang_up();
    arm_face();
}

void Line::plug(bool in)
{
    if (!in)
        hang_up();
    wire_->plug(in);
}

void Line::power_lost()
{
    arriving_.clear();
    departing_.clear();
    departed_ = 0;
    arrival_timer_.cancel();
    departure_timer_.cancel();
    face_timer_.cancel();
    if (wire_->host_baud() == 0) // a network peer loses its connection; a serial line just falls silent
        wire_->hang_up();
}

} // namespace kb::emulator
