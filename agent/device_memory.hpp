// The registers that were reached for each [[device]] section, kept in the journal over restarts.
#pragma once

#include "agent/async.hpp"
#include "agent/known_device.hpp"

#include <string>

namespace kb::agent {

class DeviceMemory {
public:
    explicit DeviceMemory(storage::Worker& journal) : journal_(journal) {}

    /// Reads what the journal knows, once. A journal that cannot be read now is asked again the next time;
    /// what was met meanwhile stays. True when this call has read it.
    asio::awaitable<bool> load();
    /// Of one section; unmet when nothing is known.
    [[nodiscard]] KnownDevice& of(const std::string& section) { return devices_[section]; }
    [[nodiscard]] const KnownDevice& of(const std::string& section) const;
    /// Into the journal, if anything is new. Never before it was read: that would forget the others.
    void store();

private:
    storage::Worker& journal_;
    KnownDevices devices_; ///< also of sections that are not in the file now
    bool loaded_ = false;
    std::string stored_;
    unsigned stored_in_ = 0; ///< see journals_replaced()
};

} // namespace kb::agent
