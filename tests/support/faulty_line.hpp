// A line that damages bytes by a list, between an exchange and a toy device: virtual time, no port.
#pragma once

#include "protocol/core/exchange.hpp"

#include <optional>
#include <vector>

namespace kb::test {

struct Fault {
    enum Kind { drop, flip, insert };
    bool to_device;
    std::size_t at; ///< byte number in that direction
    Kind kind;
    std::uint8_t value; ///< bits to flip, or the byte to insert before
};

/// Counts the bytes in both directions and does to them what the list says.
class FaultyLine {
public:
    explicit FaultyLine(std::vector<Fault> faults) : faults_(std::move(faults)) {}

    Bytes carry(BytesView bytes, bool to_device)
    {
        Bytes carried;
        for (std::uint8_t byte : bytes) {
            const std::size_t at = count_[to_device ? 1 : 0]++;
            bool dropped = false;
            for (const Fault& fault : faults_) {
                if (fault.to_device != to_device || fault.at != at)
                    continue;
                if (fault.kind == Fault::insert)
                    carried.push_back(fault.value);
                else if (fault.kind == Fault::flip)
                    byte = static_cast<std::uint8_t>(byte ^ fault.value);
                else
                    dropped = true;
            }
            if (!dropped)
                carried.push_back(byte);
        }
        return carried;
    }

private:
    std::vector<Fault> faults_;
    std::size_t count_[2] = {0, 0};
};

struct Talk {
    std::optional<Bytes> reply;
    std::optional<Error> error; ///< none and no reply: it did not end
};

/// Runs an exchange against a toy device; silence passes as virtual time on both sides. A device that wants
/// to know how long takes it as an argument: at most until it has something to say.
template <class Device>
Talk converse(Exchange& exchange, Device& device, FaultyLine& line)
{
    Step step = exchange.begin();
    for (int steps = 0; steps < 2000; ++steps) {
        if (auto* done = std::get_if<Done>(&step))
            return {std::move(done->reply), {}};
        if (auto* error = std::get_if<Error>(&step))
            return {{}, *error};
        if (auto* write = std::get_if<Write>(&step)) {
            device.take(line.carry(write->bytes, true));
            step = exchange.on_written();
            continue;
        }
        Bytes bytes = line.carry(device.give(), false);
        if (bytes.empty()) {
            if constexpr (requires { device.pass_time(std::get<Read>(step).at_most); })
                device.pass_time(std::get<Read>(step).at_most);
            else
                device.pass_time();
            bytes = line.carry(device.give(), false);
        }
        step = bytes.empty() ? exchange.on_timeout() : exchange.on_bytes(bytes);
    }
    return {};
}

} // namespace kb::test
