// Cables pulled and put elsewhere, with the agent's own search, driver and journal over ptys: whatever a port
// is called, every document of every FN is in the journal once.
#include "tests/emulator/common/emulated_register.hpp"
#include "tests/emulator/named_states/agent_shop.hpp"
#include "tests/support/drivers/strange_pty.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

using namespace kb;
using namespace kb::test;
namespace fs = std::filesystem;

namespace {

constexpr UsbId kRegister{0x1FC9, 0x0083};
constexpr UsbId kAdapter{0x0403, 0x6001};

/// The sockets of a PC: names that lead to whatever is plugged in there, as the system would list it.
class Sockets {
public:
    [[nodiscard]] std::string name(const std::string& socket) const { return (dir_ / socket).string(); }

    void plug(const std::string& socket, const std::string& cable, UsbId usb = kRegister)
    {
        fs::create_symlink(cable, name(socket));
        plugged_[socket] = {usb, ++addresses_};
    }
    void pull(const std::string& socket)
    {
        fs::remove(name(socket));
        plugged_.erase(socket);
    }
    [[nodiscard]] PortPicture list() const
    {
        PortPicture picture;
        for (const auto& [socket, device] : plugged_) {
            std::error_code away;
            const fs::path node = fs::canonical(name(socket), away);
            if (away) {
                continue; // its pty comes in a moment
            }
            ListedPort port;
            port.path = node.string();
            port.usb = device.id;
            port.usb_place = socket;
            port.usb_address = device.address;
            port.usb_interface = 0;
            ListedUsb usb;
            usb.id = device.id;
            usb.place = socket;
            usb.address = device.address;
            picture.ports.push_back(std::move(port));
            picture.usb.push_back(std::move(usb));
        }
        return picture;
    }
    agent::DeviceManager::Machine machine() const
    {
        static const KnownPlaces places = [] {
            KnownPlaces known;
            known.registers = {kRegister};
            return known;
        }();
        agent::DeviceManager::Machine machine;
        machine.list = [this] { return list(); };
        machine.known_places = &places;
        return machine;
    }

private:
    struct Plugged {
        UsbId id;
        unsigned address;
    };
    TempDir dir_;
    std::map<std::string, Plugged> plugged_;
    unsigned addresses_ = 256;
};

/// Numbers of this process alone: a pty's number may be another test's a moment later, and a register of the
/// same name there would be taken for ours.
struct Numbers {
    static unsigned run()
    {
        static const unsigned number = std::random_device{}() % 1'000'000;
        return number;
    }
    static std::string kkt(unsigned which) { return fmt::format("00493612{:06}{:02}", run(), which); }
    static std::string fn(unsigned which) { return fmt::format("99990789{:06}{:02}", run(), which); }
};

/// A register and the far end of its cable.
class Till {
public:
    Till(asio::io_context& io, Sockets& sockets, const std::string& kkt_serial, const std::string& fn_serial)
        : sockets_(sockets),
          device_(emulated_shtrih(io, new_pty_address(), kkt_serial, fn_serial))
    {}

    void plug(const std::string& socket, UsbId usb = kRegister)
    {
        sockets_.plug(socket, device_->url().path, usb);
        socket_ = socket;
    }
    void pull()
    {
        sockets_.pull(socket_);
        device_->hang_up();
    }
    void ring() { device_->ring(); }
    emulator::VirtualKkt& kkt() { return device_->kkt(); }
    [[nodiscard]] std::string fn() { return kkt().fn().serial; }
    [[nodiscard]] std::uint32_t last() { return kkt().fn().last_fd(); }

private:
    Sockets& sockets_;
    std::unique_ptr<EmulatedRegister> device_;
    std::string socket_;
};

bool has_whole(Shop& shop, const std::string& fn, std::uint32_t last)
{
    return shop.journal([&](storage::Journal& open) { return open.documents().missing(fn, last); }).empty();
}
bool has_all(Shop& shop, Till& till) { return has_whole(shop, till.fn(), till.last()); }

int events(Shop& shop, const std::string& kind)
{
    const auto rows =
        shop.journal([](storage::Journal& open) { return open.telemetry().recent_events(500); });
    return static_cast<int>(
        std::count_if(rows->begin(), rows->end(), [&](const auto& row) { return row.kind == kind; }));
}

/// It is reached, and all that its FN holds now is in the journal.
bool serves(Shop& shop, std::size_t index, Till& till)
{
    const auto& sample = shop.device(index).sample();
    return shop.device(index).reached() && sample.fn && sample.fn->fn_serial == till.fn() &&
           sample.fn->last_fd_number == till.last() && has_all(shop, till);
}

} // namespace

TEST_CASE("a cable pulled at any step of a reading and put into another port loses and doubles nothing",
          "[moved]")
{
    Sockets sockets;
    Shop shop;
    Till till(shop.io, sockets, Numbers::kkt(1), Numbers::fn(1));
    till.plug("ttyACM0");
    shop.start({at_port(sockets.name("ttyACM0"), "Касса 1")}, sockets.machine());
    int number = 0;
    for (const std::uint64_t read : {0U, 1U, 2U, 5U, 9U, 20U}) {
        shop.run_until([&] { return shop.documents() >= read && shop.device(0).reached(); });
        till.pull();
        till.ring();
        shop.run_until([&] { return !shop.device(0).reached(); });
        till.ring();
        till.plug("ttyACM" + std::to_string(++number));
    }
    shop.run_until([&] { return serves(shop, 0, till); });
    CHECK(has_all(shop, till));
    CHECK(shop.documents() == till.last());
    CHECK(events(shop, "device_replaced") == 0);
    CHECK(events(shop, "fn_replaced") == 0);
    shop.stop(); // before the registers go
}

TEST_CASE("two registers that exchange their ports keep their sections, also over a restart of the agent",
          "[moved]")
{
    Sockets sockets;
    Shop shop;
    Till one(shop.io, sockets, Numbers::kkt(1), Numbers::fn(1));
    Till two(shop.io, sockets, Numbers::kkt(2), Numbers::fn(2));
    one.plug("ttyACM0");
    two.plug("ttyACM1");
    const std::vector<agent::DeviceConfig> configs{at_port(sockets.name("ttyACM0"), "Касса 1"),
                                                   at_port(sockets.name("ttyACM1"), "Касса 2")};
    shop.start(configs, sockets.machine());
    shop.run_until([&] { return serves(shop, 0, one) && serves(shop, 1, two); });
    const auto exchange = [&](const std::string& first, const std::string& second) {
        one.pull();
        two.pull();
        one.ring();
        two.ring();
        one.plug(first);
        two.plug(second);
    };
    exchange("ttyACM1", "ttyACM0");
    shop.run_until([&] { return serves(shop, 0, one) && serves(shop, 1, two); });
    shop.stop();
    exchange("ttyACM0", "ttyACM1");
    shop.start(configs, sockets.machine());
    shop.run_until([&] { return serves(shop, 0, one) && serves(shop, 1, two); });
    CHECK(has_all(shop, one));
    CHECK(has_all(shop, two));
    CHECK(shop.documents() == one.last() + two.last());
    CHECK(events(shop, "device_replaced") == 0);
    shop.stop(); // before the registers go
}

TEST_CASE("an FN replaced while the cable is out is read beside the old one, of which nothing is forgotten",
          "[moved]")
{
    Sockets sockets;
    Shop shop;
    Till till(shop.io, sockets, Numbers::kkt(1), Numbers::fn(1));
    till.plug("ttyACM0");
    shop.start({at_port(sockets.name("ttyACM0"), "Касса 1")}, sockets.machine());
    shop.run_until([&] { return serves(shop, 0, till); });
    const std::uint32_t before = till.last();
    till.pull();
    till.kkt().replace_fn(Numbers::fn(77), till.kkt().now() + std::chrono::days(400));
    till.ring();
    till.plug("ttyACM3");
    shop.run_until([&] { return serves(shop, 0, till); });
    CHECK(has_whole(shop, Numbers::fn(1), before));
    CHECK(has_all(shop, till));
    CHECK(shop.documents() == before + till.last());
    CHECK(events(shop, "fn_replaced") == 1);
    CHECK(events(shop, "device_replaced") == 0);
    shop.stop(); // before the registers go
}

TEST_CASE("of two registers with one factory number every document is kept, and people are told", "[moved]")
{
    Sockets sockets;
    Shop shop;
    Till one(shop.io, sockets, Numbers::kkt(1), Numbers::fn(1));
    Till two(shop.io, sockets, Numbers::kkt(1), Numbers::fn(2));
    one.plug("ttyACM0");
    two.plug("ttyACM1");
    shop.start({at_port(sockets.name("ttyACM0"), "Касса 1"), at_port(sockets.name("ttyACM1"), "Касса 2")},
               sockets.machine());
    shop.run_until([&] { return has_all(shop, one) && has_all(shop, two); });
    shop.run_until([&] { return shop.reason(0) + shop.reason(1) == "duplicate_serial"; });
    one.pull();
    two.pull();
    one.ring();
    one.plug("ttyACM1");
    two.plug("ttyACM0");
    shop.run_until([&] { return serves(shop, 0, one) && serves(shop, 1, two); });
    CHECK(has_all(shop, one));
    CHECK(has_all(shop, two));
    CHECK(shop.documents() == one.last() + two.last());
    shop.stop(); // before the registers go
}

TEST_CASE("with port = auto a register is found among strangers, who hold up nobody", "[moved]")
{
    StrangePty::Manners echo;
    echo.answer = [](BytesView said) { return Bytes(said.begin(), said.end()); };
    const StrangePty modem(echo);
    Sockets sockets;
    Shop shop;
    Till searched(shop.io, sockets, Numbers::kkt(1), Numbers::fn(1));
    Till known(shop.io, sockets, Numbers::kkt(2), Numbers::fn(2));
    sockets.plug("ttyUSB0", modem.path(), kAdapter);
    searched.plug("ttyUSB1", kAdapter);
    known.plug("ttyACM0");
    agent::DeviceConfig anywhere = at_port("", "Касса 1");
    anywhere.port = agent::kAnyPort;
    shop.start({anywhere, at_port(sockets.name("ttyACM0"), "Касса 2")}, sockets.machine());
    shop.run_until([&] { return serves(shop, 0, searched) && serves(shop, 1, known); });
    const std::size_t heard = modem.heard();
    searched.pull();
    searched.ring();
    known.ring();
    searched.plug("ttyUSB5", kAdapter);
    shop.run_until([&] { return serves(shop, 0, searched) && serves(shop, 1, known); });
    CHECK(modem.heard() == heard); // it has said who it is
    CHECK(heard < 64);
    CHECK(shop.documents() == searched.last() + known.last());
    shop.stop(); // before the registers go
}
