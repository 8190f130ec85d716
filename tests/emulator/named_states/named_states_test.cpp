// Every way in which a register can be out of reach has its name, and none of them holds up the register next
// to it.
#include "drivers/emulator/register.hpp"
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/emulator/named_states/agent_shop.hpp"
#include "tests/support/drivers/port_holder.hpp"
#include "tests/support/drivers/strange_pty.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace kb;
using namespace kb::agent;
using namespace kb::test;

namespace {

std::unique_ptr<EmulatedRegister> emulated(asio::io_context& io,
                                           std::string_view name = "shtrih v1 over a pty")
{
    for (const Way& way : all_ways()) {
        if (way.name == name) {
            return way.start(io);
        }
    }
    FAIL("no such way");
    return nullptr;
}

Bytes ascii(std::string_view text) { return {text.begin(), text.end()}; }

StrangePty::Manners modem()
{
    StrangePty::Manners manners;
    manners.answer = [](BytesView said) { return Bytes(said.begin(), said.end()); };
    return manners;
}

StrangePty::Manners scanner()
{
    StrangePty::Manners manners;
    manners.by_itself = [] { return ascii("4607025392408\r\n"); };
    return manners;
}

StrangePty::Manners babbler()
{
    StrangePty::Manners manners;
    manners.by_itself = [random = std::minstd_rand(1)]() mutable {
        Bytes piece(64);
        for (std::uint8_t& byte : piece) {
            byte = static_cast<std::uint8_t>(random() >> 8U);
        }
        return piece;
    };
    return manners;
}

/// What was sent last may still be on its way to who listens when the verdict is there.
std::size_t heard_in_all(Shop& shop, const StrangePty& port)
{
    std::size_t heard = port.heard();
    auto since = std::chrono::steady_clock::now();
    shop.run_until([&] {
        if (const std::size_t now = port.heard(); now != heard) {
            heard = now;
            since = std::chrono::steady_clock::now();
        }
        return std::chrono::steady_clock::now() - since > std::chrono::seconds(1);
    });
    return heard;
}

} // namespace

TEST_CASE("sick ports and strangers are named, and the register beside them is served", "[named_states]")
{
    const StrangePty modem_port(modem());
    const StrangePty scanner_port(scanner());
    const StrangePty babbling_port(babbler());
    const StrangePty silent_port({});
    const Pty held_port;
    const PortHolder holder(held_port.path());
    Shop shop;
    const auto healthy = emulated(shop.io);
    const auto strict = emulated(shop.io);

    enum Place : std::size_t { good, modem_at, scanner_at, babbling, silent, held, absent, password };
    auto wrong_password = at_port(strict->url().path, "пароль");
    wrong_password.password = 12'345;
    shop.start({at_port(healthy->url().path, "исправная"), at_port(modem_port.path(), "модем"),
                at_port(scanner_port.path(), "сканер"), at_port(babbling_port.path(), "болтун"),
                at_port(silent_port.path(), "молчит"), at_port(held_port.path(), "занят"),
                at_port("/dev/no-such-register", "нет порта"), wrong_password});

    shop.run_until([&] {
        return shop.device(good).behind() == 0U && !shop.reason(modem_at).empty() &&
               !shop.reason(scanner_at).empty() && !shop.reason(babbling).empty() &&
               !shop.reason(held).empty() && !shop.reason(absent).empty() && !shop.reason(password).empty();
    });
    CHECK(shop.reason(modem_at) == "foreign_device");
    CHECK(shop.reason(scanner_at) == "foreign_device");
    CHECK(shop.reason(babbling) == "endless_noise");
    CHECK(shop.reason(held) == "port_busy");
    CHECK(shop.reason(absent) == "port_not_found");
    CHECK(shop.reason(password) == "wrong_password");

    // A sale on the healthy register is read while the silent port is still being searched.
    const std::uint64_t before = shop.documents();
    const std::size_t asked_modem = heard_in_all(shop, modem_port);
    healthy->ring();
    shop.run_until([&] { return shop.documents() > before; });
    CHECK(shop.device(good).state() != DeviceState::absent);
    // Strangers are remembered: the agent has tried again meanwhile, they were not asked.
    CHECK(modem_port.heard() == asked_modem);
    CHECK(modem_port.heard() < 64);
}

TEST_CASE("a register at another speed is told as such, or found when none is configured", "[named_states]")
{
    Shop shop;
    emulator::RegisterOptions options;
    options.name = "till";
    options.model = "shtrih-m-02f";
    options.listen = new_pty_address();
    options.framing = "v1";
    options.baud = 57'600;
    options.seed = 1;
    options.preload = 5;
    const auto started = emulator::Register::start(shop.io, options);
    REQUIRE(started);

    const std::string path = url_of(options.listen).path;
    auto fixed = at_port(path, "скорость задана");
    fixed.baud = 115'200;
    SECTION("told")
    {
        shop.start({fixed});
        shop.run_until([&] { return !shop.reason(0).empty(); });
        CHECK(shop.reason(0) == "wrong_speed");
        CHECK(shop.documents() == 0);
    }
    SECTION("found")
    {
        fixed.baud = 0;
        shop.start({fixed});
        shop.run_until([&] { return shop.documents() >= options.preload; });
        CHECK(shop.reason(0).empty());
    }
}

TEST_CASE("a register on the network that speaks another protocol than configured is told as such",
          "[named_states]")
{
    struct Row {
        const char* way;
        const char* configured;
    };
    const Row row = GENERATE(Row{"shtrih v1 over TCP", "atol"}, Row{"shtrih v2 over TCP", "atol"},
                             Row{"ЭЛВЕС-МФ over TCP", "atol"}, Row{"РИТЕЙЛ-01Ф over TCP", "atol"},
                             Row{"atol v3 over TCP", "shtrih"});
    CAPTURE(row.way);
    // It looks at its line now and then. So the end of one client and the next one come to it at once, and
    // the next is reset, as by a real register that has not yet noticed that it is free.
    asio::io_context far_end;
    auto looked = std::chrono::steady_clock::now();
    const auto look_at_times = [&] {
        if (const auto now = std::chrono::steady_clock::now(); now - looked > std::chrono::milliseconds(10)) {
            looked = now;
            far_end.poll();
        }
    };
    Shop shop;
    const auto foreign = emulated(far_end, row.way);
    auto config = at_port("", "Касса 1");
    config.port = foreign->url().text();
    config.family = row.configured;
    shop.start({config});
    shop.run_until([&] {
        look_at_times();
        return !shop.reason(0).empty();
    });
    CHECK(shop.reason(0) == "wrong_protocol");
    CHECK(shop.documents() == 0);
}
