#include "drivers/transport/open.hpp"
#include "drivers/transport/serial.hpp"
#include "drivers/transport/tap.hpp"
#include "drivers/transport/tcp.hpp"
#include "tests/support/drivers/port_holder.hpp"
#include "tests/support/drivers/pty.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/drivers/scripted_transport.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <sstream>

using namespace kb;
using namespace kb::test;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLong{60'000}; // never reached: the test would hang, not pass

std::unique_ptr<Transport> open_pty(asio::io_context& io, const Pty& pty, unsigned baud = kDefaultBaud)
{
    auto port = open_serial(io.get_executor(), SerialSettings{pty.path(), baud});
    REQUIRE(port);
    return *std::move(port);
}

} // namespace

TEST_CASE("a serial port passes all byte values both ways and sets the wanted speed", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty, 4800);
    CHECK(pty.baud() == 4800);
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint8_t>(i);
    }
    REQUIRE(run_now(io, port->write(all, kLong)));
    CHECK(pty.read(256) == all);
    pty.write(all);
    Bytes got;
    while (got.size() < all.size()) {
        const auto piece = run_now(io, port->read(kLong));
        REQUIRE(piece);
        got.insert(got.end(), piece->begin(), piece->end());
    }
    CHECK(got == all);
    CHECK(port->name() == "serial:" + pty.path() + " 4800");
}

TEST_CASE("a silent serial port is a time-out, and the port stays usable", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    const auto silence = run_now(io, port->read(milliseconds(5)));
    REQUIRE_FALSE(silence);
    CHECK(silence.error().code == Errc::no_answer);
    pty.write(hex("06"));
    const auto later = run_now(io, port->read(kLong));
    REQUIRE(later);
    CHECK(*later == hex("06"));
}

TEST_CASE("a deadline shorter than the one before is kept", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    pty.write(hex("15"));
    REQUIRE(run_now(io, port->read(kLong)));
    const auto silence = run_now(io, port->read(milliseconds(5)));
    REQUIRE_FALSE(silence);
    CHECK(silence.error().code == Errc::no_answer);
}

TEST_CASE("a pulled cable ends a read as a lost port, not as a time-out", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    while_waiting(io, [&] { pty.hang_up(); });
    const auto lost = run_now(io, port->read(kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
    CHECK_FALSE(port->is_open());
    const auto after = run_now(io, port->write(hex("05"), kLong));
    REQUIRE_FALSE(after);
    CHECK(after.error().code == Errc::port_lost);
}

TEST_CASE("a cable pulled while nothing is read is noticed by the next use", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    pty.hang_up();
    const auto lost = run_now(io, port->write(hex("05"), kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
}

TEST_CASE("a waiting read is cancelled on request", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    while_waiting(io, [&] { port->cancel(); });
    const auto stopped = run_now(io, port->read(kLong));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::cancelled);
    CHECK(port->is_open());
}

TEST_CASE("discarding drops what has arrived", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    pty.write(hex("151515"));
    // The bytes are in the line discipline once a read could have them.
    pty.write(hex("15"));
    const auto first = run_now(io, port->read(kLong));
    REQUIRE(first);
    pty.write(hex("06"));
    REQUIRE(run_now(io, port->read(kLong)));
    REQUIRE(port->discard_input());
    const auto silence = run_now(io, port->read(milliseconds(5)));
    REQUIRE_FALSE(silence);
    CHECK(silence.error().code == Errc::no_answer);
}

TEST_CASE("a port that is not there, is no port, or is held by another is told apart", "[drivers]")
{
    asio::io_context io;
    const auto absent = open_serial(io.get_executor(), SerialSettings{"/dev/no-such-register"});
    REQUIRE_FALSE(absent);
    CHECK(absent.error().code == Errc::port_not_found);
    CHECK_THAT(absent.error().context, Catch::Contains("check the cable"));

    const auto no_tty = open_serial(io.get_executor(), SerialSettings{"/dev/null"});
    REQUIRE_FALSE(no_tty);
    CHECK(no_tty.error().code == Errc::port_not_found);

    Pty pty;
    const auto first = open_pty(io, pty);
    const auto second = open_serial(io.get_executor(), SerialSettings{pty.path()});
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::port_busy);
    first->close();
    CHECK(open_serial(io.get_executor(), SerialSettings{pty.path()}));
}

TEST_CASE("a port held by another process is told with that process", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const PortHolder holder(pty.path());
    const auto refused = open_serial(io.get_executor(), SerialSettings{pty.path()});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::port_busy);
    CHECK_THAT(refused.error().context, Catch::Contains(holder.program() + " (pid " +
                                                        std::to_string(holder.pid()) + ") holds the port"));
}

TEST_CASE("a port that this process has open already is no stranger's", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const auto port = open_pty(io, pty);
    const auto refused = open_serial(io.get_executor(), SerialSettings{pty.path()});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::port_busy);
    CHECK_THAT(refused.error().context, Catch::Contains("this program has it open already"));
}

TEST_CASE("a port that takes no bytes is stuck, and can be closed and opened again", "[drivers]")
{
    asio::io_context io;
    Pty pty; // nobody reads what is written to it
    const auto port = open_pty(io, pty);
    const auto stuck = run_now(io, port->write(Bytes(1U << 20U, 0x05), milliseconds(20)));
    REQUIRE_FALSE(stuck);
    CHECK(stuck.error().code == Errc::port_stuck);
    port->close();
    CHECK(open_serial(io.get_executor(), SerialSettings{pty.path()}));
}

TEST_CASE("a serial port is opened aside, and its errors are the same", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    auto opened = run_now(io, open_serial_within(io.get_executor(), SerialSettings{pty.path(), 9600}, kLong));
    REQUIRE(opened);
    CHECK(pty.baud() == 9600);
    REQUIRE(run_now(io, (*opened)->write(hex("05"), kLong)));
    CHECK(pty.read(1) == hex("05"));
    const auto busy = run_now(io, open_serial_within(io.get_executor(), SerialSettings{pty.path()}, kLong));
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == Errc::port_busy);
}

TEST_CASE("an opening that nobody waits for any more harms nobody", "[drivers]")
{
    for (int i = 0; i < 20; ++i) {
        Pty pty;
        asio::io_context io;
        auto start = [&]() -> asio::awaitable<void> {
            SerialSettings settings{pty.path()};
            [[maybe_unused]] const auto opened =
                co_await open_serial_within(io.get_executor(), std::move(settings), kLong);
        };
        asio::co_spawn(io, start, asio::detached);
        io.poll_one();
    }
}

TEST_CASE("a link to a serial port is followed", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    const std::filesystem::path real(pty.path());
    const auto link = std::filesystem::temp_directory_path() / ("kb-link-to-pty-" + real.filename().string());
    std::filesystem::remove(link);
    std::filesystem::create_symlink(pty.path(), link);
    const auto port = open_serial(io.get_executor(), SerialSettings{link.string()});
    std::filesystem::remove(link);
    CHECK(port);
}

TEST_CASE("a TCP register is connected, talked to, and its end is a lost port", "[drivers]")
{
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket device(io);
    acceptor.async_accept(device, [](boost::system::error_code) {});
    auto opened =
        run_now(io, open_tcp(io.get_executor(), "127.0.0.1", acceptor.local_endpoint().port(), kLong));
    REQUIRE(opened);
    const auto port = *std::move(opened);
    REQUIRE(run_now(io, port->write(hex("05"), kLong)));
    Bytes asked(1);
    asio::read(device, asio::buffer(asked));
    CHECK(asked == hex("05"));
    asio::write(device, asio::buffer(hex("FF15")));
    const auto answer = run_now(io, port->read(kLong));
    REQUIRE(answer);
    CHECK(*answer == hex("FF15"));
    REQUIRE(port->discard_input());
    device.close();
    const auto lost = run_now(io, port->read(kLong));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::port_lost);
}

TEST_CASE("a TCP port where nobody listens says what to check", "[drivers]")
{
    asio::io_context io;
    std::uint16_t unused = 0;
    {
        asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
        unused = acceptor.local_endpoint().port();
    }
    const auto refused = run_now(io, open_tcp(io.get_executor(), "127.0.0.1", unused, kLong));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::network_failed);
    CHECK_THAT(refused.error().context, Catch::Contains("TCP server"));
}

TEST_CASE("a tap keeps what passes while somebody listens, and no more than was asked for", "[drivers]")
{
    asio::io_context io;
    ScriptLog log;
    const auto tap = std::make_shared<LineTap>();
    std::vector<ExchangeLine> script;
    for (int round = 0; round < 3; ++round) {
        script.push_back({true, hex("0102"), ""});
        script.push_back({false, hex("15"), ""});
    }
    const auto line = tapped(std::make_unique<ScriptedTransport>(script, log), tap);
    const auto pass_once = [&] {
        REQUIRE(run_now(io, line->write(hex("0102"), kLong)));
        REQUIRE(run_now(io, line->read(kLong)));
    };
    pass_once();
    CHECK(tap->bytes() == 0);
    tap->begin(5);
    CHECK(tap->listening());
    pass_once();
    CHECK(tap->bytes() == 3);
    CHECK_FALSE(tap->full());
    pass_once(); // the answer no longer fits
    CHECK(tap->bytes() == 5);
    CHECK(tap->full());
    CHECK_FALSE(run_now(io, line->read(kLong)));
    const auto heard = tap->end();
    CHECK_FALSE(tap->listening());
    REQUIRE(heard.size() == 3);
    CHECK(heard[0].from_host);
    CHECK(heard[0].bytes == hex("0102"));
    CHECK_FALSE(heard[1].from_host);
    CHECK(heard[1].bytes == hex("15"));
    CHECK(heard[2].from_host);
    CHECK_THAT(heard[2].comment, Catch::EndsWith(" ms"));
    CHECK(tap->end().empty());
    CHECK(log.exhausted);
}
