// What programs look at before they send anything: is the queue blocked, and by what.
#include "tests/unit/atol_web/atol_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json queue(AtolShop& shop) { return shop.get("/api/v2/getRequestsQueueStatus").json(); }

} // namespace

TEST_CASE("an empty queue is not blocked, and counts what was done", "[atol web]")
{
    AtolShop shop;
    CHECK(queue(shop) == json::parse(R"({"number":0,"ready":0,"canceled":0,"isBlocked":false,"blockedUUID":"",
        "blockReason":""})"));
    shop.done("u1", coffee());
    const json after = queue(shop);
    CHECK(after["ready"] == 1);
    CHECK(after["number"] == 0);
    CHECK(after["isBlocked"] == false);
}

TEST_CASE("without paper the queue is blocked by the request that waits for it", "[atol web]")
{
    AtolShop shop;
    shop.shop.device.kkt().set_paper(false);
    shop.run(5s);
    CHECK(queue(shop)["isBlocked"] == false); // nothing waits: programs may ask, and are told
    REQUIRE(
        shop.ask("first", R"([{"type":"nonFiscal","items":[{"type":"text","text":"а"}]},)" + coffee() + "]")
            .status == 201);
    shop.run(5s);
    REQUIRE(shop.ask("second", coffee()).status == 201);
    const json blocked = queue(shop);
    CHECK(blocked["number"] == 2);
    CHECK(blocked["isBlocked"] == true);
    CHECK(blocked["blockedUUID"] == "first");
    CHECK(blocked["blockReason"] == "paperError");
    const json old = shop.get("/stat/requests").json();
    CHECK(old["is_blocked"] == true);
    CHECK(old["block_request_uuid"] == "first");
    CHECK(old["not_ready_count"] == 2);
    CHECK(shop.get("/api/v2/devices/default").json()["isLock"] == true);
    shop.shop.device.kkt().set_paper(true);
    CHECK(shop.results("second")[0]["status"] == "ready");
    CHECK(queue(shop)["isBlocked"] == false);
}

TEST_CASE("where it is set so, a register that waits for paper blocks by itself", "[atol web]")
{
    AtolShop shop;
    REQUIRE(shop.call("PUT", "/api/v2/settings", R"({"blockQueueOnPrintErrors":true})").status == 200);
    shop.done("opens", coffee());
    shop.shop.device.kkt().arm_paper_out();
    const json results = shop.done("u1", coffee());
    CHECK(results[0]["status"] == "ready"); // the document is in the FN
    CHECK(results[0]["result"]["warnings"]["notPrinted"] == true);
    shop.run(5s);
    const json blocked = queue(shop);
    CHECK(blocked["isBlocked"] == true);
    CHECK(blocked["blockReason"] == "paperError");
    shop.shop.device.kkt().set_paper(true);
    CHECK(shop.done("u2", R"({"type":"continuePrint"})")[0]["status"] == "ready");
    shop.run(5s);
    CHECK(queue(shop)["isBlocked"] == false);
}

TEST_CASE("a request whose register went away blocks the queue until it is back", "[atol web]")
{
    AtolShop shop;
    shop.done("opens", coffee());
    const std::uint32_t before = shop.documents();
    REQUIRE(shop.ask("u1", coffee()).status == 201);
    shop.shop.agent->line().hang_up(60s);
    shop.run(20s);
    const json blocked = queue(shop);
    CHECK(blocked["isBlocked"] == true);
    CHECK(blocked["blockedUUID"] == "u1");
    CHECK(blocked["blockReason"] == "connectionError");
    CHECK(shop.status_of("u1") == "inProgress");
    // Nothing more is taken for a register that is away.
    const Reply refused = shop.ask("u2", coffee());
    CHECK(refused.status == 409);
    CHECK_THAT(refused.error_text(), Catch::Contains("не подключена"));
    CHECK(shop.results("u1")[0]["status"] == "ready");
    CHECK(shop.documents() == before + 1);
    CHECK(shop.get("/api/v2/requests/u2").status == 404);
}
