// The driver over the stand-in of the maker's library, in this process.
#pragma once

#include "drivers/registry.hpp"
#include "drivers/transport/shared_library.hpp"
#include "tests/emulator/common/fptr_register.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/fptr_stand_in/stand_in.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace kb::test {

/// The stand-in's own exports, in the file that the driver loads, too.
class StandIn {
public:
    StandIn()
    {
        auto loaded = SharedLibrary::load(KB_FPTR_STAND_IN);
        REQUIRE(loaded);
        file_ = *std::move(loaded);
        misbehave("{}");
    }
    ~StandIn()
    {
        misbehave("{}");
        release();
    }
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;

    void misbehave(const char* how) const { take<void(const char*)>("kb_stand_in_misbehave")(how); }
    void release() const { take<void()>("kb_stand_in_release")(); }
    [[nodiscard]] int hanging() const { return take<int()>("kb_stand_in_hanging")(); }
    [[nodiscard]] int handles() const { return take<int()>("kb_stand_in_handles")(); }
    /// The task that was given last.
    [[nodiscard]] nlohmann::json task() const
    {
        return nlohmann::json::parse(take<const char*()>("kb_stand_in_task")());
    }
    [[nodiscard]] nlohmann::json settings() const
    {
        return nlohmann::json::parse(take<const char*()>("kb_stand_in_settings")());
    }

private:
    template <class Function>
    [[nodiscard]] Function* take(const char* name) const
    {
        auto* found = file_->find<Function>(name);
        REQUIRE(found != nullptr);
        return found;
    }

    std::shared_ptr<const SharedLibrary> file_;
};

struct Rig {
    /// `ffd`: as tag 1209.
    explicit Rig(std::uint8_t ffd = 4) : device(io, ffd) {}

    Result<Connection> try_to_connect()
    {
        ConnectRequest request;
        request.url = device.url();
        request.family = "atol-fptr";
        request.options = options;
        request.options.library = KB_FPTR_STAND_IN;
        return run_now(io, connect_device(io.get_executor(), request));
    }

    void connect()
    {
        auto connection = try_to_connect();
        INFO((connection ? "" : connection.error().message()));
        REQUIRE(connection);
        driver = std::move(connection->driver);
        const auto info = run_now(io, driver->identify());
        INFO((info ? "" : info.error().message()));
        REQUIRE(info);
    }

    asio::io_context io;
    StandIn library;
    FptrRegister device;
    DriverOptions options;
    std::unique_ptr<Driver> driver;
};

} // namespace kb::test
