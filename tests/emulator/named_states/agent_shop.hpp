// An agent inside the test: the device manager over a real journal, and no cabinet.
#pragma once

#include "agent/clock.hpp"
#include "agent/device_manager.hpp"
#include "agent/metrics.hpp"
#include "tests/storage/documents_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <optional>
#include <string>
#include <vector>

namespace kb::test {

inline agent::DeviceConfig at_port(const std::string& path, const char* name)
{
    agent::DeviceConfig config;
    config.port = "serial:" + path;
    config.name = name;
    config.poll_busy = std::chrono::milliseconds(20);
    config.poll_quiet = std::chrono::milliseconds(20);
    return config;
}

/// An agent without cabinet: registers, journal, one thread for them all.
class Shop {
public:
    asio::io_context io;

    void start(std::vector<agent::DeviceConfig> configs, agent::DeviceManager::Machine machine = {})
    {
        const agent::DeviceServices services{worker_, clock_, metrics_, [] {}, [] {}};
        manager_.emplace(io, std::move(configs), services, std::move(machine));
        manager_->start();
    }
    void stop()
    {
        manager_->stop();
        run_until([&] { return manager_->ended(); });
        manager_.reset();
        io.poll();
    }

    ~Shop()
    {
        if (manager_) {
            stop();
        }
    }

    agent::Device& device(std::size_t index) { return *manager_->devices().at(index); }
    std::string reason(std::size_t index) { return device(index).sample().state_reason; }

    template <class Condition>
    void run_until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) {
                FAIL_CHECK("it did not come to pass");
                return;
            }
            io.run_one_for(std::chrono::milliseconds(20));
        }
    }

    template <class Work>
    auto journal(Work work)
    {
        std::promise<std::invoke_result_t<Work&, storage::Journal&>> promise;
        worker_.submit(work, [&](auto value) { promise.set_value(std::move(value)); });
        return promise.get_future().get();
    }
    std::uint64_t documents()
    {
        return *journal([](storage::Journal& open) { return open.documents().count(); });
    }

private:
    TempDir dir_;
    agent::SystemClock clock_;
    agent::Metrics metrics_;
    storage::Worker worker_{storage::test::open_journal(dir_.path())};
    std::optional<agent::DeviceManager> manager_;
};

} // namespace kb::test
