// The v1 conversation: worked exchanges, the line cut at every step, and one fault at every byte.
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/exchange_v1.hpp"
#include "tests/support/exchange_script.hpp"
#include "tests/unit/shtrih/toy_device.hpp"

#include <random>

using namespace kb;
using namespace kb::shtrih;
using kb::test::hex;
using kb::test::load_exchange;
using kb::test::run_script;

namespace {

Bytes cancel() { return encode_request(CancelReceipt{}).value(); }
Bytes status() { return encode_request(ShortStatus{}).value(); }

test::Ending run_whole(const std::string& fixture, const Bytes& request, v1::Link& link)
{
    const auto lines = load_exchange(fixture);
    std::size_t at = 0;
    v1::CommandExchange exchange(link, request);
    auto ending = run_script(exchange, lines, at);
    CHECK(at == lines.size());
    return ending;
}

} // namespace

TEST_CASE("v1: the device type is asked as captured", "[shtrih][fixture]")
{
    v1::Link link;
    const auto ending =
        run_whole("shtrih/device-type-v1.exchange", encode_request(DeviceType{}).value(), link);
    CHECK(decode_reply<DeviceType>(ending.reply.value())->model == 45);
    CHECK(link.settled);
}

TEST_CASE("v1: stray FF bytes over TCP are skipped, as captured", "[shtrih][fixture]")
{
    v1::Link link;
    ReadFont font;
    font.font = 7;
    const auto ending = run_whole("shtrih/font-tcp-v1.exchange", encode_request(font).value(), link);
    CHECK(decode_reply<ReadFont>(ending.reply.value())->print_width == 504);
}

TEST_CASE("v1: a damaged answer is fetched again, not executed again", "[shtrih][fixture]")
{
    v1::Link link;
    const auto ending = run_whole("shtrih/lost-answer-v1.exchange", cancel(), link);
    CHECK(decode_reply<CancelReceipt>(ending.reply.value())->op == 30);
}

TEST_CASE("v1: the answer to an earlier command is taken off the device and kept for the driver", "[shtrih]")
{
    v1::Link link;
    const auto ending =
        run_whole("shtrih/pending-answer-v1.exchange", encode_request(Subtotal{}).value(), link);
    CHECK(decode_reply<Subtotal>(ending.reply.value())->total == Kopecks(20000));
    REQUIRE(link.recovered.size() == 1);
    CHECK(link.recovered[0] == hex("FF 46 00"));
}

TEST_CASE("v1: a whole sale runs over one connection", "[shtrih][fixture]")
{
    const auto lines = load_exchange("shtrih/smoke-v1.exchange");
    v1::Link link;
    std::size_t at = 0;
    int commands = 0;
    while (at < lines.size()) {
        v1::FrameDecoder decoder;
        decoder.feed(lines.at(at + 2).bytes);
        v1::CommandExchange exchange(link, decoder.next().value().value());
        const auto ending = run_script(exchange, lines, at);
        REQUIRE(ending.reply);
        ++commands;
    }
    CHECK(commands == 12);
}

TEST_CASE("v1: nothing is sent between two commands but what the protocol wants", "[shtrih]")
{
    v1::Link link;
    link.settled = true;
    v1::CommandExchange exchange(link, status());
    const Step first = exchange.begin();
    REQUIRE(std::holds_alternative<Write>(first)); // no wait before ENQ
    CHECK(std::get<Write>(first).bytes == Bytes{v1::kEnq});
}

TEST_CASE("v1: the outcome is right wherever the line is cut", "[shtrih]")
{
    const auto lines = load_exchange("shtrih/lost-answer-v1.exchange");
    for (std::size_t cut = 0; cut < lines.size(); ++cut) {
        for (const bool hang_up : {false, true}) {
            INFO("cut after line " << cut << (hang_up ? ", hang-up" : ", silence"));
            v1::Link link;
            std::size_t at = 0;
            v1::CommandExchange exchange(link, cancel());
            const auto ending = run_script(exchange, lines, at, cut, hang_up);
            if (cut + 1 == lines.size() && !hang_up) {
                CHECK(ending.reply); // only the last ACK was lost: the answer is there
                continue;
            }
            REQUIRE_FALSE(ending.reply);
            const Outcome outcome = ending.error ? ending.error->outcome : ending.if_lost;
            // Lines 0 and 1 are ENQ and NAK; from the frame on the device may have it.
            CHECK(outcome == (cut < 2 ? Outcome::not_done : Outcome::unknown));
            CHECK_FALSE(link.settled);
        }
    }
}

TEST_CASE("v1: a command that only reads is always safe to send again", "[shtrih]")
{
    const auto lines = load_exchange("shtrih/device-type-v1.exchange");
    for (std::size_t cut = 0; cut + 1 < lines.size(); ++cut) {
        v1::Link link;
        std::size_t at = 0;
        v1::CommandExchange exchange(link, encode_request(DeviceType{}).value());
        const auto ending = run_script(exchange, lines, at, cut);
        CHECK(ending.error.value().outcome == Outcome::not_done);
        CHECK(ending.error->code == Errc::no_answer);
    }
}

TEST_CASE("v1: a refused frame goes out again, three times at most", "[shtrih]")
{
    const std::string frame = to_hex(v1::encode_frame(cancel()));
    test::Ending ending;
    v1::Link link;
    std::vector<test::ExchangeLine> lines;
    for (int i = 0; i < 3; ++i) {
        lines.push_back({true, hex("05"), ""});
        lines.push_back({false, hex("15"), ""});
        lines.push_back({true, hex(frame), ""});
        lines.push_back({false, hex("15"), ""});
    }
    lines.push_back({true, hex("05"), ""});
    lines.push_back({false, hex("15"), ""});
    std::size_t at = 0;
    v1::CommandExchange exchange(link, cancel());
    ending = run_script(exchange, lines, at);
    CHECK(at == lines.size());
    CHECK(ending.error.value().outcome == Outcome::not_done);
    CHECK(ending.error->code == Errc::bad_frame);
}

TEST_CASE("v1: a NAK that came too late does not make the command run twice", "[shtrih]")
{
    // The NAK before the ACK belongs to noise that the device had received before the frame.
    const std::vector<test::ExchangeLine> lines = {
        {true, hex("05"), ""},
        {false, hex("15"), ""},
        {true, v1::encode_frame(cancel()), ""},
        {false, hex("15 06"), ""},
        {false, hex("02 03 88 00 1E 95"), ""},
        {true, hex("06"), ""},
    };
    v1::Link link;
    std::size_t at = 0;
    v1::CommandExchange exchange(link, cancel());
    CHECK(run_script(exchange, lines, at).reply.value() == hex("88 00 1E"));
    CHECK(at == lines.size());
}

TEST_CASE("v1: an FN command refused in two bytes is accepted as its answer", "[shtrih]")
{
    const Bytes request = encode_request(FnFreeMemory{}).value();
    const std::vector<test::ExchangeLine> lines = {{true, hex("05"), ""},
                                                   {false, hex("15"), ""},
                                                   {true, v1::encode_frame(request), ""},
                                                   {false, hex("06"), ""},
                                                   {false, v1::encode_frame(hex("FF 37")), ""},
                                                   {true, hex("06"), ""}};
    v1::Link link;
    std::size_t at = 0;
    v1::CommandExchange exchange(link, request);
    const auto ending = run_script(exchange, lines, at);
    const auto reply = decode_reply<FnFreeMemory>(ending.reply.value());
    CHECK(reply.error().code == Errc::unsupported);
    CHECK(reply.error().device_code == 0x37);
}

TEST_CASE("v1: a reboot is done as soon as the frame is taken", "[shtrih]")
{
    const Bytes request = encode_request(ServiceReboot{}).value();
    const std::vector<test::ExchangeLine> lines = {{true, hex("05"), ""},
                                                   {false, hex("15"), ""},
                                                   {true, v1::encode_frame(request), ""},
                                                   {false, hex("06"), ""}};
    v1::Link link;
    std::size_t at = 0;
    v1::CommandExchange exchange(link, request);
    CHECK(run_script(exchange, lines, at).reply.value().empty());
    CHECK_FALSE(link.settled);
}

TEST_CASE("v1: a request that fits no frame is refused before the line is touched", "[shtrih]")
{
    v1::Link link;
    for (const Bytes& request : {Bytes{}, Bytes{0xFF}, Bytes(256, 0x10)}) {
        v1::CommandExchange exchange(link, request);
        CHECK(std::get<Error>(exchange.begin()).code == Errc::bad_length);
    }
}

TEST_CASE("v1: endless noise ends as an error, before a control byte and behind it", "[shtrih]")
{
    for (const char* noise : {"00 7F", "06 7F"}) {
        v1::Link link;
        v1::CommandExchange exchange(link, status());
        Step step = exchange.begin();
        step = exchange.on_timeout(); // the line is quiet at first
        int rounds = 0;
        while (!std::holds_alternative<Error>(step)) {
            REQUIRE(++rounds < 10'000);
            step =
                std::holds_alternative<Write>(step) ? exchange.on_written() : exchange.on_bytes(hex(noise));
        }
        CHECK(std::get<Error>(step).code == Errc::bad_frame);
        CHECK(std::get<Error>(step).outcome == Outcome::not_done);
    }
}

namespace {

/// Runs `commands` changing commands against a device with these faults and checks what the outcomes promise.
void check_faults(const std::vector<test::Fault>& faults)
{
    test::ToyDevice device;
    test::FaultyLine line(faults);
    v1::Link link;
    for (int i = 0; i < 2; ++i) {
        const int before = device.executed();
        v1::CommandExchange exchange(link, cancel());
        const auto ending = test::converse(exchange, device, line);
        const int times = device.executed() - before;
        if (ending.reply) {
            CHECK(*ending.reply == hex("88 00 1E"));
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
        v1::CommandExchange last(link, status());
        works = test::converse(last, device, line).reply.has_value();
    }
    CHECK(works);
}

} // namespace

TEST_CASE("v1: one fault at any byte never makes a command run twice or get lost unnoticed", "[shtrih]")
{
    for (std::size_t at = 0; at < 60; ++at)
        for (const bool to_device : {false, true})
            for (const auto kind : {test::Fault::drop, test::Fault::flip, test::Fault::insert})
                for (const unsigned value : {0x01U, 0x10U, 0x80U, 0x15U, 0x06U, 0x05U, 0xFFU}) {
                    INFO((to_device ? "to device, byte " : "to host, byte ")
                         << at << ", kind " << kind << ", value " << value);
                    check_faults({{to_device, at, kind, static_cast<std::uint8_t>(value)}});
                }
}

TEST_CASE("v1: several lost bytes never make a command run twice", "[shtrih]")
{
    std::mt19937 random(1); // NOLINT(bugprone-random-generator-seed): the same run every time
    for (int round = 0; round < 3000; ++round) {
        std::vector<test::Fault> faults;
        for (int i = 0; i < 4; ++i)
            faults.push_back({random() % 2 == 0, random() % 40, test::Fault::drop, 0});
        check_faults(faults);
    }
}
