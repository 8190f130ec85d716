// Whose a register is, and who may ask on a port.
#include "agent/device_manager.hpp"

namespace kb::agent {
namespace {

Error problem_at(const PlaceToLook& place, Errc code, const std::string& what)
{
    return Error{code, Outcome::not_done, place.url.text() + ": " + what, std::nullopt};
}

} // namespace

bool DeviceManager::serves(std::size_t index) const
{
    return !slots_[index]->in_use.empty() && devices_[index]->reached();
}

RegisterNumbers DeviceManager::served_numbers(std::size_t index) const
{
    RegisterNumbers numbers = known(index).numbers;
    numbers.fn_serial = slots_[index]->fn_serial;
    const auto& fn = devices_[index]->sample().fn;
    if (fn && devices_[index]->behind()) { // compared: asked since it was reached
        numbers.fn_serial = fn->fn_serial;
    }
    return numbers;
}

bool DeviceManager::is_its_own(std::size_t index, const PlaceToLook& place) const
{
    const auto configured = configured_port(slots_[index]->config);
    const auto last = parse_port_url(known(index).port);
    return (configured && key_of(*configured) == place.key) || (last && key_of(*last) == place.key);
}

// Nobody's open line is disturbed, nor a port that the configuration gives to a register that is not there
// yet: its own section asks there, and passes on who else answers.
std::optional<Error> DeviceManager::obstacle(std::size_t index, const PlaceToLook& place,
                                             const PortPicture& around) const
{
    if (is_boot_loader(place.url, around, *machine_.known_places)) { // since the search began
        return problem_at(place, Errc::in_boot_loader, "the register's boot loader is here");
    }
    if (is_further_port(place.url, known(index), around, *machine_.known_places)) {
        return problem_at(place, Errc::port_not_found, "this is now a port for a register's other traffic");
    }
    const auto promised = promised_.find(place.key);
    if (promised != promised_.end() && promised->second.owner != index &&
        Steady::now() < promised->second.until && !serves(promised->second.owner)) {
        return problem_at(place, Errc::wrong_device,
                          "here is the register of another [[device]] section: " +
                              slots_[promised->second.owner]->section);
    }
    const ListedUsb* usb = listed_usb(place.url, around);
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        const Slot& slot = *slots_[other];
        if (other == index) {
            continue;
        }
        const bool its_usb = usb != nullptr && usb->address == slot.usb_address;
        if (serves(other) && (slot.in_use == place.key || its_usb)) {
            return problem_at(place, Errc::wrong_device,
                              "another register is served here: № " + known(other).numbers.kkt_serial);
        }
        if (slot.asking == place.key) {
            return problem_at(place, Errc::port_busy, "another register is looked for here just now");
        }
        const auto configured = configured_port(slot.config);
        if (!configured || serves(other) || is_its_own(index, place)) {
            continue;
        }
        const ListedUsb* given = listed_usb(*configured, around);
        if (key_of(*configured) == place.key || (usb != nullptr && usb == given)) {
            return problem_at(place, Errc::wrong_device,
                              "this port belongs to another [[device]] section: " + slot.section);
        }
    }
    const auto met = duplicates_.find(place.key);
    if (met != duplicates_.end() && Steady::now() < met->second.until &&
        is_served(met->second.numbers, index)) {
        return problem_at(place, Errc::duplicate_device,
                          "register № " + met->second.numbers.kkt_serial +
                              " is served on another port already");
    }
    return std::nullopt;
}

// Of two with one number the FN decides; where that is new, whoever asks.
std::optional<std::size_t> DeviceManager::owner_of(const RegisterNumbers& told, std::size_t asking) const
{
    std::optional<std::size_t> by_number;
    for (std::size_t index = 0; index < slots_.size(); ++index) {
        const RegisterNumbers& numbers = known(index).numbers;
        if (!is_known_as(numbers, told)) {
            continue;
        }
        if (numbers.fn_serial == told.fn_serial) {
            return index;
        }
        if (!by_number || index == asking) {
            by_number = index;
        }
    }
    return by_number;
}

bool DeviceManager::is_served(const RegisterNumbers& told, std::size_t asking) const
{
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        if (other != asking && serves(other) && same_register(served_numbers(other), told)) {
            return true;
        }
    }
    return false;
}

DeviceManager::Verdict DeviceManager::judge(std::size_t index, const RegisterNumbers& told) const
{
    if (is_served(told, index)) {
        return Verdict::duplicate;
    }
    const auto owner = owner_of(told, index);
    if (owner && *owner != index && !serves(*owner)) {
        return Verdict::somebody_elses;
    }
    for (std::size_t other = 0; other < slots_.size(); ++other) {
        if (other != index && serves(other) && !told.kkt_serial.empty() &&
            known(other).numbers.kkt_serial == told.kkt_serial) {
            return Verdict::twin;
        }
    }
    return owner || !known(index).met() ? Verdict::ours : Verdict::stranger;
}

} // namespace kb::agent
