// The search for registers with a memory: nobody is asked twice who has said that he is no register.
#pragma once

#include "drivers/registry.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace kb {

/// Remembers by port what a search found out. Used by one thread.
///
/// A stranger (foreign_device, endless_noise) is left alone for kFirstRest, and if it is one still, for
/// kLongRest: the port is not even opened. A register that is only configured wrongly (wrong_speed,
/// wrong_protocol) or silent is tried as configured each time, but what else might answer is found out only
/// once in kLongRest, and told meanwhile. A port that is plugged in anew is a new port.
class Finder {
public:
    /// Just after power-on a device may babble before it becomes a register.
    static constexpr std::chrono::minutes kFirstRest{1};
    static constexpr std::chrono::minutes kLongRest{10};

    struct Tools {
        std::function<Task<Connection>(asio::any_io_executor, ConnectRequest)> connect = &connect_device;
        std::function<std::string(const PortUrl&)> stamp = &port_stamp;
        std::function<Steady::time_point()> now = &Steady::now;
    };

    Finder() = default;
    explicit Finder(Tools tools) : tools_(std::move(tools)) {}

    /// As connect_device(), `diagnose` being decided here.
    Task<Connection> connect(asio::any_io_executor executor, ConnectRequest request);

private:
    struct Memory {
        std::string stamp;
        Error verdict;
        Steady::time_point until;
    };

    void note(const std::string& port, std::string stamp, const Error& verdict);

    Tools tools_;
    std::map<std::string, Memory> known_;
};

} // namespace kb
