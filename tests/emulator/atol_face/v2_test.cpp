// Transport v2 on the wire: docs/sources.md#atol, sections 1.2 to 1.6, and the frames of its test vectors.
#include "host.hpp"

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::atol;
using namespace kb::emulator::atol::test;

namespace {

// Request and answer as frames, the handshake around them checked.
Bytes framed(Host& host, const std::string& request)
{
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange(request) == hex("06"));
    Bytes said = host.exchange("04");
    if (said.empty())
        said = host.wait(500ms);
    REQUIRE(said == hex("05"));
    Bytes answer = host.exchange("06");
    REQUIRE(host.exchange("06") == hex("04"));
    return answer;
}

const std::string kStateCode = "02 00 00 45 03 46";
const std::string kOk = "02 55 00 00 03 56";

void announce(Host& host)
{
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange(kStateCode) == hex("06"));
    REQUIRE(host.exchange("04") == hex("05"));
}

} // namespace

TEST_CASE("v2: the worked exchange of 45h, out of paper in mode 1")
{
    V2Host host;
    REQUIRE(framed(host, "02 00 00 56 01 00 00 00 30 03 64") == hex(kOk));
    host.kkt.set_paper(false);
    CHECK(framed(host, kStateCode) == hex("02 55 01 01 03 56"));
}

TEST_CASE("v2: stuffing both ways, as in the vectors")
{
    V2Host host;
    const Bytes nothing = hex("02 55 00 00 00 00 00 00 00 03 56");
    CHECK(framed(host, "02 00 00 91 10 03 01 00 03 80") == nothing); // payments of the shift
    CHECK(v2_framed(hex("1F 00 FF 10 02 03 1A")) == hex("02 1F 00 FF 10 10 02 10 03 1A 03 E8"));
    CHECK(v2_frame(hex("1F 00 FF 10 02 03 1A")) == hex("02 1F 00 FF 10 10 02 10 03 1A 03 E8"));
    CHECK(v2_data(framed(host, "02 00 00 A4 10 10 03 A7")) == hex("55 00 00 00 00 00 00"));
    CHECK(v2_data(framed(host, "02 00 00 46 0F 00 01 01 03 4A")) == hex("55 00 02"));
}

TEST_CASE("v2: a sale in the vectors' own frames")
{
    V2Host host;
    CHECK(framed(host, "02 00 00 56 01 00 00 00 30 03 64") == hex(kOk));
    CHECK(framed(host, "02 00 00 9A 00 03 99") == hex(kOk));
    CHECK(framed(host, "02 00 00 92 00 01 03 90") == hex(kOk));
    CHECK(framed(host, "02 00 00 E8 01 01 00 F0 10 03 06 00 61 40 62 2E 72 75 03 64") == hex(kOk));
    CHECK(framed(host, "02 00 00 E8 00 01 00 FD 10 03 06 00 88 A2 A0 AD AE A2 03 29") == hex(kOk));
    CHECK(framed(host, "02 00 00 EA 00 01 00 03 E8") == hex(kOk));
    CHECK(framed(host,
                 "02 00 00 EB 00 00 00 00 00 00 18 00 00 00 00 10 10 00 00 00 00 00 00 18 00 01 00 00 00 "
                 "00 00 00 00 00 01 04 00 00 00 00 00 00 00 00 00 00 8A AE E4 A5 03 89") == hex(kOk));
    CHECK(framed(host, "02 00 00 99 00 02 00 00 00 18 00 03 80") ==
          hex("02 55 00 00 00 00 00 00 00 00 00 00 00 03 56"));
    CHECK(framed(host, "02 00 00 4A 00 01 00 00 00 00 00 03 48") == hex(kOk));
    REQUIRE(host.kkt.fn().last_fd() == 3);
    CHECK(host.kkt.fn().find(3)->sum == 1800);
    CHECK(framed(host, "02 00 00 48 03 4B") == hex(kOk));
    CHECK(framed(host, "02 00 00 92 00 01 03 90") == hex("02 55 66 00 03 30"));
}

TEST_CASE("v2: a damaged frame is refused with NAK and not executed; the next one is")
{
    V2Host host;
    REQUIRE(host.exchange("05") == hex("06"));
    CHECK(host.exchange("02 00 00 45 03 47") == hex("15"));
    CHECK(host.exchange(kStateCode) == hex("06"));
    CHECK(host.exchange("04") == hex("05"));
}

TEST_CASE("v2: an ENQ that is repeated is acknowledged again, noise before STX is passed over")
{
    V2Host host;
    REQUIRE(host.exchange("FF 06 15 00").empty());
    REQUIRE(host.exchange("05 05") == hex("06 06"));
    CHECK(host.exchange("AA 06").empty());
    CHECK(host.exchange(kStateCode) == hex("06"));
}

TEST_CASE("v2: a frame whose ACK was lost comes again and is executed once")
{
    V2Host host;
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange("02 00 00 56 01 00 00 00 30 03 64") == hex("06"));
    REQUIRE(host.exchange("02 00 00 56 01 00 00 00 30 03 64") == hex("06"));
    CHECK(host.exchange("04") == hex("05"));
    CHECK(host.exchange("06") == hex(kOk)); // executed twice it would be 66h
}

TEST_CASE("v2: without EOT the request is executed after T3, and the host hears the ENQ")
{
    V2Host host;
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange(kStateCode) == hex("06"));
    CHECK(host.wait(499ms).empty());
    CHECK(host.wait(1ms) == hex("05"));
    CHECK(host.exchange("06") == hex("02 55 00 00 03 56"));
}

TEST_CASE("v2: a host that starts anew before EOT takes its request back")
{
    V2Host host;
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange("02 00 00 9A 00 03 99") == hex("06"));
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange(kStateCode) == hex("06"));
    CHECK(host.exchange("04") == hex("05"));
    CHECK_FALSE(host.kkt.shift().open);
}

TEST_CASE("v2: silence inside a frame is refused after T6, silence before it ends the session after T2")
{
    V2Host host;
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange("02 00 00").empty());
    CHECK(host.wait(500ms) == hex("15"));
    CHECK(host.wait(2000ms).empty());
    CHECK(host.exchange(kStateCode).empty()); // nobody announced it
    CHECK(host.exchange("05") == hex("06"));
}

TEST_CASE("v2: a register at work answers ENQ with NAK")
{
    Options options;
    options.think = 300ms;
    V2Host host{options};
    REQUIRE(host.exchange("05") == hex("06"));
    REQUIRE(host.exchange(kStateCode) == hex("06"));
    REQUIRE(host.exchange("04").empty());
    CHECK(host.exchange("05") == hex("15"));
    CHECK(host.wait(300ms) == hex("05"));
}

TEST_CASE("v2: nobody takes the answer: five ENQs, then EOT, and the answer is gone")
{
    V2Host host;
    announce(host);
    CHECK(host.wait(999ms).empty());
    CHECK(host.wait(1ms) == hex("05"));
    CHECK(host.wait(5000ms) == hex("05 05 05 04"));
    CHECK(host.exchange("06").empty());
    CHECK(host.exchange("05") == hex("06"));
}

TEST_CASE("v2: both speak at once: the host's shorter pause lets it go first")
{
    V2Host host;
    announce(host);
    CHECK(host.exchange("05").empty());
    CHECK(host.wait(500ms).empty());
    CHECK(host.exchange("05") == hex("06"));
    CHECK(host.exchange("02 00 00 48 03 4B") == hex("06"));
    CHECK(host.exchange("04") == hex("05"));
    CHECK(host.exchange("06") == hex(kOk));
}

TEST_CASE("v2: an answer is sent again on NAK and after T4, ten times at most")
{
    V2Host host;
    announce(host);
    const Bytes answer = host.exchange("06");
    CHECK(host.exchange("15") == answer);
    CHECK(host.wait(500ms) == answer);
    const Bytes rest = host.wait(60s);
    CHECK(rest.size() == answer.size() * 7 + 1);
    CHECK(rest.back() == 0x04);
    CHECK(host.exchange("05") == hex("06"));
}

TEST_CASE("v2: a damaged answer is right when it is asked for again")
{
    V2Host host;
    host.faults.add({FaultKind::damage_answer, 0, 1.0, 1, "45", 0ms, true, true});
    announce(host);
    CHECK(host.exchange("06") != hex("02 55 00 00 03 56"));
    CHECK(host.exchange("15") == hex("02 55 00 00 03 56"));
}

TEST_CASE("auto: the first byte of a connection decides the protocol")
{
    Host host;
    CHECK(host.exchange("05") == hex("06"));
    CHECK(host.exchange("FE 01 00 00 C4 02").empty());
    host.face.link_up();
    CHECK(host.exchange("FE 01 00 00 C4 02") == hex("FE 01 00 00 A3 2E"));
    CHECK(host.exchange("05").empty());
    Options thinks;
    thinks.think = 300ms;
    Host busy{thinks};
    REQUIRE(busy.exchange("05") == hex("06"));
    REQUIRE(busy.exchange(kStateCode) == hex("06"));
    REQUIRE(busy.exchange("04").empty());
    busy.face.link_up(); // the old host went away in the middle
    CHECK(busy.exchange("05") == hex("15"));
    CHECK(busy.wait(1s).empty());
    CHECK(busy.exchange("05") == hex("06"));
    Options tcp;
    tcp.over_tcp = true;
    Host network{tcp};
    CHECK(network.exchange("05").empty());
    CHECK(network.exchange("FE 01 00 00 C4 02") == hex("FE 01 00 00 A3 2E"));
}
