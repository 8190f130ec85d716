#include "machine.hpp"

#include "drivers/emulator/control.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kb;
using namespace kb::emulator;
using namespace kb::emulator::test;
using nlohmann::json;

namespace {

struct Rig {
    Machine machine;
    Faults faults{1};
    Control control{machine.kkt, faults, 1};
    Rig() { machine.start(); }
    ControlAnswer post(const std::string& path, const json& body)
    {
        auto out = control.handle("POST", path, body.dump());
        machine.printed();
        return out;
    }
};

} // namespace

TEST_CASE("POST /sale without a body rings a plausible sale and opens the shift for it")
{
    Rig rig;
    const auto answer = rig.control.handle("POST", "/sale", "");
    REQUIRE(answer.status == 200);
    const json done = json::parse(answer.body);
    CHECK(done["type"] == 3);
    CHECK(done["fd_number"] == 3);
    CHECK(done["tlv_hex"].get<std::string>().substr(0, 4) == "0300");
    const json all = json::parse(rig.control.handle("GET", "/fn/documents?from=3", "").body);
    REQUIRE(all.size() == 1);
    CHECK(all[0]["tlv_hex"] == done["tlv_hex"]);
}

TEST_CASE("a wrong request names the field and the cure, and rings nothing")
{
    Rig rig;
    const auto field_of = [&](const json& body) {
        const auto answer = rig.post("/sale", body);
        CHECK(answer.status == 400);
        const json error = json::parse(answer.body);
        CHECK_FALSE(error["cure"].get<std::string>().empty());
        return error["field"].get<std::string>();
    };
    CHECK(field_of({{"operation", "steal"}}) == "operation");
    CHECK(field_of({{"items", json::array()}}) == "items");
    CHECK(field_of({{"items", {{{"name", "Чай"}}}}}) == "items[0].price");
    CHECK(field_of({{"items", {{{"name", "Чай"}, {"price", 1.5}}}}}) == "items[0].price");
    CHECK(field_of({{"items", {{{"name", "Чай"}, {"price", 1}, {"quantity", "0"}}}}}) == "items[0].quantity");
    CHECK(field_of({{"items", {{{"name", "Чай"}, {"price", 1}}}}, {"tax_system", 3}}) == "tax_system");
    CHECK(field_of({{"item", 1}}) == "item");
    CHECK(rig.control.handle("POST", "/sale", "{").status == 400);
    CHECK(rig.control.handle("GET", "/nowhere", "").status == 404);
    CHECK(rig.machine.kkt.fn().last_fd() == 1);
}

TEST_CASE("faults are listed, used up and cleared")
{
    Rig rig;
    REQUIRE(rig.post("/fault", {{"kind", "lose_answer"}, {"at_command", "ff45"}, {"after", 1}}).status ==
            200);
    CHECK_FALSE(rig.faults.at_command(FaultKind::lose_answer, "10"));
    CHECK_FALSE(rig.faults.at_command(FaultKind::lose_answer, "FF45"));
    CHECK(rig.faults.at_command(FaultKind::lose_answer, "FF45"));
    CHECK(rig.faults.list().empty());
    REQUIRE(rig.post("/fault", {{"kind", "lost_byte"}, {"count", 0}, {"after", 2}}).status == 200);
    CHECK(rig.faults.on_line(kb::Bytes{1, 2, 3, 4}, true) == kb::Bytes{1, 2});
    CHECK(rig.control.handle("DELETE", "/fault", "").status == 200);
    CHECK(rig.faults.on_line(kb::Bytes{1, 2, 3}, true).size() == 3);
    CHECK(rig.post("/fault", {{"kind", "gremlin"}}).status == 400);
}

TEST_CASE("the world around the register is set and told by the same words")
{
    Rig rig;
    CHECK(rig.post("/paper", {{"present", false}}).status == 200);
    CHECK(rig.control.handle("POST", "/sale", "").status == 409);
    CHECK(rig.post("/paper", {{"present", true}}).status == 200);
    CHECK(rig.post("/sd", {{"state", "failing"}, {"io_errors", 9}}).status == 200);
    CHECK(rig.post("/clock", {{"drift_s", 90}}).status == 200);
    CHECK(rig.post("/ofd", {{"silent", true}}).status == 200);
    const json state = json::parse(rig.control.handle("GET", "/state", "").body);
    CHECK(state["sd"]["state"] == "failing");
    CHECK(state["sd"]["io_errors"] == 9);
    CHECK(state["drift_s"] == 90);
    CHECK(state["ofd"]["silent"] == true);
    CHECK(rig.post("/fn", {{"action", "forget_bodies"}}).status == 200);
    CHECK(json::parse(rig.control.handle("GET", "/fn/documents", "").body)[0]["tlv_hex"] == "");
}
