#include "drivers/atol/emulator_executor.hpp"

#include <utility>

namespace kb::emulator::atol {

std::optional<std::chrono::milliseconds> Executor::falls_silent(BytesView request)
{
    const std::string name = command_name(request);
    faults_.set_current_command(name);
    const auto fault = faults_.at_command(FaultKind::silence, name);
    return fault ? std::optional(fault->duration) : std::nullopt;
}

bool Executor::refuses(BytesView request)
{
    return faults_.at_command(FaultKind::nak_storm, command_name(request)).has_value();
}

void Executor::start(Bytes request, Instant now)
{
    request_ = std::move(request);
    name_ = command_name(request_);
    faults_.set_current_command(name_);
    stage_ = Stage::thinking;
    at_ = now + think_;
}

std::optional<Instant> Executor::deadline() const
{
    return stage_ == Stage::idle ? std::nullopt : std::optional(at_);
}

std::optional<Finished> Executor::run(Instant now)
{
    if (stage_ == Stage::idle || now < at_)
        return std::nullopt;
    switch (std::exchange(stage_, Stage::idle)) {
    case Stage::thinking:
        return act(now);
    case Stage::printing:
        // What was fiscalised stays so: only its paper is missing.
        if (kkt_.printing() == Printing::broken_off)
            reply_ = commands_.out_of_paper(request_);
        return hand_over(now);
    case Stage::delayed:
        return finish();
    case Stage::idle:
        break;
    }
    return std::nullopt;
}

std::optional<Finished> Executor::act(Instant now)
{
    if (const auto fault = faults_.at_command(FaultKind::reboot_before, name_)) {
        restart_ = fault->duration;
        return std::nullopt;
    }
    if (const auto fault = faults_.at_command(FaultKind::busy, name_)) {
        reply_ = Commands::refusal(fault->code.value_or(kStillBusy));
        return hand_over(now);
    }
    auto reply = commands_.execute(request_);
    if (!reply)
        return std::nullopt;
    reply_ = std::move(*reply);
    if (!reply_.prints)
        return hand_over(now);
    stage_ = Stage::printing;
    at_ = std::max(kkt_.printing() == Printing::busy ? kkt_.printing_until() : now, now);
    return run(now);
}

std::optional<Finished> Executor::hand_over(Instant now)
{
    if (const auto fault = faults_.at_command(FaultKind::delay_answer, name_)) {
        stage_ = Stage::delayed;
        at_ = now + fault->duration;
        return run(now);
    }
    return finish();
}

std::optional<Finished> Executor::finish()
{
    if (const auto fault = faults_.at_command(FaultKind::reboot_after, name_)) {
        restart_ = fault->duration;
        return std::nullopt;
    }
    if (commands_.take_reboot())
        restart_ = commands_.reboot_time();
    Finished out;
    out.reply = reply_;
    hang_up_ = faults_.at_command(FaultKind::hang_up, name_).has_value();
    out.lost = hang_up_ || faults_.at_command(FaultKind::lose_answer, name_).has_value();
    out.damaged = faults_.at_command(FaultKind::damage_answer, name_).has_value();
    out.twice = faults_.at_command(FaultKind::double_answer, name_).has_value();
    if (older_ && faults_.at_command(FaultKind::stale_answer, name_))
        out.stale = older_;
    older_ = reply_;
    return out;
}

} // namespace kb::emulator::atol
