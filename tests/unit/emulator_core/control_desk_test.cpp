// One control over several registers.
#include "machine.hpp"

#include "drivers/emulator/control_desk.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kb::emulator;
using kb::emulator::test::Machine;
using nlohmann::json;

namespace {

struct Till {
    Machine machine;
    Faults faults{1};
    Control control{machine.kkt, faults, 1};
    Till() { machine.start(); }
    [[nodiscard]] std::uint32_t last_fd() const { return machine.kkt.fn().last_fd(); }
};

} // namespace

TEST_CASE("with one register the short paths and the long ones are the same", "[emulator]")
{
    Till till;
    ControlDesk desk;
    desk.add("kkt", till.control);
    CHECK(desk.handle("POST", "/shift/open", "").status == 200);
    till.machine.printed();
    CHECK(desk.handle("POST", "/registers/kkt/sale", "{}").status == 200);
    CHECK(till.last_fd() == 3);
    CHECK(desk.handle("GET", "/fn/documents?from=3", "").body ==
          desk.handle("GET", "/registers/kkt/fn/documents?from=3", "").body);
    CHECK(desk.handle("GET", "/", "").type == "text/html; charset=utf-8");
}

TEST_CASE("with several registers each has its own keys, faults and documents", "[emulator]")
{
    Till one;
    Till two;
    ControlDesk desk;
    desk.add("one", one.control);
    desk.add("two", two.control);

    const json list = json::parse(desk.handle("GET", "/registers", "").body);
    REQUIRE(list.size() == 2);
    CHECK(list[1]["name"] == "two");
    CHECK(list[1]["path"] == "/registers/two");
    CHECK(list[1]["last_fd"] == 1);
    CHECK(list[0]["kkt_serial"] == one.machine.kkt.identity().kkt_serial);

    CHECK(desk.handle("POST", "/registers/two/sale", "").status == 200);
    CHECK(one.last_fd() == 1);
    CHECK(two.last_fd() == 3);
    CHECK(desk.handle("POST", "/registers/one/fault", R"({"kind":"silence"})").status == 200);
    CHECK(one.faults.list().size() == 1);
    CHECK(two.faults.list().empty());
    CHECK(json::parse(desk.handle("GET", "/registers/two/fn/documents", "").body).size() == 3);
    CHECK(desk.handle("GET", "/", "").status == 200); // the page lets a person choose
    CHECK(desk.handle("GET", "/goods", "").status == 200);
    CHECK(desk.handle("GET", "/registers/one", "").status == 200);
}

TEST_CASE("with several registers a path without one presses no key and names them", "[emulator]")
{
    Till one;
    Till two;
    ControlDesk desk;
    desk.add("one", one.control);
    desk.add("two", two.control);
    const auto nobody = desk.handle("POST", "/sale", "");
    CHECK(nobody.status == 404);
    CHECK_THAT(nobody.body, Catch::Contains("/registers/NAME/sale") && Catch::Contains("one, two"));
    const auto unknown = desk.handle("POST", "/registers/three/sale", "");
    CHECK(unknown.status == 404);
    CHECK_THAT(unknown.body, Catch::Contains("no such register") && Catch::Contains("one, two"));
    CHECK(desk.handle("POST", "/registers", "").status == 405);
    CHECK(one.last_fd() == 1);
    CHECK(two.last_fd() == 1);
}
