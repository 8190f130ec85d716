// The v3 conversation: worked exchanges, glued and foreign packets, every state of a task, the line cut at
// every step, one fault at every byte, lost power.
#include "protocol/atol/exchange_v3.hpp"
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
Bytes next_piece() { return hex("00 00 A4 46"); }
Bytes done() { return hex("55 00 00"); }

test::ExchangeLine host(std::uint8_t id, const std::string& data)
{
    return {true, v3::encode_packet(id, hex(data)), ""};
}
test::ExchangeLine device(std::uint8_t id, const std::string& data)
{
    return {false, v3::encode_packet(id, hex(data)), ""};
}
test::ExchangeLine async(const std::string& data) { return device(v3::kAsyncId, data); }

/// Several packets in one piece.
test::ExchangeLine glued(const Lines& lines)
{
    test::ExchangeLine all{false, {}, ""};
    for (const auto& line : lines)
        all.bytes.insert(all.bytes.end(), line.bytes.begin(), line.bytes.end());
    return all;
}

/// Runs a request over a ready connection: its packet is 10, its task 20.
test::Ending run_ready(const Bytes& request, const Lines& lines, v3::Link& link)
{
    link.ready = true;
    link.id = 0x10;
    link.task = 0x20;
    std::size_t at = 0;
    v3::CommandExchange exchange(link, request);
    auto ending = run_script(exchange, lines, at);
    CHECK(at == lines.size());
    return ending;
}

test::Ending run_ready(const Bytes& request, const Lines& lines)
{
    v3::Link link;
    return run_ready(request, lines, link);
}

} // namespace

TEST_CASE("v3: the worked exchanges run as in the documents", "[atol][fixture]")
{
    const auto run = [](const char* name, v3::Link link, const std::string& request) {
        std::size_t at = 0;
        const auto lines = load_exchange(name);
        v3::CommandExchange exchange(link, hex(request));
        auto ending = run_script(exchange, lines, at);
        INFO(name);
        CHECK(at == lines.size());
        CHECK(link.ready);
        return std::pair(ending.reply.value(), exchange.refused());
    };
    const auto status = run("atol/status-v3.exchange", v3::Link{}, "00 00 3F");
    CHECK(status.first.size() == 30);
    CHECK_FALSE(status.second);
    v3::Link paper;
    paper.ready = true;
    paper.id = 0x11;
    paper.task = 0x11;
    CHECK(run("atol/no-paper-v3.exchange", paper, "00 00 92 00 01") == std::pair(hex("55 67 00"), true));
    v3::Link lost;
    lost.ready = true;
    lost.id = 0x21;
    lost.task = 0x06;
    const std::string close = "00 00 4A 00 01 00 00 00 00 00";
    CHECK(run("atol/lost-answer-v3.exchange", lost, close) == std::pair(done(), false));
    CHECK(run("atol/repetition-v3.exchange", lost, close) == std::pair(done(), false));
}

TEST_CASE("v3: the answer may be in the reply to Add, or before it, or glued to it", "[atol]")
{
    const auto ack = Lines{host(0x11, "C2 20"), device(0x11, "A3")};
    const std::vector<Lines> ways = {
        {device(0x10, "A3 55 00 00")},
        {async("A6 20 55 00 00")},
        {glued({device(0x10, "A2"), async("A6 20 55 00 00")})},
        {glued({async("A6 20 55 00 00"), device(0x10, "A2")})},
        {device(0x10, "A1"), async("A6 20 55 00 00")},
        {device(0x10, "A8"), async("A6 20 55 00 00")},
    };
    for (const Lines& way : ways) {
        Lines lines{host(0x10, "C1 01 20 00 00 59")};
        lines.insert(lines.end(), way.begin(), way.end());
        lines.insert(lines.end(), ack.begin(), ack.end());
        CHECK(run_ready(cancel(), lines).reply == done());
    }
}

TEST_CASE("v3: a failure is followed by Abort, whichever way it came", "[atol]")
{
    for (const Lines& way :
         {Lines{device(0x10, "A4 55 9A 00")}, Lines{glued({device(0x10, "A2"), async("A7 20 55 9A 00")})}}) {
        Lines lines{host(0x10, "C1 01 20 00 00 59")};
        lines.insert(lines.end(), way.begin(), way.end());
        lines.insert(lines.end(), {host(0x11, "C4"), device(0x11, "A3")});
        CHECK(run_ready(cancel(), lines).reply == hex("55 9A 00"));
    }
}

TEST_CASE("v3: a result of somebody else's task is confirmed and kept apart", "[atol]")
{
    v3::Link link;
    const auto ending =
        run_ready(cancel(),
                  {host(0x10, "C1 01 20 00 00 59"), glued({async("A6 07 55 00 77"), device(0x10, "A2")}),
                   host(0x11, "C2 07"), glued({device(0x11, "A3"), async("A6 20 55 00 00")}),
                   host(0x12, "C2 20"), device(0x12, "A3")},
                  link);
    CHECK(ending.reply == done());
    REQUIRE(link.recovered.size() == 1);
    CHECK(link.recovered[0].task == 0x07);
    CHECK(link.recovered[0].answer == hex("55 00 77"));
}

TEST_CASE("v3: the same packet goes out again when no reply comes, and B2 means that the first copy arrived",
          "[atol]")
{
    const auto ending =
        run_ready(cancel(), {host(0x10, "C1 01 20 00 00 59"), host(0x10, "C1 01 20 00 00 59"),
                             device(0x10, "B2"), host(0x11, "C3 20"), device(0x11, "A3 55 00 00"),
                             host(0x12, "C2 20"), device(0x12, "A3")});
    CHECK(ending.reply == done());
}

TEST_CASE("v3: a number that somebody else's task has, and a full buffer, are cleared away", "[atol]")
{
    for (const std::string state : {"B2", "B1", "A5"}) {
        const auto ending =
            run_ready(cancel(), {host(0x10, "C1 01 20 00 00 59"), device(0x10, state), host(0x11, "C4"),
                                 device(0x11, "A3"), host(0x12, "C1 01 21 00 00 59"),
                                 device(0x12, "A3 55 00 00"), host(0x13, "C2 21"), device(0x13, "A3")});
        CHECK(ending.reply == done());
    }
}

TEST_CASE("v3: a buffer that never takes the task did nothing", "[atol]")
{
    Lines lines;
    std::uint8_t id = 0x10;
    for (std::uint8_t task = 0x20; task < 0x24; ++task) {
        lines.push_back(host(id, "C1 01 " + to_hex(Bytes{task}) + " 00 00 59"));
        lines.push_back(device(id++, "B1"));
        if (task < 0x23) {
            lines.push_back(host(id, "C4"));
            lines.push_back(device(id++, "A3"));
        }
    }
    const auto ending = run_ready(cancel(), lines);
    CHECK(ending.error.value().code == Errc::device_busy);
    CHECK(ending.error->outcome == Outcome::not_done);
}

TEST_CASE("v3: B4 and unknown states are violations, B4 to a single copy without effect", "[atol]")
{
    const auto first = run_ready(cancel(), {host(0x10, "C1 01 20 00 00 59"), device(0x10, "B4 01")});
    CHECK(first.error.value().code == Errc::protocol_violation);
    CHECK(first.error->outcome == Outcome::not_done);
    const auto second = run_ready(
        cancel(), {host(0x10, "C1 01 20 00 00 59"), host(0x10, "C1 01 20 00 00 59"), device(0x10, "B4 01")});
    CHECK(second.error.value().outcome == Outcome::unknown);
    const auto third = run_ready(cancel(), {host(0x10, "C1 01 20 00 00 59"), device(0x10, "77")});
    CHECK(third.error.value().outcome == Outcome::unknown);
}

TEST_CASE("v3: a task that the register forgot is unknown for what changes and asked anew for what reads",
          "[atol]")
{
    const auto changing = run_ready(cancel(), {host(0x10, "C1 01 20 00 00 59"), device(0x10, "A2"),
                                               host(0x11, "C3 20"), device(0x11, "B3")});
    CHECK(changing.error.value().code == Errc::no_answer);
    CHECK(changing.error->outcome == Outcome::unknown);

    const auto cursor = run_ready(next_piece(), {host(0x10, "C1 01 20 00 00 A4 46"), device(0x10, "A2"),
                                                 host(0x11, "C3 20"), device(0x11, "B3")});
    CHECK(cursor.error.value().outcome == Outcome::not_done);

    const auto reading = run_ready(
        state(), {host(0x10, "C1 01 20 00 00 45"), device(0x10, "A2"), host(0x11, "C3 20"),
                  device(0x11, "B3"), host(0x12, "C4"), device(0x12, "A3"), host(0x13, "C1 01 21 00 00 45"),
                  device(0x13, "A3 55 01 00"), host(0x14, "C2 21"), device(0x14, "A3")});
    CHECK(reading.reply == hex("55 01 00"));
}

TEST_CASE("v3: damaged packets are fetched at once", "[atol]")
{
    auto damaged = async("A6 20 55 00 00");
    damaged.bytes[6] ^= 0x01;
    const auto ending = run_ready(
        cancel(), {host(0x10, "C1 01 20 00 00 59"), glued({device(0x10, "A2"), damaged}), host(0x11, "C3 20"),
                   device(0x11, "A3 55 00 00"), host(0x12, "C2 20"), device(0x12, "A3")});
    CHECK(ending.reply == done());
}

TEST_CASE("v3: an answer in hand does not depend on the reply to Ack", "[atol]")
{
    v3::Link link;
    const auto ending = run_ready(cancel(),
                                  {host(0x10, "C1 01 20 00 00 59"), device(0x10, "A3 55 00 00"),
                                   host(0x11, "C2 20"), host(0x11, "C2 20"), host(0x11, "C2 20")},
                                  link);
    CHECK(ending.reply == done());
    CHECK_FALSE(link.ready);
}

namespace {

/// Answers every packet by "in progress", and never by anything else.
Error talk_to_a_working_register(Exchange& exchange, std::chrono::milliseconds& waited, Bytes& kinds)
{
    Step step = exchange.begin();
    std::optional<std::uint8_t> unanswered;
    for (int rounds = 0; rounds < 2000; ++rounds) {
        if (auto* error = std::get_if<Error>(&step))
            return *error;
        if (const auto* write = std::get_if<Write>(&step)) {
            unanswered = write->bytes.at(3);
            kinds.push_back(write->bytes.at(4));
            step = exchange.on_written();
        } else if (unanswered) {
            step = exchange.on_bytes(v3::encode_packet(*std::exchange(unanswered, std::nullopt), hex("A2")));
        } else {
            waited += std::get<Read>(step).at_most;
            step = exchange.on_timeout();
        }
    }
    throw std::runtime_error("the exchange does not end");
}

} // namespace

TEST_CASE("v3: a register that says it works is waited for beyond the command's time, but not for ever",
          "[atol]")
{
    v3::Link link;
    link.ready = true;
    v3::CommandExchange exchange(link, cancel());
    std::chrono::milliseconds waited{0};
    Bytes kinds;
    const Error error = talk_to_a_working_register(exchange, waited, kinds);
    CHECK(error.code == Errc::no_answer);
    CHECK(error.outcome == Outcome::unknown);
    CHECK(waited >= answer_timeout(0x59) + v3::Timing{}.grace);
    REQUIRE(link.unfinished);
    CHECK(link.unfinished->task == 0);
}

TEST_CASE("v3: the answer an earlier exchange lost is fetched before anything else, and never cleared away",
          "[atol]")
{
    v3::Link link;
    link.unfinished = v3::Link::Unfinished{0x55, 0x4A};
    std::size_t at = 0;
    const Lines lines{host(0x00, "C3 55"),
                      device(0x00, "A2"), // still at work
                      host(0x01, "C3 55"),
                      device(0x01, "A3 55 00 09"),
                      host(0x02, "C4"),
                      device(0x02, "A3"),
                      host(0x03, "C1 01 00 00 00 45"),
                      device(0x03, "A3 55 01 00"),
                      host(0x04, "C2 00"),
                      device(0x04, "A3")};
    v3::CommandExchange exchange(link, state());
    CHECK(run_script(exchange, lines, at).reply == hex("55 01 00"));
    CHECK(at == lines.size());
    CHECK_FALSE(link.unfinished);
    REQUIRE(link.recovered.size() == 1);
    CHECK(link.recovered[0].answer == hex("55 00 09"));

    v3::Link busy;
    busy.unfinished = v3::Link::Unfinished{0x55, 0x4A};
    v3::CommandExchange refused(busy, state());
    std::chrono::milliseconds waited{0};
    Bytes kinds;
    const Error error = talk_to_a_working_register(refused, waited, kinds);
    CHECK(error.code == Errc::device_busy);
    CHECK(error.outcome == Outcome::not_done);
    CHECK(std::count(kinds.begin(), kinds.end(), v3::buffer::kReq) == static_cast<long>(kinds.size()));
    CHECK(busy.unfinished);
}

TEST_CASE("v3: identifiers and task numbers begin again after DF", "[atol]")
{
    v3::Link link;
    link.ready = true;
    link.id = 0xDE;
    link.task = 0xDF;
    std::size_t at = 0;
    v3::CommandExchange first(link, cancel());
    CHECK(run_script(first,
                     {host(0xDE, "C1 01 DF 00 00 59"), device(0xDE, "A3 55 00 00"), host(0xDF, "C2 DF"),
                      device(0xDF, "A3")},
                     at)
              .reply);
    CHECK(link.id == 0);
    CHECK(link.task == 0);
}

TEST_CASE("v3: the outcome is right wherever the line is cut", "[atol]")
{
    for (const bool changing : {true, false}) {
        const Bytes request = changing ? cancel() : state();
        const std::string add = changing ? "C1 01 00 00 00 59" : "C1 01 00 00 00 45";
        const Lines lines{host(0, "C4"),           device(0, "A3"),  host(1, add),   device(1, "A2"),
                          async("A6 00 55 00 00"), host(2, "C2 00"), device(2, "A3")};
        for (std::size_t cut = 0; cut < lines.size(); ++cut) {
            for (const bool hang_up : {false, true}) {
                INFO("cut after line " << cut << (hang_up ? ", hang-up" : ", silence"));
                v3::Link link;
                std::size_t at = 0;
                v3::CommandExchange exchange(link, request);
                const auto ending = run_script(exchange, lines, at, cut, hang_up);
                if (cut >= 5 && !hang_up) { // the answer is in hand
                    CHECK(ending.reply == done());
                    continue;
                }
                REQUIRE_FALSE(ending.reply);
                const Outcome outcome = ending.error ? ending.error->outcome : ending.if_lost;
                CHECK(outcome == (changing && cut >= 2 ? Outcome::unknown : Outcome::not_done));
                if (!hang_up) {
                    CHECK_FALSE(link.ready);
                    CHECK(link.unfinished.has_value() == (changing && cut >= 2));
                } else if (cut < 5) {
                    CHECK(exchange.unfinished().has_value() == (changing && cut >= 2));
                }
            }
        }
    }
}

TEST_CASE("v3: a request that fits no packet is refused before the line is touched", "[atol]")
{
    v3::Link link;
    for (const Bytes& request : {Bytes{}, hex("00 00"), hex("00 00 A4"), Bytes(v3::kMaxData, 0x10)}) {
        v3::CommandExchange exchange(link, request);
        CHECK(std::get<Error>(exchange.begin()).code == Errc::bad_length);
    }
}

TEST_CASE("v3: endless noise, and endless requests to repeat, end as an error", "[atol]")
{
    v3::Link link;
    v3::CommandExchange noisy(link, state());
    Step step = noisy.begin();
    for (int rounds = 0; !std::holds_alternative<Error>(step); ++rounds) {
        REQUIRE(rounds < 100'000);
        step = std::holds_alternative<Write>(step) ? noisy.on_written() : noisy.on_bytes(hex("00 7F"));
    }
    CHECK(std::get<Error>(step).code == Errc::bad_frame);

    v3::CommandExchange deaf(link, state());
    step = deaf.begin();
    for (int rounds = 0; !std::holds_alternative<Error>(step); ++rounds) {
        REQUIRE(rounds < 100);
        const auto last = static_cast<std::uint8_t>(link.id - 1);
        step = std::holds_alternative<Write>(step) ? deaf.on_written()
                                                   : deaf.on_bytes(v3::encode_packet(last, {}));
    }
    CHECK(std::get<Error>(step).code == Errc::bad_frame);
}

namespace {

void check_faults(const std::vector<test::Fault>& faults, bool asks_again, bool at_once)
{
    test::ToyBufferDevice toy;
    toy.asks_again = asks_again;
    toy.answers_at_once = at_once;
    toy.keep_foreign(1);
    test::FaultyLine line(faults);
    v3::Link link;
    for (int i = 0; i < 3; ++i) {
        const int before = toy.executed();
        v3::CommandExchange exchange(link, cancel());
        const auto ending = test::converse(exchange, toy, line);
        const int times = toy.executed() - before;
        REQUIRE((ending.reply || ending.error));
        if (ending.reply) {
            CHECK(*ending.reply == Bytes{0x55, 0, static_cast<std::uint8_t>(toy.executed())});
            CHECK(times == 1);
        } else {
            CHECK(times <= 1);
            if (ending.error->outcome == Outcome::not_done)
                CHECK(times == 0);
        }
    }
    // Whatever happened: once the line is sound, commands work and leave nothing in the buffer.
    bool works = false;
    for (int i = 0; i < 3 && !works; ++i) {
        v3::CommandExchange last(link, state());
        works = test::converse(last, toy, line).reply.has_value();
    }
    CHECK(works);
    CHECK(toy.kept() == 0);
}

} // namespace

TEST_CASE("v3: one fault at any byte never makes a command run twice or get lost unnoticed", "[atol]")
{
    for (std::size_t at = 0; at < 60; ++at)
        for (const bool to_device : {false, true})
            for (const auto kind : {test::Fault::drop, test::Fault::flip, test::Fault::insert})
                for (const unsigned value : {0x01U, 0x10U, 0x80U, 0xFDU, 0xFEU})
                    for (const bool asks_again : {false, true}) {
                        INFO((to_device ? "to device, byte " : "to host, byte ")
                             << at << ", kind " << kind << ", value " << value);
                        check_faults({{to_device, at, kind, static_cast<std::uint8_t>(value)}}, asks_again,
                                     value == 0x10U);
                    }
}

TEST_CASE("v3: several lost bytes never make a command run twice", "[atol]")
{
    std::mt19937 random(1); // NOLINT(bugprone-random-generator-seed): the same run every time
    for (int round = 0; round < 2000; ++round) {
        std::vector<test::Fault> faults;
        for (int i = 0; i < 5; ++i)
            faults.push_back({random() % 2 == 0, random() % 70, test::Fault::drop, 0});
        INFO("round " << round);
        check_faults(faults, round % 2 == 0, round % 3 == 0);
    }
}

TEST_CASE("v3: after the device lost its power the next command finds its footing", "[atol]")
{
    test::ToyBufferDevice toy;
    test::FaultyLine line({});
    v3::Link link;
    for (int i = 0; i < 5; ++i) {
        v3::CommandExchange exchange(link, cancel());
        REQUIRE(test::converse(exchange, toy, line).reply);
    }
    toy.lose_power();
    v3::CommandExchange exchange(link, cancel());
    CHECK(test::converse(exchange, toy, line).reply);
    CHECK(toy.executed() == 6);
}
