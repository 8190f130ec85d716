#include "drivers/atol/emulator.hpp"

namespace kb::emulator::atol {

namespace {
constexpr std::uint8_t kStartOfV3 = 0xFE;
} // namespace

AtolFace::AtolFace(VirtualKkt& kkt, const Model& model, Faults& faults, const Options& options)
    : kkt_(kkt),
      options_(options),
      commands_(kkt, model, options_),
      executor_(kkt, commands_, faults, options_.think),
      v2_(executor_, output_, options_.timers),
      v3_(executor_, output_, options_)
{
    link_up();
}

void AtolFace::power_up()
{
    output_.clear();
    silent_until_.reset();
    restart_after_sent_.reset();
    executor_.forget();
    commands_.power_up();
    v2_.power_up();
    v3_.power_up();
    link_up();
}

// Unverified: a real unit speaks the one protocol of its settings; here a new connection may speak the other.
void AtolFace::link_up()
{
    protocol_ = nullptr;
    if (options_.framing == Framing::v2)
        protocol_ = &v2_;
    if (options_.framing == Framing::v3 || (options_.framing == Framing::automatic && options_.over_tcp))
        protocol_ = &v3_;
    if (options_.framing == Framing::automatic)
        v2_.power_up(); // its answer would be noise to whoever speaks v3 now
    v2_.link_up();
    v3_.link_up();
}

void AtolFace::choose(std::uint8_t first)
{
    if (protocol_ == nullptr)
        protocol_ = first == kStartOfV3 ? static_cast<Protocol*>(&v3_) : &v2_;
}

void AtolFace::on_bytes(BytesView bytes, Instant now)
{
    if (!kkt_.powered())
        return;
    for (const std::uint8_t byte : bytes) {
        if (silent_until_ && now < *silent_until_)
            return;
        choose(byte);
        protocol_->on_byte(byte, now);
        if (const auto silence = protocol_->take_silence())
            silent_until_ = now + *silence;
        work(now);
    }
}

void AtolFace::on_sent(Instant now)
{
    if (const auto away = std::exchange(restart_after_sent_, std::nullopt)) {
        restart(*away, now);
        return;
    }
    if (protocol_ != nullptr)
        protocol_->on_sent(now);
}

std::optional<Instant> AtolFace::deadline() const
{
    std::optional<Instant> first = executor_.deadline();
    const auto other = protocol_ == nullptr ? std::nullopt : protocol_->deadline();
    if (other && (!first || *other < *first))
        first = other;
    return first;
}

void AtolFace::on_time(Instant now)
{
    if (!kkt_.powered())
        return;
    if (protocol_ != nullptr)
        protocol_->on_time(now);
    work(now);
}

// Tasks that need no time follow one another at once.
void AtolFace::work(Instant now)
{
    while (kkt_.powered()) {
        auto done = executor_.run(now);
        hang_up_ = executor_.take_hang_up() || hang_up_;
        const auto away = executor_.take_restart();
        if (done)
            deliver(std::move(*done), now);
        if (away && !output_.empty())
            restart_after_sent_ = away; // what was said before leaves first
        else if (away)
            restart(*away, now);
        if (!done)
            return;
    }
}

// Each transport knows whether it asked. A host that has not yet said how it speaks is told nothing.
void AtolFace::deliver(Finished done, Instant now)
{
    v2_.finished(done, now);
    done.lost = done.lost || protocol_ != &v3_;
    v3_.finished(std::move(done), now);
}

// Tasks, modes and answers under way are gone; the FN is as it was.
void AtolFace::restart(std::chrono::milliseconds away, Instant now)
{
    power_up();
    silent_until_ = now + away;
    hang_up_ = true;
}

} // namespace kb::emulator::atol
