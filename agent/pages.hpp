// The agent's own picture of itself as JSON: /health for monitoring, /status for people and kktctl.
#pragma once

#include "agent/api/local_server.hpp"
#include "agent/sync/sync.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

struct DevicePicture {
    std::string name; ///< as configured, may be empty
    std::string configured_port;
    std::string port;         ///< where it is now
    std::string state_detail; ///< why it is in its state, in the words of the layers below; may be empty
    std::optional<std::uint64_t> behind;
    fiscal::DeviceSample sample;
};

struct JournalPicture {
    std::string file;
    std::string state = "ready"; ///< as storage::to_string(StoreState)
    std::string reason;          ///< Errc name: why it cannot be read, or why no new one could be begun yet
    std::string detail;          ///< the same in the words of the store
    std::uint64_t bytes = 0;
    std::uint64_t unsent_events = 0;
    std::uint64_t unsent_samples = 0;
};

struct Picture {
    UtcMs now{};
    UtcMs started_at{};
    std::vector<DevicePicture> devices;
    SyncStatus sync;
    std::string cabinet_url;
    JournalPicture journal;
};

/// Health is progress (design law 8). 200 "ok"; 200 "warning" when somebody should look: a register not
/// reached, the cabinet not reached; 503 "failing" when documents do not get on: the journal cannot write, or
/// the oldest unsent document waits for over an hour.
Page health_page(const Picture& picture);
Page status_page(const Picture& picture);

} // namespace kb::agent
