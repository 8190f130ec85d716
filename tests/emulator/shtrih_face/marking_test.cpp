// FF61, FF67 and FF69 of the emulator, by the layouts of docs/sources.md#shtrih, section 4.6: answers in
// bytes.
#include "host.hpp"

#include "drivers/emulator/control.hpp"

#include <nlohmann/json.hpp>

using namespace kb;
using namespace kb::shtrih;
using namespace kb::shtrih::test;
using emulator::MarkAnswer;

namespace {

const std::string kCode = "303130343630303433393933313235363231353030303030303030303030311D39336447567A";

// planned status 1, mode 0, 38 bytes of code, no TLV
const std::string kCheck = "01002600" + kCode;
const std::string kItem = "0140420F000000BC4D000000FFFFFFFFFFFFFFFFFFFF0101042141";

std::string check(Host& host) { return to_hex(host.command("FF61", kCheck)); }

} // namespace

TEST_CASE("a code is checked by the FN and the state system, and the answer says what each found",
          "[marking]")
{
    Host host;
    // local 03 | reason 0 | type 4 | 12 bytes: FN 00, result 0F, 2105 = 0, 2109 = 1
    CHECK(check(host) == "FF61000300040C000F39080100003D08010001");
    CHECK(to_hex(host.command("FF69", "01")) == "FF69000F");
    host.machine.kkt.marking().say({MarkAnswer::Fn::right, MarkAnswer::System::wrong_status});
    CHECK(check(host) == "FF61000300040C000739080100003D08010002");
    host.machine.kkt.marking().say({MarkAnswer::Fn::wrong, MarkAnswer::System::right});
    CHECK(check(host) == "FF61000100040C000539080100003D08010001");
    host.machine.kkt.marking().say({MarkAnswer::Fn::no_key, MarkAnswer::System::no_code});
    CHECK(check(host) == "FF610000020407000439080100" + std::string("02"));
}

TEST_CASE("a state system that is silent is waited for as long as table 19 says", "[marking]")
{
    Host host;
    host.machine.kkt.marking().say({MarkAnswer::Fn::right, MarkAnswer::System::silent});
    REQUIRE(host.error("1E", "13010008" + std::string("0200")) == 0); // table 19, field 8: 2 s
    REQUIRE(host.exchange(Bytes{0x05}) == Bytes{0x15});
    const Bytes request = hex("FF611E000000" + kCheck);
    CHECK(to_hex(host.exchange(Host::v1_frame(request))) == "06");
    host.wait(std::chrono::milliseconds(1900));
    CHECK(host.face.take_output().empty());
    host.wait(std::chrono::milliseconds(200));
    const Bytes answer = host.face.take_output();
    REQUIRE(answer.size() > 4);
    CHECK(to_hex(BytesView(answer).subspan(2, answer.size() - 3)) == "FF6100030004" + std::string("02FF03"));
}

TEST_CASE("only what was checked and accepted can be bound, and the item carries its result", "[marking]")
{
    Host host;
    host.command("8D", "00");
    host.print();
    REQUIRE(host.error("FF46", kItem) == 0);
    CHECK(host.error("FF67", "26" + kCode) == 0xAC);
    CHECK(host.error("FF69", "01") == 0xA1); // nothing to accept
    check(host);
    CHECK(host.error("FF69", "00") == 0);
    CHECK(host.error("FF67", "26" + kCode) == 0xAC); // rejected
    check(host);
    CHECK(host.error("FF69", "01") == 0);
    CHECK(host.error("FF67", "26" + kCode) == 0);
    const auto& extra = host.machine.kkt.receipt()->items.at(0).extra;
    CHECK_THAT(to_hex(extra), Catch::Contains("3A0801000F"));                   // 2106
    CHECK_THAT(to_hex(extra), Catch::Contains("36080100" + std::string("00"))); // 2102
    CHECK(host.error("FF69", "02") == 0);
    CHECK(host.error("FF67", "26" + kCode) == 0xAC);
}

TEST_CASE("a register with an older format knows none of it, and broken requests are refused", "[marking]")
{
    Host older("shtrih-m-02f", {}, 3);
    CHECK(older.error("FF61", kCheck) == 0x37);
    CHECK(older.error("FF69", "02") == 0x37);
    Host host;
    CHECK(host.error("FF61", "01002700" + kCode) == 0x33); // one byte more than there is
    CHECK(host.error("FF61", "00002600" + kCode) == 0x33); // no such status
    CHECK(host.error("FF61", "01000000") == 0x33);
    CHECK(host.error("FF69", "03") == 0x33);
}

TEST_CASE("what is said of codes is set by the control, for all of them or for one", "[marking]")
{
    Host host;
    emulator::Control control(host.machine.kkt, host.faults, 1);
    const auto post = [&](const std::string& body) { return control.handle("POST", "/marking", body); };
    CHECK(post(R"({"system":"silent"})").status == 200);
    CHECK(host.machine.kkt.marking().usual().system == MarkAnswer::System::silent);
    CHECK(host.machine.kkt.marking().usual().fn == MarkAnswer::Fn::right);
    CHECK(post(R"({"code":"A","fn":"wrong"})").status == 200);
    CHECK(host.machine.kkt.marking().answer("A").fn == MarkAnswer::Fn::wrong);
    CHECK(host.machine.kkt.marking().answer("B").fn == MarkAnswer::Fn::right);
    const auto refused = post(R"({"system":"asleep"})");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Catch::Contains("system"));
    CHECK(control.state()["marking"]["system"] == "silent");
}
