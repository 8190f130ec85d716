#include "drivers/emulator/faults.hpp"

#include <array>
#include <limits>

namespace kb::emulator {

namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "lost_byte",     "flipped_bit",   "nak_storm",    "silence", "hang_up",
    "lose_answer",   "delay_answer",  "stale_answer", "busy",    "damage_answer",
    "double_answer", "reboot_before", "reboot_after"};
// A spent fault keeps its place until the caller has finished its loop.
constexpr std::uint32_t kSpent = std::numeric_limits<std::uint32_t>::max();

} // namespace

std::string_view to_string(FaultKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<FaultKind> fault_kind(std::string_view name)
{
    for (std::size_t i = 0; i < kNames.size(); ++i)
        if (kNames[i] == name)
            return static_cast<FaultKind>(i);
    return std::nullopt;
}

bool Faults::strikes(Fault& fault)
{
    if (fault.count == kSpent)
        return false;
    if (fault.after != 0) {
        --fault.after;
        return false;
    }
    if (std::uniform_real_distribution<double>(0.0, 1.0)(random_) >= fault.probability)
        return false;
    if (fault.count == 1)
        fault.count = kSpent;
    else if (fault.count > 1)
        --fault.count;
    return true;
}

void Faults::drop_spent()
{
    std::erase_if(faults_, [](const Fault& fault) { return fault.count == kSpent; });
}

std::optional<Fault> Faults::at_command(FaultKind kind, std::string_view command)
{
    for (Fault& fault : faults_) {
        if (fault.kind != kind || (!fault.at_command.empty() && fault.at_command != command))
            continue;
        if (strikes(fault)) {
            Fault out = fault;
            drop_spent();
            return out;
        }
    }
    return std::nullopt;
}

Bytes Faults::on_line(BytesView bytes, bool to_host)
{
    Bytes out(bytes.begin(), bytes.end());
    if (faults_.empty())
        return out;
    Bytes kept;
    for (std::uint8_t byte : out) {
        bool lost = false;
        for (Fault& fault : faults_) {
            const bool on_bytes = fault.kind == FaultKind::lost_byte || fault.kind == FaultKind::flipped_bit;
            if (!on_bytes || !(to_host ? fault.to_host : fault.from_host) ||
                (!fault.at_command.empty() && fault.at_command != current_) || !strikes(fault))
                continue;
            if (fault.kind == FaultKind::lost_byte)
                lost = true;
            else
                byte = static_cast<std::uint8_t>(byte ^ (1U << (random_() % 8)));
        }
        if (!lost)
            kept.push_back(byte);
    }
    drop_spent();
    return kept;
}

bool Faults::hang_up_after(std::size_t bytes)
{
    bool due = false;
    for (Fault& fault : faults_) {
        if (fault.kind != FaultKind::hang_up || !fault.at_command.empty())
            continue;
        for (std::size_t i = 0; i < bytes && !due; ++i)
            due = strikes(fault);
    }
    drop_spent();
    return due;
}

} // namespace kb::emulator
