#include "drivers/session.hpp"
#include "drivers/transport/serial.hpp"
#include "tests/support/drivers/pty.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/drivers/scripted_transport.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using std::chrono::milliseconds;

namespace {

// Writes 05 and wants one byte; asks once again after silence; FFh keeps it waiting.
class Ping final : public Exchange {
public:
    Step begin() override { return Write{hex("05")}; }
    Step on_written() override { return Read{milliseconds(60'000)}; }
    Step on_bytes(BytesView bytes) override
    {
        if (bytes.front() == 0xFF) {
            ++counters_.bad_frames;
            return Read{milliseconds(60'000)};
        }
        return Done{Bytes(bytes.begin(), bytes.end())};
    }
    Step on_timeout() override
    {
        if (counters_.retries++ > 0) {
            return Error{Errc::no_answer, Outcome::not_done, "ping", std::nullopt};
        }
        return Write{hex("05")};
    }
    [[nodiscard]] ExchangeCounters counters() const override { return counters_; }

private:
    ExchangeCounters counters_;
};

std::unique_ptr<Transport> script(ScriptLog& log, std::vector<ExchangeLine> lines, ScriptOptions options = {})
{
    return std::make_unique<ScriptedTransport>(std::move(lines), log, options);
}

const ExchangeLine kAsk{true, {0x05}, ""};
const ExchangeLine kAnswer{false, {0x15}, ""};
const ExchangeLine kNoise{false, {0xFF}, ""};

} // namespace

TEST_CASE("a session runs an exchange and counts what it cost", "[drivers]")
{
    asio::io_context io;
    ScriptLog log;
    Session session(script(log, {kAsk, kAsk, kNoise, kAnswer}));
    Ping ping;
    const auto answer = run_now(io, session.run(ping));
    REQUIRE(answer);
    CHECK(*answer == hex("15"));
    CHECK(log.exhausted);
    CHECK(session.counters().exchanges == 1);
    CHECK(session.counters().failed == 0);
    CHECK(session.counters().bytes_written == 2);
    CHECK(session.counters().bytes_read == 2);
    CHECK(session.counters().timeouts == 1);
    CHECK(session.counters().retries == 1);
    CHECK(session.counters().bad_frames == 1);
}

TEST_CASE("what arrived before an exchange is no answer to it", "[drivers]")
{
    asio::io_context io;
    ScriptLog log;
    Session session(script(log, {kNoise, kAsk, kAnswer}));
    Ping ping;
    CHECK(run_now(io, session.run(ping)));
    CHECK(session.counters().bad_frames == 0);
}

TEST_CASE("an exchange's own error is the session's", "[drivers]")
{
    asio::io_context io;
    ScriptLog log;
    Session session(script(log, {kAsk, kAsk}));
    Ping ping;
    const auto answer = run_now(io, session.run(ping));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::no_answer);
    CHECK(session.counters().failed == 1);
}

TEST_CASE("a line cut at any step is a lost port, unknown only once something was written", "[drivers]")
{
    asio::io_context io;
    for (std::size_t cut = 0; cut < 3; ++cut) {
        ScriptLog log;
        Session session(script(log, {kAsk, kNoise, kAnswer}, {cut, false}));
        Ping ping;
        const auto answer = run_now(io, session.run(ping));
        INFO("cut at step " << cut);
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == Errc::port_lost);
        CHECK(answer.error().outcome == Outcome::unknown);
        const auto again = run_now(io, session.run(ping));
        REQUIRE_FALSE(again);
        CHECK(again.error().code == Errc::port_lost);
        CHECK(again.error().outcome == Outcome::not_done);
    }
}

TEST_CASE("a cancelled session ends the running exchange and refuses more until it is resumed", "[drivers]")
{
    asio::io_context io;
    Pty pty;
    auto port = open_serial(io.get_executor(), SerialSettings{pty.path()});
    REQUIRE(port);
    Session session(*std::move(port));
    Ping ping;
    while_waiting(io, [&] { session.cancel(); });
    const auto stopped = run_now(io, session.run(ping));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::cancelled);

    const auto refused = run_now(io, session.run(ping));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::cancelled);
    CHECK(refused.error().outcome == Outcome::not_done);

    session.resume();
    pty.read(1);
    while_waiting(io, [&] {
        pty.read(1);
        pty.write(hex("15"));
    });
    CHECK(run_now(io, session.run(ping)));
}

TEST_CASE("a line that babbles without end is cut off by the limit of the whole command", "[drivers]")
{
    asio::io_context io;
    ScriptLog log;
    std::vector<ExchangeLine> lines{kAsk};
    lines.insert(lines.end(), 100, kNoise);
    Session session(script(log, lines));
    Ping ping;
    const auto late = run_now(io, session.run(ping, milliseconds(0)));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::timed_out);
}

TEST_CASE("a line that babbles fast is cut off by the number of its bytes, however long the command may take",
          "[drivers]")
{
    asio::io_context io;
    ScriptLog log;
    std::vector<ExchangeLine> lines{kAsk};
    lines.insert(lines.end(), 100, ExchangeLine{false, Bytes(65'536, 0xFF), ""});
    Session session(script(log, lines));
    Ping ping;
    const auto noise = run_now(io, session.run(ping));
    REQUIRE_FALSE(noise);
    CHECK(noise.error().code == Errc::endless_noise);
    CHECK(noise.error().outcome == Outcome::unknown);
    CHECK(session.counters().bytes_read < 2U << 20U);
}
