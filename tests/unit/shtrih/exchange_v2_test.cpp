// The v2 conversation: worked exchanges, the line cut at every step, one fault at every byte, lost power.
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/exchange_v2.hpp"
#include "tests/support/exchange_script.hpp"
#include "tests/unit/shtrih/toy_device.hpp"

#include <random>

using namespace kb;
using namespace kb::shtrih;
using kb::test::hex;
using kb::test::load_exchange;
using kb::test::run_script;

namespace {

using Lines = std::vector<test::ExchangeLine>;

Bytes cancel() { return encode_request(CancelReceipt{}).value(); }
Bytes status() { return encode_request(ShortStatus{}).value(); }
Bytes cancelled() { return hex("88 00 1E"); }

test::ExchangeLine host(std::uint16_t number, const Bytes& data)
{
    return {true, v2::encode_frame(number, data), ""};
}
test::ExchangeLine device(std::uint16_t number, const Bytes& data)
{
    return {false, v2::encode_frame(number, data), ""};
}

/// Runs a request over a connection whose last number was 5.
test::Ending run_from_five(const Bytes& request, const Lines& lines, v2::Link& link)
{
    link.synced = true;
    link.number = 5;
    std::size_t at = 0;
    v2::CommandExchange exchange(link, request);
    auto ending = run_script(exchange, lines, at);
    CHECK(at == lines.size());
    return ending;
}

} // namespace

TEST_CASE("v2: a font is asked as captured", "[shtrih][fixture]")
{
    const auto lines = load_exchange("shtrih/font-v2.exchange");
    v2::Link link{true, 0x0F, {}};
    std::size_t at = 0;
    ReadFont font;
    font.font = 6;
    v2::CommandExchange exchange(link, encode_request(font).value());
    const auto ending = run_script(exchange, lines, at);
    CHECK(decode_reply<ReadFont>(ending.reply.value())->print_width == 384);
    CHECK(link.number == 0x10);
}

TEST_CASE("v2: a connection begins with a ping and goes on with the next number", "[shtrih][fixture]")
{
    const auto lines = load_exchange("shtrih/start-v2.exchange");
    v2::Link link;
    std::size_t at = 0;
    v2::CommandExchange exchange(link, status());
    CHECK(decode_reply<ShortStatus>(run_script(exchange, lines, at).reply.value())->mode == 2);
    CHECK(at == lines.size());
    CHECK(link.synced);
    CHECK(link.number == 2);
}

TEST_CASE("v2: the number after 65535 is 0", "[shtrih]")
{
    v2::Link link{true, 65534, {}};
    for (const std::uint16_t number : {std::uint16_t{65535}, std::uint16_t{0}}) {
        std::size_t at = 0;
        v2::CommandExchange exchange(link, cancel());
        CHECK(run_script(exchange, {host(number, cancel()), device(number, cancelled())}, at).reply);
    }
}

TEST_CASE("v2: an answer that does not come is fetched under the same number", "[shtrih]")
{
    v2::Link link;
    const auto ending =
        run_from_five(cancel(), {host(6, cancel()), host(6, cancel()), device(6, cancelled())}, link);
    CHECK(ending.reply == cancelled());
}

TEST_CASE("v2: an answer of the number before is a repetition and is passed over", "[shtrih]")
{
    v2::Link link;
    const auto ending = run_from_five(
        cancel(), {host(6, cancel()), device(5, hex("10 00 1E")), device(6, cancelled())}, link);
    CHECK(ending.reply == cancelled());
}

TEST_CASE("v2: the right number with another command's answer is asked again", "[shtrih]")
{
    v2::Link link;
    const auto ending = run_from_five(
        cancel(), {host(6, cancel()), device(6, hex("FF 46 00")), host(6, cancel()), device(6, cancelled())},
        link);
    CHECK(ending.reply == cancelled());
    CHECK(link.recovered == std::vector<Bytes>{hex("FF 46 00")});
}

TEST_CASE("v2: another count is adopted when the request was sent only once", "[shtrih]")
{
    v2::Link link;
    const auto ending = run_from_five(
        cancel(),
        {host(6, cancel()), device(77, hex("10 00 1E")), host(78, cancel()), device(78, cancelled())}, link);
    CHECK(ending.reply == cancelled());
    CHECK(link.number == 78);
}

TEST_CASE("v2: a lost count after a repeated request is unknown for what changes, harmless for what reads",
          "[shtrih]")
{
    v2::Link link;
    const auto ending = run_from_five(cancel(), {host(6, cancel()), host(6, cancel()), device(1, {})}, link);
    CHECK(ending.error.value().outcome == Outcome::unknown);
    CHECK_FALSE(link.synced);
    const auto reading = run_from_five(
        status(),
        {host(6, status()), host(6, status()), device(1, {}), host(2, status()), device(2, hex("10 00 1E"))},
        link);
    CHECK(reading.reply == hex("10 00 1E"));
}

TEST_CASE("v2: the outcome is right wherever the line is cut", "[shtrih]")
{
    const auto lines = load_exchange("shtrih/start-v2.exchange");
    for (const bool changing : {true, false}) {
        Lines script = lines;
        const Bytes request = changing ? cancel() : status();
        script[2] = host(2, request);
        for (std::size_t cut = 0; cut < script.size(); ++cut) {
            for (const bool hang_up : {false, true}) {
                INFO("cut after line " << cut << (hang_up ? ", hang-up" : ", silence"));
                v2::Link link;
                std::size_t at = 0;
                v2::CommandExchange exchange(link, request);
                const auto ending = run_script(exchange, script, at, cut, hang_up);
                REQUIRE_FALSE(ending.reply);
                const Outcome outcome = ending.error ? ending.error->outcome : ending.if_lost;
                CHECK(outcome == (changing && cut >= 2 ? Outcome::unknown : Outcome::not_done));
                if (!hang_up)
                    CHECK_FALSE(link.synced);
            }
        }
    }
}

TEST_CASE("v2: the answer is waited for as long as the command may take", "[shtrih]")
{
    v2::Link link{true, 5, {}};
    v2::CommandExchange exchange(link, encode_request(OpenShift{}).value());
    std::chrono::milliseconds waited{0};
    Step step = exchange.begin();
    while (!std::holds_alternative<Error>(step)) {
        if (auto* read = std::get_if<Read>(&step)) {
            waited += read->at_most;
            step = exchange.on_timeout();
        } else {
            step = exchange.on_written();
        }
    }
    CHECK(waited == answer_timeout(0xE0));
    CHECK(std::get<Error>(step).code == Errc::no_answer);
}

TEST_CASE("v2: a reboot waits for no answer", "[shtrih]")
{
    v2::Link link;
    const Bytes request = encode_request(ServiceReboot{}).value();
    CHECK(run_from_five(request, {host(6, request)}, link).reply.value().empty());
    CHECK_FALSE(link.synced);
}

TEST_CASE("v2: a request that fits no packet is refused before the line is touched", "[shtrih]")
{
    v2::Link link;
    for (const Bytes& request : {Bytes{}, Bytes{0xFF}, Bytes(65534, 0x10)}) {
        v2::CommandExchange exchange(link, request);
        CHECK(std::get<Error>(exchange.begin()).code == Errc::bad_length);
    }
}

TEST_CASE("v2: endless noise ends as an error", "[shtrih]")
{
    v2::Link link{true, 5, {}};
    v2::CommandExchange exchange(link, status());
    Step step = exchange.begin();
    int rounds = 0;
    while (!std::holds_alternative<Error>(step)) {
        REQUIRE(++rounds < 100'000);
        step = std::holds_alternative<Write>(step) ? exchange.on_written() : exchange.on_bytes(hex("00 7F"));
    }
    CHECK(std::get<Error>(step).code == Errc::bad_frame);
}

namespace {

void check_faults(const std::vector<test::Fault>& faults)
{
    test::ToyNumberedDevice toy;
    test::FaultyLine line(faults);
    v2::Link link;
    for (int i = 0; i < 3; ++i) {
        const int before = toy.executed();
        v2::CommandExchange exchange(link, cancel());
        const auto ending = test::converse(exchange, toy, line);
        const int times = toy.executed() - before;
        REQUIRE((ending.reply || ending.error));
        if (ending.reply) {
            CHECK(*ending.reply == cancelled());
            CHECK(times == 1);
        } else {
            CHECK(times <= 1);
            if (ending.error->outcome == Outcome::not_done)
                CHECK(times == 0);
        }
    }
    // Whatever happened: once the line is sound, commands work again.
    bool works = false;
    for (std::size_t i = 0; i < faults.size() && !works; ++i) {
        v2::CommandExchange last(link, status());
        works = test::converse(last, toy, line).reply.has_value();
    }
    CHECK(works);
}

} // namespace

TEST_CASE("v2: one fault at any byte never makes a command run twice or get lost unnoticed", "[shtrih]")
{
    for (std::size_t at = 0; at < 60; ++at)
        for (const bool to_device : {false, true})
            for (const auto kind : {test::Fault::drop, test::Fault::flip, test::Fault::insert})
                for (const unsigned value : {0x01U, 0x10U, 0x80U, 0x8FU, 0x9FU}) {
                    INFO((to_device ? "to device, byte " : "to host, byte ")
                         << at << ", kind " << kind << ", value " << value);
                    check_faults({{to_device, at, kind, static_cast<std::uint8_t>(value)}});
                }
}

TEST_CASE("v2: several lost bytes never make a command run twice", "[shtrih]")
{
    std::mt19937 random(1); // NOLINT(bugprone-random-generator-seed): the same run every time
    for (int round = 0; round < 3000; ++round) {
        std::vector<test::Fault> faults;
        for (int i = 0; i < 5; ++i)
            faults.push_back({random() % 2 == 0, random() % 60, test::Fault::drop, 0});
        check_faults(faults);
    }
}

TEST_CASE("v2: after the device lost its power the next command finds its footing", "[shtrih]")
{
    test::ToyNumberedDevice toy;
    test::FaultyLine line({});
    v2::Link link;
    for (int i = 0; i < 5; ++i) {
        v2::CommandExchange exchange(link, cancel());
        REQUIRE(test::converse(exchange, toy, line).reply);
    }
    toy.lose_power();
    v2::CommandExchange exchange(link, cancel());
    CHECK(test::converse(exchange, toy, line).reply);
    CHECK(toy.executed() == 6);
}
