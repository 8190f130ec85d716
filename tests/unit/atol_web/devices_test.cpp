// Registers as ATOL's web server shows them, its settings, and questions that are answered at once.
#include "tests/unit/atol_web/atol_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const Headers kForm{{"host", "127.0.0.1:16732"}, {"content-type", "application/x-www-form-urlencoded"}};

} // namespace

TEST_CASE("the register is listed under its factory number", "[atol web]")
{
    AtolShop shop;
    const json list = shop.get("/api/v2/devices").json();
    REQUIRE(list.size() == 1);
    CHECK(list[0]["id"] == shop.serial());
    CHECK(list[0]["isActive"] == true);
    CHECK(list[0]["isDefault"] == true);
    CHECK(list[0]["isLock"] == false);
    CHECK(list[0]["hasLicense"] == true);
    CHECK(list[0]["connectionSettings"]["accessPassword"] == "");
    CHECK(list[0]["otherSettings"].is_object());
    CHECK(shop.get("/api/v2/devices/default").json() == list[0]);
    CHECK(shop.get("/api/v2/devices/" + shop.serial()).json() == list[0]);
    const Reply none = shop.get("/api/v2/devices/77");
    CHECK(none.status == 404);
    CHECK(none.error_text() == "Устройство с ID [77] не найдено");
}

TEST_CASE("requests name their register in the query, in the body or not at all", "[atol web]")
{
    AtolShop shop;
    int number = 0;
    const auto post = [&](const std::string& query, const std::string& member) {
        return shop
            .post("/api/v2/requests" + query, R"({"uuid":"u)" + std::to_string(++number) + R"(",)" + member +
                                                  R"("request":{"type":"openCashDrawer"}})")
            .status;
    };
    CHECK(post("?deviceID=" + shop.serial(), "") == 201);
    CHECK(post("?deviceID=default", "") == 201);
    CHECK(post("?deviceID=", "") == 201);
    CHECK(post("?token=1", "") == 201);
    CHECK(post("", R"("deviceID":")" + shop.serial() + R"(",)") == 201);
    CHECK(post("?deviceID=77", "") == 404);
    CHECK(post("", R"("deviceID":"77",)") == 404);
    CHECK(post("?deviceID=%FF", "") == 404);
    CHECK(post("?deviceID=77", R"("deviceID":")" + shop.serial() + R"(",)") == 404);
    // A request is found whatever device is named when asking for it.
    CHECK(shop.get("/api/v2/requests/u1?deviceID=" + shop.serial()).status == 200);
}

TEST_CASE("a register that is deactivated takes nothing until it is activated", "[atol web]")
{
    AtolShop shop;
    shop.done("opens", coffee());
    const std::uint32_t before = shop.documents();
    const std::string name = GENERATE("query", "body");
    const auto call = [&](const std::string& what) {
        return name == "query"
                   ? shop.call("POST", "/api/v2/" + what + "?deviceID=" + shop.serial(), "", kForm)
                   : shop.call("POST", "/api/v2/" + what, R"({"deviceID":")" + shop.serial() + R"("})",
                               kForm);
    };
    CHECK(call("deactivateDevice").status == 200);
    CHECK(call("deactivateDevice").status == 200);
    CHECK(shop.get("/api/v2/devices").json()[0]["isActive"] == false);
    const Reply refused = shop.ask("u1", coffee());
    CHECK(refused.status == 409);
    CHECK_THAT(refused.error_text(), Catch::Contains("не активна"));
    shop.run(10s);
    CHECK(shop.documents() == before);
    CHECK(call("activateDevice").body == "{}");
    CHECK(shop.done("u1", coffee())[0]["status"] == "ready");
    CHECK(call("activateDevice").status == 200);
}

TEST_CASE("what a person has paused is not activated by a program", "[atol web]")
{
    AtolShop shop;
    bool paused = false;
    asio::co_spawn(
        shop.shop.agent->io(),
        [](agent::JobDesk& desk, std::string serial, bool& done) -> asio::awaitable<void> {
            done = (co_await desk.pause(std::move(serial), "замена ФН")).has_value();
        }(shop.shop.agent->desk(), shop.serial(), paused),
        asio::detached);
    REQUIRE(shop.run_until([&] { return paused; }));
    const Reply refused = shop.post("/api/v2/activateDevice", "");
    CHECK(refused.status == 409);
    CHECK_THAT(refused.error_text(), Catch::Contains("замена ФН"));
    CHECK(shop.ask("u1", coffee()).status == 409);
}

TEST_CASE("registers come from the agent's configuration, and are changed nowhere else", "[atol web]")
{
    AtolShop shop;
    const std::string device = R"({"id":"2","name":"Atol30","connectionSettings":{"port":"usb"}})";
    for (const Reply& reply :
         {shop.post("/api/v2/devices", device), shop.call("PUT", "/api/v2/devices/2", device),
          shop.call("DELETE", "/api/v2/devices/default")}) {
        CHECK(reply.status == 501);
        CHECK(reply.error_code() == 11);
    }
    CHECK(shop.post("/api/v2/devices", R"({"id":")" + shop.serial() + R"("})").status == 409);
    CHECK(shop.get("/api/v2/devices").json().size() == 1);
}

TEST_CASE("the default register is remembered", "[atol web]")
{
    AtolShop shop;
    CHECK(shop.post("/api/v2/setDefaultDevice", "{}").status == 404);
    CHECK(shop.post("/api/v2/setDefaultDevice", R"({"id":"77"})").error_text() ==
          "Устройство с ID [77] не найдено");
    CHECK(shop.post("/api/v2/setDefaultDevice", R"({"id":")" + shop.serial() + R"("})").body == "{}");
    shop.restart();
    CHECK(shop.get("/api/v2/devices/default").json()["id"] == shop.serial());
}

TEST_CASE("the only register is the default one, also in the place of one that was", "[atol web]")
{
    AtolShop shop;
    bool stored = false;
    asio::co_spawn(
        shop.shop.agent->io(),
        [](storage::Worker& worker, bool& done) -> asio::awaitable<void> {
            auto work = [](storage::Journal& journal) {
                return journal.settings().set("atol_web.default_device", "0049361200000077");
            };
            done = (co_await agent::in_journal(worker, std::move(work))).has_value();
        }(shop.shop.agent->journal(), stored),
        asio::detached);
    REQUIRE(shop.run_until([&] { return stored; }));
    CHECK(shop.get("/api/v2/devices/default").json()["id"] == shop.serial());
    CHECK(shop.done("u1", coffee())[0]["status"] == "ready");
}

TEST_CASE("settings are kept, and wrong ones refused by their name", "[atol web]")
{
    AtolShop shop;
    const json first = shop.get("/api/v2/settings").json();
    CHECK(first["deleteRequestsAfter"] == 43200);
    CHECK(first["blockQueueOnPrintErrors"] == false);
    CHECK(first["validateRequestsOnAdd"] == true);
    CHECK(shop.call("PUT", "/api/v2/settings", R"({"deleteRequestsAfter":60,"scriptsPath":"/x"})").body ==
          "{}");
    shop.restart();
    const json second = shop.get("/api/v2/settings").json();
    CHECK(second["deleteRequestsAfter"] == 60);
    CHECK(second["validateRequestsOnAdd"] == true);
    const Reply wrong = shop.call("PUT", "/api/v2/settings", R"({"deleteRequestsAfter":"abc"})");
    CHECK(wrong.status == 400);
    CHECK_THAT(wrong.error_text(), Catch::Contains("'deleteRequestsAfter'"));
    CHECK(shop.call("PUT", "/api/v2/settings", R"({"validateRequestsOnAdd":1})").status == 400);
    CHECK(shop.call("PUT", "/api/v2/settings", "x").status == 400);
    CHECK(shop.get("/api/v2/settings").json() == second);
}

TEST_CASE("questions with an empty body and a form's content type are answered at once", "[atol web]")
{
    AtolShop shop;
    const auto query = [&](const std::string& what) {
        const Reply reply = shop.call("POST", "/api/v2/operations/" + what, "", kForm);
        INFO(what);
        CHECK(reply.status == 200);
        return reply.json();
    };
    CHECK(query("queryShiftStatus")["shiftStatus"]["state"] == "closed");
    shop.done("u1", coffee());
    const json shift = query("queryShiftStatus")["shiftStatus"];
    CHECK(shift["state"] == "opened");
    CHECK(shift["number"] == 1);
    const json status = query("queryDeviceStatus")["deviceStatus"];
    CHECK(status["shift"] == "opened");
    CHECK(status["blocked"] == false);
    CHECK(status["fiscal"] == true);
    CHECK(status["fnFiscal"] == true);
    CHECK_THAT(status["currentDateTime"].get<std::string>(), Catch::StartsWith("2026-03-25T"));
    const json info = query("queryDeviceInfo")["deviceInfo"];
    CHECK(info["serial"] == shop.serial());
    CHECK(info["receiptLineLength"].get<int>() > 20);
    const json fn = query("queryFnInfo")["fnInfo"];
    CHECK(fn["serial"] == "9999078900002270");
    CHECK(fn["livePhase"] == "fiscalMode");
    CHECK(query("queryFnStatus")["fnStatus"]["fiscalDocumentNumber"] == shop.documents());
    CHECK(query("queryOfdExchangeStatus")["status"]["notSentCount"].is_number());
    CHECK(query("queryLicenses")["licenses"].empty());
    for (const char* unknown : {"queryShiftTotals", "queryIsmExchangeStatus", "queryReceiptTotals", "sell"}) {
        const Reply reply = shop.call("POST", std::string("/api/v2/operations/") + unknown, "", kForm);
        CHECK(reply.status == 501);
        CHECK(reply.error_code() == 11);
    }
    CHECK(shop.call("POST", "/api/v2/operations/queryDeviceStatus?deviceID=77").status == 404);
    CHECK(shop.call("POST", "/api/v2/operations/queryDeviceStatus?deviceID=default").status == 200);
}

TEST_CASE("a shift that is over its day is told as expired, and closed without a cashier", "[atol web]")
{
    AtolShop shop;
    shop.done("u1", coffee());
    shop.shop.device.jump_clock(25h);
    shop.run(10s);
    const json shift = shop.post("/api/v2/operations/queryShiftStatus", "").json()["shiftStatus"];
    CHECK(shift["state"] == "expired");
    CHECK(shop.done("u2", R"({"type":"closeShift"})")[0]["status"] == "ready");
    CHECK(shop.post("/api/v2/operations/queryShiftStatus", "").json()["shiftStatus"]["state"] == "closed");
}

TEST_CASE("a register that is away is told so to whoever asks", "[atol web]")
{
    AtolShop shop;
    shop.shop.agent->line().hang_up(std::chrono::hours(1));
    shop.run(20s);
    const Reply reply = shop.post("/api/v2/operations/queryDeviceStatus", "");
    CHECK(reply.status == 409);
    CHECK_THAT(reply.error_text(), Catch::Contains("не подключена"));
    const json device = shop.get("/api/v2/devices/default").json();
    CHECK(device["isActive"] == false);
    CHECK_FALSE(device["lastError"].get<std::string>().empty());
    CHECK(shop.post("/api/v2/activateDevice", "").status == 409);
}

TEST_CASE("a ping and the server's description", "[atol web]")
{
    AtolShop shop;
    CHECK(shop.get("/").status == 200);
    const json info = shop.get("/api/v2/serverInfo").json();
    CHECK(info["serverVersion"] == "1.2.3");
    CHECK(info["os"].is_string());
    CHECK(info["currentDateTime"].get<std::string>().size() == 25);
}
