// Records the traffic of one register for a bounded time, for the maker of a driver or the support: started
// and fetched over the local server, masked before anybody sees it.
#pragma once

#include "agent/api/local_server.hpp"
#include "agent/device_manager.hpp"
#include "protocol/core/exchange_file.hpp"

#include <optional>
#include <string>

namespace kb::agent {

/// What a recording's head says of where it comes from.
std::vector<std::pair<std::string, std::string>>
recording_head(const fiscal::DeviceInfo& info, const std::string& vendor, const std::string& origin);
/// The file of what was heard: with its head, masked. Errc::unsupported for a vendor whose line nobody can
/// mask, Errc::no_data when nothing was heard.
Result<ExchangeFile> finish_recording(std::vector<ExchangeLine> lines, const fiscal::DeviceInfo& info,
                                      const std::string& vendor, const std::string& origin);

class Recorder {
public:
    Recorder(asio::io_context& io, DeviceManager& devices, const Clock& clock);

    /// {"device": 1, "seconds": 30}: 202, or 409 while one runs, 400 for a wrong request, 404 for no such
    /// device.
    Page start(const std::string& body);
    /// 200 {"state":"recording","seconds_left":12,"bytes":3400}, {"state":"done","file":"..."} or
    /// {"state":"failed","reason":...}; 404 when none was started.
    Page look() const;
    /// Ends what runs, as it is.
    void stop();

    static constexpr std::chrono::seconds kLongest{600};

private:
    void finish();

    asio::steady_timer timer_;
    DeviceManager& devices_;
    const Clock& clock_;
    std::optional<std::size_t> running_; ///< index of the device
    std::int64_t seconds_ = 0;
    std::optional<Result<ExchangeFile>> result_;
};

} // namespace kb::agent
