// The USB line against devices that libumockdev shows to an unmodified libusb.
#include "drivers/transport/open.hpp"
#include "drivers/transport/usb.hpp"
#include "drivers/transport/usb_interfaces.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/usb/fake_machine.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace kb;
using namespace kb::test;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLong{60'000}; // never reached: the test would hang, not pass
constexpr std::uint8_t kEnq = 0x05;
constexpr std::uint8_t kNak = 0x15;

FakeDevice register_of(FakeDevice::Form form)
{
    FakeDevice device;
    device.id = {0x04D9, 0xB534};
    device.serial = "0042";
    device.form = form;
    return device;
}

PortUrl url(const char* text) { return *parse_port_url(text); }

// ENQ is answered with NAK, as a register that waits for a command does; anything else with the same bytes.
Bytes answer(BytesView bytes)
{
    return bytes.size() == 1 && bytes[0] == kEnq ? Bytes{kNak} : Bytes(bytes.begin(), bytes.end());
}

struct Bench {
    explicit Bench(FakeDevice plugged = register_of(FakeDevice::Form::acm)) : device(std::move(plugged))
    {
        bulk.answer_with(answer);
        machine.plug(device, &bulk);
    }

    Result<std::unique_ptr<Transport>> open(const char* port = "usb:04D9:B534")
    {
        return run_now(io, open_transport(io.get_executor(), url(port)));
    }
    std::unique_ptr<Transport> opened()
    {
        auto line = open();
        INFO((line ? "" : line.error().message()));
        REQUIRE(line);
        return *std::move(line);
    }
    Result<Bytes> read_all(Transport& line, std::size_t count)
    {
        Bytes all;
        while (all.size() < count) {
            auto piece = run_now(io, line.read(kLong));
            if (!piece) {
                return pass(piece);
            }
            all.insert(all.end(), piece->begin(), piece->end());
        }
        return all;
    }
    /// Runs what is posted, until `condition`.
    template <class Condition>
    void until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) {
                FAIL("it did not come to pass");
            }
            io.restart();
            io.run_for(milliseconds(5));
        }
    }

    FakeDevice device;
    asio::io_context io;
    FakeBulk bulk;
    FakeMachine machine;
};

std::size_t open_descriptors()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a question goes out and the answer comes in, on a serial function and on plain bulk", "[usb]")
{
    const auto form = GENERATE(FakeDevice::Form::acm, FakeDevice::Form::two_acm, FakeDevice::Form::bulk_only);
    Bench bench(register_of(form));
    const auto line = bench.opened();
    CHECK(line->name() == "usb:04D9:B534");
    REQUIRE(run_now(bench.io, line->write({kEnq}, kLong)));
    CHECK(run_now(bench.io, line->read(kLong)) == Bytes{kNak});
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint8_t>(i);
    }
    REQUIRE(run_now(bench.io, line->write(all, kLong)));
    CHECK(bench.read_all(*line, all.size()) == all);
}

TEST_CASE("a serial function is told speed and DTR/RTS, a plain one nothing", "[usb]")
{
    {
        Bench bench;
        const auto line = bench.opened();
        const Bytes coding{0x00, 0xC2, 0x01, 0x00, 0, 0, 8}; // 115200, 1 stop bit, no parity, 8 bits
        CHECK(bench.bulk.controls() ==
              std::vector<FakeControl>{{0x21, 0x20, 0, 0, coding}, {0x21, 0x22, 3, 0, {}}});
        CHECK(bench.bulk.claimed() == std::vector<unsigned>{0, 1});
    }
    Bench bench(register_of(FakeDevice::Form::bulk_only));
    const auto line = bench.opened();
    CHECK(bench.bulk.controls().empty());
    CHECK(bench.bulk.claimed() == std::vector<unsigned>{0});
}

TEST_CASE("silence on USB is a time-out, and what comes later is not lost", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    const auto silence = run_now(bench.io, line->read(milliseconds(5)));
    REQUIRE_FALSE(silence);
    CHECK(silence.error().code == Errc::no_answer);
    bench.bulk.send(Bytes{1, 2, 3});
    CHECK(bench.read_all(*line, 3) == Bytes{1, 2, 3});
}

TEST_CASE("a waiting read ends when it is cancelled, and the line stays usable", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    while_waiting(bench.io, [&] { line->cancel(); });
    const auto stopped = run_now(bench.io, line->read(kLong));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::cancelled);
    REQUIRE(run_now(bench.io, line->write({kEnq}, kLong)));
    CHECK(run_now(bench.io, line->read(kLong)) == Bytes{kNak});
}

TEST_CASE("closing ends a waiting read, and everything after it says that the port is closed", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    while_waiting(bench.io, [&] { line->close(); });
    const auto stopped = run_now(bench.io, line->read(kLong));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::cancelled);
    CHECK_FALSE(line->is_open());
    const auto later = run_now(bench.io, line->write({kEnq}, kLong));
    REQUIRE_FALSE(later);
    CHECK(later.error().code == Errc::port_lost);
    CHECK(run_now(bench.io, line->read(kLong)).error().code == Errc::port_lost);
    CHECK(line->discard_input().error().code == Errc::port_lost);
}

TEST_CASE("a cable pulled while an answer is awaited is a lost port, not a silence", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    while_waiting(bench.io, [&] { bench.machine.unplug(bench.device); });
    const auto lost = run_now(bench.io, line->read(kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
    CHECK_FALSE(line->is_open());
    const auto later = run_now(bench.io, line->write({kEnq}, kLong));
    REQUIRE_FALSE(later);
    CHECK(later.error().code == Errc::port_lost);
    CHECK(bench.bulk.received().empty());
}

TEST_CASE("a cable pulled while the device takes its time ends the write as lost", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.take_nothing(true);
    while_waiting(bench.io, [&] { bench.machine.unplug(bench.device); });
    const auto lost = run_now(bench.io, line->write({kEnq}, kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
    CHECK(lost.error().outcome == Outcome::unknown);
}

TEST_CASE("an idle line notices the pulled cable by itself", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.machine.unplug(bench.device);
    bench.until([&] { return !line->is_open(); });
    CHECK(run_now(bench.io, line->read(kLong)).error().code == Errc::port_lost);
}

TEST_CASE("a device that does not take the bytes ends the write in time, and takes the next", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.take_nothing(true);
    const auto late = run_now(bench.io, line->write({1, 2, 3}, milliseconds(20)));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::timed_out);
    CHECK(late.error().outcome == Outcome::unknown);
    bench.bulk.take_nothing(false);
    REQUIRE(run_now(bench.io, line->write({kEnq}, kLong)));
    CHECK(bench.read_all(*line, 1) == Bytes{kNak});
    CHECK(bench.bulk.received() == Bytes{kEnq});
}

TEST_CASE("packets of one byte and packets without bytes make the same answer", "[usb]")
{
    Bench bench;
    bench.bulk.in_pieces_of(1);
    const auto line = bench.opened();
    bench.bulk.send_empty_packet();
    bench.bulk.send(Bytes{1, 2, 3});
    bench.bulk.send_empty_packet();
    bench.bulk.send_empty_packet();
    bench.bulk.send(Bytes{4, 5});
    CHECK(bench.read_all(*line, 5) == Bytes{1, 2, 3, 4, 5});
}

TEST_CASE("a stalled write is cleared and sent once", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.stall_next_write();
    REQUIRE(run_now(bench.io, line->write({kEnq}, kLong)));
    CHECK(bench.read_all(*line, 1) == Bytes{kNak});
    CHECK(bench.bulk.received() == Bytes{kEnq});
    CHECK(bench.bulk.halts_cleared() == std::vector<unsigned>{0x02});
}

TEST_CASE("a stalled read is cleared and goes on", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.stall_next_read();
    bench.bulk.send(Bytes{1, 2});
    CHECK(bench.read_all(*line, 2) == Bytes{1, 2});
    CHECK(bench.bulk.halts_cleared() == std::vector<unsigned>{0x81});
}

TEST_CASE("an error on the bus is asked about again before the device is given up", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.fail_next_reads(3);
    bench.bulk.send(Bytes{1});
    CHECK(bench.read_all(*line, 1) == Bytes{1});
    bench.bulk.fail_next_reads(100);
    const auto lost = run_now(bench.io, line->read(kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
}

TEST_CASE("after an error on the bus nothing is sent twice, whether the device had it or not", "[usb]")
{
    const bool taken = GENERATE(true, false);
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.fail_next_write(taken);
    const auto lost = run_now(bench.io, line->write({1, 2, 3}, kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
    CHECK(lost.error().outcome == Outcome::unknown);
    CHECK(bench.bulk.received() == (taken ? Bytes{1, 2, 3} : Bytes{}));
}

TEST_CASE("a device that talks without end is left to wait, and nothing of it is lost", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    Bytes all(300'000);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint8_t>(i * 7 / 3);
    }
    bench.bulk.send(all);
    bench.until([&] { return bench.bulk.sent() >= 64 * 1024; });
    for (int round = 0; round < 20; ++round) {
        bench.io.restart();
        bench.io.run_for(milliseconds(1));
    }
    CHECK(bench.bulk.sent() < 80 * 1024);
    CHECK(bench.read_all(*line, all.size()) == all);
}

TEST_CASE("what arrived and was not read can be dropped", "[usb]")
{
    Bench bench;
    const auto line = bench.opened();
    bench.bulk.send(Bytes(100, 0xEE));
    bench.until([&] { return bench.bulk.sent() == 100; });
    bench.bulk.answer_with([](BytesView) { return Bytes{}; });
    REQUIRE(run_now(bench.io, line->write({0}, kLong))); // its end is told after what came before it
    REQUIRE(line->discard_input());
    bench.bulk.answer_with(answer);
    REQUIRE(run_now(bench.io, line->write({kEnq}, kLong)));
    CHECK(bench.read_all(*line, 1) == Bytes{kNak});
}

TEST_CASE("the system's driver is taken off and put back", "[usb]")
{
    Bench bench;
    bench.bulk.has_driver(true);
    auto line = bench.opened();
    CHECK(bench.bulk.detached() == std::vector<unsigned>{0});
    CHECK(bench.bulk.attached().empty());
    line.reset();
    CHECK(bench.bulk.attached() == std::vector<unsigned>{0});
    CHECK(bench.bulk.claimed().empty());
    CHECK(bench.bulk.controls().back() == FakeControl{0x21, 0x22, 0, 0, {}}); // DTR and RTS off
}

TEST_CASE("a device that another program has claimed is busy, with the cure", "[usb]")
{
    Bench bench;
    bench.bulk.is_claimed(true);
    const auto busy = bench.open();
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == Errc::port_busy);
    CHECK_THAT(busy.error().context, Catch::Contains("usb:04D9:B534") && Catch::Contains("stop it"));
}

TEST_CASE("a device that is not there, or has no line, is told apart", "[usb]")
{
    Bench bench(register_of(FakeDevice::Form::keyboard));
    const auto no_line = bench.open();
    REQUIRE_FALSE(no_line);
    CHECK(no_line.error().code == Errc::unsupported);
    CHECK_THAT(no_line.error().context, Catch::Contains("no pair of bulk endpoints"));
    for (const char* absent : {"usb:2912:0005", "usb:04D9:B534:0043"}) {
        const auto nothing = bench.open(absent);
        REQUIRE_FALSE(nothing);
        CHECK(nothing.error().code == Errc::port_not_found);
        CHECK_THAT(nothing.error().context, Catch::Contains(absent) && Catch::Contains("check the cable"));
    }
}

TEST_CASE("of two alike the serial number decides, and without it the one that is free", "[usb]")
{
    Bench bench;
    FakeDevice second = register_of(FakeDevice::Form::acm);
    second.serial = "0043";
    second.place = "1-2";
    second.address = 8;
    FakeBulk other;
    other.answer_with([](BytesView) { return Bytes{0x43}; });
    bench.machine.plug(second, &other);
    {
        const auto line = bench.open("usb:04D9:B534:0043");
        REQUIRE(line);
        CHECK((*line)->name() == "usb:04D9:B534:0043");
        REQUIRE(run_now(bench.io, (*line)->write({kEnq}, kLong)));
        CHECK(bench.read_all(**line, 1) == Bytes{0x43});
        CHECK(bench.bulk.received().empty());
    }
    bench.bulk.is_claimed(true);
    const auto line = bench.open("usb:04D9:B534");
    REQUIRE(line);
    REQUIRE(run_now(bench.io, (*line)->write({kEnq}, kLong)));
    CHECK(bench.read_all(**line, 1) == Bytes{0x43});
}

TEST_CASE("lines opened, lost and closed many times leave no descriptor open", "[usb]")
{
    Bench bench;
    {
        const auto line = bench.opened();
    }
    // A line's thread closes what it had when it ends, be it a moment later: some of the first line's may
    // still be counted, but not as many as there are rounds.
    const std::size_t before = open_descriptors();
    for (int round = 0; round < 20; ++round) {
        const auto line = bench.opened();
        REQUIRE(run_now(bench.io, line->write({kEnq}, kLong)));
        CHECK(bench.read_all(*line, 1) == Bytes{kNak});
    }
    bench.until([&] { return open_descriptors() <= before; });
    const auto line = bench.opened();
    bench.machine.unplug(bench.device);
    bench.until([&] { return !line->is_open(); });
    for (int round = 0; round < 5; ++round) {
        CHECK_FALSE(bench.open());
    }
    CHECK(open_descriptors() <= before + 8); // libusb's own, while the line object lives
}

TEST_CASE("the line is chosen by the descriptors", "[usb]")
{
    UsbInterface network; // RNDIS, as some registers offer it: a data interface that is no serial line
    network.number = 0;
    network.device_class = 0xE0;
    network.subclass = 1;
    UsbInterface network_data;
    network_data.number = 1;
    network_data.device_class = 0x0A;
    network_data.bulk_in = 0x81;
    network_data.bulk_out = 0x02;
    UsbInterface control;
    control.number = 2;
    control.device_class = 0x02;
    control.subclass = 0x02;
    UsbInterface data = network_data;
    data.number = 3;
    UsbInterface vendor = network_data;
    vendor.number = 4;
    vendor.device_class = 0xFF;

    CHECK_FALSE(choose_pipe({}));
    const std::vector<UsbInterface> only_network{network, network_data};
    CHECK_FALSE(choose_pipe(only_network));
    const std::vector<UsbInterface> all{vendor, network, network_data, control, data};
    const auto chosen = choose_pipe(all);
    REQUIRE(chosen);
    CHECK(chosen->control == 2);
    CHECK(chosen->data.number == 3);
    const std::vector<UsbInterface> plain{network, network_data, vendor};
    REQUIRE(choose_pipe(plain));
    CHECK(choose_pipe(plain)->data.number == 4);
    CHECK_FALSE(choose_pipe(plain)->control);
    // The union descriptor has the last word on which data interface belongs to it.
    control.cdc_data = 1;
    const std::vector<UsbInterface> named{control, network_data, data};
    REQUIRE(choose_pipe(named));
    CHECK(choose_pipe(named)->data.number == 1);
}
