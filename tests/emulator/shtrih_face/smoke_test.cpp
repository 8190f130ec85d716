// The smoke session of docs/sources.md#shtrih, section 12.4, replayed byte by byte. The fiscal sign is the
// FN's secret and differs; the three reserved bytes of 10h are FFh here, as in most captures.
#include "host.hpp"

using namespace kb;
using namespace kb::shtrih;
using namespace kb::shtrih::test;
using namespace kb::emulator;

namespace {

Bytes sent(Host& host, const std::string& frame)
{
    REQUIRE(host.exchange("05") == hex("15"));
    Bytes answer = host.exchange(frame);
    REQUIRE(answer.front() == 0x06);
    REQUIRE(host.exchange("06").empty());
    return Bytes(answer.begin() + 1, answer.end());
}

// Sets the bytes the vectors cannot foretell to zero and the check byte right again.
Bytes masked(Bytes frame, std::size_t at, std::size_t count)
{
    for (std::size_t i = at; i < at + count; ++i)
        frame[i] = 0;
    frame.back() = 0;
    frame.back() = xor_sum(BytesView(frame).subspan(1));
    return frame;
}

// FD 163 is the fifth receipt of shift 17.
void bring_to_the_start(Host& host)
{
    auto& machine = host.machine;
    const auto until = [&](std::uint32_t fd) {
        while (machine.kkt.fn().last_fd() < fd)
            REQUIRE(kb::emulator::test::sell(machine));
    };
    std::uint32_t fd = 1;
    for (int shift = 1; shift <= 16; ++shift) {
        REQUIRE(machine.kkt.open_shift("К", {}));
        machine.printed();
        fd += shift <= 12 ? 9 : 8; // with the opening: 12 shifts of 8 receipts, 4 of 7
        until(fd);
        REQUIRE(machine.kkt.close_shift("К", {}));
        machine.printed();
        ++fd;
    }
    REQUIRE(machine.kkt.open_shift("К", {}));
    machine.printed();
    while (machine.kkt.shift().receipts < 5)
        REQUIRE(kb::emulator::test::sell(machine));
}

} // namespace

TEST_CASE("the smoke session of the protocol's facts, byte by byte")
{
    Host host;
    bring_to_the_start(host);
    REQUIRE(host.machine.kkt.fn().last_fd() == 163);
    const std::string status = "02 05 10 1E 00 00 00 0B";
    const auto reserved_masked = [](const Bytes& frame) { return masked(frame, 15, 3); };

    CHECK(reserved_masked(sent(host, status)) ==
          hex("02 10 10 00 1E 90 02 02 00 00 99 49 00 00 00 00 00 00 5E"));
    CHECK(sent(host, "02 06 FF 01 1E 00 00 00 E6") ==
          hex("02 21 FF 01 00 03 00 00 01 00 1A 03 19 0E 05 39 39 39 39 30 37 38 39 30 30 30 30 32 32 37 30 "
              "A3 00 "
              "00 00 74"));
    CHECK(sent(host, "02 06 FF 40 1E 00 00 00 A7") == hex("02 08 FF 40 00 01 11 00 05 00 A2"));
    CHECK(sent(host, "02 06 8D 1E 00 00 00 00 95") == hex("02 03 8D 00 1E 90"));
    CHECK(reserved_masked(sent(host, status)) ==
          hex("02 10 10 00 1E 90 02 08 00 00 99 49 00 00 00 00 00 00 54"));
    CHECK(sent(host, "02 11 FF 0C 1E 00 00 00 FD 03 07 00 43 61 73 68 69 65 72 42") ==
          hex("02 03 FF 0C 00 F0"));
    CHECK(sent(host,
               "02 26 FF 46 1E 00 00 00 01 80 84 1E 00 00 00 10 27 00 00 00 FF FF FF FF FF FF FF FF FF FF CB "
               "01 04 01 CC EE EB EE EA EE 41") == hex("02 03 FF 46 00 BA"));
    CHECK(sent(host, "02 05 89 1E 00 00 00 92") == hex("02 08 89 00 1E 20 4E 00 00 00 F1"));

    host.machine.wall += std::chrono::minutes{1};
    Bytes close = hex("FF 45 1E 00 00 00 20 4E 00");
    close.resize(6 + 2 + 109, 0);
    close.push_back(1);
    const Bytes closed = host.command(close);
    CHECK(to_hex(BytesView(closed).first(12)) == "FF45000000000000A4000000");
    const std::string sign = to_hex(BytesView(closed).subspan(12, 4));

    CHECK(reserved_masked(sent(host, status)) ==
          hex("02 10 10 00 1E 90 02 02 05 00 99 49 00 00 00 00 00 00 5B"));
    host.print();
    CHECK(reserved_masked(sent(host, status)) ==
          hex("02 10 10 00 1E 90 02 02 00 00 99 49 00 00 00 00 00 00 5E"));
    CHECK(to_hex(host.command("FF0A", "A4000000")) == "FF0A0003001A03190E06A4000000" + sign + "01204E000000");
}
