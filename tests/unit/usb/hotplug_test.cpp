// Plugging and pulling, as the agent is told of it.
#include "drivers/transport/hotplug.hpp"
#include "tests/support/usb/fake_machine.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;

namespace {

FakeDevice register_with_tty(unsigned tty, unsigned address)
{
    FakeDevice device;
    device.id = {0x1FC9, 0x0083};
    device.serial = "0042";
    device.ttys = {tty};
    device.address = address;
    return device;
}

ListedPort port(const char* path, unsigned address)
{
    ListedPort one;
    one.path = path;
    one.usb_address = address;
    return one;
}

// What was told so far, as words.
struct Listener {
    void hear(const PortChange& change)
    {
        ++calls;
        for (const auto& one : change.left.ports) {
            said += "-" + one.path + " ";
        }
        for (const auto& one : change.arrived.ports) {
            said += "+" + one.path + " ";
        }
        for (const auto& one : change.left.usb) {
            said += "-usb:" + to_string(one.id) + " ";
        }
        for (const auto& one : change.arrived.usb) {
            said += "+usb:" + to_string(one.id) + " ";
        }
    }
    int calls = 0;
    std::string said;
};

} // namespace

TEST_CASE("a plugged register is told as arrived, a pulled one as left", "[usb]")
{
    FakeMachine machine;
    asio::io_context io;
    Listener listener;
    PortWatch watch(io.get_executor(), [&](const PortChange& change) { listener.hear(change); });
    CHECK(watch.told_by_system());
    CHECK(watch.now() == PortPicture{});
    const auto until = [&](const std::string& word) {
        while (listener.said.find(word) == std::string::npos) {
            REQUIRE(io.run_one_for(60s) > 0);
        }
    };
    const FakeDevice first = register_with_tty(0, 7);
    machine.plug(first);
    until("+usb:1FC9:0083");
    until("+/dev/ttyACM0");
    CHECK(watch.now().ports.size() == 1);
    listener.said.clear();
    machine.unplug(first);
    until("-/dev/ttyACM0");
    until("-usb:1FC9:0083");
    CHECK(watch.now() == PortPicture{});
    machine.plug(register_with_tty(1, 9));
    until("+/dev/ttyACM1");
}

TEST_CASE("what is there when the watch begins is no news, and what comes with it is not lost", "[usb]")
{
    FakeMachine machine;
    machine.plug(register_with_tty(0, 7));
    asio::io_context io;
    Listener listener;
    bool plugged = false;
    // A device that is plugged in after the system was asked and before its answer is looked at.
    const auto list = [&] {
        PortPicture picture = list_everything();
        if (!plugged) {
            plugged = true;
            FakeDevice second = register_with_tty(1, 9);
            second.place = "1-2";
            machine.plug(second);
        }
        return picture;
    };
    PortWatch watch(
        io.get_executor(), [&](const PortChange& change) { listener.hear(change); }, list);
    CHECK(watch.now().ports.size() == 1);
    while (listener.said.find("+/dev/ttyACM1") == std::string::npos) {
        REQUIRE(io.run_one_for(60s) > 0);
    }
    CHECK(listener.said.find("ttyACM0") == std::string::npos);
}

TEST_CASE("nobody is told after the watch has ended", "[usb]")
{
    FakeMachine machine;
    asio::io_context io;
    Listener listener;
    {
        PortWatch watch(io.get_executor(), [&](const PortChange& change) { listener.hear(change); });
        machine.plug(register_with_tty(0, 7));
    }
    io.run(); // ends at once: nothing is waited for any more
    CHECK(listener.calls == 0);
}

TEST_CASE("the same name with another device behind it has left and arrived", "[usb]")
{
    PortPicture before;
    before.ports = {port("/dev/ttyACM0", 263), port("/dev/ttyACM1", 264)};
    PortPicture after;
    after.ports = {port("/dev/ttyACM0", 265), port("/dev/ttyACM1", 264)};
    const PortChange change = changes(before, after);
    CHECK(change.left.ports == std::vector{port("/dev/ttyACM0", 263)});
    CHECK(change.arrived.ports == std::vector{port("/dev/ttyACM0", 265)});
    CHECK_FALSE(change.empty());
    CHECK(changes(after, after).empty());
}
