// Who is on a port when nobody knows: registers set otherwise than configured, strangers, and none at all.
#include "drivers/finder.hpp"
#include "drivers/search.hpp"
#include "drivers/stranger.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "tests/support/drivers/run_now.hpp"
#include "tests/support/fixtures.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace kb;
using namespace kb::test;
using std::chrono::milliseconds;

namespace {

/// A port as it is found each time it is opened.
struct Place {
    /// What the device says to what it was sent, at a speed.
    std::function<Bytes(unsigned baud, BytesView said)> answer;
    /// What it says by itself; empty: nothing now.
    std::function<Bytes(unsigned baud)> by_itself;
    bool takes_bytes = true;
    /// Whether its line of this number, from 1, is reset by the peer before a byte comes; empty: none is.
    std::function<bool(std::size_t opening)> resets;

    std::vector<unsigned> opened;
    std::size_t most_written = 0; ///< to one opening
};

class PlaceLine final : public Transport {
public:
    PlaceLine(Place& place, unsigned baud) : place_(place), baud_(baud) { place_.opened.push_back(baud); }

    Task<void> write(Bytes bytes, milliseconds /*at_most*/) override
    {
        if (!place_.takes_bytes) {
            co_return fail(Errc::port_stuck, name() + ": write");
        }
        if (place_.resets && place_.resets(place_.opened.size())) {
            co_return fail(Errc::port_lost, name() + ": Connection reset by peer");
        }
        written_ += bytes.size();
        place_.most_written = std::max(place_.most_written, written_);
        if (place_.answer) {
            const Bytes said = place_.answer(baud_, bytes);
            waiting_.insert(waiting_.end(), said.begin(), said.end());
        }
        co_return Result<void>{};
    }
    Task<Bytes> read(milliseconds /*at_most*/) override
    {
        if (waiting_.empty() && place_.by_itself) {
            waiting_ = place_.by_itself(baud_);
        }
        if (waiting_.empty()) {
            co_return fail(Errc::no_answer, name() + ": read");
        }
        co_return std::exchange(waiting_, {});
    }
    Result<void> discard_input() override
    {
        waiting_.clear();
        return {};
    }
    void cancel() override {}
    void close() override {}
    [[nodiscard]] bool is_open() const override { return true; }
    [[nodiscard]] std::string name() const override { return "place " + std::to_string(baud_); }

private:
    Place& place_;
    unsigned baud_;
    std::size_t written_ = 0;
    Bytes waiting_;
};

Bytes joined(std::initializer_list<Bytes> parts)
{
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// A Shtrih-M register that understands one speed; at others it says `otherwise`.
std::function<Bytes(unsigned, BytesView)> register_at(unsigned right, Bytes otherwise = {})
{
    return [right, otherwise](unsigned baud, BytesView said) -> Bytes {
        if (baud != right) {
            return otherwise;
        }
        if (said.size() == 1) {
            return said[0] == 0x05 ? hex("15") : Bytes{};
        }
        return joined({hex("06"), shtrih::v1::encode_frame(
                                      hex("FC 00 00 00 01 0E FA 00 D8 D2 D0 C8 D5 2D CC 2D 30 32 D4"))});
    };
}

Bytes ascii(std::string_view text) { return {text.begin(), text.end()}; }

// A maker of whose protocol only this is known: '?' is answered by '!'.
Task<std::unique_ptr<Driver>> find_other(std::unique_ptr<Transport>& line, DriverOptions options)
{
    Bytes question = {'?'};
    if (const auto asked = co_await line->write(std::move(question), milliseconds(10)); !asked) {
        co_return pass(asked);
    }
    const auto answer = co_await line->read(milliseconds(10));
    if (answer && *answer == Bytes{'!'}) {
        co_return vendors().front().make(std::move(line), options);
    }
    co_return fail(Errc::no_answer, "other");
}

const Vendor& shtrih_vendor()
{
    return *std::find_if(vendors().begin(), vendors().end(),
                         [](const Vendor& row) { return row.name == "shtrih"; });
}

const std::vector<Vendor>& two_vendors()
{
    static const std::vector<Vendor> rows = [] {
        Vendor other;
        other.name = "other";
        other.families = {"other"};
        other.make = shtrih_vendor().make;
        other.find = &find_other;
        return std::vector<Vendor>{shtrih_vendor(), other};
    }();
    return rows;
}

Result<Connection> look(Place& place, const std::string& url, bool diagnose = true,
                        const std::string& family = "auto")
{
    asio::io_context io;
    SearchTools tools;
    tools.vendors = two_vendors();
    for (const Vendor& row : two_vendors()) {
        if (row.name == family) {
            tools.wanted = &row;
        }
    }
    tools.open = [&place](PortUrl at) -> Task<std::unique_ptr<Transport>> {
        std::unique_ptr<Transport> line = std::make_unique<PlaceLine>(place, at.baud.value_or(0));
        co_return line;
    };
    ConnectRequest request;
    request.url = *parse_port_url(url);
    request.family = family;
    request.diagnose = diagnose;
    auto found = run_now(io, search(std::move(tools), std::move(request)));
    CHECK(place.most_written <= AskingTransport::kMostAsked);
    return found;
}

Error failure_of(Place& place, const std::string& url, bool diagnose = true,
                 const std::string& family = "auto")
{
    const auto found = look(place, url, diagnose, family);
    REQUIRE_FALSE(found);
    CHECK(found.error().outcome == Outcome::not_done);
    return found.error();
}

const std::string kPort = "serial:/dev/no-such-port";
const std::string kPortAt = "serial:/dev/no-such-port?baud=115200";
const std::string kAddress = "tcp:192.168.137.111:7778";

} // namespace

TEST_CASE("a register is found at its speed, whatever it says at others", "[search]")
{
    Place place;
    place.answer = register_at(4800, hex("F0 1E"));
    const auto found = look(place, kPort);
    REQUIRE(found);
    CHECK(found->url.baud == 4800U);
    CHECK(found->vendor == "shtrih");
    CHECK(place.opened == std::vector<unsigned>{115200, 4800});
}

TEST_CASE("rare speeds are tried where something answers without sense, and only there", "[search]")
{
    Place fast;
    fast.answer = register_at(460800, hex("80"));
    const auto found = look(fast, kPort);
    REQUIRE(found);
    CHECK(found->url.baud == 460800U);

    Place silent;
    CHECK(failure_of(silent, kPort).code == Errc::no_answer);
    CHECK(silent.opened.size() == usual_speeds().size());
}

TEST_CASE("a register at another speed than configured is told with the speed that works", "[search]")
{
    Place place;
    place.answer = register_at(4800);
    const Error error = failure_of(place, kPortAt);
    CHECK(error.code == Errc::wrong_speed);
    CHECK_THAT(error.context, Catch::Contains("answers at 4800 baud, 115200 is configured"));
    CHECK_THAT(error.context, Catch::Contains("baud = 4800"));

    Place again;
    again.answer = register_at(4800);
    CHECK(failure_of(again, kPortAt, false).code == Errc::no_answer);
    CHECK(again.opened.size() == 1);
}

TEST_CASE("a register of another family than configured is told with the family that works", "[search]")
{
    Place place;
    place.answer = register_at(115200);
    const Error error = failure_of(place, kPort, true, "other");
    CHECK(error.code == Errc::wrong_protocol);
    CHECK_THAT(error.context, Catch::Contains("in the protocol of \"shtrih\""));
    CHECK_THAT(error.context, Catch::Contains("family = \"other\" is configured"));

    Place both_wrong;
    both_wrong.answer = register_at(9600);
    const Error both = failure_of(both_wrong, kPortAt, true, "other");
    CHECK(both.code == Errc::wrong_protocol);
    CHECK_THAT(both.context, Catch::Contains("at 9600 baud"));

    Place right;
    right.answer = [](unsigned, BytesView said) { return said[0] == '?' ? Bytes{'!'} : Bytes{}; };
    const auto found = look(right, kPort, true, "other");
    REQUIRE(found);
    CHECK(found->vendor == "other");
}

TEST_CASE("a register that serves one client and resets the next until it notices the close is told as it is",
          "[search]")
{
    Place place;
    place.answer = register_at(0);
    place.resets = [](std::size_t opening) { return opening == 2; };
    const Error error = failure_of(place, kAddress, true, "other");
    CHECK(error.code == Errc::wrong_protocol);
    CHECK_THAT(error.context, Catch::Contains("in the protocol of \"shtrih\""));
    CHECK(place.opened.size() == 3);
}

TEST_CASE("a connection that is really lost is told as lost, and is not tried for ever", "[search]")
{
    Place at_once;
    at_once.resets = [](std::size_t) { return true; };
    CHECK(failure_of(at_once, kAddress, true, "other").code == Errc::port_lost);
    CHECK(at_once.opened.size() == 1);

    Place later;
    later.resets = [](std::size_t opening) { return opening > 1; };
    CHECK(failure_of(later, kAddress, true, "other").code == Errc::port_lost);
    CHECK(later.opened.size() == 3);

    Place cable; // has no clients to wait for
    cable.resets = [](std::size_t opening) { return opening > 1; };
    CHECK(failure_of(cable, kPortAt, true, "other").code == Errc::port_lost);
    CHECK(cable.opened.size() == 2);
}

TEST_CASE("a port that takes everything and never answers is silent, and says what to check", "[search]")
{
    Place place;
    const Error error = failure_of(place, kPortAt);
    CHECK(error.code == Errc::no_answer);
    CHECK_THAT(error.context, Catch::Contains("takes what is sent"));
    CHECK_THAT(error.context, Catch::Contains("switched on"));
}

TEST_CASE("a port that takes no bytes ends the search at once", "[search]")
{
    Place place;
    place.takes_bytes = false;
    CHECK(failure_of(place, kPort).code == Errc::port_stuck);
    CHECK(place.opened.size() == 1);
}

TEST_CASE("a modem that echoes is a foreign device, asked at one speed only", "[search]")
{
    Place place;
    place.answer = [](unsigned, BytesView said) { return Bytes(said.begin(), said.end()); };
    const Error error = failure_of(place, kPort);
    CHECK(error.code == Errc::foreign_device);
    CHECK_THAT(error.context, Catch::Contains("sends back what it is sent"));
    CHECK(place.opened.size() == 1);
    CHECK(place.most_written < 64);
}

TEST_CASE("a device that says plain text is a foreign device, and is quoted", "[search]")
{
    Place place;
    int said = 0;
    place.by_itself = [&said](unsigned) { return ++said == 1 ? ascii("4607025392408\r\n") : Bytes{}; };
    const Error error = failure_of(place, kPort);
    CHECK(error.code == Errc::foreign_device);
    CHECK_THAT(error.context, Catch::Contains("\"4607025392408"));
    CHECK(place.opened.size() == 1);
}

TEST_CASE("a device that answers a few senseless bytes at every speed is foreign", "[search]")
{
    Place place;
    place.answer = [](unsigned, BytesView) { return hex("A0 B1"); };
    const Error error = failure_of(place, kPortAt);
    CHECK(error.code == Errc::foreign_device);
    CHECK_THAT(error.context, Catch::Contains("A0B1"));
}

TEST_CASE("a device that babbles for ever is cut off and told as noise", "[search]")
{
    Place place;
    std::size_t given = 0;
    std::uint32_t seed = 1;
    place.by_itself = [&](unsigned) {
        Bytes piece(200);
        for (std::uint8_t& byte : piece) {
            seed = seed * 1664525U + 1013904223U;
            byte = static_cast<std::uint8_t>(seed >> 24U);
        }
        given += piece.size();
        return piece;
    };
    const Error error = failure_of(place, kPort);
    CHECK(error.code == Errc::endless_noise);
    CHECK_THAT(error.context, Catch::Contains("never quiet"));
    CHECK(place.opened.size() == 1);
    CHECK(given <= AskingTransport::kMostHeard + 200);
}

TEST_CASE("frames of a register in the babble do not keep the search busy for ever", "[search]")
{
    // Everything a v1 host waits for, again and again, but never the answer to what it asks.
    Place place;
    std::size_t given = 0;
    place.by_itself = [&](unsigned) {
        const Bytes piece =
            joined({hex("15 06"), shtrih::v1::encode_frame(hex("10 00 1E")), hex("06 06 15")});
        given += piece.size();
        return piece;
    };
    const Error error = failure_of(place, kPort);
    CHECK(error.code == Errc::endless_noise);
    CHECK(given <= 2 * AskingTransport::kMostHeard);
}

namespace {

/// A finder over ports of this test, at a time of this test.
struct Memory {
    Memory()
        : finder([this] {
              Finder::Tools tools;
              tools.connect = [this](asio::any_io_executor, ConnectRequest request) {
                  return answer(request);
              };
              tools.stamp = [this](const PortUrl&) { return stamp; };
              tools.now = [this] { return now; };
              return tools;
          }())
    {}

    Task<Connection> answer(ConnectRequest request)
    {
        ++asked;
        diagnosed = request.diagnose;
        const Errc code = request.diagnose ? whole : plain;
        co_return fail(code, "as " + std::string(to_string(code)));
    }

    Errc connect()
    {
        ConnectRequest request;
        request.url = *parse_port_url(kPortAt);
        const auto found = run_now(io, finder.connect(io.get_executor(), request));
        REQUIRE_FALSE(found);
        return found.error().code;
    }

    asio::io_context io;
    std::string stamp = "1";
    Steady::time_point now{std::chrono::hours(1)};
    int asked = 0;
    bool diagnosed = false;
    Errc whole = Errc::no_answer; ///< what a whole search finds
    Errc plain = Errc::no_answer; ///< what is found when only the configured is asked
    Finder finder;
};

} // namespace

TEST_CASE("a stranger is not asked again until it is plugged in anew or a long time has passed", "[search]")
{
    const Errc stranger = GENERATE(Errc::foreign_device, Errc::endless_noise);
    Memory memory;
    memory.whole = stranger;
    CHECK(memory.connect() == stranger);
    for (int i = 0; i < 1000; ++i) {
        CHECK(memory.connect() == stranger);
    }
    CHECK(memory.asked == 1);
    // It might have been a register that was just starting: once more soon, then rarely.
    memory.now += Finder::kFirstRest;
    CHECK(memory.connect() == stranger);
    CHECK(memory.asked == 2);
    memory.now += Finder::kFirstRest;
    CHECK(memory.connect() == stranger);
    CHECK(memory.asked == 2);
    memory.now += Finder::kLongRest;
    CHECK(memory.connect() == stranger);
    CHECK(memory.asked == 3);
    memory.stamp = "2";
    CHECK(memory.connect() == stranger);
    CHECK(memory.asked == 4);
}

TEST_CASE("a register configured wrongly is tried as configured, the whole search comes rarely", "[search]")
{
    Memory memory;
    memory.whole = Errc::wrong_speed;
    memory.plain = GENERATE(Errc::no_answer, Errc::foreign_device);
    CHECK(memory.connect() == Errc::wrong_speed);
    CHECK(memory.diagnosed);
    CHECK(memory.connect() == Errc::wrong_speed);
    CHECK(memory.asked == 2);
    CHECK_FALSE(memory.diagnosed);
    memory.now += Finder::kLongRest;
    CHECK(memory.connect() == Errc::wrong_speed);
    CHECK(memory.diagnosed);
}

TEST_CASE("a silent port is searched whole once in a long time", "[search]")
{
    Memory memory;
    CHECK(memory.connect() == Errc::no_answer);
    CHECK(memory.diagnosed);
    CHECK(memory.connect() == Errc::no_answer);
    CHECK_FALSE(memory.diagnosed);
    // What is said when only the configured is asked counts, too.
    memory.plain = Errc::foreign_device;
    CHECK(memory.connect() == Errc::foreign_device);
    CHECK(memory.connect() == Errc::foreign_device);
    CHECK(memory.asked == 3);
}

TEST_CASE("a port that goes away is forgotten", "[search]")
{
    Memory memory;
    memory.whole = Errc::wrong_speed;
    CHECK(memory.connect() == Errc::wrong_speed);
    memory.plain = Errc::port_not_found;
    CHECK(memory.connect() == Errc::port_not_found);
    CHECK(memory.connect() == Errc::wrong_speed);
    CHECK(memory.diagnosed);
}
