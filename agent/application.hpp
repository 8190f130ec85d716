// The composition root: makes every part, wires them, starts them in order and stops them in reverse.
#pragma once

#include "agent/config.hpp"
#include "protocol/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace kb::agent {

class Application {
public:
    explicit Application(Config config);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Opens the journal, then everything else. After an error nothing is left running.
    Result<void> start();
    /// Serves until stopped by SIGTERM, SIGINT or request_stop().
    void run();
    /// From any thread, any number of times. run() returns within kStopWithin.
    void request_stop();

    static constexpr std::chrono::milliseconds kStopWithin{4'000};

    /// Of the local pages, after start(); 0: they are switched off.
    [[nodiscard]] std::uint16_t local_port() const;
    /// Of the native API; 0: there is none.
    [[nodiscard]] std::uint16_t native_port() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kb::agent
