// A minimal sale byte for byte as the documents have it: neither the house's codec nor its emulator had a
// hand in these bytes.
#include "drivers/atol/driver.hpp"
#include "tests/emulator/atol_printing/requests.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/drivers/scripted_transport.hpp"

#include <algorithm>

using namespace kb;
using namespace kb::test;

namespace {

constexpr const char* kFixture = "atol/sale-v2.exchange";
const Bytes kOpening = hex("02 00 00 92 00 01 03 90");                // vector 13
const Bytes kClosing = hex("02 00 00 4A 00 01 00 00 00 00 00 03 48"); // vector 20

std::unique_ptr<atol::AtolDriver> driver_on(ScriptLog& log, ScriptOptions options = {})
{
    auto transport = std::make_unique<ScriptedTransport>(load_exchange(kFixture), log, options);
    atol::Line line(std::move(transport), DriverOptions{});
    line.use(atol::LineTransport::v2);
    return std::make_unique<atol::AtolDriver>(std::move(line));
}

fiscal::Request the_sale()
{
    fiscal::Request sale = coffee();
    sale.cashier = "Иванов";
    sale.receipt->positions[0].department = 0;
    return sale;
}

bool was_written(const ScriptLog& log, const Bytes& frame)
{
    return std::search(log.written.begin(), log.written.end(), frame.begin(), frame.end()) !=
           log.written.end();
}

} // namespace

TEST_CASE("a sale goes over the wire as the documents have it", "[atol][printing][fixture]")
{
    for (const bool byte_by_byte : {false, true}) {
        asio::io_context io;
        ScriptLog log;
        ScriptOptions options;
        options.byte_by_byte = byte_by_byte;
        const auto driver = driver_on(log, options);
        const auto info = run_now(io, driver->identify());
        INFO(log.mismatch);
        REQUIRE(info);
        const auto done = run_now(io, driver->perform(the_sale()));
        INFO((done ? "" : done.error().message()));
        REQUIRE(done);
        CHECK(done->fd_number == 138U);
        CHECK(done->printed);
        CHECK(log.exhausted);
        CHECK(log.mismatch.empty());
    }
}

TEST_CASE("wherever the line is cut, the outcome says what is certain", "[atol][printing][fixture]")
{
    asio::io_context io;
    ScriptLog whole;
    std::size_t identified = 0;
    {
        const auto driver = driver_on(whole);
        REQUIRE(run_now(io, driver->identify()));
        identified = whole.steps;
        REQUIRE(run_now(io, driver->perform(the_sale())));
    }
    struct Cut {
        bool opening_written = false;
        std::optional<Outcome> outcome; ///< nullopt: done
    };
    std::vector<Cut> cuts;
    for (std::size_t at = identified; at < whole.steps; ++at) {
        ScriptLog log;
        ScriptOptions options;
        options.lost_at = at;
        const auto driver = driver_on(log, options);
        REQUIRE(run_now(io, driver->identify()));
        const auto result = run_now(io, driver->perform(the_sale()));
        INFO("cut at step " << at << ": " << (result ? "done" : result.error().message()));
        CHECK(log.mismatch.empty());
        Cut cut;
        cut.opening_written = was_written(log, kOpening);
        if (result) {
            CHECK(was_written(log, kClosing));
        } else {
            CHECK(result.error().code == Errc::port_lost);
            cut.outcome = result.error().outcome;
        }
        cuts.push_back(cut);
    }
    // Certain at first; from the opening on not to be taken back over a line that is away; then done, and
    // what follows is a courtesy.
    REQUIRE(cuts.size() > 100);
    std::size_t at = 0;
    for (; at < cuts.size() && cuts[at].outcome == Outcome::not_done; ++at) {
        CHECK_FALSE(cuts[at].opening_written);
    }
    REQUIRE(at + 1 < cuts.size());
    CHECK(cuts[at + 1].opening_written);
    for (; at < cuts.size() && cuts[at].outcome; ++at) {
        CHECK(cuts[at].outcome == Outcome::unknown);
    }
    CHECK(at < cuts.size());
    for (; at < cuts.size(); ++at) {
        CHECK_FALSE(cuts[at].outcome);
    }
}
