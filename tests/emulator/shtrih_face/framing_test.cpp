#include "host.hpp"

using namespace kb;
using namespace kb::shtrih;
using namespace kb::shtrih::test;
using namespace std::chrono_literals;

namespace {

const Bytes kStatus = hex("0205101E0000000B");
const Bytes kType = hex("0201FCFD"); // no 05 inside, which would count as ENQ where only ENQ is looked at

FaceOptions only(Framing framing)
{
    FaceOptions options;
    options.framing = framing;
    return options;
}

} // namespace

TEST_CASE("v1: a waiting register answers every byte that is not STX with NAK")
{
    Host host;
    CHECK(host.exchange("05") == hex("15"));
    CHECK(host.exchange("00 FF 06 15") == hex("15 15 15 15"));
}

TEST_CASE("v1: after power-up only ENQ is looked at")
{
    Host host;
    host.face.power_up();
    CHECK(host.exchange(kType).empty());
    CHECK(host.exchange(kStatus) == hex("15 15 15 15 15 15 15")); // its LEN byte is an ENQ, the rest is noise
    CHECK(host.exchange(kStatus).size() > 10);
}

TEST_CASE("v1: damaged frames, a zero length and a late byte are refused with NAK and not executed")
{
    Host host{"shtrih-m-02f", only(Framing::v1)};
    CHECK(host.exchange("02 05 10 1E 00 00 00 0C") == hex("15"));
    CHECK(host.exchange("02 00") == hex("15"));
    CHECK(host.exchange("02 05 10 1E").empty());
    host.wait(300ms);
    CHECK(host.face.take_output() == hex("15"));
    CHECK(host.exchange(kStatus)[0] == 0x06);
}

TEST_CASE("v1: an answer that was not confirmed is kept and told again to ENQ")
{
    Host host;
    const Bytes first = host.exchange(kStatus);
    CHECK(host.exchange("15").empty());
    CHECK(host.exchange(kType).empty()); // a new frame is neither executed nor answered
    CHECK(host.exchange("06").empty());  // a late ACK does not help
    CHECK(host.exchange("05") == first);
    CHECK(host.exchange("06").empty());
    CHECK(host.exchange("05") == hex("15"));
}

TEST_CASE("v1: a confirmation that comes too late counts as none")
{
    Host host;
    const Bytes first = host.exchange(kStatus);
    host.wait(1000ms);
    CHECK(host.exchange("05") == first);
}

TEST_CASE("v1: a thinking register answers ENQ with ACK and answers when it is done")
{
    FaceOptions options;
    options.think = 50ms;
    Host host{"shtrih-m-02f", options};
    CHECK(host.exchange(kStatus) == hex("06"));
    CHECK(host.exchange("05") == hex("06"));
    host.wait(50ms);
    CHECK(host.face.take_output().size() == 19);
}

TEST_CASE("v1: the stray FFh of desktop units stands before each control byte")
{
    FaceOptions options;
    options.stray_ff = true;
    Host host{"shtrih-m-02f", options};
    CHECK(host.exchange("05") == hex("FF 15"));
    CHECK(BytesView(host.exchange(kStatus)).first(3).back() == 0x02);
}

TEST_CASE("v2: a ping learns the last number, the next number is executed once, others repeat the answer")
{
    Host host{"shtrih-m-02f", only(Framing::v2)};
    CHECK(host.exchange("8F 00 00 0F 1D") == hex("8F 02 00 01 00 99 5A"));
    CHECK(host.exchange("8F 07 00 01 00 10 1E 00 00 00 1F AC") == hex("8F 02 00 01 00 99 5A"));
    const Bytes type = host.exchange("8F 03 00 02 00 FC 2D BF");
    CHECK(BytesView(type).first(7)[5] == 0xFC);
    CHECK(host.exchange("8F 03 00 02 00 FC 2D BF") == type);
    CHECK(host.exchange("8F 00 00 0F 1D") == type);
    CHECK(host.exchange("8F 08 00 03 00 FF 01 1E 00 00 00 14 24").size() > 30);
}

TEST_CASE("v2: a damaged packet and a broken stuffing are not answered")
{
    Host host{"shtrih-m-02f", only(Framing::v2)};
    CHECK(host.exchange("8F 00 00 0F 1E").empty());
    CHECK(host.exchange("8F 9F 00 00 0F 1D").empty());
    CHECK(host.exchange("05 02 06").empty());
    CHECK(host.exchange("8F 00 00 0F 1D").size() == 7);
}

TEST_CASE("auto: the first byte of a connection decides the protocol")
{
    Host host;
    CHECK(host.exchange("8F 00 00 0F 1D").size() == 7);
    CHECK(host.exchange("05").empty());
    host.face.link_up();
    CHECK(host.exchange("05") == hex("15"));
}

TEST_CASE("a lost answer was executed, and is there to be read")
{
    Host host;
    host.faults.add({emulator::FaultKind::lose_answer, 0, 1.0, 1, "E0", 0ms, true, true});
    CHECK(host.exchange("05") == hex("15"));
    CHECK(host.exchange("02 05 E0 1E 00 00 00 FB") == hex("06"));
    CHECK(host.exchange("05") == hex("06 02 03 E0 00 1E FD"));
    CHECK(host.exchange("06").empty());
    host.print();
    CHECK(host.mode() == 2);
}

TEST_CASE("a NAK storm refuses, a busy fault answers 50h, a stale answer leaves the right one pending")
{
    Host host;
    host.faults.add({emulator::FaultKind::nak_storm, 0, 1.0, 2, "", 0ms, true, true});
    CHECK(host.exchange(kStatus) == hex("15"));
    CHECK(host.exchange(kStatus) == hex("15"));
    CHECK(host.exchange(kStatus)[0] == 0x06);
    host.exchange("06");
    host.faults.add({emulator::FaultKind::busy, 0, 1.0, 1, "40", 0ms, true, true});
    CHECK(host.error("40") == 0x50);
    host.faults.add({emulator::FaultKind::stale_answer, 0, 1.0, 1, "FF40", 0ms, true, true});
    CHECK(host.exchange("02 06 FF 40 1E 00 00 00 A7")[3] == 0x40);
    CHECK(host.exchange("06").empty());
    const Bytes right = host.exchange("05");
    CHECK(BytesView(right).subspan(3).front() == 0xFF);
}

TEST_CASE("silence is deaf and dumb for its time")
{
    Host host;
    host.faults.add({emulator::FaultKind::silence, 0, 1.0, 1, "10", 2000ms, true, true});
    CHECK(host.exchange(kStatus).empty());
    CHECK(host.exchange("05").empty());
    host.wait(2001ms);
    CHECK(host.exchange("05") == hex("15"));
}

TEST_CASE("a damaged answer is right when asked for again, a doubled one comes twice")
{
    Host host{"shtrih-m-02f", only(Framing::v1)};
    host.faults.add({emulator::FaultKind::damage_answer, 0, 1.0, 1, "10", 0ms, true, true});
    const Bytes damaged = host.exchange(kStatus);
    CHECK(xor_sum(BytesView(damaged).subspan(2)) != 0);
    CHECK(host.exchange("15").empty());
    const Bytes right = host.exchange("05");
    CHECK(xor_sum(BytesView(right).subspan(2)) == 0);
    Host packets{"shtrih-m-02f", only(Framing::v2)};
    packets.faults.add({emulator::FaultKind::double_answer, 0, 1.0, 1, "FC", 0ms, true, true});
    const Bytes once = packets.exchange("8F 00 00 0F 1D");
    const Bytes twice = packets.exchange("8F 03 00 02 00 FC 2D BF");
    const Bytes half(twice.begin(), twice.begin() + static_cast<std::ptrdiff_t>(twice.size() / 2));
    CHECK(twice.size() > once.size());
    CHECK(Bytes(twice.begin() + static_cast<std::ptrdiff_t>(half.size()), twice.end()) == half);
}

TEST_CASE(
    "a restart around a command: before it nothing was done, after it everything was, and nobody answers")
{
    const bool before = GENERATE(true, false);
    Host host{"shtrih-m-02f", only(Framing::v1)};
    host.faults.add({before ? emulator::FaultKind::reboot_before : emulator::FaultKind::reboot_after, 0, 1.0,
                     1, "E0", 1000ms, true, true});
    CHECK(host.exchange("05") == hex("15"));
    host.exchange("02 05 E0 1E 00 00 00 FB");
    CHECK(host.face.take_hang_up());
    CHECK(host.exchange("05").empty());
    host.wait(1001ms);
    CHECK(host.exchange("05") == hex("15"));
    CHECK(host.machine.kkt.shift().open == !before);
}
