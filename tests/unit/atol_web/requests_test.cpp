// What programs ask ATOL's web server for, on registers of two makes.
#include "tests/unit/atol_web/atol_shop.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("a sale is printed once, and its numbers are told", "[atol web]")
{
    AtolShop shop(GENERATE("shtrih v1", "shtrih v2", "atol v2", "atol v3"));
    const Reply asked = shop.ask("0ba40014-5fa5-11ea-b5e9-037d4786a49d", "[" + coffee() + "]");
    REQUIRE(asked.status == 201);
    CHECK(asked.json()["uuid"] == "0ba40014-5fa5-11ea-b5e9-037d4786a49d");
    CHECK(asked.json()["isBlocked"] == false);
    CHECK(asked.json()["blockedUUID"] == "");
    const json results = shop.results("0ba40014-5fa5-11ea-b5e9-037d4786a49d");
    REQUIRE(results.size() == 1);
    CHECK(results[0]["status"] == "ready");
    CHECK(results[0]["error"] == json::parse(R"({"code":0,"description":"Ошибок нет"})"));
    CHECK(results[0]["errorCode"] == 0);
    const json& params = results[0]["result"]["fiscalParams"];
    const auto documents = shop.shop.device.documents(1);
    CHECK(params["total"].dump() == "18.0");
    CHECK(params["fiscalDocumentNumber"] == documents.back().fd_number);
    CHECK(params["fiscalReceiptNumber"] == 1);
    CHECK(params["shiftNumber"] == 1);
    CHECK(params["fiscalDocumentSign"].get<std::string>().size() == 10);
    CHECK_THAT(params["fiscalDocumentDateTime"].get<std::string>(),
               Catch::StartsWith("2026-03-25T") && Catch::EndsWith("+03:00"));
    CHECK(params["fnNumber"] == "9999078900002270");
    CHECK_FALSE(params["registrationNumber"].get<std::string>().empty());
    CHECK_FALSE(params["fnsUrl"].get<std::string>().empty());
    CHECK(results[0]["result"]["warnings"]["notPrinted"] == false);
    CHECK(documents.back().total == Kopecks{1800});

    // Told again, and the same, also when its document has been read out of the FN, and by another agent.
    shop.run(30s);
    const json later = shop.results("0ba40014-5fa5-11ea-b5e9-037d4786a49d");
    for (const char* key : {"total", "fiscalDocumentNumber", "fiscalReceiptNumber", "shiftNumber",
                            "fiscalDocumentSign", "fnNumber", "registrationNumber"})
        CHECK(later[0]["result"]["fiscalParams"][key] == params[key]);
    shop.restart();
    CHECK(shop.results("0ba40014-5fa5-11ea-b5e9-037d4786a49d")[0]["result"]["fiscalParams"]["total"].dump() ==
          "18.0");
    CHECK(shop.shop.device.documents(1).size() == documents.size());
}

TEST_CASE("a uuid that is known is never printed again", "[atol web]")
{
    AtolShop shop;
    shop.done("u1", coffee());
    const std::uint32_t before = shop.documents();
    const Reply again = shop.ask("u1", coffee());
    CHECK(again.status == 409);
    CHECK(again.error_code() == 505);
    CHECK(again.error_text() == "Не удалось добавить задание с UUID [u1], задание с таким UUID уже есть");
    CHECK(shop.ask("u1", R"({"type":"reportX"})").status == 409);
    CHECK(shop.post("/requests", R"({"uuid":"u1","request":)" + coffee() + "}").status == 409);
    shop.restart();
    CHECK(shop.ask("u1", coffee()).status == 409);
    shop.run(10s);
    CHECK(shop.documents() == before);
}

TEST_CASE("two of a uuid at the same moment become one", "[atol web]")
{
    AtolShop shop;
    shop.done("opens", coffee());
    const std::uint32_t before = shop.documents();
    // The second is asked while the first is still under way to the journal.
    const std::string body = R"({"uuid":"both","request":)" + coffee() + "}";
    const Reply first = shop.post("/api/v2/requests", body);
    const Reply second = shop.post("/api/v2/requests/", body);
    CHECK(first.status == 201);
    CHECK(second.status == 409);
    CHECK(shop.results("both")[0]["status"] == "ready");
    CHECK(shop.documents() == before + 1);
}

TEST_CASE("while it waits and is printed a task is in progress, never in wait or blocked", "[atol web]")
{
    AtolShop shop;
    shop.shop.device.kkt().set_paper(false);
    shop.run(5s);
    REQUIRE(shop.ask("u1", coffee()).status == 201);
    shop.run(30s);
    const json waiting = shop.get("/api/v2/requests/u1").json()["results"];
    CHECK(waiting[0]["status"] == "inProgress");
    CHECK(waiting[0]["error"]["code"] == 0);
    CHECK(waiting[0]["result"].is_null());
    shop.shop.device.kkt().set_paper(true);
    CHECK(shop.results("u1")[0]["status"] == "ready");
}

TEST_CASE("a sale whose answer was lost is in progress until the FN has told, and printed once", "[atol web]")
{
    AtolShop shop;
    shop.done("opens", coffee());
    const std::uint32_t before = shop.documents();
    emulator::Fault fault;
    fault.kind = emulator::FaultKind::lose_answer;
    fault.at_command = "FF45"; // closes the receipt
    shop.shop.device.faults().add(fault);
    REQUIRE(shop.ask("u1", coffee()).status == 201);
    std::set<std::string> seen;
    for (int i = 0; i < 4'000 && !seen.contains("ready"); ++i) {
        seen.insert(shop.status_of("u1"));
        shop.shop.step();
    }
    CHECK(seen == std::set<std::string>{"inProgress", "ready"});
    CHECK(shop.documents() == before + 1);
}

TEST_CASE("several tasks are done one after the other, with a result each", "[atol web]")
{
    AtolShop shop;
    const json results =
        shop.done("u1", R"([{"type":"getShiftStatus"},
        {"type":"nonFiscal","items":[{"type":"text","text":"Добрый день"}]},)" +
                            coffee() + R"(,{"type":"getFnStatus"},{"type":"getShiftStatus"}])");
    REQUIRE(results.size() == 5);
    for (const json& one : results)
        CHECK(one["status"] == "ready");
    CHECK(results[1]["result"].is_null());
    const auto number = results[2]["result"]["fiscalParams"]["fiscalDocumentNumber"];
    CHECK(results[3]["result"]["fnStatus"]["fiscalDocumentNumber"] == number);
    CHECK(results[4]["result"]["shiftStatus"]["state"] == "opened");
    shop.restart();
    CHECK(shop.results("u1").size() == 5);
}

TEST_CASE("what comes behind a task that failed is interrupted, and not begun", "[atol web]")
{
    AtolShop shop;
    shop.done("opens", R"({"type":"openShift"})");
    const std::uint32_t before = shop.documents();
    const json results = shop.done("u1", R"([{"type":"nonFiscal","items":[{"type":"text","text":"а"}]},
        {"type":"openShift"},{"type":"nonFiscal","items":[{"type":"text","text":"б"}]},{"type":"getFnStatus"}])");
    REQUIRE(results.size() == 4);
    CHECK(results[0]["status"] == "ready");
    CHECK(results[1]["status"] == "error");
    CHECK(results[1]["error"]["code"] == 83); // the shift is open
    CHECK_FALSE(results[1]["error"]["description"].get<std::string>().empty());
    CHECK(results[1]["errorCode"] == 83);
    for (const std::size_t behind : {std::size_t{2}, std::size_t{3}}) {
        CHECK(results[behind]["status"] == "interrupted");
        CHECK(results[behind]["error"]["code"] == 502);
        CHECK(results[behind]["error"]["description"] == "Выполнение прервано из-за предыдущих ошибок");
    }
    CHECK(shop.documents() == before);
    // The queue is free again.
    CHECK(shop.done("u2", coffee())[0]["status"] == "ready");
}

TEST_CASE("all tasks of a request are accepted, or none", "[atol web]")
{
    AtolShop shop;
    // Its second task does not go with the register: it has no such department.
    std::string odd = coffee();
    odd.insert(odd.find("\"paymentMethod\""), "\"department\":99,");
    const Reply refused =
        shop.ask("u1", R"([{"type":"nonFiscal","items":[{"type":"text","text":"а"}]},)" + odd + "]");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.error_text(), Catch::StartsWith("request[1]: ") && Catch::Contains("99"));
    CHECK(shop.get("/api/v2/requests/u1").status == 404);
    shop.run(10s);
    CHECK(shop.documents() == 1); // of the registration
    // The uuid is free: the same may be sent again, put right.
    CHECK(shop.done("u1", coffee())[0]["status"] == "ready");
}

TEST_CASE("a shift is opened, reported and closed", "[atol web]")
{
    AtolShop shop;
    const json opened = shop.done("u1", R"([{"type":"openShift","operator":{"name":"Иванова"}}])");
    CHECK(opened[0]["result"]["fiscalParams"]["shiftNumber"] == 1);
    CHECK(opened[0]["result"]["fiscalParams"]["fiscalDocumentNumber"] == 2);
    shop.done("u2", coffee());
    CHECK(shop.done("u3", R"({"type":"reportX"})")[0]["status"] == "ready");
    const json cash = shop.done("u4", R"({"type":"cashIn","cashSum":100.5})");
    CHECK(cash[0]["result"]["counters"]["cashSum"].dump() == "118.5");
    const json out = shop.done("u5", R"({"type":"cashOut","cashSum":18.5})");
    CHECK(out[0]["result"]["counters"]["cashSum"].dump() == "100.0");
    // As programs do that find the shift expired: without a cashier.
    const json closed = shop.done("u6", R"({"type":"closeShift"})");
    CHECK(closed[0]["result"]["fiscalParams"]["shiftNumber"] == 1);
    CHECK(closed[0]["result"]["fiscalParams"]["receiptsCount"] == 1);
    const json again = shop.done("u7", R"({"type":"closeShift"})");
    CHECK(again[0]["status"] == "error");
    CHECK(again[0]["error"]["code"] == 73);
}

TEST_CASE("a copy of the last receipt is a copy of it, and no new receipt", "[atol web]")
{
    AtolShop shop;
    const Reply none = shop.ask("u0", R"({"type":"printLastReceiptCopy"})");
    CHECK(none.status == 400);
    CHECK(none.error_code() == 123);
    shop.done("u1", coffee());
    shop.done("u2", R"({"type":"closeShift"})");
    shop.run(10s);
    const std::uint32_t before = shop.documents();
    CHECK(shop.done("u3", R"({"type":"printLastReceiptCopy"})")[0]["status"] == "ready");
    CHECK(shop.done("u4", R"({"type":"printFnDocument","fiscalDocumentNumber":1})")[0]["status"] == "ready");
    CHECK(shop.documents() == before);
}

TEST_CASE("a request is cancelled only while it waits", "[atol web]")
{
    AtolShop shop;
    shop.done("done", coffee());
    const std::uint32_t before = shop.documents();
    shop.shop.device.kkt().set_paper(false);
    shop.run(5s);
    REQUIRE(shop.ask("u1", R"([{"type":"nonFiscal","items":[{"type":"text","text":"а"}]},)" + coffee() + "]")
                .status == 201);
    shop.run(5s);
    const Reply cancelled = shop.call("DELETE", "/api/v2/requests/u1");
    CHECK(cancelled.status == 200);
    const json results = shop.results("u1");
    for (const json& one : results) {
        CHECK(one["status"] == "canceled");
        CHECK(one["error"]["code"] == 503);
    }
    CHECK(shop.call("DELETE", "/api/v2/requests/u1").status == 409);
    CHECK(shop.call("DELETE", "/api/v2/requests/done").status == 409);
    CHECK(shop.call("DELETE", "/api/v2/requests/nobody").status == 404);
    shop.shop.device.kkt().set_paper(true);
    shop.run(30s);
    CHECK(shop.documents() == before);
    CHECK(shop.results("u1")[0]["status"] == "canceled");
}

TEST_CASE("a request that nobody began in time is over for ever", "[atol web]")
{
    AtolShop shop;
    shop.shop.device.kkt().set_paper(false);
    shop.run(5s);
    REQUIRE(shop.ask("u1", "[" + coffee() + R"(,{"type":"openCashDrawer"}])").status == 201);
    const std::uint32_t before = shop.documents();
    shop.shop.agent->line().hang_up(std::chrono::hours(100));
    constexpr auto kTooLong = std::chrono::hours(24 * 366); // requests may wait a year in this shop
    shop.shop.clock.jump(kTooLong);
    const json results = shop.get("/api/v2/requests/u1").json()["results"];
    for (const json& one : results) {
        CHECK(one["status"] == "canceled");
        CHECK(one["error"]["code"] == 503);
    }
    shop.shop.clock.jump(-kTooLong);
    shop.shop.device.kkt().set_paper(true);
    shop.restart();
    shop.run(60s);
    CHECK(shop.documents() == before);
    CHECK(shop.get("/api/v2/requests/u1").json()["results"][1]["status"] == "canceled");
}

TEST_CASE("a request that was under way when the agent died is told of by the next one", "[atol web]")
{
    AtolShop shop;
    shop.done("opens", coffee());
    const std::uint32_t before = shop.documents();
    REQUIRE(shop.ask("u1", "[" + coffee() + R"(,{"type":"nonFiscal","items":[{"type":"text","text":"а"}]}])")
                .status == 201);
    const int steps = GENERATE(0, 20, 60, 120, 240);
    for (int i = 0; i < steps; ++i)
        shop.shop.step();
    shop.restart();
    const json results = shop.results("u1");
    CHECK(results[0]["status"] == "ready");
    CHECK(shop.documents() == before + 1);
}

TEST_CASE("version 1: the same requests under the old paths", "[atol web]")
{
    AtolShop shop;
    const std::string path = GENERATE("/requests", "/requests/");
    REQUIRE(shop.post(path, R"({"uuid":"u1","request":[)" + coffee() + "]}").status == 201);
    shop.results("u1");
    // One program puts two slashes between; another posts by version 2 and looks by version 1.
    for (const std::string look : {"/requests/u1", "/requests//u1", "/requests/u1/", "/api/v2/requests/u1"}) {
        const Reply reply = shop.get(look);
        REQUIRE(reply.status == 200);
        const json result = reply.json()["results"][0];
        CHECK(result["status"] == "ready");
        CHECK(result["errorCode"] == 0);
        CHECK(result["errorDescription"] == "Ошибок нет");
        CHECK(result["result"]["fiscalParams"]["total"].dump() == "18.0");
    }
    const Reply refused = shop.get("/requests/nobody");
    CHECK(refused.status == 404);
    CHECK(refused.error_code() == 505);
    const json stat = shop.get("/stat/requests").json();
    CHECK(stat["ready_count"] == 1);
    CHECK(stat["not_ready_count"] == 0);
    CHECK(stat["canceled_count"] == 0);
    CHECK(stat["is_blocked"] == false);
    CHECK(stat["block_request_uuid"] == "");
}

TEST_CASE("questions are answered without a job, when it is their turn", "[atol web]")
{
    AtolShop shop;
    const json closed = shop.done("u1", R"([{"type":"getShiftStatus"},{"type":"getDeviceStatus"}])");
    CHECK(closed[0]["result"]["shiftStatus"]["state"] == "closed");
    CHECK(closed[1]["result"]["deviceStatus"]["paperPresent"] == true);
    CHECK(shop.ask("u1", R"({"type":"getShiftStatus"})").status == 409);
    // Asked behind a request that is still under way, as after it.
    REQUIRE(shop.ask("opens", R"({"type":"openShift"})").status == 201);
    REQUIRE(shop.ask("u2", R"({"type":"getShiftStatus"})").status == 201);
    CHECK(shop.status_of("u2") == "inProgress");
    CHECK(shop.results("u2")[0]["result"]["shiftStatus"]["state"] == "opened");
    // One that is held up is no reason not to answer: the answer may say why.
    shop.shop.device.kkt().set_paper(false);
    shop.run(5s);
    REQUIRE(shop.ask("stuck", coffee()).status == 201);
    shop.run(5s);
    CHECK(shop.done("u3", R"({"type":"getDeviceStatus"})")[0]["result"]["deviceStatus"]["paperPresent"] ==
          false);
    CHECK(shop.status_of("stuck") == "inProgress");
}

TEST_CASE("a document of the FN is shown by its tags", "[atol web]")
{
    AtolShop shop;
    const auto number =
        shop.done("u1", coffee())[0]["result"]["fiscalParams"]["fiscalDocumentNumber"].get<std::uint32_t>();
    shop.run(20s);
    const json results =
        shop.done("u2", R"([{"type":"getFnDocument","withRawData":true,"fiscalDocumentNumber":)" +
                            std::to_string(number) + R"(},{"type":"getLastFiscalParams"},
                           {"type":"getRegistrationInfo"}])");
    const json& document = results[0]["result"]["documentTLV"];
    CHECK(document["fiscalDocumentType"] == "receipt");
    CHECK(document["short"] == false);
    CHECK(document["1040"] == number);
    CHECK(document["1020"].dump() == "18.0");
    CHECK(document["1059"][0]["1030"] == "Кофе");
    CHECK_THAT(document["qr"].get<std::string>(), Catch::Contains("s=18.00") && Catch::Contains("n=1"));
    CHECK_FALSE(results[0]["result"]["rawData"].get<std::string>().empty());
    CHECK(results[1]["result"]["fiscalParams"]["fiscalDocumentNumber"] == number);
    CHECK(results[2]["result"]["device"]["registrationNumber"] ==
          results[1]["result"]["fiscalParams"]["registrationNumber"]);
    const json missing = shop.done("u3", R"({"type":"getFnDocument","fiscalDocumentNumber":4000})");
    CHECK(missing[0]["status"] == "error");
    CHECK(missing[0]["error"]["code"] == 123);
}

TEST_CASE("a correction receipt says what it corrects", "[atol web]")
{
    AtolShop shop("shtrih v2");
    const json results =
        shop.done("u1", R"({"type":"sellCorrection","taxationType":"osn","correctionType":"self",
        "correctionBaseDate":"2026.03.20","correctionBaseNumber":"7","operator":{"name":"Кассир"},
        "items":[{"type":"position","name":"Кофе","price":18,"quantity":1,"amount":18,"tax":{"type":"vat20"}}],
        "payments":[{"type":"electronically","sum":18}],"total":18})");
    INFO(results.dump());
    CHECK(results[0]["status"] == "ready");
    CHECK(shop.shop.device.documents(1).back().type == 31);
}
