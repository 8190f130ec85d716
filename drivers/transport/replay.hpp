// A line with a recorded device at its end, which answers a driver's commands as the recording did.
#pragma once

#include "drivers/transport/transport.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace kb {

/// The commands of a recording with their answers. The driver may ask in another order than was recorded: a
/// command gets the next answer recorded for the very same command after the last one that was used, or the
/// first there is.
class RecordedAnswers {
public:
    void add(Bytes request, Bytes answer);
    /// nullopt for a command that was never answered.
    std::optional<Bytes> to(BytesView request);

private:
    struct Pair {
        Bytes request;
        Bytes answer;
    };
    std::vector<Pair> pairs_;
    std::size_t next_ = 0;
};

/// The device's side of one framing.
class RecordedDevice {
public:
    virtual ~RecordedDevice() = default;
    /// What the host wrote at once; what the device writes to that.
    virtual Bytes on_bytes(BytesView bytes) = 0;
};

/// A command that was never recorded gets silence, at once: no time passes on this line.
std::unique_ptr<Transport> replay_transport(std::unique_ptr<RecordedDevice> device);

} // namespace kb
