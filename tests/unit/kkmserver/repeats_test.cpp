// The same IdCommand always leads to what the first command has become.
#include "agent/api/kkmserver/error_text.hpp"
#include "tests/unit/kkmserver/kkm_shop.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::test;
using namespace std::chrono_literals;

namespace {

Json result_of(KkmShop& shop, const std::string& id)
{
    const Json answer = shop.send({{"Command", "GetRezult"}, {"IdCommand", id}});
    CHECK(answer.at("Command") == "GetRezult");
    CHECK(answer.at("IdCommand") == id);
    // Clients that look no deeper see the same.
    CHECK(answer.at("Status") == answer.at("Rezult").at("Status"));
    CHECK(answer.at("Error") == answer.at("Rezult").at("Error"));
    return answer;
}

void check_under_way(const Json& answer)
{
    CHECK(answer.at("Status") == 1);
    CHECK(answer.at("Error") == ""); // any other text is a failure to clients
    CHECK_FALSE(agent::kkmserver::has_danger_stem(answer.at("Message").get<std::string>()));
}

std::uint32_t receipts(KkmShop& shop, std::uint32_t after)
{
    std::uint32_t count = 0;
    for (std::uint32_t number = after + 1; number <= shop.documents(); ++number)
        count += shop.kkt().fn().find(number)->type == 3 ? 1U : 0U;
    return count;
}

} // namespace

TEST_CASE("a done command sent again is answered as it was, and makes nothing more", "[kkmserver]")
{
    KkmShop shop;
    const Json first = shop.send(small_check("again"));
    REQUIRE(first.at("Status") == 0);
    const auto documents = shop.documents();
    SECTION("at once") {}
    SECTION("after the agent was killed") { shop.restart(); }
    SECTION("while the register is away")
    {
        shop.shop.agent->line().hang_up(600s);
        REQUIRE(shop.shop.run_until([&] { return !shop.shop.agent->device().reached(); }, 60s));
    }
    SECTION("a day later") { shop.shop.clock.jump(24h); }
    Json second = shop.send(small_check("again"));
    CHECK(second.at("Status") == 0);
    for (const char* member : {"CheckNumber", "SessionNumber", "QRCode", "Error", "IdCommand", "Cash"})
        CHECK(second.at(member) == first.at(member));
    CHECK(shop.documents() == documents);
}

TEST_CASE("a used key with another receipt brings the first result and says that nothing more was done",
          "[kkmserver]")
{
    KkmShop shop;
    const Json first = shop.send(small_check("used"));
    const auto documents = shop.documents();
    Json other = small_check("used");
    SECTION("another sum")
    {
        other["CheckStrings"][0]["Register"]["Amount"] = 24;
        other["Cash"] = 24;
    }
    SECTION("a return") { other["TypeCheck"] = 1; }
    SECTION("another command") { other = {{"Command", "CloseShift"}, {"IdCommand", "used"}}; }
    const Json answer = shop.send(other);
    CHECK(answer.at("Status") == 5);
    CHECK(answer.at("Error") == "");
    CHECK(answer.at("CheckNumber") == first.at("CheckNumber"));
    CHECK_FALSE(answer.at("Message").get<std::string>().empty());
    shop.pass(30s);
    CHECK(shop.documents() == documents);
}

TEST_CASE("other words on the paper, or members that do not count, are no other receipt", "[kkmserver]")
{
    KkmShop shop;
    REQUIRE(shop.send(small_check("same")).at("Status") == 0);
    Json again = small_check("same");
    again["Cash"] = "25.00";
    again["Timeout"] = 5;
    again["CashierName"] = "Петрова";
    again["CheckStrings"].push_back({{"PrintText", {{"Text", "Спасибо"}}}});
    CHECK(shop.send(again).at("Status") == 0);
}

TEST_CASE("a receipt that waits for paper is under way, whoever asks, and is made once", "[kkmserver]")
{
    KkmShop shop;
    REQUIRE(shop.send({{"Command", "OpenShift"}}).at("Status") == 0);
    const auto before = shop.documents();
    shop.kkt().set_paper(false);
    shop.pass(10s);
    const Json waiting = shop.send(small_check("paper"));
    check_under_way(waiting);
    CHECK(waiting.at("IdCommand") == "paper");
    CHECK(waiting.at("Message").get<std::string>().find("бумаг") != std::string::npos);
    check_under_way(shop.send(small_check("paper")));
    check_under_way(result_of(shop, "paper").at("Rezult"));
    shop.kkt().set_paper(true);
    const Json done = shop.send(small_check("paper"));
    INFO(done.dump());
    CHECK(done.at("Status") == 0);
    CHECK(receipts(shop, before) == 1);
    CHECK(result_of(shop, "paper").at("Rezult").at("CheckNumber") == done.at("CheckNumber"));
}

TEST_CASE("a receipt that nobody could print for ten minutes is not printed any more", "[kkmserver]")
{
    KkmShop shop;
    const auto before = shop.documents();
    shop.kkt().set_paper(false);
    shop.pass(10s);
    check_under_way(shop.send(small_check("late")));
    shop.pass(660s);
    const Json told = result_of(shop, "late").at("Rezult");
    CHECK(told.at("Status") == 2);
    shop.kkt().set_paper(true);
    shop.pass(60s);
    CHECK(receipts(shop, before) == 0);
}

TEST_CASE("the same command twice at once is one receipt", "[kkmserver]")
{
    KkmShop shop;
    const auto before = shop.documents();
    const auto first = shop.begin(small_check("twice"));
    const auto second = shop.begin(small_check("twice"));
    REQUIRE(shop.shop.run_until([&] { return first->response && second->response; }, 120s));
    CHECK(first->json().at("Status") == 0);
    CHECK(second->json().at("Status") == 0);
    CHECK(first->json().at("CheckNumber") == second->json().at("CheckNumber"));
    CHECK(receipts(shop, before) == 1);
}

TEST_CASE("a receipt whose answer was lost is found in the FN, and is told as the first result",
          "[kkmserver]")
{
    KkmShop shop;
    REQUIRE(shop.send({{"Command", "OpenShift"}}).at("Status") == 0);
    const auto before = shop.documents();
    emulator::Fault fault;
    fault.at_command = "FF45";
    SECTION("the answer never leaves the register") { fault.kind = emulator::FaultKind::lose_answer; }
    SECTION("the register restarts before it can tell") { fault.kind = emulator::FaultKind::reboot_after; }
    SECTION("the line goes away with it") { fault.kind = emulator::FaultKind::hang_up; }
    shop.shop.device.faults().add(fault);
    Json check = small_check("lost");
    check["Timeout"] = 2;
    Json answer = shop.send(check);
    for (int i = 0; i < 50 && answer.at("Status") == 1; ++i) {
        CHECK(answer.at("Error") == "");
        shop.pass(5s);
        answer = result_of(shop, "lost").at("Rezult");
    }
    INFO(answer.dump());
    CHECK(answer.at("Status") == 0);
    CHECK(answer.at("CheckNumber") == shop.documents());
    CHECK(receipts(shop, before) == 1);
    CHECK(shop.send(small_check("lost")).at("CheckNumber") == answer.at("CheckNumber"));
    CHECK(receipts(shop, before) == 1);
}

TEST_CASE("an agent killed at any moment of a receipt answers the repeated command with one receipt",
          "[kkmserver]")
{
    const int steps = GENERATE(5, 40, 120, 250, 400, 800);
    KkmShop shop;
    REQUIRE(shop.send({{"Command", "OpenShift"}}).at("Status") == 0);
    const auto before = shop.documents();
    const auto gone = shop.begin(small_check("killed"));
    for (int i = 0; i < steps && !gone->response; ++i)
        shop.shop.step();
    shop.restart();
    Json answer = shop.send(small_check("killed"));
    for (int i = 0; i < 20 && answer.at("Status") == 1; ++i)
        answer = shop.send(small_check("killed"));
    INFO(answer.dump());
    CHECK(answer.at("Status") == 0);
    CHECK(receipts(shop, before) == 1);
}

TEST_CASE("of a command that nobody sent GetRezult tells so, with a result inside", "[kkmserver]")
{
    KkmShop shop;
    for (const char* id : {"unheard", ""}) {
        const Json answer = result_of(shop, id);
        CHECK(answer.at("Status") == 3);
        CHECK(answer.at("Rezult").at("IdCommand") == id);
    }
}

TEST_CASE("a refused command keeps its result under its key", "[kkmserver]")
{
    KkmShop shop;
    const Json first = shop.send({{"Command", "CloseShift"}, {"IdCommand", "refused"}});
    REQUIRE(first.at("Status") == 2);
    const Json again = shop.send({{"Command", "CloseShift"}, {"IdCommand", "refused"}});
    CHECK(again.at("Error") == first.at("Error"));
    CHECK(result_of(shop, "refused").at("Rezult").at("Status") == 2);
}

TEST_CASE("a command that was not taken leaves its key free", "[kkmserver]")
{
    KkmShop shop;
    Json check = small_check("free");
    check["Cash"] = 1; // too little
    REQUIRE(shop.send(check).at("Status") == 2);
    const Json answer = shop.send(small_check("free"));
    CHECK(answer.at("Status") == 0);
}

TEST_CASE("a register that is switched off keeps what it has, and goes on when it is switched on",
          "[kkmserver]")
{
    KkmShop shop;
    REQUIRE(shop.send({{"Command", "OnOffUnut"}, {"NumDevice", 1}, {"Active", "false"}}).at("Status") == 0);
    CHECK(shop.send({{"Command", "List"}, {"OnOff", true}}).at("ListUnit").empty());
    const auto before = shop.documents();
    Json check = small_check("off");
    check["Timeout"] = 10;
    check_under_way(shop.send(check));
    REQUIRE(shop.send({{"Command", "OnOffUnut"}, {"NumDevice", 1}, {"Active", true}}).at("Status") == 0);
    CHECK(shop.send(check).at("Status") == 0);
    CHECK(receipts(shop, before) == 1);
    CHECK(shop.send({{"Command", "OnOffUnut"}, {"Active", true}}).at("Status") == 2);
    CHECK(shop.send({{"Command", "OnOffUnut"}, {"NumDevice", 1}}).at("Status") == 2);
}
