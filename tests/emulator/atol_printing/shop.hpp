// An emulated ATOL register behind a pty and the house's driver before it, in one process.
#pragma once

#include "drivers/atol/emulator.hpp"
#include "drivers/emulator/line.hpp"
#include "drivers/registry.hpp"
#include "tests/emulator/atol_printing/requests.hpp"
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/support/drivers/run_now.hpp"

#include <catch2/catch.hpp>

namespace kb::test {

using emulator::atol::Framing;

struct ShopOptions {
    Framing framing = Framing::v3;
    std::uint8_t ffd = 2;                                 ///< as tag 1209 has it
    std::vector<std::string> quirks;                      ///< of the emulator
    std::map<std::string, std::string, std::less<>> keys; ///< of [device.atol]: "atol.no_print_flag"
    const char* model = "20f";
};

class Shop {
public:
    explicit Shop(const ShopOptions& options = {})
        : kkt(who(options), emulator::Times{[this] { return wall; }, std::chrono::steady_clock::now},
              nullptr),
          keys_(options.keys),
          face_(kkt, *emulator::atol::find_model(options.model), faults, face_of(options)),
          line_(io, kkt, face_, faults, emulator::LineOptions{address_, {}})
    {
        kkt.set_print_time(std::chrono::milliseconds(1));
        kkt.first_start("9999078900002270", wall + std::chrono::days(1000), wall);
        if (const auto opened = line_.open(); !opened) {
            throw std::runtime_error(opened.error().message());
        }
        connect();
    }

    /// A driver of its own, whatever there was before. `password`: the operator's, 30 the administrator.
    void connect(std::uint32_t password = 30)
    {
        driver.reset();
        ConnectRequest request;
        request.url = url_of(address_);
        request.family = "atol";
        request.options.password = password;
        request.options.vendor_keys = keys_;
        auto connection = run_now(io, connect_device(io.get_executor(), request));
        INFO((connection ? "" : connection.error().message()));
        REQUIRE(connection);
        driver = std::move(connection->driver);
        REQUIRE(run_now(io, driver->identify()));
    }

    Result<Performed> perform(const fiscal::Request& request)
    {
        return run_now(io, driver->perform(request));
    }
    Result<Performed> perform(fiscal::RequestKind kind) { return perform(request_of(kind)); }

    void power_cut()
    {
        kkt.power_off();
        kkt.power_on();
        face_.power_up();
    }

    void open_shift() { REQUIRE(perform(fiscal::RequestKind::shift_open)); }

    /// Done, and the number it told is the last one in the FN.
    fiscal::Document made(const fiscal::Request& request)
    {
        const std::uint32_t before = kkt.fn().last_fd();
        const auto done = perform(request);
        INFO((done ? "" : done.error().message()));
        REQUIRE(done);
        REQUIRE(kkt.fn().last_fd() == before + 1);
        CHECK(done->fd_number == before + 1);
        CHECK(done->printed);
        CHECK_FALSE(kkt.receipt());
        return document_of(kkt, before + 1);
    }

    /// Nothing of it: no document, no open receipt, and it says so.
    Error refused(const fiscal::Request& request)
    {
        const std::uint32_t before = kkt.fn().last_fd();
        const auto done = perform(request);
        REQUIRE_FALSE(done);
        INFO(done.error().message());
        CHECK(done.error().outcome != Outcome::unknown);
        CHECK(kkt.fn().last_fd() == before);
        CHECK_FALSE(kkt.receipt());
        return done.error();
    }

    asio::io_context io;
    LocalSeconds wall = *local_from_text("2026-03-25T14:05:00");
    emulator::Faults faults{1};
    emulator::VirtualKkt kkt;
    std::unique_ptr<Driver> driver;

private:
    static emulator::Identity who(const ShopOptions& options)
    {
        emulator::Identity identity = test_identity("00106081000001");
        identity.ffd = options.ffd;
        identity.tax_systems = 3;
        return identity;
    }

    static emulator::atol::Options face_of(const ShopOptions& options)
    {
        emulator::atol::Options face;
        face.framing = options.framing;
        face.clearing = std::chrono::milliseconds(50); // a real one takes a second and more
        for (const std::string& quirk : options.quirks) {
            if (!face.set(quirk)) {
                throw std::runtime_error("no quirk " + quirk);
            }
        }
        return face;
    }

    std::string address_ = new_pty_address();
    std::map<std::string, std::string, std::less<>> keys_;
    emulator::atol::AtolFace face_;
    emulator::Line line_;
};

template <class F>
void over_both_transports(F scenario)
{
    for (const auto& [name, framing] : {std::pair("v2", Framing::v2), std::pair("v3", Framing::v3)}) {
        DYNAMIC_SECTION(name)
        {
            ShopOptions options;
            options.framing = framing;
            scenario(options);
        }
    }
}

} // namespace kb::test
