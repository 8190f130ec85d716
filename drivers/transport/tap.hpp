// Listening to a line that is in use: nothing is kept until somebody asks, and then only so much.
#pragma once

#include "drivers/transport/transport.hpp"
#include "protocol/core/exchange_file.hpp"

#include <memory>

namespace kb {

/// Belongs to a device, not to one line: it hears each line the device gets. Everything runs on the device's
/// strand. What it holds is as it was on the line, people and marking codes included: mask it before anybody
/// sees it.
class LineTap {
public:
    /// From now on the bytes are kept. What was kept before is dropped.
    void begin(std::size_t at_most_bytes);
    /// No more; what was kept.
    std::vector<ExchangeLine> end();
    [[nodiscard]] bool listening() const { return listening_; }
    /// The limit was reached: later bytes are missing.
    [[nodiscard]] bool full() const { return full_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    void heard(bool from_host, BytesView bytes);

private:
    std::vector<ExchangeLine> lines_;
    std::chrono::steady_clock::time_point since_{};
    std::size_t bytes_ = 0;
    std::size_t limit_ = 0;
    bool listening_ = false;
    bool full_ = false;
};

/// The line with the tap on it; without a listener it costs nothing.
std::unique_ptr<Transport> tapped(std::unique_ptr<Transport> line, std::shared_ptr<LineTap> tap);

} // namespace kb
