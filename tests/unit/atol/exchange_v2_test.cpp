// The v2 conversation: worked exchanges, the line cut at every step, one fault at every byte, old answers.
#include "protocol/atol/exchange_v2.hpp"
#include "tests/support/exchange_script.hpp"
#include "tests/unit/atol/toy_device.hpp"

#include <random>

using namespace kb;
using namespace kb::atol;
using kb::test::hex;
using kb::test::load_exchange;
using kb::test::run_script;

namespace {

using Lines = std::vector<test::ExchangeLine>;

Bytes cancel() { return hex("00 00 59"); }
Bytes state() { return hex("00 00 45"); }
Bytes done() { return hex("55 00 00"); }

test::ExchangeLine host(const Bytes& bytes) { return {true, bytes, ""}; }
test::ExchangeLine device(const Bytes& bytes) { return {false, bytes, ""}; }

/// The whole conversation about one request.
Lines talk(const Bytes& request, const Bytes& answer)
{
    return {host({v2::kEnq}),
            device({v2::kAck}),
            host(v2::encode_frame(request)),
            device({v2::kAck}),
            host({v2::kEot}),
            device({v2::kEnq}),
            host({v2::kAck}),
            device(v2::encode_frame(answer)),
            host({v2::kAck}),
            device({v2::kEot})};
}

test::Ending run_settled(const Bytes& request, const Lines& lines, v2::Link& link)
{
    link.settled = true;
    std::size_t at = 0;
    v2::CommandExchange exchange(link, request);
    auto ending = run_script(exchange, lines, at);
    CHECK(at == lines.size());
    return ending;
}

test::Ending run_settled(const Bytes& request, const Lines& lines)
{
    v2::Link link;
    return run_settled(request, lines, link);
}

} // namespace

TEST_CASE("v2: the worked exchanges run as in the documents", "[atol][fixture]")
{
    v2::Link link;
    std::size_t at = 0;
    v2::CommandExchange question(link, state());
    CHECK(run_script(question, load_exchange("atol/state-code-v2.exchange"), at).reply == hex("55 01 01"));
    CHECK(link.settled);

    at = 0;
    v2::CommandExchange reg(link, hex("00 00 91 03 01 00"));
    CHECK(run_script(reg, load_exchange("atol/register-v2.exchange"), at).reply ==
          hex("55 00 00 00 00 12 34 56"));
}

TEST_CASE("v2: a device that sends no EOT has answered all the same", "[atol]")
{
    Lines lines = talk(cancel(), done());
    lines.pop_back();
    CHECK(run_settled(cancel(), lines).reply == done());
}

TEST_CASE("v2: bytes that arrive in one piece are taken one after the other", "[atol]")
{
    Lines lines = talk(cancel(), done());
    lines[3].bytes = {v2::kAck, v2::kEnq}; // so quick that the ENQ is there before our EOT
    lines.erase(lines.begin() + 5);
    CHECK(run_settled(cancel(), lines).reply == done());
}

TEST_CASE("v2: a busy device is asked again after a pause", "[atol]")
{
    Lines lines{host({v2::kEnq}), device({v2::kNak}), host({v2::kEnq}), device({v2::kNak})};
    const Lines rest = talk(cancel(), done());
    lines.insert(lines.end(), rest.begin(), rest.end());
    CHECK(run_settled(cancel(), lines).reply == done());
}

TEST_CASE("v2: a device that stays busy did nothing", "[atol]")
{
    Lines lines;
    for (int i = 0; i <= v2::Timing{}.busy_attempts; ++i) {
        lines.push_back(host({v2::kEnq}));
        lines.push_back(device({v2::kNak}));
    }
    lines.push_back(host({v2::kEot}));
    const auto ending = run_settled(cancel(), lines);
    CHECK(ending.error.value().code == Errc::device_busy);
    CHECK(ending.error->outcome == Outcome::not_done);
}

TEST_CASE("v2: both sides asking at once is a pause and another try", "[atol]")
{
    Lines lines{host({v2::kEnq}), device({v2::kEnq})};
    const Lines rest = talk(cancel(), done());
    lines.insert(lines.end(), rest.begin(), rest.end());
    CHECK(run_settled(cancel(), lines).reply == done());
}

TEST_CASE("v2: an old answer the device insists on is taken off it and not mixed up", "[atol]")
{
    const Bytes old = hex("55 00 77");
    Lines lines{host({v2::kEnq}),   device({v2::kEnq}), host({v2::kEnq}),
                device({v2::kEnq}), host({v2::kAck}),   device(v2::encode_frame(old)),
                host({v2::kAck}),   device({v2::kEot})};
    const Lines rest = talk(cancel(), done());
    lines.insert(lines.end(), rest.begin(), rest.end());
    v2::Link link;
    CHECK(run_settled(cancel(), lines, link).reply == done());
    CHECK(link.recovered == std::vector<Bytes>{old});
}

TEST_CASE("v2: a refused frame is sent again, and one refused to the end was not taken", "[atol]")
{
    const Bytes frame = v2::encode_frame(cancel());
    Lines lines = talk(cancel(), done());
    lines.insert(lines.begin() + 3, {device({v2::kNak}), host(frame)});
    CHECK(run_settled(cancel(), lines).reply == done());

    Lines never{host({v2::kEnq}), device({v2::kAck})};
    for (int i = 0; i < v2::Timing{}.frame_attempts; ++i) {
        never.push_back(host(frame));
        never.push_back(device({v2::kNak}));
    }
    never.push_back(host({v2::kEot}));
    const auto ending = run_settled(cancel(), never);
    CHECK(ending.error.value().code == Errc::bad_frame);
    CHECK(ending.error->outcome == Outcome::not_done);
}

TEST_CASE("v2: a request that nothing acknowledges may have been taken", "[atol]")
{
    for (const bool changing : {true, false}) {
        const Bytes request = changing ? cancel() : state();
        Lines lines{host({v2::kEnq}), device({v2::kAck})};
        for (int i = 0; i < v2::Timing{}.frame_attempts; ++i)
            lines.push_back(host(v2::encode_frame(request)));
        lines.push_back(host({v2::kEot}));
        const auto ending = run_settled(request, lines);
        CHECK(ending.error.value().code == Errc::no_answer);
        CHECK(ending.error->outcome == (changing ? Outcome::unknown : Outcome::not_done));
    }
}

TEST_CASE("v2: the ENQ of the answer after a second copy means that the first was taken", "[atol]")
{
    const Bytes frame = v2::encode_frame(cancel());
    const Lines lines{host({v2::kEnq}),   device({v2::kAck}), host(frame),
                      host(frame), // no ACK came
                      device({v2::kEnq}), host({v2::kAck}),   device(v2::encode_frame(done())),
                      host({v2::kAck}),   device({v2::kEot})};
    CHECK(run_settled(cancel(), lines).reply == done());
}

TEST_CASE("v2: a damaged answer is asked for again, never the command", "[atol]")
{
    Bytes damaged = v2::encode_frame(done());
    damaged[1] = 0x54;
    Lines lines = talk(cancel(), done());
    lines.insert(lines.begin() + 7, {device(damaged), host({v2::kNak})});
    v2::Link link;
    link.settled = true;
    std::size_t at = 0;
    v2::CommandExchange exchange(link, cancel());
    CHECK(run_script(exchange, lines, at).reply == done());
    CHECK(exchange.counters().bad_frames == 1);
}

TEST_CASE("v2: an answer that comes again is confirmed again", "[atol]")
{
    const Bytes frame = v2::encode_frame(done());
    Lines lines = talk(cancel(), done());
    lines.insert(lines.begin() + 9, {device(frame), host({v2::kAck})});
    CHECK(run_settled(cancel(), lines).reply == done());
}

TEST_CASE("v2: an answer with the head of another command is no answer", "[atol]")
{
    Lines lines = talk(cancel(), hex("44 01 01"));
    lines.pop_back();
    const auto ending = run_settled(cancel(), lines);
    CHECK(ending.error.value().code == Errc::protocol_violation);
    CHECK(ending.error->outcome == Outcome::unknown);
}

TEST_CASE("v2: an answer that lost its zero unseen is no refusal", "[atol]")
{
    Lines lines = talk(cancel(), hex("55 02")); // 55 00 02: the sum is the same
    lines.pop_back();
    const auto ending = run_settled(cancel(), lines);
    CHECK(ending.error.value().code == Errc::protocol_violation);
    CHECK(ending.error->outcome == Outcome::unknown);
}

TEST_CASE("v2: the outcome is right wherever the line is cut", "[atol]")
{
    for (const bool changing : {true, false}) {
        const Bytes request = changing ? cancel() : state();
        const Lines lines = talk(request, done());
        for (std::size_t cut = 0; cut < lines.size(); ++cut) {
            for (const bool hang_up : {false, true}) {
                INFO("cut after line " << cut << (hang_up ? ", hang-up" : ", silence"));
                v2::Link link;
                std::size_t at = 0;
                v2::CommandExchange exchange(link, request);
                const auto ending = run_script(exchange, lines, at, cut, hang_up);
                if (cut >= 8 && !hang_up) { // only our ACK or the final EOT is missing
                    CHECK(ending.reply == done());
                    continue;
                }
                REQUIRE_FALSE(ending.reply);
                const Outcome outcome = ending.error ? ending.error->outcome : ending.if_lost;
                CHECK(outcome == (changing && cut >= 2 ? Outcome::unknown : Outcome::not_done));
                if (!hang_up)
                    CHECK_FALSE(link.settled);
            }
        }
    }
}

TEST_CASE("v2: the answer is waited for as long as the command may take", "[atol]")
{
    struct Row {
        const char* request;
        std::chrono::seconds at_least;
    };
    for (const Row& row :
         {Row{"00 00 91 01 00 00", std::chrono::seconds(45)}, Row{"00 00 EB 00", std::chrono::seconds(50)},
          Row{"00 00 4A 00", std::chrono::seconds(20)}}) {
        const Bytes request = hex(row.request);
        v2::Link link;
        link.settled = true;
        v2::CommandExchange exchange(link, request);
        exchange.begin();
        exchange.on_written();
        exchange.on_bytes(hex("06"));
        exchange.on_written();
        exchange.on_bytes(hex("06"));
        const Step step = exchange.on_written();
        CHECK(std::get<Read>(step).at_most == row.at_least);
    }
}

TEST_CASE("v2: a request that fits no frame is refused before the line is touched", "[atol]")
{
    v2::Link link;
    for (const Bytes& request : {Bytes{}, hex("00 00"), hex("00 00 A4"), Bytes(v2::kMaxRequest + 1, 0x10)}) {
        v2::CommandExchange exchange(link, request);
        CHECK(std::get<Error>(exchange.begin()).code == Errc::bad_length);
    }
}

TEST_CASE("v2: endless noise ends as an error", "[atol]")
{
    for (const std::string noise : {"00 7F", "05", "02 10", "15"}) {
        v2::Link link;
        v2::CommandExchange exchange(link, state());
        Step step = exchange.begin();
        int rounds = 0;
        while (!std::holds_alternative<Error>(step)) {
            REQUIRE(++rounds < 200'000);
            if (std::holds_alternative<Write>(step))
                step = exchange.on_written();
            else
                step = rounds % 97 == 0 ? exchange.on_timeout() : exchange.on_bytes(hex(noise));
        }
        CHECK(std::get<Error>(step).outcome == Outcome::not_done);
    }
}

namespace {

void check_faults(const std::vector<test::Fault>& faults)
{
    test::ToyDevice toy;
    test::FaultyLine line(faults);
    v2::Link link;
    for (int i = 0; i < 3; ++i) {
        const int before = toy.executed();
        v2::CommandExchange exchange(link, cancel());
        const auto ending = test::converse(exchange, toy, line);
        const int times = toy.executed() - before;
        REQUIRE((ending.reply || ending.error));
        if (ending.reply && ending.reply->at(1) != 0) {
            // The sum does not see a lost zero: the device got a request too short and refused it.
            INFO(to_hex(*ending.reply));
            CHECK(times == 0);
        } else if (ending.reply) {
            CHECK(*ending.reply == Bytes{0x55, 0, static_cast<std::uint8_t>(toy.executed())});
            CHECK(times == 1);
        } else {
            CHECK(times <= 1);
            if (ending.error->outcome == Outcome::not_done)
                CHECK(times == 0);
        }
    }
    // Whatever happened: once the line is sound, commands work again.
    bool works = false;
    for (int i = 0; i < 3 && !works; ++i) {
        v2::CommandExchange last(link, state());
        works = test::converse(last, toy, line).reply.has_value();
    }
    CHECK(works);
}

} // namespace

TEST_CASE("v2: one fault at any byte never makes a command run twice or get lost unnoticed", "[atol]")
{
    for (std::size_t at = 0; at < 40; ++at)
        for (const bool to_device : {false, true})
            for (const auto kind : {test::Fault::drop, test::Fault::flip, test::Fault::insert})
                for (const unsigned value : {0x01U, 0x02U, 0x05U, 0x06U, 0x10U, 0x15U, 0x80U}) {
                    INFO((to_device ? "to device, byte " : "to host, byte ")
                         << at << ", kind " << kind << ", value " << value);
                    check_faults({{to_device, at, kind, static_cast<std::uint8_t>(value)}});
                }
}

TEST_CASE("v2: several lost bytes never make a command run twice", "[atol]")
{
    std::mt19937 random(1); // NOLINT(bugprone-random-generator-seed): the same run every time
    for (int round = 0; round < 2000; ++round) {
        std::vector<test::Fault> faults;
        for (int i = 0; i < 4; ++i)
            faults.push_back({random() % 2 == 0, random() % 40, test::Fault::drop, 0});
        INFO("round " << round);
        check_faults(faults);
    }
}
