// Records the traffic of one register for a bounded time, for the maker of a driver or the support: started
// and fetched over the local server, masked before anybody sees it.
#pragma once

#include "agent/api/local_server.hpp"
#include "agent/device_manager.hpp"
#include "protocol/core/exchange_file.hpp"

#include <optional>
#include <string>

namespace kb::agent {

/// What was asked for and how it went.
struct Recording {
    std::size_t device = 0; ///< its place, from 0
    std::int64_t seconds = 0;
    std::chrono::steady_clock::time_point ends{};
    bool full = false;                        ///< it ended at its greatest size
    std::optional<Result<ExchangeFile>> file; ///< nullopt: it runs
};

class Recorder {
public:
    Recorder(asio::io_context& io, DeviceManager& devices, const Clock& clock);

    /// The calls, for LocalServer::Calls. The recorder outlives the server.
    ///
    ///   POST   /recording       {"device": 1, "seconds": 60, "bytes": 1000000}: by its place in /status,
    ///                           from 1; "bytes" may be left out. 202; 400, 404, 409, 422 with code, reason
    ///                           and cure: a wrong request, no such device, one runs already, nobody can mask
    ///                           it.
    ///   GET    /recording       200 {"state": "none" | "recording" | "done" | "failed", ...}
    ///   DELETE /recording       ends it now, what was heard is kept; 200 as GET, 409 when none runs.
    ///   GET    /recording/file  200 the masked `.exchange`; 404 when there is none.
    [[nodiscard]] std::map<std::string, std::function<Page(const std::string& body)>> calls();

    /// The agent stops: what runs is dropped.
    void stop();

    static constexpr std::chrono::seconds kLongest{600};
    /// Ten minutes of a line at 115200 baud that never rests are some seven million.
    static constexpr std::int64_t kMostBytes = 4'000'000;

private:
    Page start(const std::string& body);
    Page look();
    Page end();
    [[nodiscard]] Page file() const;
    [[nodiscard]] bool runs() const { return recording_ && !recording_->file; }
    void finish();

    Timer timer_;
    DeviceManager& devices_;
    const Clock& clock_;
    std::optional<Recording> recording_; ///< the last one
};

} // namespace kb::agent
