// Records a register's traffic without the agent: for a PC where it does not run yet.
#pragma once

#include "agent/config.hpp"
#include "drivers/recording.hpp"

#include <functional>

namespace kb::agent::kktctl {

struct DirectRecording {
    std::vector<ExchangeLine> heard; ///< as it was on the line: not for anybody's eyes
    RecordingOrigin origin;          ///< but for `made`
    bool full = false;               ///< broken off at its greatest size
};

/// Opens the port, finds who answers, asks everything and the last documents, and then for its state, until
/// `length` is over since then. `progress` hears what part of it is. Errors as of connect_device(), and
/// Errc::unsupported before anything is asked of a register whose line nobody can mask.
Result<DirectRecording> record_directly(const DeviceConfig& device, std::chrono::seconds length,
                                        const std::function<void(double)>& progress);

} // namespace kb::agent::kktctl
